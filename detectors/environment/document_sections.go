package environment

// One document with a section for each environment: config/settings.yml of Rails, a stage map, a JSON of tenants.

import (
	"fmt"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/environment/effective"
)

// sections judges the keys that the branch adds to one section of a document and leaves out of another.
func (m *missing) sections(f *branch.File) {
	after, err := f.After()
	if err != nil {
		return
	}
	before, err := f.Before()
	if err != nil {
		return
	}
	now, words := byEnvironment(f.Path, after)
	old, _ := byEnvironment(f.Path, before)
	if len(now) < 2 {
		return
	}
	for _, env := range []Environment{Staging, Production, Preview} {
		for key, e := range now[env] {
			if _, was := old[env][key]; was || e.parent || strings.Contains(key, "[") || !f.Touched(e.line) {
				continue
			}
			for _, other := range []Environment{Production, Staging} {
				doc, there := now[other]
				if _, has := doc[key]; other == env || !there || has || !alike(old[env], doc) || m.reported[key] || !m.namedInCode(lastKey(key)) {
					continue
				}
				m.reported[key] = true
				m.pass.Report(detectors.Finding{
					Severity: detectors.Warning, Path: f.Path, Line: e.line, Symbol: key,
					Message:  fmt.Sprintf("The key %s is set in section %s and absent in section %s of the same file", key, words[env], words[other]),
					Why:      fmt.Sprintf("The code reads nothing there when it runs as %s.", other),
					Fix:      fmt.Sprintf("Add %s to section %s, or to the one that all share.", key, words[other]),
					Evidence: []string{key, string(env), string(other)},
				})
			}
		}
	}
}

// byEnvironment cuts a document at its first level when that names environments; keys of a shared section (default,
// shared, common, all) hold for each. words are the sections as they are written.
func byEnvironment(p string, text []byte) (list map[Environment]document, words map[Environment]string) {
	tree, err := readTree(p, text)
	if err != nil {
		return nil, nil
	}
	list, words = map[Environment]document{}, map[Environment]string{}
	shared := document{}
	for _, e := range tree {
		top, rest, ok := strings.Cut(e.key, ".")
		if !ok {
			continue
		}
		switch env, known := effective.Known(top); {
		case known:
			if list[env] == nil {
				list[env], words[env] = document{}, top
			}
			list[env][strings.ToLower(rest)] = e
		case top == "default" || top == "defaults" || top == "shared" || top == "common" || top == "all":
			shared[strings.ToLower(rest)] = e
		}
	}
	for _, doc := range list {
		for k, e := range shared {
			if _, ok := doc[k]; !ok {
				doc[k] = e
			}
		}
	}
	return list, words
}
