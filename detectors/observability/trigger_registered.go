package observability

import (
	"regexp"
	"slices"
	"strings"

	"flightpoll/detectors/source"
)

// Triggers that a call registers: router.post("/x", create).

// registered reads a call as the registration of a handler, nil when it is none.
func (l *lookup) registered(fw *framework, r registration, f *source.File, c *source.Call) *trigger {
	if !r.Method.match(c.Name) || r.New != c.New || len(c.Args) == 0 {
		return nil
	}
	if ids := identifiers(c.Receiver); r.Receiver.set() && (len(ids) == 0 || !r.Receiver.match(ids[len(ids)-1]) && !r.Receiver.match(ids[0])) {
		return nil
	}
	first := c.Args[0]
	switch r.First {
	case "path":
		if !first.IsString || first.Str != "" && first.Str != "*" && !strings.HasPrefix(first.Str, "/") || len(c.Args) < 2 {
			return nil
		}
	case "string":
		if !first.IsString || len(c.Args) < 2 {
			return nil
		}
	}
	span, literal, ok := handlerSpan(f, c, r.Handler)
	if !ok {
		return nil
	}
	t := &trigger{kind: r.Kind, framework: fw.Name, file: f, reg: c, span: span, name: strings.TrimSpace(c.Name + " " + first.Str)}
	if !first.IsString {
		t.name = c.Name
		if c.In != nil {
			t.name += " in " + c.In.Name
		}
	}
	text := string(f.Text[span.Start:span.End])
	if literal || isLiteral(text) {
		return t
	}
	if f.Lang == source.Go && r.Kind == kindRoute {
		return nil // a named handler is found by its signature
	}
	// A name, or a name inside wrappers: follow it to its declaration.
	inner := regexp.MustCompile(`[\w$.]+`).FindAllString(text, -1)
	for i := len(inner) - 1; i >= 0; i-- {
		ids := identifiers(inner[i])
		if len(ids) == 0 {
			continue
		}
		name := ids[len(ids)-1]
		for _, p := range declared(f, name, []source.Kind{source.Function, source.Method, source.Const, source.Var}) {
			t.decl, t.span, t.wrappers = p.decl, p.decl.Span, append(t.wrappers, inner[:i]...)
			if t.name == c.Name {
				t.name = name
			}
			return t
		}
		if c.In != nil && slices.ContainsFunc(c.In.Params, func(p source.Param) bool { return p.Name == name }) {
			return nil
		}
		if places := l.resolve(f, name, strings.TrimSuffix(strings.TrimSuffix(inner[i], name), "."), source.Function, source.Method, source.Const, source.Var); len(places) == 1 {
			t.file, t.decl, t.span, t.reg = places[0].file, places[0].decl, places[0].decl.Span, nil
			t.name, t.wrappers = name, append(t.wrappers, inner[:i]...)
			return t
		}
	}
	return nil
}

// isLiteral says whether a function literal stands in the span, maybe inside wrapping calls.
func isLiteral(text string) bool {
	return strings.Contains(text, "=>") || strings.HasPrefix(text, "function") || strings.HasPrefix(text, "async") ||
		strings.HasPrefix(text, "func(") || strings.Contains(text, "(func(") || strings.HasPrefix(text, "lambda") || strings.Contains(text, "(async function") || strings.Contains(text, "(function")
}

// handlerSpan is the place of the argument that is the handler; for a function literal that is its body.
func handlerSpan(f *source.File, c *source.Call, which string) (span source.Span, literal, ok bool) {
	switch which {
	case "last":
		for i := len(c.Args) - 1; i >= 0; i-- {
			a := c.Args[i]
			if !a.IsString && !strings.HasPrefix(a.Text, "{") {
				return a.Span, a.IsFunc, true
			}
		}
		return source.Span{}, false, false
	case "first":
		return c.Args[0].Span, c.Args[0].IsFunc, !c.Args[0].IsString
	}
	for _, a := range c.Args {
		if a.Keyword == which {
			return a.Span, a.IsFunc, true
		}
	}
	for _, o := range f.Objects {
		if o.Span.Start < c.Span.Start || o.Span.End > c.Span.End {
			continue
		}
		for _, k := range o.Keys {
			if k.Name == which {
				return k.Span, false, true
			}
		}
	}
	return source.Span{}, false, false
}
