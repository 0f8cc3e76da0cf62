package source

import (
	"cmp"
	"strings"

	"flightpoll/detectors/source/syntax"
)

func (x *extraction) call(m *syntax.Match, kind string) {
	if x.callAt[m.Node] != nil {
		return
	}
	c := &Call{
		Receiver: x.folded(m.Get("receiver")), Name: x.folded(m.Get("name")), New: kind == "new",
		Awaited: x.awaited[m.Node], In: x.in(), Span: x.span(m.Node),
	}
	if c.Name == "" && c.Receiver != "" {
		c.Name = "call" // json.(x) is json.call(x) in Ruby
	}
	if c.Receiver != "" {
		x.called[x.Parent(m.Get("receiver"))] = true
	}
	full := c.Full()
	items := x.items(m.Get("args"))
	for _, lambda := range []syntax.ID{m.Get("lambda"), x.lambdaBehind(m.Node)} {
		if lambda != syntax.None {
			items = append(items, lambda)
			c.Span.End, c.Span.EndLine = x.End(lambda), x.span(lambda).EndLine
		}
	}
	for _, item := range items {
		arg, value := x.arg(item)
		c.Args = append(c.Args, arg)
		name := full
		if arg.Keyword != "" {
			name = arg.Keyword
		}
		x.given[value] = given{name: name}
	}
	if tail := m.Get("tail"); tail != syntax.None { // a block behind the arguments
		arg, _ := x.arg(tail)
		c.Args = append(c.Args, arg)
	}
	if tokens := m.Get("tokens"); tokens != syntax.None {
		c.Args = x.tokenArgs(tokens)
	}
	x.callAt[m.Node] = c
	x.file.Calls = append(x.file.Calls, c)
}

// lambdaBehind is the lambda behind the parentheses of a call, None without one.
func (x *extraction) lambdaBehind(call syntax.ID) syntax.ID {
	if lambda, ok := x.trailing[call]; ok {
		return lambda
	}
	return syntax.None
}

func (x *extraction) arg(item syntax.ID) (Arg, syntax.ID) {
	a := Arg{Span: x.span(item)}
	value := item
	if m := x.part(item, "part.arg"); m != nil {
		switch {
		case m.Has("value"):
			a.Keyword, value = x.name(m.Get("keyword")), m.Get("value")
			if f := x.part(value, "part.arg"); f != nil && f.Has("body") {
				a.IsFunc, a.Span = true, x.span(f.Get("body"))
			}
		case m.Has("body"):
			a.IsFunc, a.Span = true, x.span(m.Get("body"))
		}
	}
	a.Text = x.folded(value)
	if s, interpolated, ok := x.literal(value); ok && !interpolated {
		a.Str, a.IsString = s, true
	}
	return a, value
}

// literal is the value of a string literal.
func (x *extraction) literal(id syntax.ID) (value string, interpolated, ok bool) {
	if id == syntax.None {
		return "", false, false
	}
	x.reader.facts.Matches(x.Tree, id, func(m *syntax.Match) bool {
		switch m.Pattern.Fact {
		case "string":
			value, ok = unquote(x.Content(id))
			interpolated = m.Has("interpolated")
		case "symbol":
			value, ok = x.name(id), true
		}
		return !ok
	})
	return value, interpolated, ok
}

// str is a string literal, a text without quotes ("text", on one line), or the inside of a here document ("raw").
func (x *extraction) str(m *syntax.Match, group string) {
	if x.stringAt[m.Node] != nil {
		return
	}
	s := &String{Interpolated: m.Has("interpolated"), In: x.in(), Span: x.span(m.Node)}
	switch group {
	case "text":
		s.Value = fold(x.Content(m.Node))
		if s.Value == "" {
			return
		}
	case "raw":
		s.Value = x.Content(m.Node)
	default:
		s.Value, _ = unquote(x.Content(m.Node))
	}
	x.stringAt[m.Node] = s
	x.file.Strings = append(x.file.Strings, s)
}

func (x *extraction) access(m *syntax.Match, kind string) {
	switch {
	case kind == "path":
		x.accessPath(m)
		return
	case kind == "scoped" && notValues[x.Kind(x.Parent(m.Node)).String()]:
		return
	}
	a := &Access{
		Receiver: x.folded(m.Get("receiver")), Name: x.folded(m.Get("name")),
		Write: x.written[m.Node], In: x.in(), Span: x.span(m.Node),
	}
	if key := m.Get("key"); key != syntax.None {
		value, interpolated, _ := x.literal(key)
		if interpolated {
			return
		}
		a.Name, a.Key = value, true
	}
	if kind != "get" && kind != "put" && x.called[m.Node] || x.accessAt[m.Node] != nil && kind != "get" {
		return
	}
	a.Write = a.Write || kind == "put"
	x.accessAt[m.Node] = a
	x.file.Accesses = append(x.file.Accesses, a)
}

func (x *extraction) unpacks(m *syntax.Match, kind string) {
	pattern := m.Get("pattern")
	if _, done := x.unpacked[pattern]; done {
		return
	}
	receiver := x.folded(m.Get("receiver"))
	if kind == "nested" {
		receiver = strings.TrimPrefix(x.unpacked[x.Parent(m.Node)]+"."+x.name(m.Get("key")), ".")
	}
	x.unpacked[pattern] = receiver
}

// unpack is one key of a destructuring pattern.
func (x *extraction) unpack(m *syntax.Match) {
	name, pattern := m.Get("name"), x.Parent(m.Node)
	if name == syntax.None {
		name = m.Node
	}
	for pattern != syntax.None && x.Kind(pattern).String() != "object_pattern" {
		pattern = x.Parent(pattern)
	}
	x.file.Accesses = append(x.file.Accesses, &Access{
		Receiver: x.unpacked[pattern], Name: x.name(name), In: x.in(), Span: x.span(name),
	})
}

func (x *extraction) object(m *syntax.Match, kind string) {
	if x.objectAt[m.Node] != nil {
		return
	}
	if kind == "tokens" {
		x.tokenObject(m.Get("tokens"), m.Node)
		return
	}
	g := x.given[m.Node]
	o := &Object{Name: g.name, Type: cmp.Or(x.folded(m.Get("type")), g.typ), In: x.in(), Span: x.span(m.Node)}
	list := m.Node
	if m.Has("items") {
		list = m.Get("items")
	}
	items := x.items(list)
	o.Keys = make([]Key, 0, len(items))
	switch kind {
	case "pairs":
		x.pairs(o, items)
		items = nil
	case "assigned":
		x.assigned(o, m.Node)
		items = nil
	}
	for _, item := range items {
		part := x.part(item, "part.key")
		if part == nil {
			part = x.part(item, "part.spread")
		}
		switch {
		case part == nil:
			continue
		case part.Pattern.Fact == "part.spread":
			o.Spread = true
			continue
		}
		name, value := part.Get("name"), part.Get("value")
		if name == syntax.None { // shorthand: the name is the value
			name, value = item, item
		}
		key := Key{Name: x.name(name), Value: x.folded(value), Span: x.span(item)}
		if strings.HasPrefix(x.Content(name), "[") && key.Name == x.folded(name) {
			continue // a computed key says no name
		}
		x.key(o, key, value)
	}
	if key := x.keyOf[m.Node]; key != nil {
		key.Child = o
	}
	x.objectAt[m.Node] = o
	x.file.Objects = append(x.file.Objects, o)
}

// give says what a value is given to; it stands around the value and comes before it in the walk.
func (x *extraction) give(m *syntax.Match, kind string) {
	value := m.Get("value")
	g := given{x.folded(m.Get("name")), x.folded(m.Get("type"))}
	if kind == "result" {
		if f := x.in(); f != nil && len(f.Results) > 0 && x.file.Lang != PHP {
			g.typ = awaitedType(f.Results[0])
		}
	}
	old := x.given[value]
	if g.name == "" {
		g.name = old.name
	}
	if g.typ == "" {
		g.typ = old.typ
	}
	x.given[value] = g
}

// awaitedType is what a promise or a coroutine brings.
func awaitedType(result string) string {
	for _, p := range []string{"Promise<", "Observable<", "Awaitable[", "Coroutine["} {
		if inner, ok := strings.CutPrefix(result, p); ok && len(inner) > 0 {
			return inner[:len(inner)-1]
		}
	}
	return result
}

// wrap passes on what is known of a value to the value inside its parentheses, its type assertion or its await.
func (x *extraction) wrap(m *syntax.Match) {
	inner := m.Get("value")
	if g, ok := x.given[m.Node]; ok {
		if old := x.given[inner]; old.typ != "" {
			g.typ = old.typ
		}
		x.given[inner] = g
	}
	if key := x.keyOf[m.Node]; key != nil {
		x.keyOf[inner] = key
	}
}

func (x *extraction) decorator(m *syntax.Match) {
	d := decorator{node: m.Node}
	switch {
	case m.Has("args"), m.Has("tokens"):
		x.call(m, "")
		d.call = x.callAt[m.Node]
	case m.Has("name"):
		d.call = &Call{Receiver: x.folded(m.Get("receiver")), Name: x.folded(m.Get("name")), In: x.in(), Span: x.span(m.Node)}
		x.file.Calls = append(x.file.Calls, d.call)
	}
	x.decorators = append(x.decorators, d)
}

func (x *extraction) comment(m *syntax.Match) {
	x.file.Comments = append(x.file.Comments, &Comment{Text: uncomment(x.Content(m.Node)), Span: x.span(m.Node)})
}
