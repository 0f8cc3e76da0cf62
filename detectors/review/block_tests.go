package review

import (
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// Tests that are blocks given to a call: Jest, Vitest, Mocha, Playwright, node:test, Pest, Kotest.

var (
	blockTest    = lazy.New(`^(?:x|f)?(?:it|test|describe|context|specify|should|feature|scenario|expect|given|when|then)$`)
	blockSkipped = lazy.New(`^x(?:it|test|describe|context|specify|should|feature|scenario|given)$`)
	blockAlone   = lazy.New(`^f(?:it|describe|test|context|should)$`)
	blockGroup   = lazy.New(`^(?:x|f)?(?:describe|context|feature|given|when)$`)
	// skippers are the members of a test that switch it off.
	skippers = []string{"skip", "todo", "fails", "failing", "fixme"}
	// plainMember are the other members that take a test.
	plainMember  = []string{"only", "concurrent", "each", "serial", "sequential", "parallel", "for"}
	optionOfTest = lazy.New(`^\{[^{}]*\b(?:skip|todo|fails)\s*:\s*(?:true|['"])`)
)

// blockCall is one call that declares a test or a group of them.
type blockCall struct {
	kind           string
	skipped, alone bool
}

// declares says what a call declares: it(...), test.skip(...), it.each(rows)(...), it.skipIf(true)(...).
func declares(c *source.Call) (b blockCall, ok bool) {
	if len(c.Args) == 0 || !c.Args[0].IsString {
		return b, false
	}
	full := c.Name
	if c.Receiver != "" {
		full = c.Receiver + "." + c.Name
	}
	if len(full) > 20000 {
		return b, false
	}
	head, rest, _ := strings.Cut(full, ".")
	if !blockTest.MatchString(head) || head == "expect" {
		return b, false
	}
	b = blockCall{kind: head, skipped: blockSkipped.MatchString(head), alone: blockAlone.MatchString(head)}
	for rest != "" {
		member := rest
		if i := strings.IndexAny(rest, ".(`"); i >= 0 {
			member = rest[:i]
		}
		args := strings.TrimSpace(strings.TrimPrefix(rest, member))
		switch {
		case slices.Contains(skippers, member):
			b.skipped = true
		case member == "skipIf" || member == "runIf":
			value := strings.Trim(args, "()")
			b.skipped = b.skipped || member == "skipIf" && always.MatchString(value) || member == "runIf" && never.MatchString(value)
		case slices.Contains(plainMember, member) || blockTest.MatchString(member):
			b.alone = b.alone || member == "only"
			if member == "describe" {
				b.kind = member
			}
		default:
			return b, false
		}
		if !strings.HasPrefix(args, ".") {
			break
		}
		rest = args[1:]
	}
	b.skipped = b.skipped || slices.ContainsFunc(c.Args, func(a source.Arg) bool { return !a.IsFunc && !a.IsString && optionOfTest.MatchString(a.Text) })
	return b, true
}

// chained says what is called on a test that is declared at a place: ->skip(), ->only(), .config(enabled = false).
func chained(f *source.File, at source.Span) (skipped, alone bool) {
	for _, c := range f.Calls {
		if c.Span.Start != at.Start || c.Span.End <= at.End || c.Receiver == "" {
			continue
		}
		plain := len(c.Args) == 0 || c.Args[0].IsString || always.MatchString(c.Args[0].Text)
		skipped = skipped || (c.Name == "skip" || c.Name == "todo" || c.Name == "markTestSkipped") && plain || c.Name == "config" && offByCondition(c)
		alone = alone || c.Name == "only"
	}
	return skipped, alone
}

// blockTests are the tests of a file that are blocks, with the names of the groups around them.
func blockTests(f *source.File) []testCase {
	type block struct {
		at   source.Span
		name string
		blockCall
	}
	var blocks []block
	var list []testCase
	for _, c := range f.Calls {
		b, ok := declares(c)
		if !ok {
			continue
		}
		body := slices.IndexFunc(c.Args, func(a source.Arg) bool { return a.IsFunc })
		skipped, alone := chained(f, c.Span)
		b.skipped, b.alone = b.skipped || skipped, b.alone || alone
		if body < 0 && b.skipped {
			body = 0
		}
		if body < 0 {
			continue
		}
		if blockGroup.MatchString(b.kind) {
			blocks = append(blocks, block{c.Span, c.Args[0].Str, b})
			continue
		}
		t := newTest(f, c.Args[0].Str, c.Args[body].Span)
		if b.skipped {
			t.mark = clipped(c.Full())
		}
		t.line, t.skipped, t.alone = c.Span.Line, b.skipped || f.Lang != source.Kotlin && leavesFirst(f, c.Args[body].Span), b.alone
		for _, g := range blocks {
			if g.at.Start < c.Span.Start && c.Span.End <= g.at.End {
				t.name = g.name + " › " + t.name
				t.skipped = t.skipped || g.skipped
				t.alone = t.alone || g.alone
			}
		}
		list = append(list, t)
	}
	return list
}

// leavesFirst says whether a test's block leaves before its first check, or asks to be skipped there.
func leavesFirst(f *source.File, at source.Span) bool { return endsAtOnce(f, at) || givesUp(f, at) }
