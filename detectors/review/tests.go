package review

import (
	"go/ast"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// testCase is one test as a file declares it.
type testCase struct {
	name string
	line int
	// skipped says that it never runs, whatever the platform or the options.
	skipped bool
	// mark is what switches it off, as the file writes it, empty where that is not known.
	mark string
	// body is its text without white space at the ends of lines, calls the names that it calls.
	body  string
	calls []string
	// strong counts assertions that compare with an expected value, weak the others ("is defined", "is true").
	strong, weak int
	// helpers are the calls that are no assertions: where a new one appears, assertions may have moved into it.
	helpers []string
	// exact counts the strong ones that compare with the whole value, vague what stands for any value.
	exact, vague int
	// sizes counts the strong ones that compare only with a number of members.
	sizes int
	// tolerances are those of comparisons that have one, in their order; larger is looser.
	tolerances []float64
	// file and at are where it stands.
	file *source.File
	at   source.Span
	// swallowed counts handlers that take a failed assertion for nothing.
	swallowed int
	// alone says that only this test runs, retried that it runs until it passes.
	alone, retried bool
	// broad counts the errors that it expects of any kind, named those of a kind; recorded what is compared with a recording.
	broad, named, recorded int
}

var (
	goTest = lazy.New(`^(?:Test|Fuzz)([A-Z0-9_]|$)`)
	pySkip = lazy.New(`(?:^|\.)(?:skip|xfail|expectedFailure)$`)

	strongCall = lazy.New(`^(?:toBe|toEqual|toStrictEqual|toMatch\w*|toHave\w+|toContain\w*|toThrow\w*|toBeCloseTo|toBeGreaterThan\w*|toBeLessThan\w*|toReject\w*|rejects|equal\w*|deepEqual\w*|strictEqual|deepStrictEqual|notEqual|throws|rejects|match|Equal\w*|NotEqual\w*|EqualError|ErrorIs|ErrorAs|ErrorContains|Len|Contains|JSONEq|YAMLEq|InDelta|ElementsMatch|Regexp|Greater\w*|Less\w*|Diff|DeepEqual|assert(?:Equal\w*|NotEqual\w*|Is|In|NotIn|Raises\w*|Regex\w*|Greater\w*|Less\w*|ListEqual|DictEqual|SetEqual|CountEqual|AlmostEqual|Contains|Redirects|TemplateUsed|called\w*)|assert_(?:called\w*|equal\w*|array_equal|allclose|has_calls|awaited\w*|frame_equal)|raises|Error|Errorf|Fatal|Fatalf|Fail|FailNow)$`)
	weakCall   = lazy.New(`^(?:toBeVisible|toBeAttached|toBeEnabled|toBeInTheDocument|toBeInViewport|toBeDefined|toBeTruthy|toBeFalsy|toBeNull|toBeUndefined|toBeInstanceOf|toBeNaN|ok|exists|isOk|isTrue|isDefined|NotNil|Nil|NoError|NotEmpty|Empty|True|False|NotPanics|Error|NotZero|assert(?:True|False|IsNotNone|IsNone|IsInstance)|assert)$`)
	// logged are calls that say something and check nothing, onlyType a subject that is asked for its type only.
	logged   = lazy.New(`^(?:Log|Logf|print|log|debug|warn|Println|Printf|puts)$`)
	onlyType = lazy.New(`^expect\(typeof\b`)
	pyAssert = lazy.New(`(?m)^\s*assert\b(.*)$`)
	infix    = lazy.New(`\bshould(Be|Equal|Contain\w*|HaveSize|HaveLength|Match|StartWith|EndWith|NotBe|BeInstanceOf)\s+[^\s(]`)
	// onlyPresent asks whether there is something, or of which type.
	onlyPresent = lazy.New(`^[^=<>]*\bis not None\b|^\s*isinstance\(|^[^=]*!= None|^\s*(?:len\([^()]*\)|\w+(?:\.\w+)*) >=? 0\s*$`)
	compares    = lazy.New(`==|!=|<|>|\bin\b|\bis\b`)
)

// testsOf are the tests that a file declares.
func testsOf(f *source.File) []testCase {
	switch f.Lang {
	case source.Go:
		return goTests(f)
	case source.Python:
		return pythonTests(f)
	case source.TypeScript, source.JavaScript:
		return blockTests(f)
	case source.Ruby:
		return rubyTests(f)
	case source.PHP, source.Kotlin:
		return append(markedTests(f), blockTests(f)...)
	case source.Java, source.CSharp, source.Rust:
		return markedTests(f)
	default:
		return nil
	}
}

// how is what switches a test off, in brackets.
func (t testCase) how() string {
	if t.mark == "" {
		return ""
	}
	return " (" + clipped(t.mark) + ")"
}

func goTests(f *source.File) []testCase {
	var list []testCase
	for _, d := range f.Decls {
		if d.Kind == source.Function && d.Parent == nil && goTest.MatchString(d.Name) && len(d.Params) == 1 {
			t := newTest(f, d.Name, d.Span)
			if t.skipped = goSkips(f.GoFile, d.Name); t.skipped {
				t.mark = "t.Skip"
			}
			list = append(list, t)
		}
	}
	return list
}

// goSkips says whether a function calls Skip before anything can decide about it: as a statement of its own body.
func goSkips(file *ast.File, name string) bool {
	for _, d := range file.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok || fn.Recv != nil || fn.Name.Name != name || fn.Body == nil {
			continue
		}
		for _, stmt := range fn.Body.List {
			e, ok := stmt.(*ast.ExprStmt)
			if !ok {
				continue
			}
			if call, ok := e.X.(*ast.CallExpr); ok {
				if sel, ok := call.Fun.(*ast.SelectorExpr); ok && (sel.Sel.Name == "Skip" || sel.Sel.Name == "Skipf" || sel.Sel.Name == "SkipNow") {
					return true
				}
			}
		}
	}
	return false
}

func pythonTests(f *source.File) []testCase {
	var list []testCase
	for _, d := range f.Decls {
		if d.Kind != source.Function && d.Kind != source.Method || !strings.HasPrefix(d.Name, "test") {
			continue
		}
		name := d.Name
		skipped, mark := false, ""
		for p := d; p != nil; p = p.Parent {
			if p != d {
				name = p.Name + "." + name
			}
			for _, c := range p.Decorators {
				if pySkip.MatchString(c.Full()) || offByCondition(c) {
					skipped, mark = true, "@"+c.Full()
				}
			}
		}
		t := newTest(f, name, d.Span)
		t.mark = mark
		t.skipped = skipped || givesUp(f, d.Span)
		list = append(list, t)
	}
	return list
}

// counted takes one call of a test in Java, Kotlin, C#, PHP, Ruby or Rust.
func (t *testCase) counted(c *source.Call) {
	strong, weak := comparison(c)
	switch {
	case strong:
		t.strong++
		if !partial.MatchString(c.Name) {
			t.exact++
		}
	case weak:
		t.weak++
	case vague.MatchString(c.Name):
		t.vague++
	case !bridge.MatchString(c.Name) && !testMark.MatchString(c.Name):
		t.helpers = append(t.helpers, c.Name)
	}
}

// chainedShould says whether a call is Cypress' check of what stands before it: .should('have.text', "x").
func chainedShould(c *source.Call) bool {
	return (c.Name == "should" || c.Name == "and") && c.Receiver != "" && len(c.Args) > 0 && c.Args[0].IsString
}

// newTest reads what a test's body calls and asserts.
func newTest(f *source.File, name string, at source.Span) testCase {
	t := testCase{name: name, line: at.Line, file: f, at: at, swallowed: swallowedIn(f, at), body: strings.Join(strings.Fields(string(f.Text[at.Start:at.End])), " ")}
	checked := 0 // where the last assertion of Rust ends: what is called within is what it compares, no step of the test
	for _, c := range f.Calls {
		if c.Span.Start < at.Start || c.Span.End > at.End {
			continue
		}
		t.calls = append(t.calls, c.Name)
		if f.Lang == source.Rust && c.Span.End <= checked {
			continue
		}
		if f.Lang == source.Rust && strings.HasPrefix(c.Name, "assert") {
			checked = c.Span.End
		}
		t.errorsOf(f.Lang, c)
		if (f.Lang == source.TypeScript || f.Lang == source.JavaScript) && chainedShould(c) {
			if len(c.Args) > 1 {
				t.strong++
				t.exact++
			} else {
				t.weak++
			}
			continue
		}
		if sizeOnly.MatchString(c.Name) {
			t.sizes++
		}
		if recordings.MatchString(c.Name) {
			t.recorded++
		}
		if v, ok := toleranceOf(c); ok {
			t.tolerances = append(t.tolerances, v)
		}
		if wholeTruth(f.Lang, c) {
			t.strong++
			t.exact++
			continue
		}
		if f.Lang != source.Go && f.Lang != source.Python && f.Lang != source.TypeScript && f.Lang != source.JavaScript {
			t.counted(c)
			continue
		}
		if vague.MatchString(c.Name) && c.Receiver != "" {
			t.vague++
			continue
		}
		if strongCall.MatchString(c.Name) && !partial.MatchString(c.Name) && !onlyType.MatchString(c.Receiver) {
			t.exact++
		}
		switch {
		case logged.MatchString(c.Name):
		case onlyType.MatchString(c.Receiver) && strongCall.MatchString(c.Name):
			t.weak++
		case strongCall.MatchString(c.Name) && (f.Lang != source.Go || c.Receiver != "" && ast.IsExported(c.Name)):
			t.strong++
		case weakCall.MatchString(c.Name):
			t.weak++
		case c.Name != "expect":
			t.helpers = append(t.helpers, c.Name)
		}
	}
	if f.Lang == source.Kotlin {
		for _, m := range infix.FindAllStringSubmatch(string(f.Text[at.Start:at.End]), -1) {
			if m[1] == "NotBe" || m[1] == "BeInstanceOf" {
				t.weak++
			} else {
				t.strong++
				t.exact++
			}
		}
	}
	if f.Lang == source.Python {
		t.recorded += strings.Count(t.body, "== snapshot")
		for _, m := range pyAssert.FindAllStringSubmatch(string(f.Text[at.Start:at.End]), -1) {
			if compares.MatchString(m[1]) && !onlyPresent.MatchString(m[1]) {
				t.strong++
				if strings.Contains(m[1], "==") {
					t.exact++
				}
			} else {
				t.weak++
			}
		}
	}
	return t
}
