package detectors

import (
	"slices"
	"strings"
)

// Settle leaves out what is told from both ends. A detector that looks at a change names those who still use what it takes
// away; another that looks at the users names the change. Where every user that a finding of the first kind names has a
// finding of its own, about the same symbol and pointing back to the change, and none of them weighs less, those say
// more: where each of them stands. The finding at the change goes. The order of the list does not matter. A pattern has a verdict of
// its own, so what another pattern tells takes nothing from it.
func Settle(list []Finding) []Finding {
	bySymbol := map[string][]*Finding{}
	for i := range list {
		if s := strings.ToLower(list[i].Symbol); s != "" {
			bySymbol[s] = append(bySymbol[s], &list[i])
		}
	}
	settled := make([]Finding, 0, len(list))
	for i := range list {
		if !toldByUsers(&list[i], bySymbol[strings.ToLower(list[i].Symbol)]) {
			settled = append(settled, list[i])
		}
	}
	return settled
}

// toldByUsers says that each related place of a finding has a finding of another detector that points back to it and to
// nothing else. Of two findings that only name each other, the first in the order of reports stays.
func toldByUsers(f *Finding, others []*Finding) bool {
	if len(f.Related) == 0 || len(others) < 2 {
		return false
	}
	for _, r := range f.Related {
		if !slices.ContainsFunc(others, func(o *Finding) bool {
			return o.Detector != f.Detector && o.Pattern == f.Pattern && o.Path == r.Path && o.Path != f.Path && o.Severity.Rank() <= f.Severity.Rank() &&
				len(o.Related) == 1 && o.Related[0].Path == f.Path && (len(f.Related) > 1 || compareFindings(*o, *f) < 0)
		}) {
			return false
		}
	}
	return true
}
