package review

import (
	"fmt"
	"slices"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
)

// Ways of asking less that keep a comparison: a part in place of the whole, anything in place of a value, a wider tolerance, one
// test in place of all.

// vaguer reports a test that compares with a part, or takes anything, where it compared with the whole.
func (w *weakening) vaguer(f *branch.File, was, now testCase) bool {
	if w.anything(f, was, now) {
		return true
	}
	sameSteps := slices.Equal(was.helpers, now.helpers)
	switch {
	case !sameSteps || was.strong > maxCompared:
		return false
	case now.vague > was.vague && now.strong+now.weak <= was.strong+was.weak:
		w.report(f, now.line, was, "takes anything where it named the value", "It stays green whatever the changed code answers.", "Compare with the value that is expected now.")
		return true
	case now.exact < was.exact && now.strong == was.strong && now.weak == was.weak:
		w.report(f, now.line, was, "compares with a part where it compared with the whole", "What the changed code answers beyond that part is watched by nothing.", "Compare with the whole value that is expected now.")
		return true
	}
	return false
}

// nearer reports a tolerance that became wider, in a test whose comparisons stayed.
func (w *weakening) nearer(f *branch.File, was, now testCase) {
	if len(was.tolerances) == 0 && len(now.tolerances) > 0 && was.strong == now.strong && slices.Equal(was.calls, now.calls) {
		said := fmt.Sprintf("is content with a tolerance of %g, it was exact", now.tolerances[0])
		w.report(f, now.line, was, said, "What the changed code answers may be that much off from now on.", "Compare exactly, or say in the commit why the answer is less exact.")
		return
	}
	if len(was.tolerances) != len(now.tolerances) {
		return
	}
	for i := range was.tolerances {
		a, b := was.tolerances[i], now.tolerances[i]
		if b <= a || (a < 0) != (b < 0) && a != 0 && b != 0 {
			continue
		}
		said := fmt.Sprintf("is content with a tolerance of %g, it was %g", b, a)
		if a < 0 {
			said = fmt.Sprintf("compares %g digits, it was %g", -b, -a)
		}
		w.report(f, now.line, was, said, "What the changed code answers may be that much off from now on.", "Keep the tolerance, or say in the commit why the answer is less exact.")
		return
	}
}

// alone reports tests of a file that do not run any more because another one asks to run alone, and notes tests that run until
// they pass.
func (w *weakening) alone(f *branch.File, was, now []testCase) {
	only := func(t testCase) bool { return t.alone }
	if i := slices.IndexFunc(now, only); i >= 0 && !slices.ContainsFunc(was, only) && slices.ContainsFunc(now, func(t testCase) bool { return !t.alone && !t.skipped }) {
		w.report(f, now[i].line, now[i], "runs alone; the others of the file do not run any more", "They say nothing about the change, nor about any later one.", "Take the only away.")
	}
	for _, t := range now {
		i := slices.IndexFunc(was, func(o testCase) bool { return o.name == t.name })
		if i >= 0 && t.retried && !was[i].retried {
			w.pass.Report(detectors.Finding{
				Severity: detectors.Note, Path: f.Path, Line: t.line, Symbol: t.name,
				Message: fmt.Sprintf("test %q runs until it passes from now on", t.name), Why: "What fails now and then in the test does so in production.",
				Fix: "Find out what makes it fail.", Related: w.subjectOf(t), Evidence: []string{"retried", t.name},
			})
		}
	}
}
