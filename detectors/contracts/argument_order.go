package contracts

import (
	"fmt"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/source"
)

// ArgumentOrder finds calls that pass arguments by their place to a function whose parameters the branch put into another order, where
// nothing but the answer tells: without types, or with the same type at both places.
var ArgumentOrder = &detectors.Detector{
	ID:    "contracts/argument-order",
	Title: "A call passes its arguments in the old order",
	Run:   runArgumentOrder,
}

func runArgumentOrder(pass *detectors.Pass) error {
	after := side{pass.Branch, pass.Source, false}
	ran := false
	for _, r := range resignedFunctions(pass) {
		at, text := r.moved()
		if at < 0 {
			continue
		}
		ran = true
		calls, err := after.callsOf(pass, r)
		if err != nil {
			return err
		}
		told := map[string]bool{}
		for _, c := range calls {
			if passedInOrder(c.call) <= at || told[c.path] || r.follows(c.call) {
				continue
			}
			told[c.path] = true
			pass.Report(detectors.Finding{
				Severity: detectors.Warning, Path: c.path, Line: c.call.Span.Line, Symbol: r.now.Name,
				Message:  fmt.Sprintf("passes its arguments to %s in the old order; on the branch %s", r.now.Name, text),
				Why:      "The call still runs: each value lands in another parameter, and the result is wrong without an error.",
				Fix:      "Turn the arguments round here, pass them by name, or keep the order and add what is new at the end.",
				Related:  []detectors.Related{{Path: r.file.Path, Line: r.now.Span.Line, Message: "the parameters stand in another order here"}},
				Evidence: []string{r.now.Name, text},
			})
		}
	}
	if !ran {
		return detectors.ErrNotApplicable
	}
	return pass.Context.Err()
}

// moved is the first place at which another parameter of the old ones stands now, with what happened; -1 for none. Where a compiler
// compares types, only places that keep theirs count.
func (r resigned) moved() (int, string) {
	old, now := byPlace(r.old), byPlace(r.now)
	checked := slices.Contains([]source.Language{source.Go, source.Java, source.Kotlin, source.CSharp, source.TypeScript, source.Rust}, r.file.Lang)
	for i, o := range old {
		if i >= len(now) || now[i].Name == o.Name || o.Name == "" || strings.HasPrefix(o.Name, "{") {
			continue
		}
		j := slices.IndexFunc(now, func(p source.Param) bool { return p.Name == o.Name })
		if j < 0 {
			continue // renamed, or gone
		}
		inserted := !slices.ContainsFunc(old, func(p source.Param) bool { return p.Name == now[i].Name })
		if checked && (inserted || now[i].Type != o.Type || o.Type == "") {
			continue // another number of arguments, or another type, does not compile
		}
		if o.Type != "" && now[i].Type != "" && o.Type != now[i].Type && !inserted && r.file.Lang != source.Python && r.file.Lang != source.PHP {
			continue
		}
		if inserted {
			return i, fmt.Sprintf("%s stands before %s", now[i].Name, o.Name)
		}
		return i, fmt.Sprintf("%s stands where %s was", now[i].Name, o.Name)
	}
	return -1, ""
}

// follows says that the arguments of a call are called like the parameters in their new order.
func (r resigned) follows(c *source.Call) bool {
	now, old := byPlace(r.now), byPlace(r.old)
	fits := func(params []source.Param) int {
		n := 0
		for i, a := range c.Args {
			if i < len(params) && a.Keyword == "" && strings.EqualFold(lastOf(a.Text), strings.TrimLeft(params[i].Name, "$")) {
				n++
			}
		}
		return n
	}
	return fits(now) > fits(old)
}
