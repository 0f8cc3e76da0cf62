package scripts

// Parsed program text: which calls stand in which direction of a migration, and the SQL that a call is given.

import (
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// code is a parsed file with the spans of its up and down functions.
type code struct {
	*source.File
	// ways are the bodies of the functions of each direction.
	ways map[string][]source.Span
	// starts are the places of the functions themselves, for a line.
	starts map[string]int
}

// parseCode parses a program, nil when it cannot be. ups and downs are the names of the two directions' functions.
func parseCode(p, text string, ups, downs string) *code {
	f, err := source.Parse(p, []byte(text))
	if err != nil || f == nil {
		return nil
	}
	c := &code{File: f, ways: map[string][]source.Span{}, starts: map[string]int{}}
	way := func(name string) string {
		switch name {
		case ups:
			return "up"
		case downs:
			return "down"
		}
		return ""
	}
	add := func(w string, at, body source.Span) {
		c.ways[w] = append(c.ways[w], body)
		if c.starts[w] == 0 {
			c.starts[w] = at.Line
		}
	}
	for _, d := range f.Decls {
		if w := way(d.Name); w != "" && (d.Kind == source.Function || d.Kind == source.Method) {
			add(w, d.Span, d.Body)
		}
	}
	if len(c.ways) == 0 && f.Root() != nil && f.Lang != source.Python {
		members(f.Root(), 0, func(name string, n, value source.Node) {
			if w := way(name); w != "" {
				add(w, n.Span(), value.Span())
			}
		})
	}
	return c
}

// members visits the functions that are members of objects: { up() {}, down: async () => {} }, exports.up = ...
func members(n source.Node, depth int, visit func(name string, n, value source.Node)) {
	if depth > 40 {
		return
	}
	for _, child := range n.Children() {
		switch child.Kind() {
		case "method_definition":
			if name, body := child.Field("name"), child.Field("body"); name != nil && body != nil {
				visit(name.Text(), child, body)
			}
		case "pair":
			if key, value := child.Field("key"), child.Field("value"); key != nil && value != nil {
				visit(strings.Trim(key.Text(), `"'`), child, value)
			}
		}
		members(child, depth+1, visit)
	}
}

// wayOf is the direction whose function holds the span, empty for none.
func (c *code) wayOf(s source.Span) string {
	for w, spans := range c.ways {
		for _, b := range spans {
			if b.Start <= s.Start && s.End <= b.End {
				return w
			}
		}
	}
	return ""
}

// bodyText is the text of a direction's functions.
func (c *code) bodyText(way string) string {
	var b strings.Builder
	for _, s := range c.ways[way] {
		if s.Start >= 0 && s.End <= len(c.Text) && s.Start < s.End {
			b.Write(c.Text[s.Start:s.End])
		}
	}
	return b.String()
}

var sqlWrapper = lazy.New(`^[\s()+\\fFrRbBuU,]*((sa|sqlalchemy|Prisma|knex|trx|db|conn)\.)?(text|sql|SQL|raw|TextClause|dedent|textwrap\.dedent|String\.raw)?[\s()+\\fFrRbBuU]*$`)

// sqlOf is the SQL text that an argument is, its line, and whether it is known in full: a literal, literals put
// together, or one of them in text() or sql“. Placeholders inside stay as they are written.
func (c *code) sqlOf(a source.Arg) (text string, line int, ok bool) {
	if a.IsString {
		return a.Str, a.Span.Line, true
	}
	var parts []string
	rest := string(c.Text[a.Span.Start:a.Span.End])
	var cut []source.Span
	for _, s := range c.Strings {
		if a.Span.Start <= s.Span.Start && s.Span.End <= a.Span.End {
			if line == 0 {
				line = s.Span.Line
			}
			parts = append(parts, s.Value)
			cut = append(cut, s.Span)
		}
	}
	for _, s := range slices.Backward(cut) {
		from, to := s.Start-a.Span.Start, s.End-a.Span.Start
		if from >= 0 && to <= len(rest) && from <= to {
			rest = rest[:from] + rest[to:]
		}
	}
	return strings.Join(parts, ""), line, len(parts) > 0 && sqlWrapper.MatchString(rest)
}

// nested are the calls inside a span, in order, without the one that is the span.
func (c *code) nested(s source.Span) []*source.Call {
	var list []*source.Call
	for _, call := range c.Calls {
		if call.Span.Start >= s.Start && call.Span.End <= s.End && call.Span != s {
			list = append(list, call)
		}
	}
	return list
}

// argument is the positional argument i, or the one of that keyword.
func argument(c *source.Call, i int, keyword string) (source.Arg, bool) {
	position := 0
	for _, a := range c.Args {
		if a.Keyword != "" {
			if a.Keyword == keyword {
				return a, true
			}
			continue
		}
		if position == i {
			return a, true
		}
		position++
	}
	return source.Arg{}, false
}

// literal is the string of an argument; for one that is wrapped (op.f("x")) the first string inside.
func literal(c *source.Call, i int, keyword string) string {
	a, ok := argument(c, i, keyword)
	if !ok {
		return ""
	}
	if a.IsString {
		return fold(a.Str)
	}
	if m := innerString.FindStringSubmatch(a.Text); m != nil && !strings.Contains(a.Text, "{") {
		return fold(m[1])
	}
	return ""
}

var innerString = lazy.New(`["'` + "`" + `]([^"'` + "`" + `]*)["'` + "`" + `]`)

// keywordText is the text of a keyword argument, empty without one.
func keywordText(c *source.Call, keyword string) string {
	for _, a := range c.Args {
		if a.Keyword == keyword {
			return a.Text
		}
	}
	return ""
}

// statements reads the SQL of an argument into operations at its line; opaque when it is put together at run time.
func (c *code) statements(a source.Arg) []operation {
	text, line, ok := c.sqlOf(a)
	if !ok {
		return one(operation{do: opaque, line: a.Span.Line, last: a.Span.EndLine, text: normalise(a.Text)})
	}
	ops, _ := readSQL(text, line)
	return ops
}
