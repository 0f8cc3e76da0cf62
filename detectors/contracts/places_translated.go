package contracts

// Files that take an old name for their own use and send it on under the new one.

import (
	"regexp"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/source"
)

// translated says that the branch itself takes the old name in this file and sends it on under the new one: {"renamed": row["old"]}.
// The old name is what the program goes on with behind its boundary.
func (p *place) translated(pass *detectors.Pass) bool {
	changed := pass.Branch.File(p.path)
	if changed == nil || source.LanguageOf(p.path) == "" {
		return false
	}
	f, err := pass.Source.Head(p.path)
	if err != nil {
		return false
	}
	rows := strings.Split(string(f.Text), "\n")
	return !slices.ContainsFunc(p.gone, func(g gone) bool {
		if g.to == "" {
			return true
		}
		given := regexp.MustCompile(`\b` + regexp.QuoteMeta(g.to) + `["']?\s*(?:=>|:|=)[^=]`)
		return !slices.ContainsFunc(f.Accesses, func(a *source.Access) bool {
			return a.Name == g.wire && !a.Write && changed.Touched(a.Span.Line) && a.Span.Line <= len(rows) && given.MatchString(rows[a.Span.Line-1])
		})
	})
}
