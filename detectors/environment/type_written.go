package environment

// Values of structured settings that one environment writes as a text and another as what it is: "false" in quotes beside false, where the
// language that reads them converts nothing.

import (
	"fmt"
	"maps"
	"slices"

	"flightpoll/detectors"
	"flightpoll/detectors/environment/effective"
	"flightpoll/detectors/environment/references"
	"flightpoll/detectors/source"
	"flightpoll/detectors/source/document"
)

// unconverted are the languages whose readers of documents hand a value on as it is written.
var unconverted = []source.Language{source.JavaScript, source.TypeScript, source.Python, source.Ruby, source.PHP}

// written reports a key whose value another environment writes as another kind; true where it did.
func (t *typeCheck) written(g *group, env Environment, name string, v effective.Variable) bool {
	for _, e := range slices.SortedFunc(maps.Keys(g.units), Environment.Compare) {
		their, ok := g.units[e].Keys[name]
		if e == env || !ok || their.At == v.At || !quotedBeside(v, their) {
			continue
		}
		reader, line := t.takesAsWritten(lastKey(name))
		if reader == "" {
			return false
		}
		place := fmt.Sprintf("%s:%d", v.At.Path, v.At.Line)
		t.reported[place+name], t.reported[fmt.Sprintf("%s:%d", their.At.Path, their.At.Line)+name] = true, true
		where := string(e)
		if e == Everywhere {
			where = "the base"
		}
		at, other, own, theirs := v, their, env, where
		if v.Written != document.String && t.touchedAt(their.At) { // the text is what has to be mended
			at, other, own, theirs = their, v, e, string(env)
		}
		t.pass.Report(detectors.Finding{
			Severity: detectors.Warning, Path: at.At.Path, Line: at.At.Line, Symbol: inFormat(at.At.Path, name),
			Message:  fmt.Sprintf("%s is a %s for %s and a %s for %s", name, at.Written, own, other.Written, theirs),
			Why:      "Nothing converts the value on its way, and a text counts as true, or compares as a text, whatever it says.",
			Fix:      fmt.Sprintf("Write %s without quotes, as in the other environments.", name),
			Evidence: []string{name, string(env), "written"},
			Related:  []detectors.Related{{Path: other.At.Path, Line: other.At.Line, Message: fmt.Sprintf("a %s for %s", other.Written, theirs)}, {Path: reader, Line: line, Message: "names it"}},
		})
		return true
	}
	return false
}

func (t *typeCheck) touchedAt(at effective.Place) bool {
	f := t.pass.Branch.File(at.Path)
	return f != nil && f.Touched(at.Line)
}

// quotedBeside says whether one of two values is a boolean or a number and the other one a text that spells such a thing.
func quotedBeside(a, b effective.Variable) bool {
	native := func(v effective.Variable) bool { return v.Written == document.Boolean || v.Written == document.Number }
	if native(b) {
		a, b = b, a
	}
	if !native(a) || b.Written != document.String || !b.Known() {
		return false
	}
	if a.Written == document.Boolean {
		return b.Matches(trueFalse) || b.Matches(wordSwitch)
	}
	return b.Matches(decimal)
}

// takesAsWritten is the first code file of such a language that names a key without declaring a field of the name, whose type would convert it;
// empty where other languages name it too.
func (t *typeCheck) takesAsWritten(key string) (p string, line int) {
	words := spellings(key)
	naming, err := t.pass.Source.Naming(t.pass.Context, words...)
	if err != nil {
		return "", 0
	}
	for _, w := range words {
		for _, found := range naming[w] {
			if fileKindOf(found) != codeFile || !references.Parsed(found) {
				continue
			}
			if !slices.Contains(unconverted, source.LanguageOf(found)) {
				return "", 0
			}
			f, err := t.pass.Source.Head(found)
			if err != nil || f == nil || slices.ContainsFunc(f.Decls, func(d *source.Decl) bool { return d.Kind == source.Field && d.Name == w }) {
				return "", 0
			}
			if p == "" {
				p, line = found, lineNaming(f.Text, w)
			}
		}
	}
	return p, line
}

// lineNaming is the line of a text that first holds a word.
func lineNaming(text []byte, w string) int {
	line := 1
	for i := 0; i < len(text); i++ {
		if text[i] == '\n' {
			line++
		} else if text[i] == w[0] && len(text)-i >= len(w) && string(text[i:i+len(w)]) == w {
			return line
		}
	}
	return 1
}
