package environment

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
)

// RepeatedKey reports a key that the branch writes into a configuration file which gives it another value already.
var RepeatedKey = &detectors.Detector{
	ID:    "environment/repeated-key",
	Title: "A configuration file sets one key twice",
	Run:   runRepeated,
}

func runRepeated(pass *detectors.Pass) error {
	looked := 0
	for _, f := range pass.Branch.Files {
		if f.Status == branch.Deleted || f.Binary || f.TooLarge || f.Vendored || f.Generated || asidePath.MatchString(f.Path) {
			continue
		}
		keys := keysOfFormat(f.Path)
		if keys == nil {
			continue
		}
		looked++
		after, err := f.After()
		if err != nil || len(after) > maxConfig {
			continue
		}
		before, err := f.Before()
		if err != nil || len(before) > maxConfig {
			continue
		}
		old := repeats(keys(string(before)))
		now := repeats(keys(string(after)))
		for _, key := range slices.Sorted(maps.Keys(now)) {
			if r := now[key]; old[key].times < r.times && (f.Touched(r.last.line) || f.Touched(r.first.line)) {
				pass.Report(r.finding(f))
			}
		}
	}
	return nothingHere(looked)
}

// keyLine is one key of a text with its sections, where it stands.
type keyLine struct {
	key, value string
	line       int
}

// repeated is a key that stands more than once in one mapping.
type repeated struct {
	first, last keyLine
	times       int
}

func repeats(list []keyLine) map[string]repeated {
	found := map[string]repeated{}
	for _, k := range list {
		r, seen := found[k.key]
		if !seen {
			r.first = k
		}
		r.last = k
		r.times++
		found[k.key] = r
	}
	for key, r := range found {
		if r.times < 2 {
			delete(found, key)
		}
	}
	return found
}

func (r repeated) finding(f *branch.File) detectors.Finding {
	name := lastKeyOf(r.last.key)
	out := detectors.Finding{
		Severity: detectors.Warning, Path: f.Path, Line: r.last.line, Symbol: name,
		Message:  fmt.Sprintf("%s is set on line %d and again, to another value, on line %d", name, r.first.line, r.last.line),
		Why:      "Only one of the two lines counts, for most readers the last; whoever looks at the other one is misled.",
		Fix:      fmt.Sprintf("Keep one line of %s, with the value that is meant.", name),
		Evidence: []string{r.last.key, "twice"},
		Related:  []detectors.Related{{Path: f.Path, Line: r.first.line, Message: "sets it first"}},
	}
	if !f.Touched(r.last.line) {
		out.Line, out.Related[0].Line, out.Related[0].Message = r.first.line, r.last.line, "sets it again"
	}
	if r.first.value == r.last.value || fileKindOf(f.Path) == sampleFile {
		out.Severity = detectors.Note
		out.Message = fmt.Sprintf("%s is set on line %d and again on line %d", name, r.first.line, r.last.line)
	}
	return out
}

// lastKeyOf is a key without the sections that it stands in.
func lastKeyOf(key string) string { return key[strings.LastIndexByte(key, 0)+1:] }

// keysOfFormat is how a path's format is read for its keys, nil for a file that holds none: env files, properties, INI files, YAML.
func keysOfFormat(p string) func(string) []keyLine {
	base := strings.ToLower(path.Base(p))
	ext := path.Ext(base)
	kind := fileKindOf(p)
	switch {
	case kind == codeFile || kind == docFile || kind == otherFile:
		return nil
	case strings.HasPrefix(base, ".env") && ext != ".yaml" && ext != ".yml" && ext != ".json" && ext != ".enc", ext == ".env", strings.HasPrefix(base, "env.") && (ext == ".j2" || ext == ".tpl"), strings.HasSuffix(base, ".env.j2"), strings.HasSuffix(base, ".env.tpl"):
		return func(text string) []keyLine { return assignments(text, false) }
	case ext == ".properties":
		return func(text string) []keyLine { return assignments(text, false) }
	case ext == ".ini" || ext == ".cnf":
		return func(text string) []keyLine { return assignments(text, true) }
	case (ext == ".yaml" || ext == ".yml") && kind == configFile:
		return mappingKeys
	}
	return nil
}

var (
	assigned   = lazy.New(`^\s*(?:export\s+)?([A-Za-z_][\w.\-]*)\s*=\s*(.*?)\s*$`)
	iniSection = lazy.New(`^\s*\[([^\]]+)\]\s*$`)
)

// assignments are the KEY=value lines of a text. Blocks of a template are alternatives: what stands in one is left out.
func assignments(text string, sectioned bool) []keyLine {
	var list []keyLine
	section, inside := "", 0
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimRight(line, "\r")
		if m := iniSection.FindStringSubmatch(line); sectioned && m != nil {
			section = m[1] + "\x00"
			continue
		}
		if trimmed := strings.TrimSpace(line); strings.HasPrefix(trimmed, "{%") || strings.HasPrefix(trimmed, "{{") {
			inside += templateBlock(trimmed)
			continue
		}
		if m := assigned.FindStringSubmatch(line); m != nil && inside <= 0 && !comment.MatchString(line) {
			list = append(list, keyLine{section + m[1], strings.Trim(m[2], `"'`), i + 1})
		}
	}
	return list
}

var (
	blockStart = lazy.New(`\{[%{]-?\s*(if|for|range|with|block|unless)\b`)
	blockEnd   = lazy.New(`\{[%{]-?\s*end`)
)

// templateBlock is by how many blocks a line of a template goes in.
func templateBlock(line string) int {
	return len(blockStart.FindAllString(line, 4)) - len(blockEnd.FindAllString(line, 4))
}

var (
	mappingKey = lazy.New(`^(\s*)((?:- +)*)(["']?)([A-Za-z_][\w./\\-]*)["']?\s*:(?:\s+(.*?))?\s*$`)
	blockText  = lazy.New(`:\s+[|>][+-]?\d*\s*(#.*)?$`)
)

// mappingKeys are the keys of a YAML text, each behind those that it stands below. A text with a template's lines, or what is no
// plain block style, gives none.
func mappingKeys(text string) []keyLine {
	if strings.Contains(text, "{{") || strings.Contains(text, "{%") || strings.Contains(text, "\t") {
		return nil
	}
	type level struct {
		indent int
		key    string
	}
	var list []keyLine
	var open []level
	document, item, scalar := 0, 0, -1
	for i, line := range strings.Split(text, "\n") {
		trimmed := strings.TrimSpace(line)
		indent := len(line) - len(strings.TrimLeft(line, " "))
		switch {
		case trimmed == "" || strings.HasPrefix(trimmed, "#"):
			continue
		case scalar >= 0 && indent > scalar:
			continue // the text of a block scalar
		case strings.HasPrefix(line, "---"):
			document++
			open, scalar = nil, -1
			continue
		}
		scalar = -1
		m := mappingKey.FindStringSubmatch(line)
		if m == nil {
			if strings.HasPrefix(trimmed, "- ") || trimmed == "-" {
				item++
			}
			continue
		}
		at := indent + len(m[2])
		for len(open) > 0 && open[len(open)-1].indent >= at {
			open = open[:len(open)-1]
		}
		if m[2] != "" { // each item of a list is a mapping of its own
			item++
			for len(open) > 0 && open[len(open)-1].indent >= indent {
				open = open[:len(open)-1]
			}
			open = append(open, level{indent, fmt.Sprint("#", item)})
		}
		var whole strings.Builder
		fmt.Fprint(&whole, document, "\x00")
		for _, l := range open {
			whole.WriteString(l.key + "\x00")
		}
		value := m[5]
		if value == "" || strings.HasPrefix(value, "&") || strings.HasPrefix(value, "#") {
			value = fmt.Sprint("\x00", i) // a mapping or a list of its own
		}
		if m[4] != "<<" {
			list = append(list, keyLine{whole.String() + m[4], strings.Trim(value, `"'`), i + 1})
		}
		open = append(open, level{at, m[4]})
		if blockText.MatchString(line) {
			scalar = at
		}
		if len(list) > maxKeys {
			return nil
		}
	}
	return list
}
