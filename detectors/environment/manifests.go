package environment

// Feature flag definitions: go-feature-flag, flagd, Unleash, Flipt, the OpenFeature manifest, and plain maps of switches.

import (
	"path"
	"regexp"
	"slices"
	"strings"
)

// manifest is one file that defines flags.
type manifest struct {
	path string
	// keys are the flags with their lines.
	keys map[string]int
}

var (
	flagPath  = regexp.MustCompile(`(?i)(^|[/_.-])(flags?|features?|toggles?|feature[-_]?flags?|flagd|flipt|unleash|goff|growthbook)([/_.-]|$)`)
	flagEnd   = regexp.MustCompile(`(?i)\.(ya?ml|json|toml)$`)
	goffMark  = regexp.MustCompile(`(?i)^(variations|defaultrule|percentage|true|false|default)$`)
	flagdMark = regexp.MustCompile(`(?i)^(variants|defaultvariant|flagtype|state|defaultvalue)$`)
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
			list = append(list, manifest{path: p, keys: keys})
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

// listed are the entries of a list of flags: Unleash's features[].name, Flipt's flags[].key.
var listed = regexp.MustCompile(`^(features|flags|toggles)\[\d+\]\.(name|key)$`)

func lineOf(tree []entry, key string, otherwise int) int {
	for _, e := range tree {
		if e.key == key {
			return e.line
		}
	}
	return otherwise
}
