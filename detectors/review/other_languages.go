package review

// Tests in languages that have no reader here (Elixir, Swift, Dart, Scala, C and C++, shell ...), compared line by line.

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

var (
	// otherCode are the endings of code in such languages.
	otherCode = lazy.New(`\.(?:ex|exs|erl|swift|scala|dart|c|cc|cpp|cxx|h|hpp|m|mm|clj|cljs|hs|ml|lua|pl|pm|t|r|R|jl|groovy|zig|nim|sol|bats|sh|bash|vue|svelte|fs|vb|sql|elm|cr|d|f90|pas|v|sv|vhd)$`)
	// otherTest is the beginning of a test in one of them, with its name.
	otherTest = lazy.New(`^\s*(?:test|property|describe|it|should|context)\s*\(?\s*["']([^"']+)["']|^\s*(?:@Test\s*(?:\([^)]*\))?\s*)?(?:func|void|def)\s+(test\w+|` + "`[^`]+`" + `)\s*\(|^\s*TEST(?:_F|_P|_CASE)?\s*\(\s*([^)]+)\)|^@test\s+["'](.+)["']\s*\{|^\s*(?:"([^"]+)"\s+(?:in|should|must)|test\("([^"]+)"\))|^\(deftest\s+(?:\^\S+\s+)*(\S+)|^subtest\s+['"]([^'"]+)`)
	// otherSkip switches one off, whatever the platform.
	otherSkip = lazy.New(`^\s*@(?:module|describe)?tag\s+:?skip\b|\bthrow\s+XCTSkip\b|\bXCTSkipIf\(\s*true|\.disabled\(|\bskip:\s*(?:true|['"])|^\s*(?:x|f)?(?:ignore|pending)\s*\(?|^\s*@(?:Ignore|PendingFeature|Disabled)\b|^\s*skip(?:\s|$)|\bDISABLED_\w+|\bGTEST_SKIP\b|\[!?(?:mayfail|\.|hide)\]|@test_(?:skip|broken)|\btestthat::skip\(|^\s*#_\(deftest|\^:(?:kaocha/)?(?:skip|pending)|^\s*TODO:\s*\{|\bTAP_SKIP\b|^\s*plan\s+skip_all|\bassume\(false\)`)
	// otherAssert is a line that checks something.
	otherAssert = lazy.New(`(?i)\bassert\w*|\brefute\w*|\bexpect\w*\b|\bXCTAssert\w*|\bcheck(?:_\w+)?\s*[(=]|\bREQUIRE\w*\s*\(|\bCHECK\w*\s*\(|\b(?:EXPECT|ASSERT)_\w+|\bshould\w*\b|\bmust(?:Be|Equal)\b|\b(?:is|ok|is_deeply|cmp_ok|like)\s*\(|#expect|#require|\brun\b.*\bstatus\b|^\s*\[\s+.*\]\s*$|^\s*\[\[.*\]\]|@test\b`)
	aLiteral    = lazy.New(`\d[\d_.]*|"[^"]*"|'[^']*'|:\w+`)
	anyToken    = lazy.New(`\w+[?!]?|[^\s\w]`)
)

// weakWords are what stands where an expected value stood.
var weakWords = []string{"_", "any", "anything", "nil", "null", "is_map", "is_integer", "is_number", "is_list", "is_binary", "true", "not", "XCTAssertNotNil", "XCTAssertTrue", "isNotNull", "isNotEmpty", "isA", "isNotNil", "EXPECT_TRUE", "ASSERT_TRUE", "EXPECT_NE", "EXPECT_GT", "EXPECT_GE", "XCTAssertGreaterThan", "refute", "ok", "NULL", "nullptr", "isDefined", "nonEmpty", "XCTAssertNoThrow", "EXPECT_NO_THROW", "assert", "0", "!", "=", ">", "<", "(", ")", "-n", "n"}

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
	was, now := strings.Split(string(before), "\n"), strings.Split(string(after), "\n")
	if f.Status != branch.Deleted {
		for _, h := range f.Hunks() {
			if w.skippedLine(f, h, string(before), now) || w.looserLine(f, h, was, now) || w.droppedLines(f, h, was, now) {
				return nil
			}
		}
	}
	w.deletedNames(f, was, now)
	return nil
}

// skippedLine reports a mark of the branch that switches a test of the base off.
func (w *weakening) skippedLine(f *branch.File, h branch.Hunk, before string, now []string) bool {
	for n := h.NewStart; n < h.NewStart+h.NewLines; n++ {
		line := lineOf(now, n)
		m := otherSkip.FindString(line)
		if m == "" || len(line) > maxCodeLine || decides.MatchString(strings.Replace(line, m, "", 1)) || f.Status == branch.Added {
			continue
		}
		name := nameAround(now, n)
		if name == "" || !strings.Contains(before, strings.TrimPrefix(name, "DISABLED_")) && !strings.Contains(before, strings.ReplaceAll(name, "DISABLED_", "")) {
			continue // the test came with its mark
		}
		w.report(f, n, testCase{name: name}, "is skipped now", "A test that does not run says nothing about the change that made it fail.", "Mend the code or the test; where it has to wait, say in the skip's text for what.")
		return true
	}
	return false
}

// nameAround is the test that a mark belongs to: the next one below it, or the one around it.
func nameAround(lines []string, n int) string {
	for i := n; i <= min(n+3, len(lines)); i++ {
		if name := testNamed(lineOf(lines, i)); name != "" {
			return name
		}
	}
	return nameAbove(lines, n)
}

// nameAbove is the test that a line of its body belongs to.
func nameAbove(lines []string, n int) string {
	for i := n; i > max(0, n-60); i-- {
		if name := testNamed(lineOf(lines, i)); name != "" {
			return name
		}
	}
	return ""
}

func testNamed(line string) string {
	if m := otherTest.FindStringSubmatch(line); m != nil {
		return strings.TrimSpace(strings.Join(m[1:], ""))
	}
	return ""
}

// looserLine reports an assertion that stayed and names no value any more: it lost literals and gained nothing but words that
// stand for anything.
func (w *weakening) looserLine(f *branch.File, h branch.Hunk, was, now []string) bool {
	if h.OldLines != h.NewLines || h.OldLines > 200 {
		return false
	}
	for i := range h.OldLines {
		a, b := lineOf(was, h.OldStart+i), lineOf(now, h.NewStart+i)
		if !otherAssert.MatchString(a) || !otherAssert.MatchString(b) || len(a) > maxCodeLine || len(b) > maxCodeLine {
			continue
		}
		name := nameAbove(now, h.NewStart+i)
		if name == "" || w.namesGone(a) {
			continue
		}
		lost, kept := aLiteral.FindAllString(a, 20), aLiteral.FindAllString(b, 20)
		if exactly.MatchString(a) && !exactly.MatchString(b) && losesValue(a, b) && sharesSubject(a, b) {
			w.report(f, h.NewStart+i, testCase{name: name}, "no longer compares with the value that it expected", "It stays green whatever the changed code answers.", "Compare with the value that is expected now.")
			return true
		}
		if len(kept) >= len(lost) || gainsMore(a, b) {
			continue
		}
		w.report(f, h.NewStart+i, testCase{name: name}, fmt.Sprintf("takes anything where it named %s", lost[len(lost)-1]), "It stays green whatever the changed code answers.", "Compare with the value that is expected now.")
		return true
	}
	return false
}

// exactly is a comparison with the whole of an expected value.
var exactly = lazy.New(`[^=!<>]==?=?[^=>]|\b(?:EXPECT|ASSERT)_(?:\w+_)?(?:EQ|STREQ|DOUBLE_EQ|FLOAT_EQ)\b|\b(?:XCT)?[aA]ssertEqual\w*|\b(?:assert_equals?|should(?:Be|Equal|_eq)|must_?(?:be_?)?equal|toEqual|toBe|equals?|is_deeply|cmp_ok|eq|isEqual|eql)\b|(?:^|\s)is\(|-eq\b|\(=\s`)

var aValue = lazy.New(`\b\d[\d_.]*\b|"[^"]*"|'[^']*'`)

// losesValue says whether a line has a number or a text that the newer one has not; one without any has nothing to lose.
func losesValue(old, fresh string) bool {
	return slices.ContainsFunc(aValue.FindAllString(old, 20), func(v string) bool { return !strings.Contains(fresh, v) })
}

// sharesSubject says whether two lines ask the same thing: the longest name of the older one that is called or dotted.
func sharesSubject(old, fresh string) bool {
	longest := ""
	for _, m := range anyToken.FindAllString(old, 60) {
		if len(m) > len(longest) && isWordByte(m[0]) && !exactly.MatchString(" "+m+" ") && !otherAssert.MatchString(m) {
			longest = m
		}
	}
	return longest != "" && strings.Contains(fresh, longest)
}

// gainsMore says whether a line has words that the older one had not and that may check something themselves.
func gainsMore(old, fresh string) bool {
	had := anyToken.FindAllString(old, -1)
	return slices.ContainsFunc(anyToken.FindAllString(fresh, -1), func(t string) bool {
		return !slices.Contains(had, t) && !slices.Contains(weakWords, t)
	})
}

// droppedLines reports assertions that are gone while the test around them stayed.
func (w *weakening) droppedLines(f *branch.File, h branch.Hunk, was, now []string) bool {
	if h.NewLines > 0 || h.OldLines == 0 || h.OldLines > 6 {
		return false
	}
	for i := range h.OldLines {
		line := lineOf(was, h.OldStart+i)
		if strings.TrimSpace(line) != "" && (!otherAssert.MatchString(line) || otherTest.MatchString(line)) || slices.ContainsFunc(now, func(l string) bool {
			return strings.TrimSpace(l) == strings.TrimSpace(line) && strings.TrimSpace(l) != ""
		}) || w.namesGone(line) {
			return false
		}
	}
	name := nameAbove(now, h.NewStart)
	if name == "" || name != nameAbove(was, h.OldStart) {
		return false
	}
	w.report(f, max(1, h.NewStart), testCase{name: name}, "checks less than before", "It stays green whatever the changed code answers.", "Compare with the value that is expected now.")
	return true
}

// deletedNames reports tests that are gone although the file that they are named after changed and stayed.
func (w *weakening) deletedNames(f *branch.File, was, now []string) {
	named := func(lines []string) (names []string) {
		for _, l := range lines {
			if m := otherTest.FindStringSubmatch(l); m != nil {
				names = append(names, strings.TrimSpace(strings.Join(m[1:], "")))
			}
		}
		return names
	}
	before, after := named(was), named(now)
	if len(after) >= len(before) || len(before) == 0 {
		return
	}
	subject := w.namedAfter(f.Path)
	if subject == nil {
		return
	}
	others := w.otherTests(f.Path)
	for _, name := range before {
		if slices.Contains(after, name) || strings.Contains(others, name) || w.namesGone(name) {
			continue
		}
		line := 0
		if f.Status != branch.Deleted {
			line = firstLine(f)
		}
		w.pass.Report(detectors.Finding{
			Severity: detectors.Warning, Path: f.Path, Line: line, Symbol: name,
			Message:  fmt.Sprintf("test %q was deleted, while %s is still there and changed", name, subject.Path),
			Why:      "Nothing watches this behaviour any more, in the very change that touches it.",
			Fix:      "Bring the test back, or say in the commit why it is no longer needed.",
			Related:  []detectors.Related{{Path: subject.Path, Line: firstLine(subject), Message: "is still there, and changed on this branch"}},
			Evidence: []string{"deleted", name},
		})
		return
	}
}

// namedAfter is the product file that a test file is named after, where the branch changed and kept it.
func (w *weakening) namedAfter(test string) *branch.File {
	plain := func(p string) string {
		stem := strings.TrimSuffix(path.Base(p), path.Ext(p))
		stem = affix.ReplaceAllString(stem, "")
		for _, end := range []string{"Tests", "Test", "Spec"} {
			stem = strings.TrimSuffix(stem, end)
		}
		return strings.ToLower(strings.NewReplacer("_", "", "-", "").Replace(strings.TrimPrefix(stem, "test_")))
	}
	for _, f := range productFiles(w.pass.Branch) {
		if f.Status == branch.Modified && plain(f.Path) == plain(test) {
			return f
		}
	}
	return nil
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
