package tsapi

// Members of classes, interfaces, enums, object literals and schemas.

import (
	"slices"
	"strings"

	"flightpoll/detectors/source"
)

// all collects the members that a declaration has, its own and those of the bases that can be read. Whole is false where a
// base or a part of the type cannot be.
func (t *Tree) all(m *Module, d *source.Decl, depth int) (members map[string]*source.Decl, whole bool) {
	members, whole = map[string]*source.Decl{}, true
	for _, own := range direct(d) {
		if members[own.Name] == nil || own.Kind != source.Method {
			members[own.Name] = own
		}
	}
	bases := slices.Clone(d.Bases)
	if d.Kind == source.Type {
		parts, plain := intersection(d.Type)
		bases, whole = append(bases, parts...), plain
	}
	for _, base := range bases {
		name, _, generic := strings.Cut(base, "<")
		from, parent := t.typeNamed(m, strings.TrimSpace(name), depth)
		if parent == nil || depth > maxDepth || generic && len(parent.Members) == 0 {
			whole = false
			continue
		}
		inherited, known := t.all(from, parent, depth+1)
		whole = whole && known
		for name, member := range inherited {
			if members[name] == nil {
				members[name] = member
			}
		}
	}
	return members, whole
}

// direct are a declaration's own members, without those of types written inside of a member.
func direct(d *source.Decl) []*source.Decl {
	var list []*source.Decl
	for _, m := range d.Members {
		if n := len(list); n > 0 && list[n-1].Span.Start <= m.Span.Start && m.Span.End <= list[n-1].Span.End && list[n-1].Name != "constructor" {
			continue
		}
		list = append(list, m)
	}
	return list
}

// shape says that a declaration is an object type, all of which can be told by its members.
func shape(d *source.Decl) bool {
	if d.Kind != source.Type {
		return true
	}
	_, plain := intersection(d.Type)
	return plain && strings.Contains(d.Type, "{")
}

// intersection are the names that an intersection of object types takes in; plain is false for any other type.
func intersection(text string) (names []string, plain bool) {
	depth, start := 0, 0
	for i := 0; i <= len(text); i++ {
		if i < len(text) && (text[i] != '&' || depth > 0) {
			switch text[i] {
			case '{', '(', '[', '<':
				depth++
			case '}', ')', ']', '>':
				depth--
			case '|', '?':
				if depth == 0 {
					return nil, false
				}
			}
			continue
		}
		part := strings.TrimSpace(text[start:i])
		start = i + 1
		switch {
		case part == "" || strings.HasPrefix(part, "{"):
		case strings.ContainsAny(part, " .([{"):
			return nil, false
		default:
			names = append(names, part)
		}
	}
	return names, true
}

func (t *Tree) typeNamed(m *Module, name string, depth int) (*Module, *source.Decl) {
	shaped := func(list []*source.Decl) *source.Decl {
		for _, d := range list {
			if typeOnly(d) || d.Kind == source.Class {
				return d
			}
		}
		return nil
	}
	if d := shaped(m.Decls[name]); d != nil {
		return m, d
	}
	if e, ok := m.Imports[name]; ok {
		if s, state := t.follow(m, name, e, depth+1); state == Found && s.Module != nil {
			return s.Module, shaped(s.Decls)
		}
	}
	return nil, nil
}

// input says that users pass a type in, output that they get it.
func (c *Comparison) input(name string) bool {
	in, out := c.Direction(name)
	return in || !out
}

func (c *Comparison) members(symbol string, old, now *Symbol, x, y *source.Decl) []Break {
	before, wholeBefore := c.Old.all(old.Module, x, 0)
	after, whole := c.New.all(now.Module, y, 0)
	in, out := c.Direction(symbol)
	var list []Break
	add := func(name, text string, soft bool, line int) {
		b := Break{Symbol: symbol + "." + name, Text: text, Soft: soft, Line: line}
		if m := before[name]; m != nil {
			b.Deprecated, b.Internal = documented(old.Module.File, m)
		}
		list = append(list, b)
	}
	for _, name := range sorted(before) {
		was, is := before[name], after[name]
		switch {
		case !offered(was):
		case is == nil && whole:
			add(name, "was removed", false, 0)
		case is == nil:
			add(name, "was removed", slices.ContainsFunc(x.Members, func(d *source.Decl) bool { return d == was }) && !sameBases(x, y), 0)
		case name == "constructor" && x.Kind == source.Class:
			list = append(list, function("new "+symbol, was, is)...)
		case was.Kind == source.Method && is.Kind == source.Method:
			if overloaded(x, name) || overloaded(y, name) {
				continue
			}
			list = append(list, function(symbol+"."+name, was, is)...)
		case was.Kind != is.Kind:
			add(name, "changed its kind", true, is.Span.Line)
		default:
			if was.Optional && !is.Optional && x.Kind != source.Class {
				add(name, "is now required", !in, is.Span.Line)
			}
			if !was.Optional && is.Optional && x.Kind != source.Class {
				add(name, "may now be missing", !out, is.Span.Line)
			}
			for _, b := range c.retyped(symbol+"."+name, was.Type, is.Type, in || !out, is.Span.Line) {
				b.Soft = b.Soft || !in && !out && !primitive.MatchString(canonical(is.Type))
				list = append(list, b)
			}
		}
	}
	if x.Kind == source.Class || !wholeBefore {
		return list
	}
	for _, name := range sorted(after) {
		if is := after[name]; before[name] == nil && !is.Optional && offered(is) && in {
			add(name, "was added and is required", !whole, is.Span.Line)
		}
	}
	return list
}

func overloaded(d *source.Decl, name string) bool {
	n := 0
	for _, m := range d.Members {
		if m.Name == name {
			n++
		}
	}
	return n > 1
}

func sameBases(x, y *source.Decl) bool {
	return slices.Equal(x.Bases, y.Bases)
}

// offered says that users may name a member.
func offered(d *source.Decl) bool {
	return d.Exported && !strings.HasPrefix(d.Name, "_") && !strings.HasPrefix(d.Name, "#") && !strings.HasPrefix(d.Name, "[") && !strings.HasPrefix(d.Name, "$$")
}

// retyped compares two types of one name.
func (c *Comparison) retyped(symbol, was, is string, input bool, line int) []Break {
	text, soft := retype(was, is, input)
	if text == "" {
		return nil
	}
	return []Break{{Symbol: symbol, Text: "is now " + text, Soft: soft, Line: line}}
}

func enum(symbol string, x, y *source.Decl) []Break {
	var list []Break
	for _, was := range x.Members {
		i := slices.IndexFunc(y.Members, func(d *source.Decl) bool { return d.Name == was.Name })
		switch {
		case i < 0:
			list = append(list, Break{Symbol: symbol + "." + was.Name, Text: "was removed", Line: y.Span.Line})
		case was.Default != "" && y.Members[i].Default != "" && was.Default != y.Members[i].Default:
			list = append(list, Break{Symbol: symbol + "." + was.Name, Text: "changed its value to " + brief(y.Members[i].Default), Soft: true, Line: y.Members[i].Span.Line})
		}
	}
	return list
}

// schema compares the keys of a zod, valibot, yup or io-ts object.
func schema(symbol string, x, y *source.Decl) []Break {
	var list []Break
	if len(y.Members) == 0 || strings.Contains(y.Default, "...") || strings.Contains(y.Default, ".extend(") || strings.Contains(y.Default, ".merge(") {
		return nil
	}
	for _, was := range x.Members {
		i := slices.IndexFunc(y.Members, func(d *source.Decl) bool { return d.Name == was.Name })
		switch {
		case i < 0:
			list = append(list, Break{Symbol: symbol + "." + was.Name, Text: "was removed", Line: y.Span.Line})
		case was.Optional && !y.Members[i].Optional:
			list = append(list, Break{Symbol: symbol + "." + was.Name, Text: "is now required", Line: y.Members[i].Span.Line})
		}
	}
	for _, is := range y.Members {
		if !is.Optional && !slices.ContainsFunc(x.Members, func(d *source.Decl) bool { return d.Name == is.Name }) {
			list = append(list, Break{Symbol: symbol + "." + is.Name, Text: "was added and is required", Line: is.Span.Line})
		}
	}
	return list
}

// object compares the keys of a constant that is an object literal.
func object(symbol string, old, now *Symbol, x, y *source.Decl) []Break {
	was, is := literalAt(old.Module.File, x), literalAt(now.Module.File, y)
	if was == nil || is == nil || is.Spread {
		return nil
	}
	var list []Break
	for _, k := range was.Keys {
		if !strings.HasPrefix(k.Name, "_") && !slices.ContainsFunc(is.Keys, func(n source.Key) bool { return n.Name == k.Name }) {
			list = append(list, Break{Symbol: symbol + "." + k.Name, Text: "was removed", Line: y.Span.Line})
		}
	}
	return list
}

func literalAt(f *source.File, d *source.Decl) *source.Object {
	if !strings.HasPrefix(d.Default, "{") {
		return nil
	}
	for _, o := range f.Objects {
		if o.Name == d.Name && d.Span.Start <= o.Span.Start && o.Span.End <= d.Span.End {
			return o
		}
	}
	return nil
}

func sorted(m map[string]*source.Decl) []string {
	var list []string
	for name := range m {
		list = append(list, name)
	}
	slices.Sort(list)
	return list
}

// Member finds a member of a class or an interface, its own or an inherited one; whole says that all bases could be read.
func (t *Tree) Member(s *Symbol, name string) (member *source.Decl, whole bool) {
	members, whole := t.all(s.Module, s.Decls[0], 0)
	return members[name], whole
}
