package environment

// The single settings of a configuration file: a key with its path, a value and its line.

import (
	"path"
	"strings"

	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
)

// setting is one key of a file with its value, which never leaves the package.
type setting struct {
	key, value string
	line       int
}

// same says whether two settings give the same key the same value.
func (s setting) same(other setting) bool { return s.key == other.key && s.value == other.value }

var (
	assignment = lazy.New(`^\s*-?\s*(?:export\s+)?["']?([\w.\-]+)["']?\s*[:=]\s*(.*)$`)
	// chartValues are the values of charts, which have no name of their own among structured settings.
	chartValues = lazy.New(`(?i)values[\w.-]*\.ya?ml$`)
	pairText    = lazy.New(`^([A-Za-z_][\w.]*)=(.*)$`)
)

// settingsBefore are those that a changed file had at the base.
func settingsBefore(f *branch.File) []setting {
	text, err := f.Before()
	if err != nil || len(text) > maxConfig {
		return nil
	}
	p := f.Path
	if f.OldPath != "" {
		p = f.OldPath
	}
	return settingsIn(p, string(text))
}

// settingsIn reads a file by its format; a pair of name and value in a list is one setting, and so is the text KEY=value. A
// file that its format's reader cannot take is read line by line.
func settingsIn(p, text string) []setting {
	var list []setting
	if structured(p) || chartValues.MatchString(path.Base(p)) {
		tree, err := readTree(p, []byte(text))
		if err == nil && len(tree) > 0 {
			names := map[string]string{}
			for _, e := range tree {
				if owner, ok := strings.CutSuffix(e.key, ".name"); ok && strings.HasSuffix(owner, "]") {
					names[owner] = e.value
				}
			}
			for _, e := range tree {
				if e.parent {
					continue
				}
				key, value := e.key, e.value
				if owner, ok := strings.CutSuffix(e.key, ".value"); ok && names[owner] != "" {
					key = names[owner]
				} else if m := pairText.FindStringSubmatch(e.value); m != nil && strings.HasSuffix(e.key, "]") {
					key, value = m[1], m[2]
				}
				list = append(list, setting{key, strings.Trim(value, `"' `), e.line})
			}
			return list
		}
	}
	for i, line := range strings.Split(text, "\n") {
		if m := assignment.FindStringSubmatch(strings.TrimRight(line, "\r")); m != nil && !comment.MatchString(line) {
			list = append(list, setting{m[1], strings.Trim(strings.TrimSpace(m[2]), `"',`), i + 1})
		}
	}
	return list
}

// inFormat is a key as its file's framework writes it: .NET puts colons between the parts of one.
func inFormat(p, key string) string {
	if base := strings.ToLower(path.Base(p)); strings.HasPrefix(base, "appsettings") && strings.HasSuffix(base, ".json") {
		return strings.ReplaceAll(key, ".", ":")
	}
	return key
}
