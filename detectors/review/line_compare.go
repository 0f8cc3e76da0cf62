package review

// What tests of languages without a reader ask less than at the base.

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// compareLines compares the tests of a file in such a language.
func (w *weakening) compareLines(f *branch.File) error {
	before, err := f.Before()
	if err != nil {
		return err
	}
	after, err := f.After()
	if err != nil {
		return err
	}
	was, off := testsByLine(f.Path, string(before))
	now, offNow := testsByLine(f.Path, string(after))
	if f.Status != branch.Deleted && offNow != "" && off == "" && len(was) > 0 && len(now) > 0 {
		w.pass.Report(detectors.Finding{
			Severity: detectors.Warning, Path: f.Path, Line: firstLine(f), Symbol: now[0].name,
			Message:  "none of the tests of this file runs any more (" + clipped(offNow) + ")",
			Why:      "A test that does not run says nothing about the change that made it fail.",
			Fix:      "Mend the code or the tests; where they have to wait, skip the ones that fail and say for what.",
			Evidence: []string{"file off", offNow},
		})
		return nil
	}
	for _, t := range was {
		i := slices.IndexFunc(now, func(n lineTest) bool { return n.name == t.name })
		if i < 0 || t.mark != "" || countNamed(was, t.name) > 1 || !f.TouchedRange(max(1, now[i].line-3), now[i].end+1) {
			continue
		}
		if now[i].mark != "" {
			w.report(f, now[i].line, testCase{name: t.name}, "is skipped now ("+clipped(now[i].mark)+")", "A test that does not run says nothing about the change that made it fail.", "Mend the code or the test; where it has to wait, say in the skip's text for what.")
			continue
		}
		w.asksLess(f, t, now[i])
	}
	w.deletedNames(f, was, now)
	return nil
}

func countNamed(list []lineTest, name string) int {
	n := 0
	for _, t := range list {
		if t.name == name {
			n++
		}
	}
	return n
}

// asksLess reports a test whose checks are gone, or ask for less than they did.
func (w *weakening) asksLess(f *branch.File, was, now lineTest) {
	gone, fresh := without(was.checks, now.checks), without(now.checks, was.checks)
	if len(gone) == 0 || len(fresh) > len(gone) {
		return
	}
	for _, old := range gone {
		if w.namesGone(old) {
			return
		}
	}
	const stays, compare = "It stays green whatever the changed code answers.", "Compare with the value that is expected now."
	if len(fresh) == 0 {
		if len(without(now.steps, was.steps)) == 0 && len(without(was.steps, now.steps)) == 0 {
			w.report(f, now.line, testCase{name: now.name}, "checks less than before", stays, compare)
		}
		return
	}
	for _, old := range gone {
		for _, n := range fresh {
			if !sharesSubject(old, n) {
				continue
			}
			if said := wider(old, n); said != "" {
				w.report(f, now.line, testCase{name: now.name}, said, "What the changed code answers may be that much off from now on.", "Keep the tolerance, or say in the commit why the answer is less exact.")
				return
			}
			if said := weaker(old, n); said != "" {
				w.report(f, now.line, testCase{name: now.name}, said, stays, compare)
				return
			}
		}
	}
}

// without are the lines of a list that the other one has not.
func without(list, other []string) []string {
	other = slices.Clone(other)
	var left []string
	for _, l := range list {
		if i := slices.Index(other, l); i >= 0 {
			other = slices.Delete(other, i, i+1)
			continue
		}
		left = append(left, l)
	}
	return left
}

var (
	aLiteral = lazy.New(`\d[\d_.]*|"[^"]*"|'[^']*'|:\w+`)
	anyToken = lazy.New(`\w+[?!]?|[^\s\w]`)
	aValue   = lazy.New(`\b\d[\d_.]*\b|"[^"]*"|'[^']*'`)
	// exactly is a comparison with the whole of an expected value.
	exactly = lazy.New(`[^=!<>]==?=?[^=>]|(?i:\b\w*(?:equals?|_eq|identical|strict_?eq)\w*\b)|\b(?:EXPECT|ASSERT)_(?:\w+_)?(?:EQ|STREQ|DOUBLE_EQ|FLOAT_EQ)\b|\b(?:should(?:Be|_eq|Return)|toBe|is_deeply|cmp_ok|eq|eql)\b|(?:^|\s)is\(|-(?:eq|Be|BeExactly)\b|\(=\s|@\?=|\bthe \w+`)
	// loosely asks only for the kind, the presence or the side of a value.
	loosely = lazy.New(`(?i)not_?-?\s?(?:be_?)?-?\.?(?:null|nil|empty|none)|\bisnot\w+|\bsome\?|\bis_?(?:integer|number|map|list|binary|float|atom|string|boolean|numeric|truthy|tuple|pid)\b|\bis[._ ]?(?:a|an|instance|number|string|table|character|function)\b|\bisA[<(]|is\.numeric|shouldSatisfy|shouldNot|ShouldBeGreater\w*|ShouldBeLess\w*|\bgreater\w*|\bless\w*|_(?:GT|GE|LT|LE|NE)\(|\banything\b|\bany\(|finds(?:Widgets|Any\w*|AtLeast\w*)|\bexists?\b|no_?throw|lives_ok|\bisDefined|\bnonEmpty|BeOfType|BeTrue\b|\btruthy|\btypeof\b|\s[<>]=?\s*-?\d|!=|<>|\(>|\blength\(|\blen\(|\bcontains?\b|\bis\s+(?:present|shown|positive|not)\b|\bstarts_?with|\bmatch(?:es)?\b`)
	// kindOfError is an error by its name, anyKind what stands for every error.
	kindOfError = lazy.New(`\b\w+(?:Error|Exception)\b|\b\w+Err\b|throws[A-Z]\w+`)
	anyKind     = lazy.New(`throwsA\(\s*(?:anything|isA<(?:Exception|Error|Object)>)|throwsException\b|\bthrowsA\b\s*$|\b(?:Exception|RuntimeError|StandardError|Throwable|AnyError|SomeException|anyException|anyErrorCall)\b|_(?:ANY_THROW|THROWS?_ANY)|shouldThrowAny\b|expect_error\([^,]*\)$`)
	toleranceIn = lazy.New(`(?i)accuracy|delta|epsilon|\beps\b|tolerance|within|margin|abs_?tol|rel_?tol|\ba?rtol\b|\batol\b|closeTo|near\b|plusOrMinus|\+-|approx|digits`)
	aNumber     = lazy.New(`\d+(?:\.\d+)?(?:e-?\d+)?`)
)

// weaker says what a check asks less than the one in its place, empty for nothing.
func weaker(old, fresh string) string {
	if losesWord(kindOfError, old, fresh) && anyKind.MatchString(fresh) && !anyKind.MatchString(old) {
		return "takes any error where it named the one"
	}
	if gainsValue(old, fresh) {
		return ""
	}
	if losesValue(old, fresh) && exactly.MatchString(old) && !loosely.MatchString(old) && (loosely.MatchString(fresh) || !exactly.MatchString(fresh)) ||
		loosely.MatchString(fresh) && !loosely.MatchString(old) && !exactly.MatchString(loosely.ReplaceAllString(fresh, "")) {
		return "no longer compares with the value that it expected"
	}
	lost, kept := aLiteral.FindAllString(old, 20), aLiteral.FindAllString(fresh, 20)
	if len(kept) < len(lost) && !gainsMore(old, fresh) {
		return fmt.Sprintf("takes anything where it named %s", lost[len(lost)-1])
	}
	return ""
}

// wider says how much more a comparison tolerates that is else the same, empty for no more.
func wider(old, fresh string) string {
	if !toleranceIn.MatchString(old) || aNumber.ReplaceAllString(old, "0") != aNumber.ReplaceAllString(fresh, "0") {
		return ""
	}
	a, b := aNumber.FindAllString(old, 20), aNumber.FindAllString(fresh, 20)
	if len(a) == 0 || len(a) != len(b) {
		return ""
	}
	was, err := strconv.ParseFloat(a[len(a)-1], 64)
	if err != nil {
		return ""
	}
	now, err := strconv.ParseFloat(b[len(b)-1], 64)
	if err != nil || (now > was) == strings.Contains(old, "digits") || now == was {
		return ""
	}
	return fmt.Sprintf("is content with a tolerance (accuracy) of %g, it was %g", now, was)
}

func losesWord(pattern *lazy.Regexp, old, fresh string) bool {
	return slices.ContainsFunc(pattern.FindAllString(old, 20), func(v string) bool { return !strings.Contains(fresh, v) })
}

// losesValue says whether a line has a number or a text that the newer one has not; one without any has nothing to lose.
func losesValue(old, fresh string) bool { return losesWord(aValue, old, fresh) }

// gainsValue says whether a line has a number or a text that the older one had not, and that says more than something or nothing.
func gainsValue(old, fresh string) bool {
	return slices.ContainsFunc(aValue.FindAllString(fresh, 20), func(v string) bool {
		return !strings.Contains(old, v) && !slices.Contains([]string{"0", "1", "0.0", `""`, "''"}, v)
	})
}

// weakWords are what stands where an expected value stood.
var weakWords = []string{"_", "any", "anything", "nil", "null", "is_map", "is_integer", "is_number", "is_list", "is_binary", "true", "not", "XCTAssertNotNil", "XCTAssertTrue", "isNotNull", "isNotEmpty", "isA", "isNotNil", "EXPECT_TRUE", "ASSERT_TRUE", "EXPECT_NE", "EXPECT_GT", "EXPECT_GE", "XCTAssertGreaterThan", "refute", "ok", "NULL", "nullptr", "isDefined", "nonEmpty", "XCTAssertNoThrow", "EXPECT_NO_THROW", "assert", "0", "!", "=", ">", "<", "(", ")", "-n", "n"}

// sharesSubject says whether two lines ask the same thing: they share a name that is no word of an assertion.
func sharesSubject(old, fresh string) bool {
	for _, m := range anyToken.FindAllString(aText.ReplaceAllString(old, ""), 60) {
		if len(m) > 2 && isWordByte(m[0]) && (m[0] < '0' || m[0] > '9') && !exactly.MatchString(" "+m+" ") && !otherAssert.MatchString(m+"(") && !kindOfError.MatchString(m) && hasWord(fresh, m) {
			return true
		}
	}
	return false
}

var aText = lazy.New(`"[^"$]*"|'[^'$]*'`)

// gainsMore says whether a line has words that the older one had not and that may check something themselves.
func gainsMore(old, fresh string) bool {
	had := anyToken.FindAllString(old, -1)
	return slices.ContainsFunc(anyToken.FindAllString(fresh, -1), func(t string) bool {
		return !slices.Contains(had, t) && !slices.Contains(weakWords, t)
	})
}

// deletedNames reports tests that are gone although what they watched changed and stayed.
func (w *weakening) deletedNames(f *branch.File, was, now []lineTest) {
	if len(now) >= len(was) || len(was) == 0 {
		return
	}
	others := w.otherTests(f.Path)
	for _, t := range was {
		if t.mark != "" || slices.ContainsFunc(now, func(n lineTest) bool { return n.name == t.name }) || strings.Contains(others, t.name) || w.namesGone(t.name+" "+strings.Join(t.checks, " ")) {
			continue
		}
		subject := w.watchedBy(f.Path, t)
		if subject == nil {
			continue
		}
		line := 0
		if f.Status != branch.Deleted {
			line = firstLine(f)
		}
		w.pass.Report(detectors.Finding{
			Severity: detectors.Warning, Path: f.Path, Line: line, Symbol: t.name,
			Message:  fmt.Sprintf("test %q was deleted, while %s is still there and changed", t.name, subject.Path),
			Why:      "Nothing watches this behaviour any more, in the very change that touches it.",
			Fix:      "Bring the test back, or say in the commit why it is no longer needed.",
			Related:  []detectors.Related{{Path: subject.Path, Line: firstLine(subject), Message: "is still there, and changed on this branch"}},
			Evidence: []string{"deleted", t.name},
		})
		return
	}
}

// bareName is what a file is named after, without what says that it holds tests.
func bareName(p string) string {
	stem := strings.TrimSuffix(path.Base(p), path.Ext(p))
	stem = affix.ReplaceAllString(strings.TrimSuffix(stem, ".Tests"), "")
	for _, end := range []string{"Tests", "Test", "Spec", "_tests", "_SUITE"} {
		stem = strings.TrimSuffix(stem, end)
	}
	return strings.ToLower(strings.NewReplacer("_", "", "-", "").Replace(strings.TrimPrefix(strings.TrimPrefix(stem, "test_"), "test-")))
}

// watchedBy is the product file that a test watches, where the branch changed and kept it: the test file is named after it, or the
// test's own lines name it.
func (w *weakening) watchedBy(test string, t lineTest) *branch.File {
	said := strings.ToLower(strings.Join(t.checks, "\n") + strings.Join(t.steps, "\n"))
	for _, f := range productFiles(w.pass.Branch) {
		stem := bareName(f.Path)
		if f.Status == branch.Modified && (stem == bareName(test) || len(stem) > 2 && path.Ext(f.Path) == path.Ext(test) && hasWord(said, stem)) {
			return f
		}
	}
	return nil
}

// hasWord says whether a text has a word that nothing of a word stands around.
func hasWord(text, word string) bool {
	for at := 0; ; {
		i := strings.Index(text[at:], word)
		if i < 0 {
			return false
		}
		i += at
		end := i + len(word)
		if (i == 0 || !isWordByte(text[i-1])) && (end == len(text) || !isWordByte(text[end])) {
			return true
		}
		at = end
	}
}

// otherTests is the text of the branch's other tests.
func (w *weakening) otherTests(but string) string {
	var out strings.Builder
	for _, f := range w.pass.Branch.Files {
		if f.Path != but && f.Status != branch.Deleted && source.IsTest(f.Path) && !f.Binary && !f.TooLarge {
			if text, err := f.After(); err == nil {
				out.Write(text)
			}
		}
	}
	return out.String()
}
