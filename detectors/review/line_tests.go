package review

// Tests of languages that have no reader here, read line by line: where a test begins, how far it goes by its indentation, what
// switches it off, which of its lines check something.

import (
	"path"
	"strings"

	"flightpoll/detectors/lazy"
)

// lineTest is one test of such a file.
type lineTest struct {
	name string
	// line is where it begins and end its last line, from 1.
	line, end int
	// mark is what switches it off, empty for a test that runs.
	mark string
	// checks are the lines that check something, steps the others, both without white space at their ends.
	checks, steps []string
}

var (
	// otherCode are the endings of code in such languages.
	otherCode = lazy.New(`\.(?:ex|exs|erl|swift|scala|dart|c|cc|cpp|cxx|h|hpp|m|mm|clj|cljs|cljc|hs|ml|lua|pl|pm|t|r|R|jl|groovy|zig|nim|sol|bats|sh|bash|ps1|psm1|vue|svelte|fs|vb|sql|elm|cr|d|f90|pas|v|sv|vhd)$`)
	// testText are the endings of tests that are no code: scenarios in words, runs of Terraform, policies, charts.
	testText = lazy.New(`\.(?:feature|robot|tftest\.hcl|rego)$|_test\.ya?ml$`)
)

// testStarts are the lines that a test begins with; the groups hold its name.
var testStarts = []*lazy.Regexp{
	// test "name", it('name', ...), testWidgets("name", @testset "name", test_that("name", xit "name", run "name" {
	lazy.New(`(?i)^\s*(?:await\s+|return\s+|@|#_\()?[xfp]?(?:test(?:Widgets|_that|set|Case\w*|Task\w*|Property\w*|_case|Async|_unit)?|it|specify|property|scenario|subtest|example|blocTest(?:<[^>]*>)?|goldenTest|ignore|pending|run|let%test\w*)\s*\(?\s*(?:SafeTestsets\s+)?["']((?:[^"'\\]|\\.)+)["']`),
	lazy.New("^\\s*(?:def|fun|func|let|void|member\\s+\\w+\\.)\\s*(?:\"([^\"]+)\"|``([^`]+)``|`([^`]+)`)\\s*\\("),
	lazy.New(`(?i)^\s*(?:[\w@<>\[\]().,:*" ]*\s)?(?:func|void|def|fun|function|proc|sub|procedure|let|-\s*\(void\))\s*((?:disabled_?|x_?|_)?test\w*)\s*[({=:]?`),
	lazy.New(`^\s*(?:TYPED_)?(?:TEST(?:_F|_P|_CASE|_METHOD)?|SCENARIO|START_TEST|BOOST_AUTO_TEST_CASE|BOOST_FIXTURE_TEST_CASE)\s*\(\s*(?:"([^"]+)"|([\w, ]+))`),
	lazy.New(`^\s*(?:(?:it|they|"[^"]+")\s+(?:should|must|can)\s+)?"([^"]+)"(?:\.config\([^)]*\))?\s*(?:taggedAs[^{]*)?(?:in|ignore|is|>>|!)?\s*\{`),
	lazy.New(`^\s*(?:it|they|"[^"]+")\s+(?:should|must|can)\s+"([^"]+)"\s*(?:taggedAs.*)?(?:in|ignore)\b`),
	lazy.New(`^\s*\(deftest\s+(?:\^\S+\s+)*([^\s()]+)|^\s*#_\s*\(deftest\s+(?:\^\S+\s+)*([^\s()]+)`),
	lazy.New(`^(\w+_test_?)\s*\(\s*\)\s*->|^(\w+)\s*\(\s*_?Config\s*\)\s*->`),
	lazy.New(`^((?:todo_)?test_\w+)\s*(?:if\s*)?\{|^(?:function\s+)?(test_?\w+)\s*\(\)\s*\{?`),
	lazy.New(`^\s*(?:Scenario|Scenario Outline|Example)\s*:\s*(\S.*)|^\s*-\s+it:\s*["']?([^"'\n]+)`),
}

var (
	// markedTest is a mark above a function, or before it, by which it is a test; anyFunction the function below.
	markedTest  = lazy.New(`(?:@Test\b|\[<(?:Fact|Theory|Test|TestMethod|TestCase|Property)\b|<(?:Test|Fact|TestMethod)\b|#\[test\])`)
	anyFunction = lazy.New("(?i)\\b(?:func|let|void|def|sub|member)\\s+(?:``([^`]+)``|`([^`]+)`|([\\w.]+))")
	// statementTest is a check that is a test of its own, as Perl and pgTAP have them; its last text is the name.
	statementTest = lazy.New(`(?i)^\s*(?:select\s+)?(?:is|isnt|ok|like|unlike|is_deeply|cmp_ok|isa_ok|can_ok|throws_ok|dies_ok|lives_ok|dies_like|cmp_deeply|results_eq|set_eq|bag_eq|throws_like|is_approx)\b\s*\(?.*["']([^"']+)["']\s*\)?(?:\s+from\s.*)?;\s*$`)
	lastBegins    = lazy.New(`^\s*(?:TODO|SKIP)\s*:\s*\{`)
	// closes is the last line of a block.
	closes   = lazy.New(`^\s*(?:[})\]]|end\b|done\b|;)`)
	markLine = lazy.New(`^\s*(?:@|\[<|\[[A-Z]|#\[|<\w+|\^)`)
	noLine   = lazy.New(`^\s*(?:$|//|#\s|--\s|;;|\*)`)
)

// testsByLine reads the tests of a file, and the mark that switches all of them off.
func testsByLine(p, text string) (tests []lineTest, off string) {
	lines := strings.Split(text, "\n")
	statements := path.Ext(p) == ".t" || path.Ext(p) == ".pl" || path.Ext(p) == ".sql"
	undone := -1 // the indentation of a block of tests that may fail
	for i := 0; i < len(lines); i++ {
		line := lines[i]
		if len(line) > maxCodeLine || strings.TrimSpace(line) == "" {
			continue
		}
		if undone >= 0 && indentOf(line) <= undone {
			undone = -1
		}
		if lastBegins.MatchString(line) && strings.Contains(line, "TODO") {
			undone = indentOf(line)
		}
		raw := startOf(p, lines, i)
		name := testName(raw)
		if name == "" && statements {
			if m := statementTest.FindStringSubmatch(line); m != nil {
				t := lineTest{name: m[1], line: i + 1, end: i + 1, checks: []string{strings.TrimSpace(line)}}
				if undone >= 0 {
					t.mark = "TODO"
				}
				tests = append(tests, t)
				continue
			}
		}
		if name == "" {
			if m := allOff.FindString(line); m != "" && off == "" && !decides.MatchString(strings.Replace(line, m, "", 1)) {
				off = strings.TrimSpace(m)
			}
			continue
		}
		t := lineTest{name: name, line: i + 1, end: blockEnd(lines, i)}
		if raw != name {
			t.mark = raw
		}
		t.read(p, lines, i)
		tests = append(tests, t)
		i = t.end - 1
	}
	return tests, off
}

func indentOf(s string) int { return len(s) - len(strings.TrimLeft(s, " \t")) }

// startOf is the name of the test that begins on a line, empty for none.
func startOf(p string, lines []string, i int) string {
	line := lines[i]
	for _, start := range testStarts {
		if m := start.FindStringSubmatch(line); m != nil {
			if strings.HasPrefix(strings.TrimSpace(line), "run") && !strings.HasSuffix(p, ".hcl") {
				continue // a command of a shell's test
			}
			if name := strings.TrimSpace(strings.Join(m[1:], "")); name != "tests" && name != "test" {
				return name
			}
		}
	}
	above := ""
	if i > 0 && markLine.MatchString(lines[i-1]) {
		above = lines[i-1]
	}
	if m := anyFunction.FindStringSubmatch(line); m != nil && (markedTest.MatchString(line) || markedTest.MatchString(above)) {
		return strings.TrimSpace(strings.Join(m[1:], ""))
	}
	return ""
}

// testName is a test's name without what only switches it off.
func testName(name string) string {
	name = strings.TrimPrefix(strings.TrimSpace(name), "!")
	name = strings.ReplaceAll(name, "DISABLED_", "")
	for _, off := range []string{"disabled_", "disabled", "todo_", "x_", "_"} {
		if rest, ok := strings.CutPrefix(name, off); ok && strings.HasPrefix(strings.ToLower(rest), "test") {
			return rest
		}
	}
	return strings.TrimSpace(name)
}

// maxTestLines is how long a test may be to be read.
const maxTestLines = 400

// blockEnd is the last line, from 1, of the block that begins on a line, by its indentation.
func blockEnd(lines []string, start int) int {
	depth := indentOf(lines[start])
	last := start
	for i := start + 1; i < len(lines) && i-start < maxTestLines; i++ {
		l := lines[i]
		switch {
		case strings.TrimSpace(l) == "":
		case indentOf(l) > depth || strings.TrimSpace(l) == "{":
			last = i
		case indentOf(l) == depth && closes.MatchString(l):
			return i + 1
		default:
			return last + 1
		}
	}
	return last + 1
}

// read takes the marks, checks and steps of a test that begins on a line.
func (t *lineTest) read(p string, lines []string, start int) {
	from := start
	for from > 0 && start-from < 6 && markLine.MatchString(lines[from-1]) {
		from--
	}
	quoted := strings.Replace(lines[start], t.name, "", 1)
	for _, l := range append(append([]string{}, lines[from:start]...), quoted, lines[t.end-1]) {
		if m := offMark.FindString(l); m != "" && t.mark == "" && !decides.MatchString(strings.Replace(l, m, "", 1)) {
			t.mark = strings.TrimSpace(m)
		}
	}
	inner, checking := -1, false
	for i := start; i < t.end; i++ {
		l := strings.TrimSpace(lines[i])
		if len(l) > maxCodeLine || i > start && noLine.MatchString(lines[i]) {
			continue
		}
		if i > start {
			if inner < 0 {
				inner = indentOf(lines[i])
			}
			if m := offStatement.FindString(lines[i]); m != "" && t.mark == "" && indentOf(lines[i]) <= inner && !decides.MatchString(strings.Replace(l, strings.TrimSpace(m), "", 1)) {
				t.mark = strings.TrimSpace(m)
			}
			if word := asksFrom.FindString(l); word != "" {
				checking = strings.HasPrefix(word, "then") || strings.HasPrefix(word, "expect") || strings.HasPrefix(word, "Then")
			}
		}
		switch {
		case i == start && t.end > t.line:
		case isCheck(p, l, checking):
			t.checks = append(t.checks, l)
		case !closes.MatchString(l):
			t.steps = append(t.steps, l)
		}
	}
}

var (
	// offMark switches a test off where it is declared, whatever the platform: by a mark, a word, a tag or an option.
	offMark = lazy.New(`^\s*@(?:module|describe)?tag\s+:?skip\b|^\s*@tag\s+skip:|\.disabled\(|\bskip\s*[:=]\s*(?:true|['"])|^\s*(?:x|p)(?:test\w*|it|describe|context|specify|scenario)\b|^\s*(?:x|f)?(?:ignore|pending)\b|^\s*@(?:Ignore\w*|PendingFeature|Disabled|skip|ignore|wip|disabled|manual|pending|todo|quarantine\w*|flaky)\b|\bSkip\s*=|\[<\s*(?:Ignore|Explicit)|<Ignore|\[!?(?:mayfail|shouldfail|hide)\]|\[\.[^\]]*\]|["']\.(?:ignore|pending|fail)\b|"\s+ignore\b|\benabled\s*=\s*false|^\s*"!|\s-(?:Skip|Pending)\b|^\s*#_|\^:(?:kaocha/)?(?:skip|pending)|TestAspect\.ignore|@@\s*ignore\b|\)\s*->\s*skip`)
	// offStatement does it as a statement of the test's own body.
	offStatement = lazy.New(`\bthrow\s+XCTSkip\b|\bXCTSkipIf\(\s*true|\bXCTSkipUnless\(\s*false|^\s*skip(?:\s|$|\(|_on_ci\(|_on_covr\()|^\s*pending(?:With)?\b|\bGTEST_SKIP\b|\bSKIP\(|@test_(?:skip|broken)|\btestthat::skip\(|\bTAP_SKIP\b|^\s*plan\s*\(?\s*skip_all|\bassume\(false\)|\bwithKnownIssue\b|\berror\.SkipZigTest\b|\bSet-ItResult\s+-(?:Skipped|Pending|Inconclusive)|\bAssert\.(?:Ignore|Inconclusive|Skip)\b|\bmarkTestSkipped\b|\bskiptest\b|^\s*startSkipping\b|^\s*Skip\s{2,}|^\s*\[Tags\].*\b(?:skip|noncritical|wip)\b|\bvm\.skip\(true|\{skip,`)
	// allOff switches all tests of a file off.
	allOff = lazy.New(`^\s*@moduletag\s+:?skip\b|\bskip_all\s*=>\s*['"]|^\s*(?:BAIL_OUT|skip_all)\b|^\s*@Suite\(.*\.disabled\(|^\s*@Ignore\w*\b|^\s*@Disabled\b|^\s*testthat::skip\(|^skip\(|^\s*@skip\b|^\s*pending\s*$|^\s*\[<Ignore|^# *startSkipping`)
	// asksFrom are words from which on lines of a test check something, or no longer do.
	asksFrom = lazy.New(`^(?:then|expect|when|given|setup|where|cleanup|and|Then|Given|When)(?:\s|:)`)
	// otherAssert is a line that checks something.
	otherAssert = lazy.New(`(?i)\bassert\w*|\brefute\w*|\bexpect\w*\b|\bXCTAssert\w*|\bcheck(?:_\w+)?\s*[(=]|\bREQUIRE\w*\s*\(|\bCHECK\w*\s*\(|\b(?:EXPECT|ASSERT)_\w+|should\w*\b|\bmust(?:Be|Equal)\b|\b(?:is|ok|is_deeply|cmp_ok|like|\w+_ok)\b\s*\(|#expect|#require|\brun\b.*\bstatus\b|^\s*\[\s+.*\]\s*$|^\s*\[\[.*\]\]|@test\b|@\?=|\(is\s+\(|\?assert\w*|\bsnapshot\b|^\s*diff\s`)
)

// isCheck says whether a line of a test checks something.
func isCheck(p, line string, checking bool) bool {
	switch path.Ext(p) {
	case ".groovy":
		return otherAssert.MatchString(line) && !strings.HasPrefix(line, "expect:") || checking && !asksFrom.MatchString(line) && !strings.Contains(line, "def ")
	case ".feature":
		return checking
	case ".hcl":
		return strings.HasPrefix(line, "condition")
	case ".rego":
		return !strings.Contains(line, ":=") && line != "}"
	case ".yaml", ".yml":
		return !strings.HasSuffix(line, ":")
	}
	return otherAssert.MatchString(line)
}
