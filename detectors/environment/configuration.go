package environment

// Keys of structured configuration files: those that code reads by name (viper, koanf), and those that the branch
// adds to some environments' files and not to others.

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
)

// document is one configuration file's keys, by key in lower case.
type document map[string]entry

// documentOf reads the keys of a file at the head, nil when it cannot be read.
func (l *ledger) documentOf(p string) document {
	text, err := l.pass.Branch.ReadHead(p)
	if err != nil {
		return nil
	}
	return documentIn(p, text)
}

func documentIn(p string, text []byte) document {
	list, err := readTree(p, text)
	if err != nil || len(list) == 0 {
		return nil
	}
	doc := document{}
	for _, e := range list {
		doc[strings.ToLower(e.key)] = e
	}
	return doc
}

// structured says whether a family holds structured keys which are compared as such.
func structured(family string) bool {
	base := path.Base(family)
	switch {
	case strings.Contains(base, "compose"), strings.Contains(base, "values"), base == "tfvars", strings.HasSuffix(base, ".tfvars"), strings.Contains(base, "env.") || base == "env" || strings.HasPrefix(base, ".env"):
		return false
	}
	switch path.Ext(base) {
	case ".yaml", ".yml", ".json", ".toml", ".properties":
		return true
	}
	return false
}

// effective are the keys of a family's environment: base below overlay.
func (m *missing) effective(family string, env Environment) document {
	all := document{}
	for _, p := range append(slices.Clone(m.layout.bases[family]), m.layout.files(family, env)...) {
		for k, e := range m.documentOf(p) {
			all[k] = e
		}
	}
	return all
}

func (m *missing) configuration() {
	for _, r := range m.asked.introduced {
		if r.Key {
			m.key(r)
		}
	}
	for _, f := range m.pass.Branch.Files {
		member, ok := m.layout.members[f.Path]
		if ok && structured(member.family) && f.Status == branch.Modified && !f.TooLarge && !f.Binary {
			m.added(f, member)
		}
		if !ok && f.Status == branch.Modified && structured(f.Path) && !f.TooLarge && !f.Binary && fileKindOf(f.Path) == configFile {
			m.sections(f)
		}
	}
}

// key judges a configuration key that the branch's code starts to read.
func (m *missing) key(r Reference) {
	k := strings.ReplaceAll(strings.ToLower(r.Name), ":", ".")
	if r.Optional || m.hasDefault(r.Name) {
		return
	}
	for _, family := range sortedFamilies(m.layout.families) {
		if !structured(family) {
			continue
		}
		var have, lack []Environment
		for _, env := range m.layout.environments(family) {
			doc := m.effective(family, env)
			if _, ok := doc[k]; ok {
				have = append(have, env)
			} else if len(doc) > 0 && env.Deployed() {
				lack = append(lack, env)
			}
		}
		if len(have) > 0 && len(lack) > 0 {
			m.reportKey(r, family, k, have, lack)
			return
		}
	}
}

// hasDefault says whether code gives the key a default or binds it to a variable.
func (m *missing) hasDefault(key string) bool {
	naming, err := m.pass.Source.Naming(m.pass.Context, key)
	if err != nil {
		return true
	}
	for _, p := range naming[key] {
		for _, line := range m.text(p) {
			if strings.Contains(line, key) && (strings.Contains(line, "SetDefault") || strings.Contains(line, "BindEnv") || strings.Contains(line, "BindPFlag") || strings.Contains(line, "${"+key+":")) {
				return true
			}
		}
	}
	return false
}

func (m *missing) reportKey(r Reference, family, key string, have, lack []Environment) {
	f := detectors.Finding{
		Severity: detectors.Warning, Path: r.Path, Line: r.Line, Symbol: r.Name,
		Why:      fmt.Sprintf("Read in %s it has its type's zero value there, which the code takes for a setting.", join(lack)),
		Fix:      fmt.Sprintf("Add %s to the configuration of %s, or give it a default in code.", r.Name, join(lack)),
		Evidence: []string{r.Name, join(lack)},
	}
	var has, without []string
	for _, env := range have {
		for _, p := range m.layout.files(family, env) {
			if e, ok := m.documentOf(p)[key]; ok {
				has = append(has, p)
				f.Related = append(f.Related, detectors.Related{Path: p, Line: e.line, Message: fmt.Sprintf("sets it for %s", env)})
			}
		}
	}
	for _, env := range lack {
		for _, p := range m.layout.files(family, env) {
			without = append(without, p)
			f.Related = append(f.Related, detectors.Related{Path: p, Message: fmt.Sprintf("%s lacks it", env)})
		}
	}
	f.Message = fmt.Sprintf("The key %s is set for %s (%s) and absent for %s (%s)", r.Name, join(have), short(has), join(lack), short(without))
	m.reported[r.Name] = true
	m.pass.Report(f)
}

// added judges the keys that the branch adds to one environment's file: where the files of a family have the same keys,
// one that is left out is an oversight.
func (m *missing) added(f *branch.File, at member) {
	text, err := f.Before()
	if err != nil {
		return
	}
	old := documentIn(f.Path, text)
	if len(old) == 0 {
		return
	}
	for k, e := range m.documentOf(f.Path) {
		if _, was := old[k]; was || e.parent || strings.Contains(k, "[") || m.reported[e.key] || upperName.MatchString(lastKey(e.key)) {
			continue
		}
		var have, lack []Environment
		for _, env := range m.layout.environments(at.family) {
			doc := m.effective(at.family, env)
			switch {
			case doc[k].line > 0:
				have = append(have, env)
			case env.Deployed() && alike(old, doc):
				lack = append(lack, env)
			}
		}
		if len(lack) == 0 || m.hasDefault(e.key) || !m.namedInCode(lastKey(e.key)) {
			continue
		}
		m.reportKey(Reference{Name: e.key, Path: f.Path, Line: e.line}, at.family, k, have, lack)
	}
}

// alike says whether two files have the same keys but for a few.
func alike(a, b document) bool {
	if len(a) == 0 || len(b) == 0 {
		return false
	}
	shared := 0
	for k := range a {
		if _, ok := b[k]; ok {
			shared++
		}
	}
	return shared*10 >= len(a)*8
}

func (m *missing) namedInCode(word string) bool {
	naming, err := m.pass.Source.Naming(m.pass.Context, word)
	if err != nil {
		return false
	}
	return slices.ContainsFunc(naming[word], func(p string) bool { k := fileKindOf(p); return k == codeFile })
}

func lastKey(key string) string { return key[strings.LastIndexByte(key, '.')+1:] }

func sortedFamilies(families map[string][]member) []string {
	var list []string
	for f := range families {
		list = append(list, f)
	}
	slices.Sort(list)
	return list
}
