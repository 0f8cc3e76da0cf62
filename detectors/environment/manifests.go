package environment

// Feature flag definitions: go-feature-flag, flagd, Unleash, Flipt, the OpenFeature manifest, and plain maps of switches.

import (
	"path"
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
)

// manifest is one file that defines flags.
type manifest struct {
	path string
	// keys are the flags with their lines.
	keys map[string]int
	// kinds are the types of the flags' values ("boolean", "number", "string"), where they are written out.
	kinds map[string]string
	// broken are flags whose default names a variant that they do not have.
	broken map[string]int
}

var (
	flagPath  = lazy.New(`(?i)(^|[/_.-])(flags?|features?|toggles?|feature[-_]?flags?|flagd|flipt|unleash|goff|growthbook)([/_.-]|$)`)
	flagEnd   = lazy.New(`(?i)\.(ya?ml|json|toml)$`)
	goffMark  = lazy.New(`(?i)^(variations|defaultrule|percentage|true|false|default)$`)
	flagdMark = lazy.New(`(?i)^(variants|defaultvariant|flagtype|state|defaultvalue)$`)
)

// manifests are the flag files among paths; given ones (from the policy) are taken as they are.
func manifests(paths, given []string, read func(string) []byte) []manifest {
	var list []manifest
	for _, p := range paths {
		chosen := slices.Contains(given, p)
		if !chosen && (len(given) > 0 || !flagEnd.MatchString(p) || !flagPath.MatchString(p) || aside(p) || toolNames.MatchString(path.Base(p))) {
			continue
		}
		if keys := flagKeys(p, read(p)); len(keys) > 0 {
			m := manifest{path: p, keys: keys, kinds: map[string]string{}, broken: map[string]int{}}
			m.inspect(read(p))
			list = append(list, m)
		}
	}
	return list
}

// flagKeys are the flags that one file defines, nil when it is no manifest.
func flagKeys(p string, text []byte) map[string]int {
	if text == nil {
		return nil
	}
	tree, err := readTree(p, text)
	if err != nil {
		return nil
	}
	keys := map[string]int{}
	switches := map[string]int{}
	plain := true
	for _, e := range tree {
		parts := strings.Split(e.key, ".")
		last := parts[len(parts)-1]
		switch {
		case len(parts) == 2 && goffMark.MatchString(last) && strings.Contains(strings.ToLower(e.key), "rule") || len(parts) == 2 && strings.EqualFold(last, "variations"):
			keys[parts[0]] = lineOf(tree, parts[0], e.line)
		case len(parts) >= 3 && parts[0] == "flags" && flagdMark.MatchString(last):
			key := strings.Join(parts[1:len(parts)-1], ".")
			keys[key] = lineOf(tree, "flags."+key, e.line)
		case listed.MatchString(e.key) && e.value != "":
			keys[e.value] = e.line
		case !e.parent && (e.value == "true" || e.value == "false"):
			switches[strings.TrimPrefix(strings.TrimPrefix(e.key, "flags."), "features.")] = e.line
		case !e.parent && !strings.HasPrefix(last, "$") && last != "version":
			plain = false
		}
	}
	if len(keys) == 0 && plain && len(switches) > 0 && flagPath.MatchString(p) {
		return switches
	}
	return keys
}

// inspect reads the types of the variants and checks that the defaults exist.
func (m *manifest) inspect(text []byte) {
	tree, err := readTree(m.path, text)
	if err != nil {
		return
	}
	variants := map[string]map[string]bool{}
	defaults := map[string]entry{}
	for _, e := range tree {
		key, rest := "", strings.TrimPrefix(e.key, "flags.")
		for k := range m.keys {
			if strings.HasPrefix(rest, k+".") && len(k) > len(key) {
				key = k
			}
		}
		if key == "" {
			continue
		}
		part := strings.TrimPrefix(rest, key+".")
		group, name, nested := strings.Cut(part, ".")
		switch strings.ToLower(group) {
		case "variants", "variations":
			if nested && !strings.Contains(name, ".") {
				if variants[key] == nil {
					variants[key] = map[string]bool{}
				}
				variants[key][name] = true
				m.kinds[key] = kindOfValue(m.kinds[key], e)
			}
		case "defaultvariant":
			defaults[key] = e
		case "defaultrule":
			if name == "variation" {
				defaults[key] = e
			}
		}
	}
	for key, e := range defaults {
		if e.value != "" && len(variants[key]) > 0 && !variants[key][e.value] {
			m.broken[key] = e.line
		}
	}
}

// kindOfValue is the type that a flag's variants share, "mixed" when they do not.
func kindOfValue(known string, e entry) string {
	kind := "string"
	switch {
	case e.parent:
		kind = "object"
	case e.value == "true" || e.value == "false":
		kind = "boolean"
	case numeric.MatchString(e.value):
		kind = "number"
	}
	if known != "" && known != kind {
		return "mixed"
	}
	return kind
}

var numeric = lazy.New(`^-?\d+(\.\d+)?$`)

// listed are the entries of a list of flags: Unleash's features[].name, Flipt's flags[].key.
var listed = lazy.New(`^(features|flags|toggles)\[\d+\]\.(name|key)$`)

func lineOf(tree []entry, key string, otherwise int) int {
	for _, e := range tree {
		if e.key == key {
			return e.line
		}
	}
	return otherwise
}
