package tsapi

// How two versions of an exported name differ for those who use it.

import (
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// Break is one way in which a name no longer is what it was.
type Break struct {
	// Symbol is the exported name, with the member behind a dot.
	Symbol string
	// Text says what happened, to be read behind the symbol.
	Text string
	// File and Line are where the new side has it, or where the old side had it when Removed.
	File    string
	Line    int
	Removed bool
	// Soft: only some users notice, or it is not sure.
	Soft bool
	// Deprecated and Internal are what its documentation says at the base.
	Deprecated, Internal bool
}

// Comparison compares two versions of the same package.
type Comparison struct {
	Old, New *Tree
	// Direction says of a type's name whether users pass it, get it, or both.
	Direction func(name string) (input, output bool)
}

// Compare compares an exported name of both sides; now is nil when it is gone.
func (c *Comparison) Compare(name string, old, now *Symbol) []Break {
	if len(old.Decls) == 0 && now != nil {
		return nil
	}
	b := Break{Symbol: name, File: old.File, Line: old.Line}
	if old.Module != nil && len(old.Decls) > 0 {
		b.Deprecated, b.Internal = documented(old.Module.File, old.Decls[0])
	}
	if now == nil {
		b.Text, b.Removed = "was removed", true
		return []Break{b}
	}
	if len(now.Decls) == 0 {
		return nil
	}
	b.File, b.Line = now.File, now.Line
	x, y := pair(old, now)
	list := c.declared(name, old, now, x, y)
	for i := range list {
		list[i].Deprecated = list[i].Deprecated || b.Deprecated
		list[i].Internal = list[i].Internal || b.Internal
		if list[i].File == "" {
			list[i].File = now.File
		}
		if list[i].Line == 0 {
			list[i].Line = now.Line
		}
	}
	return list
}

// pair picks the declarations to compare: of overloads the last, which is the implementation, when both have one.
func pair(old, now *Symbol) (x, y *source.Decl) {
	x, y = old.Decls[len(old.Decls)-1], now.Decls[len(now.Decls)-1]
	for _, d := range now.Decls {
		if sameKind(x, d) {
			y = d
		}
	}
	return x, y
}

// typeOnly are declarations that leave no value behind.
func typeOnly(d *source.Decl) bool { return d.Kind == source.Interface || d.Kind == source.Type }

func sameKind(x, y *source.Decl) bool {
	return x.Kind == y.Kind || typeOnly(x) && typeOnly(y) || variable(x) && variable(y)
}

func variable(d *source.Decl) bool {
	return d.Kind == source.Const || d.Kind == source.Var || d.Kind == source.Schema
}

func (c *Comparison) declared(name string, old, now *Symbol, x, y *source.Decl) []Break {
	if !sameKind(x, y) {
		soft := variable(x) || variable(y) || x.Kind == source.Function && y.Kind == source.Class
		if typeOnly(x) && (y.Kind == source.Class || y.Kind == source.Enum) {
			return nil
		}
		return []Break{{Symbol: name, Text: "was a " + string(x.Kind) + " and is now a " + string(y.Kind), Soft: soft, Line: y.Span.Line}}
	}
	switch {
	case x.Kind == source.Function:
		if len(old.Decls) > 1 || len(now.Decls) > 1 {
			return nil // overloads say together what it takes
		}
		return function(name, x, y)
	case x.Kind == source.Enum:
		return enum(name, x, y)
	case x.Kind == source.Class, typeOnly(x) && shape(x) && shape(y):
		return c.members(name, old, now, x, y)
	case x.Kind == source.Type && y.Kind == source.Type:
		return c.retyped(name, x.Type, y.Type, c.input(name), y.Span.Line)
	case x.Kind == source.Schema && y.Kind == source.Schema:
		return schema(name, x, y)
	case variable(x):
		return object(name, old, now, x, y)
	}
	return nil
}

// documented reads the mark that stands in the comment above a declaration.
func documented(f *source.File, d *source.Decl) (deprecated, internal bool) {
	line := d.Span.Line
	for _, c := range f.Comments {
		if c.Span.EndLine == line-1 || c.Span.EndLine == line && c.Span.End <= d.Span.Start {
			deprecated = deprecated || strings.Contains(c.Text, "@deprecated")
			internal = internal || internalMark.MatchString(c.Text)
		}
	}
	return deprecated, internal
}

var internalMark = lazy.New(`@(internal|private|alpha|beta|experimental|ignore|hidden)\b`)

// function compares what two functions take and give. Names of parameters do not matter, their places do.
func function(symbol string, x, y *source.Decl) []Break {
	var list []Break
	add := func(text string, soft bool) {
		list = append(list, Break{Symbol: symbol, Text: text, Soft: soft, Line: y.Span.Line})
	}
	rest := slices.ContainsFunc(y.Params, func(p source.Param) bool { return p.Variadic })
	before, after := ordinary(x.Params), ordinary(y.Params)
	if swapped(before, after) {
		add("takes its arguments in another order", false)
	} else {
		for i, p := range before {
			if i >= len(after) {
				if !rest {
					add("no longer takes "+shown(p), false)
				}
				continue
			}
			q := after[i]
			if p.Optional && !q.Optional {
				add("now requires "+shown(q), false)
			}
			if text, soft := retype(p.Type, q.Type, true); text != "" {
				add("takes "+shown(p)+" as "+text, soft)
			}
		}
		for i := len(before); i < len(after); i++ {
			if !after[i].Optional {
				add("now requires "+shown(after[i]), slices.ContainsFunc(x.Params, func(p source.Param) bool { return p.Variadic }))
			}
		}
	}
	was, is := result(x), result(y)
	switch {
	case !promised(x) && promised(y) && (was != "" || x.Body.End > 0 && y.Async):
		add("now gives a promise", was == "" && !y.Async)
	case was != "" && is != "" && canonical(was) != canonical(is):
		text, _ := retype(was, is, false)
		if text == "" {
			text = is
		}
		add("now gives "+brief(text), true)
	}
	return list
}

func ordinary(params []source.Param) []source.Param {
	var list []source.Param
	for _, p := range params {
		if !p.Variadic && p.Name != "this" {
			list = append(list, p)
		}
	}
	return list
}

func result(d *source.Decl) string {
	if len(d.Results) > 0 {
		return d.Results[0]
	}
	return ""
}

func promised(d *source.Decl) bool {
	return d.Async || strings.HasPrefix(result(d), "Promise<") || strings.HasPrefix(result(d), "PromiseLike<")
}

func shown(p source.Param) string {
	if strings.HasPrefix(p.Name, "{") || strings.HasPrefix(p.Name, "[") {
		return "its options"
	}
	return strings.TrimPrefix(p.Name, "_")
}

func brief(text string) string {
	if len(text) > 60 {
		return "another type"
	}
	return text
}

// swapped says that the same names stand in another order, or that a known name moved behind a new one.
func swapped(before, after []source.Param) bool {
	names := func(list []source.Param) (all []string) {
		for _, p := range list {
			all = append(all, p.Name)
		}
		return all
	}
	x, y := names(before), names(after)
	if len(x) < 2 || len(y) < len(x) {
		return false
	}
	moved := false
	for i, name := range x {
		j := slices.Index(y, name)
		if j < 0 || strings.HasPrefix(name, "{") {
			return false
		}
		moved = moved || i != j && canonical(before[i].Type) != canonical(after[i].Type) || i != j && before[i].Type == "" && after[i].Type == "" ||
			i != j && len(x) == len(y)
	}
	return moved
}

var primitive = lazy.New(`^(string|number|boolean|bigint|symbol|null|undefined|void|Date|RegExp|\w+\[\])$`)

// retype says how a type changed, "" when it did not or only became wider for an input, narrower for an output.
func retype(was, is string, input bool) (text string, soft bool) {
	x, y := canonical(was), canonical(is)
	if x == y || x == "" || y == "" || y == "any" || y == "unknown" && input || x == "any" {
		return "", false
	}
	a, b := union(x), union(y)
	if a == nil || b == nil {
		return brief(is), true
	}
	lost := slices.DeleteFunc(slices.Clone(a), func(s string) bool { return slices.Contains(b, s) || literalOf(s, b) })
	added := slices.DeleteFunc(slices.Clone(b), func(s string) bool { return slices.Contains(a, s) || literalOf(s, a) })
	simple := func(list []string) bool {
		return !slices.ContainsFunc(list, func(s string) bool { return !primitive.MatchString(s) && !literal(s) })
	}
	switch {
	case input && len(lost) == 0 || !input && len(added) == 0:
		return "", false
	case simple(a) && simple(b):
		return brief(is), !input && len(lost) == 0
	case input && len(lost) > 0 && simple(lost) && len(added) == 0:
		return brief(is), false
	}
	return brief(is), true
}

func literal(s string) bool {
	return s != "" && (s[0] == '\'' || s[0] >= '0' && s[0] <= '9' || s == "true" || s == "false")
}

// literalOf says that a literal is one of a primitive type in the list.
func literalOf(s string, list []string) bool {
	switch {
	case !literal(s):
		return false
	case s[0] == '\'':
		return slices.Contains(list, "string")
	case s == "true" || s == "false":
		return slices.Contains(list, "boolean")
	}
	return slices.Contains(list, "number")
}

// union splits a type into the members of its union, nil when it is nested too deep to split by text.
func union(text string) []string {
	var list []string
	depth, start := 0, 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '(', '{', '[', '<':
			depth++
		case ')', '}', ']':
			depth--
		case '>':
			if i > 0 && text[i-1] != '=' {
				depth--
			}
		case '\'':
			if end := strings.IndexByte(text[i+1:], '\''); end >= 0 {
				i += end + 1
			}
		case '?':
			if depth == 0 {
				return nil // a conditional type
			}
		case '|':
			if depth == 0 {
				list = append(list, text[start:i])
				start = i + 1
			}
		}
	}
	list = append(list, text[start:])
	return slices.DeleteFunc(list, func(s string) bool { return s == "" })
}

var (
	arrayOf  = lazy.New(`\bArray<(\w+)>`)
	spaces   = lazy.New(`\s*([{}()\[\]<>|&,;:=?])\s*`)
	trailing = lazy.New(`[;,]([}\])])`)
)

// canonical writes a type in one of the ways in which it may be written.
func canonical(text string) string {
	text = strings.Join(strings.Fields(strings.ReplaceAll(text, `"`, "'")), " ")
	text = spaces.ReplaceAllString(strings.TrimPrefix(text, "readonly "), "$1")
	text = trailing.ReplaceAllString(arrayOf.ReplaceAllString(text, "$1[]"), "$1")
	text = strings.TrimPrefix(text, "|")
	if parts := union(text); len(parts) > 1 {
		slices.Sort(parts)
		return strings.Join(slices.Compact(parts), "|")
	}
	return text
}
