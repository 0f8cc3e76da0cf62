package review

import (
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// Tests of languages that mark them by annotations, attributes or names, and of RSpec.

var (
	testMark  = lazy.New(`(?i)(?:^|[.:])(?:test|parameterizedtest|repeatedtest|testfactory|fact|theory|testmethod|datatestmethod|testcase|rstest|test_case|testwith|dataprovider|property)$`)
	skipMark  = lazy.New(`(?i)(?:^|[.:])(?:disabled|ignored?|skip(?:ped)?)$`)
	retryMark = lazy.New(`(?i)(?:^|[.:])(?:flaky|retry\w*|retrying\w*|retries)$`)
	skipCall  = lazy.New(`^(?:markTestSkipped|markTestIncomplete|skipTest|xfail|skip|pending|Skip|Ignore|Inconclusive)$`)
	decides   = lazy.New(`\b(?:if|unless|when|match|switch|case|try|except|for|while)\b|\?|&&|\|\|`)
	rubyTest  = lazy.New(`^(?:x|f)?(?:it|specify|scenario|example|test)$`)
	rubyBlock = lazy.New(`^(?:x|f)?(?:describe|context|feature|shared_examples(?:_for)?)$`)
	rubyAlone = lazy.New(`^f(?:it|specify|scenario|example|describe|context)$`)
	// aloneMetadata runs only what has it, where the runner filters by focus.
	aloneMetadata = lazy.New(`^:?focus(?:$|[:\s]*true)`)
	rubySkipped   = lazy.New(`^(?:x(?:it|specify|scenario|example|describe|context|feature)|skip|pending)$`)
)

// markedTests are the functions that an annotation, an attribute or their name makes tests.
func markedTests(f *source.File) []testCase {
	var list []testCase
	for _, d := range f.Decls {
		if d.Kind != source.Function && d.Kind != source.Method {
			continue
		}
		is := (f.Lang == source.PHP || f.Lang == source.Ruby || f.Lang == source.Java) && strings.HasPrefix(d.Name, "test")
		skipped, name, mark := false, d.Name, ""
		for p := d; p != nil; p = p.Parent {
			if p != d {
				name = p.Name + "." + name
			}
			for _, c := range p.Decorators {
				is = is || p == d && testMark.MatchString(c.Full())
				if skipMark.MatchString(c.Full()) || offByCondition(c) || slices.ContainsFunc(c.Args, func(a source.Arg) bool { return a.Keyword == "Skip" || strings.HasPrefix(a.Text, "Skip") }) {
					skipped, mark = true, attribute(f, c)
				}
			}
		}
		if !is {
			continue
		}
		t := newTest(f, name, d.Span)
		t.mark = mark
		for _, c := range d.Decorators {
			t.errorsByMark(c)
		}
		t.skipped = skipped || givesUp(f, d.Span) || endsAtOnce(f, d.Span)
		t.retried = slices.ContainsFunc(d.Decorators, func(c *source.Call) bool { return retryMark.MatchString(c.Full()) })
		list = append(list, t)
	}
	return list
}

// attribute is an annotation or attribute as its language writes it.
func attribute(f *source.File, c *source.Call) string {
	said := c.Full()
	if slices.ContainsFunc(c.Args, func(a source.Arg) bool { return a.Keyword == "Skip" || strings.HasPrefix(a.Text, "Skip") }) {
		said += "(Skip)"
	}
	switch f.Lang {
	case source.CSharp:
		return "[" + said + "]"
	case source.Rust, source.PHP:
		return "#[" + said + "]"
	default:
		return "@" + said
	}
}

// givesUp says whether a test calls for being skipped before anything decides about it.
func givesUp(f *source.File, at source.Span) bool {
	for _, c := range f.Calls {
		if c.Span.Start <= at.Start || c.Span.End > at.End {
			continue
		}
		if (c.Name == "assumeTrue" || c.Name == "assumeFalse") && offByCondition(c) {
			return true
		}
		if skipCall.MatchString(c.Name) && (c.Receiver == "" || slices.Contains([]string{"$this", "self", "this", "t", "ctx", "Assert", "pytest"}, c.Receiver)) {
			line := string(f.Text[c.Span.Start:min(at.End, c.Span.End+40)])
			line, _, _ = strings.Cut(line, "\n")
			return !decides.MatchString(string(f.Text[at.Start:c.Span.Start])) && !strings.Contains(line, " if ") && !strings.Contains(line, " unless ")
		}
	}
	return false
}

// rubyTests are the examples of RSpec and the tests of minitest's blocks.
func rubyTests(f *source.File) []testCase {
	type block struct {
		at      source.Span
		name    string
		skipped bool
		alone   bool
	}
	var blocks []block
	list := markedTests(f)
	for _, c := range f.Calls {
		if len(c.Args) == 0 || c.Receiver != "" && c.Receiver != "RSpec" {
			continue
		}
		name := c.Args[0].Text
		if c.Args[0].IsString {
			name = c.Args[0].Str
		}
		skipped := rubySkipped.MatchString(c.Name) || slices.ContainsFunc(c.Args[1:], offByMetadata)
		alone := rubyAlone.MatchString(c.Name) || slices.ContainsFunc(c.Args[1:], func(a source.Arg) bool { return aloneMetadata.MatchString(a.Keyword + a.Text) })
		switch {
		case rubyBlock.MatchString(c.Name):
			blocks = append(blocks, block{c.Span, name, skipped, alone})
			continue
		case !rubyTest.MatchString(c.Name) && (!skipped || len(c.Args) < 2), !c.Args[0].IsString && !slices.ContainsFunc(c.Args, func(a source.Arg) bool { return a.IsFunc }):
			continue
		}
		t := newTest(f, name, c.Span)
		t.skipped, t.alone = skipped || givesUp(f, c.Span), alone
		if skipped {
			t.mark = c.Name
		}
		for _, b := range blocks {
			if b.at.Start < c.Span.Start && c.Span.End <= b.at.End {
				t.name = b.name + " › " + t.name
				t.skipped = t.skipped || b.skipped
				t.alone = t.alone || b.alone
			}
		}
		list = append(list, t)
	}
	return list
}

// offByMetadata says whether an argument of an example or a group switches it off: :skip, skip: "why", pending: true.
func offByMetadata(a source.Arg) bool {
	key, value := a.Keyword, strings.TrimSpace(a.Text)
	if key == "" {
		if k, v, ok := strings.Cut(value, ":"); ok && k != "" {
			key, value = k, strings.TrimSpace(v)
		} else {
			return slices.Contains([]string{":skip", ":pending"}, value)
		}
	}
	return slices.Contains([]string{"skip", "pending"}, strings.Trim(key, ": ")) && value != "false" && value != "nil"
}

var (
	// partial compares with a part of what is expected, vague takes the place of an expected value.
	partial = lazy.New(`^(?:InRange|BeInRange|toBeInTheRange|isBetween|toContain\w*|toMatchObject|toHaveProperty|toMatch|toBeGreaterThan\w*|toBeLessThan\w*|toBeOneOf|Contains\w*|Subset|Regexp|Greater\w*|Less\w*|InDelta\w*|InEpsilon|assert(?:In|Contains\w*|StringContains\w*|Regex\w*|Greater\w*|Less\w*|AlmostEqual|ArrayHasKey|Matches\w*)|assertJsonFragment|contains|containsKey|isGreaterThan\w*|isLessThan\w*|include|includes|match|a_hash_including|have_key|Contain|Match|StartWith|BeGreaterThan\w*|BeLessThan\w*|assert_includes|assert_match|assert_operator)$`)
	vague   = lazy.New(`^(?:any|anything|objectContaining|stringContaining|stringMatching|arrayContaining|anyString|anyInt|anyLong|notNull|isA|Anything|AnythingOfType|instance_of|kind_of|an_instance_of|ANY)$`)
	bridge  = lazy.New(`^(?:expect|to|not_to|to_not|assertThat|Should|and|And|be|describedAs|as|that|times|atLeast|atMost|atLeastOnce|atMostOnce|only|calls)$`)
	// nearly are comparisons with a tolerance: the number that says it, and whether a higher one is stricter.
	nearly = lazy.New(`^(?:toBeCloseTo|InDelta|InEpsilon|InDeltaSlice|assertAlmostEqual|assertEqualsWithDelta|assert_in_delta|assert_in_epsilon|approx|be_within|isclose|allclose|assert_allclose|isCloseTo|within|offset|BeApproximately|assert_relative_eq|assert_abs_diff_eq)$`)
	// otherLanguages are comparisons of the libraries of Java, Kotlin, C#, PHP, Ruby and Rust; presence are their checks that there is something.
	otherLanguages = lazy.New(`^(?:InRange|NotInRange|BeInRange|BeBetween|toBe|toEqual\w*|toMatch\w*|toHave\w+|toContain\w*|toThrow|toBeGreaterThan\w*|toBeLessThan\w*|toBeBetween|isEqualTo|isNotEqualTo|isSameAs|hasSize|hasToString|hasMessage\w*|contains\w*|isGreaterThan\w*|isLessThan\w*|isBetween|isCloseTo|isInstanceOfAny|shouldBe|shouldEqual|shouldThrow|assert(?:Equals\w*|NotEquals|Same|NotSame|GreaterThan\w*|LessThan\w*|Throws\w*|ArrayEquals|IterableEquals|LinesMatch|Count|Json\w*|Database\w*|Status|See\w*|Redirect\w*|ArrayHasKey|Matches\w*|StringContains\w*)|Be|BeEquivalentTo|Equal\w*|Same|StrictEqual|Throws\w*|Contain\w*|HaveCount|StartWith|Match\w*|AreEqual|AreSame|That|assert_eq|assert_ne|assert_matches|eq|eql|equal|match_array|contain_exactly|include|raise_error|have_\w+|change|match|be_within|assert_(?:equal|nil|same|includes|match|raises|in_delta|in_epsilon|difference|operator|redirected_to|response|select))$`)
	presence       = lazy.New(`^(?:toBe[A-Z]\w*|isNotNull|isNull|isNotEmpty|isEmpty|isNotBlank|isTrue|isFalse|isPresent|isInstanceOf|isNotZero|isPositive|shouldNotBeNull|assert(?:NotNull|Null|True|False|NotEmpty|Empty|InstanceOf|Is[A-Z]\w*|NotFalse|Ok|Successful|DoesNotThrow)|True|False|NotNull|Null|NotBeNull|BeNull|NotBeEmpty|BeTrue|BeFalse|IsNotNull|IsTrue|IsFalse|IsType|NotEmpty|be_present|be_truthy|be_falsey|be_nil|be_a|be_an|be_kind_of|be_valid|be_positive|exist|assert|assert_not_nil|refute\w*|assert_not|be_successful|assert_predicate)$`)
)

// comparison says whether a call of another language than Go, Python and JavaScript compares with an expected value, or asks
// only whether there is something.
func comparison(c *source.Call) (strong, weak bool) {
	if c.Name == "That" && strings.HasSuffix(c.Receiver, "Assert") && len(c.Args) > 1 { // NUnit
		strong = constrains.MatchString(c.Args[1].Text)
		return strong, !strong
	}
	if c.Receiver != "" && bareMatcher.MatchString(c.Name) {
		return false, false
	}
	return otherLanguages.MatchString(c.Name), presence.MatchString(c.Name)
}

// sizeOnly compares with a number of members, sized is a text that speaks of one.
var (
	sizeOnly = lazy.New(`^(?:toHaveCount|toHaveLength|HaveCount|hasSize|assertCount|Len)$`)
	sized    = lazy.New(`(?i)count|length|size|\blen\b`)
)

// bareMatcher are matchers of RSpec, which nothing stands before; of an object they are its own methods.
var bareMatcher = lazy.New(`^(?:eql?|equal|include|change|match)$`)

// constrains is a constraint of NUnit that names the value.
var constrains = lazy.New(`\b(?:EqualTo|EquivalentTo|SameAs|Contain\w*|Match\w*|Throws|Member|Items|Zero|True|False|Empty|Count|Length|Property)\b`)

var (
	truth     = lazy.New(`^(?:True|False|isTrue|isFalse|assertTrue|assertFalse|BeTrue|BeFalse|IsTrue|IsFalse|assert)$`)
	onlyThere = lazy.New(`[<>=!&|]|(?i)\b(?:is|has|contains?|exists?|any|len|count|empty|nil|null|present|matches)\w*\s*\(`)
)

// wholeTruth says whether a call checks a value that is true or false by its type, and by that all of it: a member or an answer
// in a typed language, not whether something compares or is there.
func wholeTruth(lang source.Language, c *source.Call) bool {
	switch lang {
	case source.Go, source.Java, source.Kotlin, source.CSharp, source.Rust:
	default:
		return false
	}
	if !truth.MatchString(c.Name) {
		return false
	}
	said := c.Receiver
	for _, a := range c.Args {
		if !a.IsString {
			said += " " + a.Text
		}
	}
	return !onlyThere.MatchString(strings.TrimPrefix(said, "assertThat"))
}

// equalWithin are comparisons that take a tolerance as their third argument: JUnit's, MSTest's, xUnit's.
var equalWithin = lazy.New(`^(?:assertEquals|AreEqual|Equal)$`)

// toleranceOf is the tolerance of a comparison, as what is allowed: larger is looser.
func toleranceOf(c *source.Call) (float64, bool) {
	if equalWithin.MatchString(c.Name) && len(c.Args) == 3 {
		if t := tokensOf(c.Args[2].Text); len(t) == 1 && t[0].kind == literalToken && c.Args[2].Keyword == "" && !c.Args[2].IsString {
			if c.Receiver == "Assert" && c.Name == "Equal" {
				return -t[0].value, true // xUnit counts digits
			}
			return t[0].value, true
		}
		return 0, false
	}
	if !nearly.MatchString(c.Name) {
		return 0, false
	}
	for i := len(c.Args) - 1; i >= 0; i-- {
		a := c.Args[i]
		t := tokensOf(a.Text)
		if len(t) != 1 || t[0].kind != literalToken {
			continue
		}
		switch a.Keyword {
		case "places", "decimal", "numDigits":
			return -t[0].value, true
		case "", "abs", "rel", "delta", "abs_tol", "rel_tol", "rtol", "atol":
		default:
			continue
		}
		if c.Name == "toBeCloseTo" {
			if i == 1 {
				return -t[0].value, true
			}
			return 0, false
		}
		if i == 0 && a.Keyword == "" && c.Name != "within" && c.Name != "offset" && c.Name != "be_within" {
			return 0, false // the value itself
		}
		return t[0].value, true
	}
	return 0, false
}
