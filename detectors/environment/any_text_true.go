package environment

// Switches that code takes for on whatever text they hold, while an environment writes "false": Boolean("false") is true.

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/environment/effective"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// offText are the words by which a file says no. A program that asks only whether there is a text takes them for yes.
var offText = lazy.New(`^(?i:false|0|no|off|disabled?)$`)

// presence are the forms in which a language asks whether a variable holds any text; NAME stands for the variable.
var presence = map[source.Language][]string{
	source.TypeScript: {
		`Boolean\(\s*[\w.]*\bNAME\b\s*["'\]]*\s*\)`, `!!\s*[\w.(\[]*["']?NAME\b["'\]]*\s*([,;)\n}]|$|&&|\|\|)`, `if\s*\(\s*!?\s*[\w.\[]*["']?NAME["'\]]*\s*(\)|&&|\|\|)`, `[\w.\[]*["']?\bNAME\b["'\]]*\s*\?\s*[^.?:]`,
	},
	source.Python: {
		`bool\(\s*[\w.]*(\(|\[)["']NAME["']\s*(,[^()]*)?(\)|\])\s*\)`, `\b(if|elif|while|and|or|not)\s+[\w.]*(\(|\[)["']NAME["']\s*(,\s*(None|""|''|False)\s*)?(\)|\])\s*(:|and\b|or\b|else\b|$)`,
	},
	source.Ruby: {
		`!!\s*ENV\[["']NAME["']\]`, `\b(if|unless|elsif|while|and|or|not|&&|\|\|)\s+!?ENV\[["']NAME["']\]\s*($|&&|\|\||then\b|#)`, `ENV\[["']NAME["']\]\.(present|blank)\?`, `ENV\.(key|has_key|include)\?\(?\s*["']NAME["']`, `ENV\[["']NAME["']\]\s*\?`,
	},
	source.Go: {
		`os\.Getenv\("NAME"\)\s*(!=|==)\s*""`, `len\(os\.Getenv\("NAME"\)\)\s*(>|!=|==)\s*0`, `_,\s*\w+\s*:?=\s*os\.LookupEnv\("NAME"\)`,
	},
	source.Java:   {`System\.getenv\("NAME"\)\s*(!=|==)\s*null`, `getenv\(\)\.containsKey\("NAME"\)`},
	source.Kotlin: {`System\.getenv\("NAME"\)\s*(!=|==)\s*null`},
	source.Rust:   {`env::var(_os)?\("NAME"\)\s*\.is_(ok|some|err)\(\)`},
	source.PHP:    {`\(bool\)\s*(getenv\(\s*["']NAME["']\s*\)|\$_(ENV|SERVER)\[["']NAME["']\])`, `if\s*\(\s*!?\s*(getenv\(\s*["']NAME["']\s*\)|\$_(ENV|SERVER)\[["']NAME["']\])\s*(\)|&&|\|\|)`, `!empty\(\s*\$_(ENV|SERVER)\[["']NAME["']\]`},
	source.CSharp: {`GetEnvironmentVariable\("NAME"\)\s*(is not null|is null|!=\s*null|==\s*null)`, `IsNullOr(Empty|WhiteSpace)\([\w.]*GetEnvironmentVariable\("NAME"\)\)`},
}

// anyTextTrue judges the reads and the values of switches that the branch writes.
func (t *typeCheck) anyTextTrue() {
	for _, name := range slices.Sorted(maps.Keys(t.asked.head)) {
		if platform(name) && name != "DEBUG" && name != "CI" {
			continue
		}
		off, env, ok := t.saysNo(name)
		if !ok {
			continue
		}
		for _, r := range t.asked.head[name] {
			lines := t.text(r.Path)
			if r.Key || r.Line < 1 || r.Line > len(lines) || t.reported[name] || !asksPresence(r.Path, strings.TrimRight(lines[r.Line-1], "\r"), name) {
				continue
			}
			read, value := t.pass.Branch.File(r.Path), t.pass.Branch.File(off.At.Path)
			place, related := effective.Place{Path: r.Path, Line: r.Line}, detectors.Related{Path: off.At.Path, Line: off.At.Line, Message: fmt.Sprintf("%s switches it off", env)}
			switch {
			case read != nil && read.Touched(r.Line):
			case value != nil && value.Touched(off.At.Line):
				place, related = off.At, detectors.Related{Path: r.Path, Line: r.Line, Message: "takes any text for yes"}
			default:
				continue
			}
			t.reported[name] = true
			t.pass.Report(detectors.Finding{
				Severity: detectors.Warning, Path: place.Path, Line: place.Line, Symbol: name,
				Message:  fmt.Sprintf("%s is on for the code whatever text it holds, and %s sets it to one that says no", name, env),
				Why:      "A variable is text, and a text that is not empty counts as true: what was to stay off is on there.",
				Fix:      fmt.Sprintf("Compare %s with the word that switches it on, or parse it.", name),
				Evidence: []string{name, string(env), "any text"},
				Related:  []detectors.Related{related},
			})
		}
	}
}

// saysNo is the value by which a deployed environment, production first, switches a variable off.
func (t *typeCheck) saysNo(name string) (v effective.Variable, env Environment, ok bool) {
	for _, e := range t.head().unitEvidence(name) {
		if !e.variable.Matches(offText) || e.environment != Everywhere && !e.environment.Deployed() || ok && env.Compare(e.environment) <= 0 {
			continue
		}
		v, env, ok = e.variable, e.environment, true
	}
	if ok && env == Everywhere {
		env = "every environment"
	}
	if ok {
		return v, env, ok
	}
	// Who copies the example takes its word for what switches the variable off.
	for _, u := range t.head().Units {
		if one, has := u.Variables[name]; has && u.Kind == effective.KindExample && one.Matches(offText) {
			return one, "the example file", true
		}
	}
	return v, env, false
}

// asksPresence says whether a line asks only whether the variable holds a text.
func asksPresence(p, line, name string) bool {
	lang := source.LanguageOf(p)
	if lang == source.JavaScript {
		lang = source.TypeScript
	}
	return slices.ContainsFunc(presence[lang], func(form string) bool {
		e, err := regexp.Compile(strings.ReplaceAll(form, "NAME", regexp.QuoteMeta(name)))
		return err == nil && e.MatchString(line)
	})
}
