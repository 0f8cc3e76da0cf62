package review

// Errors that a test expects, by their kind or whatever they are, and values that are compared with a recording.

import (
	"slices"
	"strings"

	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

var (
	// expectsError are calls that expect an error, anyError the kinds that every error is.
	expectsError = lazy.New(`^(?:raises|assertRaises\w*|assert_raises\w*|assertThrows\w*|toThrow\w*|Throws\w*|ThrowsAny\w*|ThrowExactly\w*|raise_error|expectException\w*|shouldThrow\w*|assertThatThrownBy|isInstanceOf|throws|rejects)$`)
	anyError     = lazy.New(`^[\\:]*(?:[\w.\\]+[.\\])?(?:Exception|Throwable|BaseException|Error|StandardError|RuntimeException)(?:\.class|::class(?:\.java)?)?$`)
	// recordings are comparisons with what the code answered when somebody recorded it.
	recordings = lazy.New(`^(?:toMatchSnapshot|toMatchInlineSnapshot|toMatchFileSnapshot|toMatchImageSnapshot|assertMatchesSnapshot\w*|assertMatchesJsonSnapshot|MatchSnapshot|MatchesSnapshot|match_snapshot|assert_snapshot|assert_debug_snapshot|assert_json_snapshot|assert_match|Verify|verify_snapshot)$`)
)

// errorsOf notes what kind of error a call expects.
func (t *testCase) errorsOf(lang source.Language, c *source.Call) {
	if !expectsError.MatchString(c.Name) || c.Name == "isInstanceOf" && !strings.Contains(c.Receiver, "assertThatThrownBy") || (c.Name == "throws" || c.Name == "rejects") && !strings.Contains(c.Receiver, "assert") {
		return
	}
	i := slices.IndexFunc(c.Args, func(a source.Arg) bool { return !a.IsFunc && a.Keyword == "" })
	switch {
	case strings.Contains(c.Receiver, "not"):
	case i < 0 && lang != source.Python && lang != source.PHP && lang != source.Java && c.Name != "assertThatThrownBy":
		if c.Name != "Throws" && c.Name != "ThrowsAsync" { // C# has the kind as a type parameter
			t.broad++
		}
	case i >= 0 && anyError.MatchString(strings.TrimSpace(c.Args[i].Text)) && len(c.Args) == 1+countFuncs(c):
		t.broad++
	case i >= 0:
		t.named++
	}
}

// errorsByMark notes what kind of error a mark of a test expects: #[should_panic(expected = "...")], @Test(expected = X.class),
// [ExpectedException(typeof(X))].
func (t *testCase) errorsByMark(c *source.Call) {
	said := ""
	for _, a := range c.Args {
		key, value := a.Keyword, a.Text
		if k, v, ok := strings.Cut(a.Text, "="); ok && key == "" {
			key, value = strings.TrimSpace(k), strings.TrimSpace(v)
		}
		if key == "expected" || strings.HasPrefix(a.Text, "typeof(") {
			said = strings.TrimSuffix(strings.TrimPrefix(value, "typeof("), ")")
		}
	}
	switch {
	case said != "" && !anyError.MatchString(said):
		t.named++
	case said != "" || c.Name == "should_panic":
		t.broad++
	}
}

func countFuncs(c *source.Call) int {
	n := 0
	for _, a := range c.Args {
		if a.IsFunc || strings.HasPrefix(strings.TrimSpace(a.Text), "()") {
			n++
		}
	}
	return n
}

// anything reports a test that expects any error, or a recording, where it named what it expects.
func (w *weakening) anything(f *branch.File, was, now testCase) bool {
	switch {
	case now.broad > was.broad && now.named < was.named:
		w.report(f, now.line, was, "takes any error where it named the one", "It stays green when the changed code fails for another reason.", "Name the error that is expected now.")
		return true
	case now.recorded > was.recorded && now.strong+now.weak <= was.strong+was.weak && was.strong > 0 && !strings.Contains(now.body, "toMatchInlineSnapshot(`"):
		w.report(f, now.line, was, "compares with a recording where it named the value", "A recording is made of whatever the changed code answers, right or wrong.", "Compare with the value that is expected now.")
		return true
	}
	return false
}
