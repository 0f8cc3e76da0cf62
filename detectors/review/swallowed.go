package review

// Assertions that may fail without the test failing.

import (
	"strings"

	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// ofAssertions are the errors that a failed assertion is, everything included.
var ofAssertions = lazy.New(`(?:^|[.\\])(?:Assert\w*(?:Error|Exception|FailedError|FailedException)|ExpectationFailed\w*|ExpectationNotMet\w*|Throwable|Exception|BaseException|Error|StandardError|XunitException)$`)

// swallowedIn counts the handlers within a test that take a failed assertion and do nothing: the guarded block holds one.
func swallowedIn(f *source.File, at source.Span) int {
	n := 0
	for _, c := range f.Catches {
		if c.Kind != "catch" || !c.Empty || c.Span.Start < at.Start || c.Span.End > at.End {
			continue
		}
		takes := len(c.Types) == 0
		for _, t := range c.Types {
			takes = takes || ofAssertions.MatchString(t)
		}
		guarded := string(f.Text[c.Try.Start:c.Try.End])
		if takes && (strings.Contains(guarded, "assert") || strings.Contains(guarded, "expect") || strings.Contains(guarded, "Assert") || strings.Contains(guarded, "should")) &&
			!strings.Contains(guarded, "fail(") && !strings.Contains(guarded, "Fail(") {
			n++
		}
	}
	return n
}

// swallowed reports a test whose assertions fail for nothing since the branch.
func (w *weakening) swallowed(f *branch.File, was, now testCase) {
	if now.swallowed > was.swallowed {
		w.report(f, now.line, was, "goes on when its assertion fails", "It stays green whatever the changed code answers.", "Let the assertion fail the test; catch only what the test expects.")
	}
}
