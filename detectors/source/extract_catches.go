package source

import (
	"slices"
	"sort"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source/syntax"
)

// caught is a Catch with the node of its body, which is looked into after the walk.
type caught struct {
	*Catch
	body syntax.ID
}

func (x *extraction) catch(m *syntax.Match, kind string) {
	c := &Catch{Kind: "catch", Name: x.folded(m.Get("name")), In: x.in(), Span: x.span(m.Node)}
	body := m.Get("body")
	switch kind {
	case "catch":
		c.Try = x.span(m.Get("try"))
		c.Span = x.span(x.Parent(body))
	case "except":
		if parent := x.Parent(m.Node); parent != syntax.None {
			try := x.Child(parent, syntax.Intern("body"))
			if first := x.items(parent); try == syntax.None && len(first) > 0 {
				try = first[0]
			}
			c.Try = x.span(try)
		}
		for _, t := range m.All("type") {
			c.Types = append(c.Types, x.folded(t))
		}
	case "rescue": // the handled code stands before the handler, in the same block
		if parent := x.Parent(m.Node); parent != syntax.None {
			c.Try = x.between(x.Start(parent), x.Start(m.Node))
		}
		for _, t := range m.All("type") {
			c.Types = append(c.Types, x.folded(t))
		}
	case "modifier":
		c.Try = x.span(m.Get("try"))
	case "check", "arm":
		c.Kind, c.Try = "check", x.span(m.Get("try"))
		if c.Name == x.text(m.Get("kind")) {
			c.Name = "" // Err(_)
		}
		if kind == "arm" {
			if match := x.Parent(x.Parent(m.Node)); match != syntax.None {
				c.Try = x.span(x.Child(match, syntax.Intern("value")))
			}
		}
	case "discard":
		c.Kind, c.Try = "discard", x.span(m.Get("try"))
	case "promise":
		c.Kind, c.Try = "promise", x.span(m.Get("try"))
		if handler := m.Get("handler"); handler != syntax.None {
			x.handler(c, handler)
		}
	case "then": // the second argument of .then receives the error
		args := x.items(m.Get("both"))
		if len(args) != 2 {
			return
		}
		c.Kind, c.Try = "promise", x.span(m.Get("try"))
		if f := x.part(args[1], "part.arg"); f != nil {
			body = f.Get("body")
			if params := x.Child(args[1], syntax.Intern("parameters")); params != syntax.None {
				c.Name = strings.Trim(x.folded(params), "() ")
			}
		} else {
			x.handler(c, args[1])
		}
	}
	if name, _, typed := strings.Cut(c.Name, ":"); typed {
		c.Name = strings.TrimSpace(name)
	}
	c.Body = x.span(body)
	if body == syntax.None && kind == "except" { // a language whose grammar has no node for an empty body
		c.Empty, c.Body = true, x.span(m.Node)
	}
	x.file.Catches = append(x.file.Catches, c)
	x.catches = append(x.catches, caught{c, body})
}

// handler is a function given by its name: the call that it will be.
func (x *extraction) handler(c *Catch, id syntax.ID) {
	text := x.folded(id)
	call := &Call{Name: text, In: c.In, Span: x.span(id)}
	if i := strings.LastIndex(text, "."); i >= 0 {
		call.Receiver, call.Name = text[:i], text[i+1:]
	}
	c.Calls, c.UsesError = []*Call{call}, true
	if strings.EqualFold(call.Name, "noop") {
		c.Empty, c.UsesError, c.Calls = true, false, nil
	}
}

// The bounds of what one handler may hold; nothing written by hand comes near.
const (
	maxHandlerCalls = 500
	maxHandlerText  = 64 << 10
)

// lookIntoCatches fills in what the bodies of the handlers say.
func (x *extraction) lookIntoCatches() {
	f := x.file
	for _, c := range x.catches {
		if c.body == syntax.None {
			c.Empty = c.Empty || c.Kind == "catch"
			continue
		}
		start, end := c.Body.Start, c.Body.End
		c.Empty = x.isEmptyBody(c.body)
		c.Calls = callsIn(f, c.Body)
		i := sort.Search(len(x.throws), func(i int) bool { return x.throws[i].start >= start })
		c.Rethrows = i < len(x.throws) && x.throws[i].start < end
		i = sort.Search(len(x.returns), func(i int) bool { return x.returns[i].start >= start })
		if i < len(x.returns) && x.returns[i].start < end {
			c.Returns = fold(x.returns[i].value)
			c.Rethrows = c.Rethrows || c.Name != "" && names(c.Returns, c.Name) && !strings.ContainsAny(c.Returns, "({[")
		} else if c.Kind == "promise" && !strings.HasPrefix(x.Content(c.body), "{") {
			c.Returns = x.folded(c.body)
		}
		i = sort.Search(len(f.Comments), func(i int) bool { return f.Comments[i].Span.Start >= start })
		if i < len(f.Comments) && f.Comments[i].Span.Start < end {
			c.Comment = f.Comments[i].Text
		} else if i < len(f.Comments) && c.Empty && f.Comments[i].Span.Line == c.Body.EndLine {
			c.Comment = f.Comments[i].Text
		}
		text := x.Content(c.body)
		c.UsesError = c.Name != "" && names(text[:min(len(text), maxHandlerText)], c.Name)
	}
}

// callsIn are the calls that start inside a body.
func callsIn(f *File, body Span) []*Call {
	from := sort.Search(len(f.Calls), func(i int) bool { return f.Calls[i].Span.Start >= body.Start })
	to := sort.Search(len(f.Calls), func(i int) bool { return f.Calls[i].Span.Start >= body.End })
	return slices.Clone(f.Calls[from:min(to, from+maxHandlerCalls)])
}

// blockKind are the kinds of node that hold a handler's statements.
var blockKind = lazy.New(`block|^compound_statement$|^then$`)

// isEmptyBody says whether a handler's body does nothing: no statement, or only what the language writes for none.
func (x *extraction) isEmptyBody(body syntax.ID) bool {
	items := x.items(body)
	if x.Named(body) && x.First(body) == syntax.None || !blockKind.MatchString(x.Kind(body).String()) {
		return slices.Contains([]string{"undefined", "null", "void 0", "{}", "({})", "()", "nil"}, x.Content(body))
	}
	for _, item := range items {
		if !x.noops[item] {
			return false
		}
	}
	return true
}

// names says whether text holds the word.
func names(text, word string) bool {
	for from := 0; ; {
		i := strings.Index(text[from:], word)
		if i < 0 {
			return false
		}
		i += from
		after := i + len(word)
		if (i == 0 || !isWord(text[i-1])) && (after == len(text) || !isWord(text[after])) {
			return true
		}
		from = i + 1
	}
}

func isWord(b byte) bool {
	return b == '_' || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= 0x80
}
