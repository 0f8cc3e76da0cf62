package review

// Programs that tell their commands apart by a switch over their first argument, without a library.

import (
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

var (
	overArgument = lazy.New(`\b(?:switch|when)\s*\(?\s*(?:args\[0\]|os\.Args\[1\]|flag\.Arg\(0\)|process\.argv\[2\]|argv\[(?:0|2)\])\s*\)?\s*\{|\bargs\[0\]\s+switch\s*\{`)
	caseOf       = lazy.New(`^\s*(?:case\s+)?((?:"[\w:.-]+"\s*,?\s*)+)(?::|->|=>)|^\s*case\s+'([\w:.-]+)'\s*:`)
	caseText     = lazy.New(`"([\w:.-]+)"`)
)

// switchedCommands are the texts with which such a switch compares, with their lines.
func switchedCommands(f *source.File) map[string]int {
	found := map[string]int{}
	switch f.Lang {
	case source.Go, source.CSharp, source.Java, source.Kotlin, source.TypeScript, source.JavaScript:
	default:
		return found
	}
	for _, at := range overArgument.FindAllStringIndex(string(f.Text), 4) {
		n, depth := 1+strings.Count(string(f.Text[:at[1]]), "\n"), 1
		for line := range strings.Lines(string(f.Text[at[1]:])) {
			if m := caseOf.FindStringSubmatch(line); m != nil && depth == 1 {
				for _, t := range caseText.FindAllStringSubmatch(m[1], 8) {
					found[t[1]] = n
				}
				if m[2] != "" {
					found[m[2]] = n
				}
			}
			depth += strings.Count(line, "{") - strings.Count(line, "}")
			if depth <= 0 {
				break
			}
			n++
		}
	}
	return found
}
