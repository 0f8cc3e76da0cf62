package pyapi

// The names of one module, read off its syntax.

import (
	"slices"
	"strings"

	"flightpoll/detectors/source"
)

// Kind is what a name of a module or a class stands for.
type Kind string

// The kinds of member. A property counts as an attribute. An import stands for what it brings in.
const (
	Attribute Kind = "attribute"
	Function  Kind = "function"
	Class     Kind = "class"
	Import    Kind = "import"
	Submodule Kind = "module"
)

// Member is one name of a module or of a class.
type Member struct {
	Kind Kind
	Name string
	// File and Line are where it is declared; Line counts from 1.
	File string
	Line int
	// Params are a function's, the first one of a method included; Bound says that the first one is filled in by Python.
	Params []source.Param
	Bound  bool
	// Returns, Type and Value are the texts of annotations and of an attribute's value; Literal says that the value is one.
	Returns, Type, Value string
	Literal              bool
	// Alias is the name that an assignment gives another name to: `Old = New`.
	Alias string
	Bases []string
	// Decorators are their dotted names, without arguments.
	Decorators []string
	Members    map[string]*Member
	// Deprecated says that using it warns, or that its documentation says so.
	Deprecated bool
	// Instance says that a method sets it on self.
	Instance bool
	// From is an import's module as written, Target the name in it, empty for the module itself.
	From, Target string
	body         string
}

// Module is what one file offers.
type Module struct {
	Path    string
	Members map[string]*Member
	// All is __all__; HasAll says that there is one and that it could be read.
	All    []string
	HasAll bool
	// Stars are the modules of `from m import *`.
	Stars []string
	// Dynamic says that names may come and go at run time: a module's __getattr__, globals().update(...).
	Dynamic bool
	// Deprecated says that importing it warns.
	Deprecated bool
	Broken     bool
}

// maxDepth bounds nesting that is followed: blocks inside blocks, bases of bases, imports of imports.
const maxDepth = 24

// Read reads the names of one parsed Python file.
func Read(f *source.File) *Module {
	r := &reader{module: &Module{Path: f.Path, Members: map[string]*Member{}, Broken: f.Errors > 0}, decls: map[int]*source.Decl{}}
	for _, d := range f.Decls {
		if d.Kind == source.Function || d.Kind == source.Method {
			r.decls[d.Span.Start] = d
		}
	}
	if root := f.Root(); root != nil {
		r.block(root, r.module.Members, place{}, 0)
	}
	if _, has := r.module.Members["__getattr__"]; has {
		r.module.Dynamic = true
	}
	return r.module
}

type reader struct {
	module *Module
	decls  map[int]*source.Decl
	openTo bool // __all__ holds what could not be read
}

// place says where a block stands: in a class, and in a branch that is only the second choice (else, except).
type place struct {
	class  *Member
	second bool
}

func (r *reader) block(n source.Node, into map[string]*Member, at place, depth int) {
	if depth > maxDepth {
		return
	}
	for _, c := range n.Children() {
		r.statement(c, into, at, depth)
	}
}

func (r *reader) statement(n source.Node, into map[string]*Member, at place, depth int) {
	switch n.Kind() {
	case "function_definition":
		r.function(n, nil, into, at)
	case "class_definition":
		r.class(n, nil, into, at, depth)
	case "decorated_definition":
		var decorators []string
		for _, c := range n.Children() {
			switch c.Kind() {
			case "decorator":
				name, _, _ := strings.Cut(strings.TrimSpace(strings.TrimPrefix(c.Text(), "@")), "(")
				decorators = append(decorators, strings.TrimSpace(name))
			case "function_definition":
				r.function(c, decorators, into, at)
			case "class_definition":
				r.class(c, decorators, into, at, depth)
			}
		}
	case "import_statement", "import_from_statement":
		r.imports(n, into, at)
	case "expression_statement":
		for _, c := range n.Children() {
			r.expression(c, into, at, depth)
		}
	case "type_alias_statement":
		if list := n.Children(); len(list) > 0 {
			name, _, _ := strings.Cut(list[0].Text(), "[")
			r.put(into, &Member{Kind: Attribute, Name: strings.TrimSpace(name), Line: n.Span().Line}, at)
		}
	case "else_clause", "elif_clause", "except_clause", "except_group_clause":
		at.second = true
		r.block(n, into, at, depth+1)
	case "if_statement", "try_statement", "with_statement", "for_statement", "while_statement", "finally_clause", "block",
		"match_statement", "case_clause":
		if n.Kind() == "for_statement" && at.class == nil && strings.Contains(n.Text(), "globals()") {
			r.module.Dynamic = true
		}
		r.block(n, into, at, depth+1)
	}
}

func (r *reader) put(into map[string]*Member, m *Member, at place) {
	if m.Name == "" {
		return
	}
	m.File = r.module.Path
	if old := into[m.Name]; old != nil {
		overload := func(m *Member) bool { return slices.ContainsFunc(m.Decorators, isOverload) }
		if at.second || overload(m) && !overload(old) || setter(m) {
			return
		}
	}
	into[m.Name] = m
}

func isOverload(decorator string) bool { return last(decorator) == "overload" }

func setter(m *Member) bool {
	return slices.ContainsFunc(m.Decorators, func(d string) bool {
		return strings.HasPrefix(d, m.Name+".") && d != m.Name+".getter"
	})
}

// last is the last part of a dotted name.
func last(dotted string) string { return dotted[strings.LastIndexByte(dotted, '.')+1:] }

func (r *reader) class(n source.Node, decorators []string, into map[string]*Member, at place, depth int) {
	m := &Member{Kind: Class, Name: field(n, "name"), Line: n.Span().Line, Decorators: decorators, Members: map[string]*Member{}}
	if list := n.Field("superclasses"); list != nil {
		for _, base := range list.Children() {
			switch base.Kind() {
			case "keyword_argument", "comment":
			default:
				m.Bases = append(m.Bases, fold(base.Text()))
			}
		}
	}
	if body := n.Field("body"); body != nil {
		r.block(body, m.Members, place{class: m}, depth+1)
		m.Deprecated = deprecated(decorators, docstring(body), "")
		for _, name := range []string{"__init__", "__new__", "__init_subclass__"} {
			m.Deprecated = m.Deprecated || m.Members[name] != nil && wholly(m.Members[name])
		}
	}
	r.put(into, m, at)
}

func field(n source.Node, name string) string {
	if c := n.Field(name); c != nil {
		return c.Text()
	}
	return ""
}

func fold(text string) string { return strings.Join(strings.Fields(text), " ") }

func docstring(body source.Node) string {
	if list := body.Children(); len(list) > 0 && list[0].Kind() == "expression_statement" {
		if inner := list[0].Children(); len(inner) == 1 && inner[0].Kind() == "string" {
			return inner[0].Text()
		}
	}
	return ""
}
