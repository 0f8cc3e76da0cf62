package observability

import (
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// What a local variable holds where it is used.

// assignment is what a local variable was given last.
type assignment struct {
	text string
	line int
}

// assignmentLine is the assignment of one variable on a line of its own.
var assignmentLine = lazy.New(`^\s*(?:(?:const|let|var|val|final|auto|mut|let mut|[A-Z][\w<>\[\]?]*|string)\s+)?\$?(\w+)(?:\s*:\s*[\w<>\[\]| ]+)?(?:\s*,\s*\w+)*\s*:?=\s*([^=].*?)\s*$`)

// assignedBefore is the last assignment to a variable before a call in the function around it, nil for none.
func assignedBefore(f *source.File, c *source.Call, name string) *assignment {
	name = strings.TrimLeft(name, "$@")
	from, line := functionHolding(f, c)
	if name == "" || from < 0 {
		return nil
	}
	var last *assignment
	number := line - 1
	for line := range strings.Lines(string(f.Text[from:c.Span.Start])) {
		number++
		m := assignmentLine.FindStringSubmatch(line)
		if m != nil && m[1] == name {
			last = &assignment{strings.TrimRight(strings.TrimSpace(m[2]), ";"), number}
		}
	}
	return last
}

// functionHolding is where the named function around a call begins, or the function literal that another call is given; -1
// without one.
func functionHolding(f *source.File, c *source.Call) (offset, line int) {
	offset = -1
	if c.In != nil && c.In.Span.Start <= c.Span.Start {
		offset, line = c.In.Span.Start, c.In.Span.Line
	}
	if c.In != nil && c.In.Kind != source.Class {
		return offset, line
	}
	for _, o := range f.Calls {
		if o.Span.Start > c.Span.Start || o.Span.End < c.Span.End {
			continue
		}
		for _, a := range o.Args {
			if a.IsFunc && a.Span.Start <= c.Span.Start && a.Span.End >= c.Span.End && (offset < 0 || a.Span.Start < offset) {
				offset, line = a.Span.Start, a.Span.Line
			}
		}
	}
	return offset, line
}
