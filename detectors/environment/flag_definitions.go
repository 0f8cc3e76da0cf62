package environment

// What is wrong with a flag's definition, or with the type that it is asked for as.

import (
	"fmt"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/lazy"
)

// definitions reports flags, on lines of the branch, whose default is a variant that they do not have.
func (f *flags) definitions(now []manifest) {
	for _, m := range now {
		file := f.pass.Branch.File(m.path)
		if file == nil {
			continue
		}
		for _, key := range sortedLines(m.broken) {
			if line := m.broken[key]; file.Touched(line) || file.Touched(m.keys[key]) {
				f.pass.Report(detectors.Finding{
					Severity: detectors.Blocker, Path: m.path, Line: line, Symbol: key,
					Message:  fmt.Sprintf("The default of the flag %s is a variant that it does not have", key),
					Why:      "The definition is invalid: the provider does not serve the flag, and every caller takes its own default.",
					Fix:      "Name one of the flag's variants as the default.",
					Evidence: []string{key},
				})
			}
		}
	}
}

var askedKind = lazy.New(`(?i)(bool|string|int|float|number)`)

// types reports evaluations, on lines of the branch, that ask for another type than the variants have.
func (f *flags) types(asked []use, now []manifest) {
	for _, u := range asked {
		want := strings.ToLower(askedKind.FindString(u.call))
		switch want {
		case "bool":
			want = "boolean"
		case "int", "float":
			want = "number"
		}
		for _, m := range now {
			has := m.kinds[u.key]
			if want == "" || has == "" || has == "mixed" || has == "object" || has == want {
				continue
			}
			f.report(u, fmt.Sprintf("The flag %s holds a %s and is asked for as a %s", u.key, has, want),
				[]detectors.Related{{Path: m.path, Line: m.keys[u.key], Message: "its definition"}})
		}
	}
}
