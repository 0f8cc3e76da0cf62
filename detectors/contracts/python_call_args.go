package contracts

// What tests look for in the recorded calls of a stand-in.

import (
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/contracts/pyapi"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// keywordsOf matches the keywords of a recorded call: send.call_args.kwargs, send.call_args[1], send.call_args_list[0].kwargs.
var keywordsOf = lazy.New(`^\.(?:call_args|await_args|mock_calls\[-?\d+\]|call_args_list\[-?\d+\])(?:\.kwargs|\[1\]|\[-1\])$`)

// inspected reports a keyword that a test takes out of a stand-in's call, and that the real one no longer has.
func (p *patches) inspected(name string, in *source.Decl, last string, old, params []source.Param, now *pyapi.Member) bool {
	has := func(list []source.Param, keyword string) bool {
		return slices.ContainsFunc(list, func(q source.Param) bool { return q.Name == keyword || q.KeywordVariadic })
	}
	for _, a := range p.file.Accesses {
		rest, ok := strings.CutPrefix(a.Receiver, name)
		if !ok || !a.Key || in != nil && a.In != in || !keywordsOf.MatchString(rest) || !has(old, a.Name) || has(params, a.Name) {
			continue
		}
		p.pass.Report(detectors.Finding{
			Severity: detectors.Warning, Path: p.file.Path, Line: a.Span.Line, Symbol: a.Name,
			Message:  "expects a call of " + last + " with " + a.Name + ", which it no longer takes since the branch",
			Why:      "The stand-in takes any call, so the test says nothing about what the real one is given.",
			Fix:      "Pass autospec=True to patch, and look for what " + last + " takes now.",
			Related:  []detectors.Related{{Path: now.File, Line: now.Line, Message: "the branch changed what " + last + " takes here"}},
			Evidence: []string{last, a.Name},
		})
		return true
	}
	return false
}
