package scripts

// Names in findings as the script spells them: they are folded for comparisons only.

import (
	"regexp"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/lazy"
)

var foldedWord = lazy.New(`[a-z_][a-z0-9_]*`)

// asWritten gives the names of a finding's symbol the spelling that they have in its lines, or in the rest of the script.
func (c *changes) asWritten(f detectors.Finding) detectors.Finding {
	for _, s := range c.scripts {
		if s.path != f.Path || f.Line < 1 {
			continue
		}
		lines := strings.Split(s.text, "\n")
		near := strings.Join(lines[min(f.Line-1, len(lines)):min(max(f.Line, f.EndLine), len(lines))], "\n")
		for _, w := range foldedWord.FindAllString(f.Symbol, 6) {
			if w != f.Symbol && len(w) < 2 {
				continue
			}
			word := regexp.MustCompile(`(?i)\b` + w + `\b`)
			is := word.FindString(near)
			if is == "" {
				is = word.FindString(s.text)
			}
			if is == "" || is == w {
				continue
			}
			plain := regexp.MustCompile(`\b` + w + `\b`)
			f.Symbol = plain.ReplaceAllString(f.Symbol, is)
			f.Message = plain.ReplaceAllString(f.Message, is)
		}
		break
	}
	return f
}
