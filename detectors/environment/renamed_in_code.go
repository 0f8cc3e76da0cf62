package environment

// A variable that the branch renames in code, and that the configuration still gives by its old name.

import (
	"fmt"
	"slices"
	"strings"

	"flightpoll/detectors"
)

// renamedFrom is the name that code read before in the place of a new one, where configuration gives the old name and does
// not give the new.
func (l *ledger) renamedFrom(r Reference, a *asked, found map[string][]evidence) (Reference, bool) {
	if configuredBy(found[r.Name]) {
		return Reference{}, false
	}
	f := l.pass.Branch.File(r.Path)
	if f == nil {
		return Reference{}, false
	}
	before, err := f.Before()
	if err != nil {
		return Reference{}, false
	}
	after, err := f.After()
	if err != nil {
		return Reference{}, false
	}
	was, now := strings.Split(string(before), "\n"), strings.Split(string(after), "\n")
	if r.Line < 1 || r.Line > len(now) {
		return Reference{}, false
	}
	for _, old := range a.removed {
		if old.Path != r.Path || old.Key || old.Line < 1 || old.Line > len(was) || !configuredBy(found[old.Name]) {
			continue
		}
		if sharedWords(old.Name, r.Name) || likeLines(was[old.Line-1], now[r.Line-1], old.Name, r.Name) {
			return old, true
		}
	}
	return Reference{}, false
}

// configuredBy says whether a file that is deployed with gives the name.
func configuredBy(list []evidence) bool {
	return slices.ContainsFunc(list, func(e evidence) bool {
		return e.giving != named && (e.kind == configFile || e.kind == ciFile)
	})
}

// sharedWords says whether two names have most of their words in common.
func sharedWords(a, b string) bool {
	first, second := strings.Split(a, "_"), strings.Split(b, "_")
	shared := 0
	for _, w := range first {
		if slices.Contains(second, w) {
			shared++
		}
	}
	return shared*2 > max(len(first), len(second))
}

// likeLines says whether two lines are the same statement but for the names in it.
func likeLines(a, b, oldName, newName string) bool {
	a = strings.TrimSpace(strings.Replace(a, oldName, "\x00", 1))
	b = strings.TrimSpace(strings.Replace(b, newName, "\x00", 1))
	if !strings.Contains(a, "\x00") || !strings.Contains(b, "\x00") {
		return false
	}
	head, tail, shorter := 0, 0, min(len(a), len(b))
	for head < shorter && a[head] == b[head] {
		head++
	}
	for tail < shorter-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	return (head+tail)*3 >= max(len(a), len(b))*2
}

// renamedFinding shows both sides of a rename.
func renamedFinding(r, old Reference, found []evidence) detectors.Finding {
	f := detectors.Finding{
		Severity: detectors.Warning, Path: r.Path, Line: r.Line, Symbol: r.Name,
		Message:  fmt.Sprintf("%s takes the place of %s here, and the configuration still sets %s only", r.Name, old.Name, old.Name),
		Why:      fmt.Sprintf("What is deployed is given %s, which nothing reads any more, and starts without %s.", old.Name, r.Name),
		Fix:      fmt.Sprintf("Rename it in the configuration too, or read both names until that is done: %s, then %s.", r.Name, old.Name),
		Evidence: []string{r.Name, old.Name},
	}
	for _, e := range found {
		if e.giving != named && (e.kind == configFile || e.kind == ciFile) && len(f.Related) < 6 {
			f.Related = append(f.Related, detectors.Related{Path: e.path, Line: e.line, Message: "still sets " + old.Name})
		}
	}
	return f
}
