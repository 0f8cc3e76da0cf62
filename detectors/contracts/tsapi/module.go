package tsapi

// What one module declares and exports, read off its syntax.

import (
	"strings"

	"flightpoll/detectors/source"
)

// Module is one file.
type Module struct {
	File *source.File
	// Exports are what it exports by name, "default" included.
	Exports map[string]Export
	// Stars are the modules of `export * from`.
	Stars []string
	// Imports are what its imports bind; a namespace has the name "*".
	Imports map[string]Export
	// Decls are the top-level declarations by name; several are overloads, or a value and a type.
	Decls map[string][]*source.Decl
	// Dynamic says that exports may be added at run time.
	Dynamic bool
}

// Export is one exported or imported name: a local declaration, or what another module has by the name Target ("*" for all).
type Export struct {
	Local  string
	From   string
	Target string
	Line   int
}

// Read reads a parsed file.
func Read(f *source.File) *Module {
	m := &Module{File: f, Exports: map[string]Export{}, Imports: map[string]Export{}, Decls: map[string][]*source.Decl{}}
	for _, d := range f.Decls {
		if d.Parent == nil && d.Kind != source.Method && d.Kind != source.Field {
			m.Decls[d.Name] = append(m.Decls[d.Name], d)
		}
	}
	for _, imp := range f.Imports {
		for _, n := range imp.Names {
			name := n.Alias
			if name == "" {
				name = n.Name
			}
			m.Imports[name] = Export{From: imp.Path, Target: n.Name, Line: imp.Span.Line}
		}
	}
	if root := f.Root(); root != nil {
		for _, c := range root.Children() {
			m.statement(c)
		}
	}
	return m
}

func text(n source.Node, field string) string {
	if c := n.Field(field); c != nil {
		return c.Text()
	}
	return ""
}

func unquoted(s string) string { return strings.Trim(s, "\"'`") }

func (m *Module) statement(n source.Node) {
	switch n.Kind() {
	case "export_statement":
		m.export(n)
	case "import_statement":
		from := unquoted(text(n, "source"))
		for _, clause := range n.Children() {
			if clause.Kind() != "import_clause" {
				continue
			}
			for _, c := range clause.Children() {
				switch c.Kind() {
				case "identifier":
					m.Imports[c.Text()] = Export{From: from, Target: "default", Line: n.Span().Line}
				case "namespace_import":
					if list := c.Children(); len(list) == 1 {
						m.Imports[list[0].Text()] = Export{From: from, Target: "*", Line: n.Span().Line}
					}
				}
			}
		}
	case "lexical_declaration", "variable_declaration":
		for _, c := range n.Children() {
			if from := required(c.Field("value")); from != "" && c.Field("name") != nil && c.Field("name").Kind() == "identifier" {
				m.Imports[c.Field("name").Text()] = Export{From: from, Target: "*", Line: n.Span().Line}
			}
		}
	case "expression_statement":
		for _, c := range n.Children() {
			if c.Kind() == "assignment_expression" {
				m.assigned(c)
			} else if t := c.Text(); strings.Contains(t, "exports") && c.Kind() == "call_expression" {
				m.Dynamic = true
			}
		}
	case "if_statement", "for_statement", "for_in_statement", "try_statement":
		if strings.Contains(n.Text(), "exports") {
			m.Dynamic = true
		}
	}
}

// required is the module that `require("x")` names, "" for anything else.
func required(n source.Node) string {
	if n == nil || n.Kind() != "call_expression" || text(n, "function") != "require" {
		return ""
	}
	if args := n.Field("arguments"); args != nil && len(args.Children()) == 1 && args.Children()[0].Kind() == "string" {
		return unquoted(args.Children()[0].Text())
	}
	return ""
}

func (m *Module) export(n source.Node) {
	from, line := unquoted(text(n, "source")), n.Span().Line
	found := false
	for _, c := range n.Children() {
		switch c.Kind() {
		case "export_clause":
			found = true
			for _, s := range c.Children() {
				name, alias := unquoted(text(s, "name")), unquoted(text(s, "alias"))
				if alias == "" {
					alias = name
				}
				if name == "" {
					continue
				}
				if from != "" {
					m.Exports[alias] = Export{From: from, Target: name, Line: line}
				} else {
					m.Exports[alias] = Export{Local: name, Line: line}
				}
			}
		case "namespace_export":
			found = true
			if list := c.Children(); len(list) == 1 {
				m.Exports[unquoted(list[0].Text())] = Export{From: from, Target: "*", Line: line}
			}
		}
	}
	switch {
	case found:
	case from != "":
		m.Stars = append(m.Stars, from)
	case strings.HasPrefix(n.Text(), "export default"):
		local := "default"
		if d := n.Field("declaration"); d != nil && text(d, "name") != "" {
			local = text(d, "name")
		} else if v := n.Field("value"); v != nil && v.Kind() == "identifier" {
			local = v.Text()
		}
		m.Exports["default"] = Export{Local: local, Line: line}
	default:
		m.declared(n, line)
	}
}

// declared exports what is declared inside of an export statement.
func (m *Module) declared(n source.Node, line int) {
	span := n.Span()
	for name, list := range m.Decls {
		for _, d := range list {
			if span.Start <= d.Span.Start && d.Span.End <= span.End {
				m.Exports[name] = Export{Local: name, Line: line}
			}
		}
	}
	for _, c := range n.Children() { // export const { a, b } = ...
		for _, v := range c.Children() {
			if name := v.Field("name"); name != nil && strings.HasSuffix(name.Kind(), "_pattern") {
				m.pattern(name, line)
			}
		}
	}
}

func (m *Module) pattern(n source.Node, line int) {
	for _, c := range n.Children() {
		switch c.Kind() {
		case "shorthand_property_identifier_pattern", "identifier":
			m.Exports[c.Text()] = Export{Local: c.Text(), Line: line}
		case "pair_pattern":
			if v := c.Field("value"); v != nil && v.Kind() == "identifier" {
				m.Exports[v.Text()] = Export{Local: v.Text(), Line: line}
			}
		default:
			m.Dynamic = m.Dynamic || c.Kind() == "rest_pattern"
		}
	}
}

// assigned reads CommonJS: `module.exports = ...`, `exports.name = ...`.
func (m *Module) assigned(n source.Node) {
	left, right, line := text(n, "left"), n.Field("right"), n.Span().Line
	for right != nil && right.Kind() == "assignment_expression" { // exports = module.exports = ...
		if l := text(right, "left"); l == "module.exports" || l == "exports" {
			left = "module.exports"
		}
		right = right.Field("right")
	}
	if right == nil {
		return
	}
	name, named := strings.CutPrefix(strings.TrimPrefix(left, "module."), "exports.")
	switch {
	case named && !strings.ContainsAny(name, ".[("):
		e := Export{Local: name, Line: line}
		if right.Kind() == "identifier" {
			e.Local = right.Text()
		}
		m.Exports[name] = e
	case left != "module.exports":
	case required(right) != "":
		m.Stars = append(m.Stars, required(right))
	case right.Kind() == "object":
		for _, c := range right.Children() {
			switch c.Kind() {
			case "shorthand_property_identifier":
				m.Exports[c.Text()] = Export{Local: c.Text(), Line: line}
			case "pair":
				m.Exports[unquoted(text(c, "key"))] = Export{Local: text(c, "value"), Line: line}
			case "method_definition":
				m.Exports[text(c, "name")] = Export{Local: text(c, "name"), Line: line}
			case "spread_element":
				m.Dynamic = true
			}
		}
	default:
		m.Exports["default"] = Export{Local: right.Text(), Line: line}
		m.Dynamic = true // the exported value may have any member
	}
}
