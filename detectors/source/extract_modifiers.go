package source

import (
	"slices"
	"strings"

	"flightpoll/detectors/source/syntax"
)

// The languages whose declarations begin with modifiers (Java, Kotlin, C#) keep annotations and attributes among them.

// isAnnotation says whether a node is an annotation or a list of attributes.
func (x *extraction) isAnnotation(id syntax.ID) bool {
	switch x.Kind(id).String() {
	case "annotation", "marker_annotation", "attribute_list":
		return true
	}
	return false
}

// modifiers are the words before a declaration: public, static, const, data.
func (x *extraction) modifiers(id syntax.ID) []string {
	var list []string
	for c := x.First(id); c != syntax.None; c = x.Next(c) {
		switch x.Kind(c).String() {
		case "modifier":
			list = append(list, x.Content(c))
		case "modifiers":
			for m := x.First(c); m != syntax.None; m = x.Next(m) {
				if !x.isAnnotation(m) {
					list = append(list, x.Content(m))
				}
			}
		}
	}
	return list
}

// plainSpan is the span of a declaration without the annotations, attributes and comments before it.
func (x *extraction) plainSpan(id syntax.ID) Span {
	span := x.span(id)
	at := x.First(id)
	for at != syntax.None {
		switch {
		case x.Kind(at).String() == "modifiers" && x.First(at) != syntax.None:
			inner := x.First(at)
			for inner != syntax.None && (x.isAnnotation(inner) || x.isComment(inner)) {
				inner = x.Next(inner)
			}
			if inner == syntax.None {
				at = x.Next(at)
				continue
			}
			at = inner
		case x.isAnnotation(at) || x.isComment(at):
			at = x.Next(at)
			continue
		}
		span.Start = x.Start(at)
		span.Line, span.Column = x.Line(span.Start)
		return span
	}
	return span
}

// each declares what one statement or head declares several of: the variables of a field's statement, the components of a
// record. All of them have the modifiers and annotations of the statement.
func (x *extraction) each(m *syntax.Match) {
	owner, local := x.around()
	components := x.declAt[m.Node] != nil
	if components {
		owner = x.declAt[m.Node]
	}
	if owner == nil || local && !components {
		return
	}
	typ := x.folded(m.Get("type"))
	for i, id := range m.All("each") {
		part := x.part(id, "part.param")
		if part == nil {
			continue
		}
		holder := m.Node
		if components {
			holder = id
		}
		d := &Decl{Kind: Field, Name: x.folded(part.Get("name")), Type: typ, Default: x.folded(part.Get("default")), Span: x.span(id)}
		if part.Has("type") {
			d.Type = x.folded(part.Get("type"))
		}
		node := id
		if !components && i == 0 {
			node, d.Span = m.Node, x.plainSpan(m.Node)
		}
		words := x.modifiers(holder)
		d.Exported = components || x.visible(owner, words)
		if slices.Contains(words, "static") || slices.Contains(words, "const") || owner.Kind == Interface {
			d.Kind = Const
		}
		d.modifiers = words
		x.add(d, node, owner)
	}
}

// visible says whether a member with these modifiers is seen outside: what an interface has is as visible as it.
func (x *extraction) visible(owner *Decl, words []string) bool {
	if owner != nil && (owner.Kind == Interface || owner.Kind == Enum) {
		return !slices.Contains(words, "private")
	}
	return x.reader.Visible(words)
}

// qualified splits an imported name at its last dot into the module and the name taken from it.
func (x *extraction) qualified(m *syntax.Match, kind string) {
	path := strings.Join(strings.Fields(x.text(m.Get("path"))), "")
	i := &Import{Path: path, Span: x.span(m.Node)}
	dot := strings.LastIndexByte(path, '.')
	switch {
	case m.Has("all"):
		i.Names = []ImportedName{{Name: "*"}}
	case kind == "namespace" || dot < 0:
		i.Alias = x.folded(m.Get("alias"))
	default:
		i.Path = path[:dot]
		i.Names = []ImportedName{{path[dot+1:], x.folded(m.Get("alias"))}}
	}
	x.file.Imports = append(x.file.Imports, i)
}

// shareDecorators gives the variables of one statement the annotations of the first of them.
func shareDecorators(f *File) {
	var first *Decl
	for _, d := range f.Decls {
		if d.Kind != Field && d.Kind != Const {
			continue
		}
		if first != nil && d.Parent == first.Parent && len(d.Decorators) == 0 && d.Span.End <= first.Span.End {
			d.Decorators = first.Decorators
		}
		if first == nil || d.Span.End > first.Span.End {
			first = d
		}
	}
}
