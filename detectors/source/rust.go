package source

import (
	"strings"

	"flightpoll/detectors/source/syntax"
)

// notValues are the kinds of node in which a path of Rust names a module or what is called, no value.
var notValues = words(`use_declaration scoped_use_list use_list use_as_clause use_wildcard scoped_identifier scoped_type_identifier
	attribute macro_invocation generic_function visibility_modifier`)

// impl opens the scope of the methods that are implemented for a type.
func (x *extraction) impl(m *syntax.Match) {
	name, _, _ := strings.Cut(x.folded(m.Get("name")), "<")
	d := &Decl{Kind: Class, Name: name[strings.LastIndexByte(name, ':')+1:]}
	if trait := x.folded(m.Get("trait")); trait != "" {
		d.Bases = []string{trait}
	}
	x.impls = append(x.impls, d)
	x.scopes = append(x.scopes, scope{x.Past(m.Node), d})
}

// readRust gives methods to the types that they are implemented for, and exports what is `pub`.
func (x *extraction) readRust() {
	types := map[string]*Decl{}
	for _, d := range x.file.Decls {
		if d.Kind == Struct || d.Kind == Enum || d.Kind == Type {
			if types[d.Name] == nil {
				types[d.Name] = d
			}
		}
	}
	byTrait := map[*Decl]bool{}
	for _, i := range x.impls {
		for _, m := range i.Members {
			m.Parent = types[i.Name]
			if m.Parent != nil {
				m.Parent.Members = append(m.Parent.Members, m)
			}
			byTrait[m] = len(i.Bases) > 0
		}
		if t := types[i.Name]; t != nil {
			t.Bases = append(t.Bases, i.Bases...)
		}
	}
	public := func(d *Decl) bool { return d != nil && d.Exported }
	for node, d := range x.declAt {
		visible := x.First(node)
		open := visible != syntax.None && x.Content(visible) == "pub"
		switch p := d.Parent; {
		case p != nil && (p.Kind == Enum || p.Kind == EnumValue || p.Kind == Interface) || byTrait[d]:
			d.Exported = p == nil || public(p)
		default:
			d.Exported = open && (p == nil || p.Kind == Type || public(p))
		}
	}
}

// importTree is a use tree: `a::b`, `a::{b, c as d}`, `a::*`, each below the path before it.
func (x *extraction) importTree(id syntax.ID, before string, span Span, depth int) {
	if id == syntax.None || depth > 20 {
		return
	}
	join := func(name string) string { return strings.TrimPrefix(before+"::"+name, "::") }
	add := func(path, alias string) {
		module, name := "", path
		if i := strings.LastIndex(path, "::"); i >= 0 {
			module, name = path[:i], path[i+2:]
		}
		if module == "" {
			x.file.Imports = append(x.file.Imports, &Import{Path: name, Alias: alias, Span: span})
			return
		}
		if n := len(x.file.Imports); n > 0 && x.file.Imports[n-1].Span == span && x.file.Imports[n-1].Path == module {
			x.file.Imports[n-1].Names = append(x.file.Imports[n-1].Names, ImportedName{name, alias})
			return
		}
		x.file.Imports = append(x.file.Imports, &Import{Path: module, Names: []ImportedName{{name, alias}}, Span: span})
	}
	field := func(name string) syntax.ID { return x.Child(id, syntax.Intern(name)) }
	switch x.Kind(id).String() {
	case "scoped_use_list":
		x.importTree(field("list"), join(x.folded(field("path"))), span, depth+1)
	case "use_list":
		for _, item := range x.items(id) {
			x.importTree(item, before, span, depth+1)
		}
	case "use_as_clause":
		add(join(x.folded(field("path"))), x.folded(field("alias")))
	case "use_wildcard":
		path := strings.TrimSuffix(strings.TrimSuffix(x.folded(id), "*"), "::")
		add(join(path)+"::*", "")
	case "self":
		add(before, "")
	default:
		add(join(x.folded(id)), "")
	}
}
