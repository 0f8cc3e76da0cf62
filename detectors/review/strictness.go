package review

// How strict a structured file of rules is: its settings one by one, on both sides.

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"flightpoll/detectors/branch"
	tree "flightpoll/detectors/source/document"
)

// ruleSetting is one value of a file of rules. Path joins the keys above and its own with a slash; items of a list have their values in it.
type ruleSetting struct {
	path, key, value string
	line             int
	listed           bool
}

// maxSettings bounds the settings of one file.
const maxSettings = 20000

// settingsOf are the settings of a file, nil for one that cannot be read.
func settingsOf(p string, text []byte) []ruleSetting {
	if len(text) > 1<<18 {
		return nil
	}
	name := path.Base(p)
	switch {
	case strings.HasPrefix(name, ".editorconfig"), strings.HasSuffix(name, "ignore"):
		name = ".editorconfig"
	case path.Ext(name) == ".neon":
		name += ".yaml"
	case path.Ext(name) == "" || strings.HasPrefix(name, ".") && strings.Count(name, ".") == 1:
		if json := bytes.HasPrefix(bytes.TrimSpace(text), []byte("{")); json {
			name += ".json"
		} else if name != ".flake8" && name != ".pylintrc" && name != ".coveragerc" {
			name += ".yaml"
		}
	}
	roots, err := tree.Read(name, text)
	if err != nil {
		return nil
	}
	var list []ruleSetting
	for _, root := range roots {
		flattened(root, "", "", 0, &list)
	}
	return list
}

func flattened(n *tree.Node, at, key string, line int, list *[]ruleSetting) {
	if n == nil || len(*list) > maxSettings {
		return
	}
	for _, p := range n.Pairs {
		flattened(p.Value, at+"/"+p.Key, p.Key, p.Line, list)
	}
	if n.Kind == tree.List && len(n.Items) > 0 && n.Items[0].Scalar() && levelOf(n.Items[0].Value) >= 0 && !n.Items[0].Below {
		*list = append(*list, ruleSetting{at, key, n.Items[0].Value, max(n.Items[0].Line, line), false}) // "rule": ["error", {}]
		return
	}
	for _, i := range n.Items {
		switch {
		case i.Scalar():
			*list = append(*list, ruleSetting{at + "/" + i.Value, key, i.Value, max(i.Line, line), true})
		case len(i.Items) > 0 && i.Items[0].Scalar():
			flattened(i.Items[0], at, key, i.Line, list)
		default:
			name := i.Text("name") + i.Text("id") + i.Text("context")
			flattened(i, at+"/["+name+"]", key, i.Line, list)
		}
	}
	if n.Scalar() && len(n.Items) == 0 && key != "" {
		value := n.Value
		if n.Line > 0 {
			line = n.Line
		}
		*list = append(*list, ruleSetting{at, key, value, line, false})
	}
}

// narrowed says what a list of demands lost, empty where it only changed: as many came as went.
func narrowed(f *branch.File, was, now []ruleSetting, s ruleSetting) string {
	if !required.MatchString(s.key) || !ruleFile.MatchString(f.Path) || strings.HasSuffix(f.Path, ".tf") && s.key == "conditions" {
		return ""
	}
	count := func(list []ruleSetting) int {
		n := 0
		for _, o := range list {
			if o.listed && o.key == s.key {
				n++
			}
		}
		return n
	}
	if count(now) >= count(was) {
		return ""
	}
	return fmt.Sprintf("%s no longer has %s", s.key, s.value)
}

func wasThere(was []ruleSetting, s ruleSetting) bool {
	return slices.ContainsFunc(was, func(o ruleSetting) bool { return o.key == s.key && o.value == s.value })
}

// looser finds the first setting that asks less than before, with its line on the new side.
func (g *guards) looser(f *branch.File, before, after []byte) (line int, name, what string) {
	was, now := settingsOf(before0(f), before), settingsOf(f.Path, after)
	if was == nil || now == nil {
		return 0, "", ""
	}
	at := map[string]ruleSetting{}
	for _, s := range now {
		if _, ok := at[s.path]; !ok || s.listed {
			at[s.path] = s
		}
	}
	had := map[string]bool{}
	policy := isPolicy(before)
	for _, s := range was {
		had[s.path] = true
		n, still := at[s.path]
		line := n.line
		if !still {
			line = max(1, f.NewLine(s.line))
		}
		if still && n.value == s.value {
			continue
		}
		switch on, off := switchedOn(s.value), !still || switchedOff(n.value); {
		case s.listed:
			if what := narrowed(f, was, now, s); what != "" && !still {
				return line, s.value, what
			}
		case strictKey.MatchString(s.key) && on && off:
			if !still && g.setElsewhere(f, s) {
				continue
			}
			said := fmt.Sprintf("%s from %s to %s", ruleName(s), s.value, n.value)
			if !still {
				said = fmt.Sprintf("%s: %s is gone", ruleName(s), s.value)
			}
			return line, s.key, said
		case still && strictNumber.MatchString(s.key):
			a, errA := strconv.ParseFloat(s.value, 64)
			b, errB := strconv.ParseFloat(n.value, 64)
			if errA == nil && errB == nil && b < a {
				return line, s.key, fmt.Sprintf("%s from %s to %s", s.key, s.value, n.value)
			}
		case still && !isNumber(s.value) && levelOf(s.value) == 0 && levelOf(n.value) > 0 && (policy || levelFiles.MatchString(f.Path)) &&
			(leveled.MatchString(s.key) || leveled.MatchString(parentKey(s.path)) || rulesOf.MatchString(s.path+"/") || levelFiles.MatchString(f.Path)):
			return line, s.key, fmt.Sprintf("%s from %s to %s", ruleName(s), s.value, n.value)
		}
	}
	for _, s := range now {
		switch {
		case had[s.path] && s.listed:
		case permissive.MatchString(s.key) && switchedOn(s.value) && f.Touched(s.line) && !s.listed && !wasOn(was, s.path):
			return s.line, s.key, fmt.Sprintf("%s: %s is new", s.key, s.value)
		case agentFile.MatchString(f.Path) && mayAll.MatchString(s.value) && !wasThere(was, s):
			return s.line, s.value, fmt.Sprintf("assistants may do %s without being asked (%s)", s.value, s.key)
		case !had[s.path] && !s.listed && !isNumber(s.value) && levelOf(s.value) == 2 && levelFiles.MatchString(f.Path) && ofARule(s) && !styleRule.MatchString(s.path) && f.Touched(s.line) && !saysWhy(strings.Split(string(after), "\n"), s.line):
			return s.line, ruleName(s), fmt.Sprintf("%s is %s from now on", ruleName(s), s.value)
		case widened.MatchString(s.key) && !saysWhy(strings.Split(string(after), "\n"), s.line):
			if code := graveEntry(s, was); code != "" {
				return s.line, code, fmt.Sprintf("%s is left out (%s)", code, s.key)
			}
		}
	}
	return 0, "", ""
}

func before0(f *branch.File) string {
	if f.OldPath != "" {
		return f.OldPath
	}
	return f.Path
}

func parentKey(p string) string { return path.Base(path.Dir(p)) }

// ruleName is the rule that a setting is about: the key above where its own only says that it is a level.
func ruleName(s ruleSetting) string {
	if (leveled.MatchString(s.key) || s.key == "active" || s.key == "enabled" || s.key == "Enabled") && !strings.ContainsAny(s.key, "._-") && parentKey(s.path) != "/" && parentKey(s.path) != "." {
		return strings.Trim(parentKey(s.path), "[]") + " " + s.key
	}
	return s.key
}

func wasOn(was []ruleSetting, at string) bool {
	return slices.ContainsFunc(was, func(s ruleSetting) bool { return s.path == at && switchedOn(s.value) })
}

// graveEntry is an entry of a list of exceptions that is about safety or correctness and that the file did not have.
func graveEntry(s ruleSetting, was []ruleSetting) string {
	for _, code := range strings.FieldsFunc(s.value, func(r rune) bool { return strings.ContainsRune("; ,\n\t", r) }) {
		code = strings.Trim(code, `"'#`)
		if !grave.MatchString(code) || slices.ContainsFunc(was, func(o ruleSetting) bool {
			return o.key == s.key && slices.Contains(strings.FieldsFunc(o.value, func(r rune) bool { return strings.ContainsRune("; ,\n\t", r) }), code)
		}) {
			continue
		}
		return code
	}
	return ""
}

// setElsewhere says whether another file of rules that the branch changes has the setting now: it moved there.
func (g *guards) setElsewhere(f *branch.File, s ruleSetting) bool {
	return slices.ContainsFunc(g.pass.Branch.Files, func(o *branch.File) bool {
		if o == f || o.Status == branch.Deleted || o.Binary || o.TooLarge || !ruleFile.MatchString(o.Path) {
			return false
		}
		text, err := o.After()
		return err == nil && slices.ContainsFunc(settingsOf(o.Path, text), func(n ruleSetting) bool { return n.key == s.key && switchedOn(n.value) })
	})
}
