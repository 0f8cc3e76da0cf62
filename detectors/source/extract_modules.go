package source

import (
	"strings"

	"flightpoll/detectors/source/syntax"
)

func (x *extraction) imports(m *syntax.Match, kind string) {
	list := x.file.Imports
	switch kind {
	case "qualified", "namespace":
		x.qualified(m, kind)
	case "used":
		x.importUsed(m)
	case "tree":
		x.importTree(m.Get("tree"), "", x.span(m.Node), 0)
	case "modules": // one import for each module of the list
		for _, id := range m.All("module") {
			i := &Import{Path: x.folded(id), Span: x.span(m.Node)}
			if p := x.part(id, "part.import"); p != nil {
				i.Path, i.Alias = x.folded(p.Get("name")), x.folded(p.Get("alias"))
			}
			x.file.Imports = append(x.file.Imports, i)
		}
	case "name": // a name of the import just before
		if len(list) == 0 || list[len(list)-1].Span.End < x.End(m.Node) {
			return
		}
		last := list[len(list)-1]
		last.Names = append(last.Names, ImportedName{x.name(m.Get("name")), x.name(m.Get("alias"))})
	case "given": // the variable or the names that take a required module; the import itself follows inside
		i := &Import{Alias: x.folded(m.Get("alias")), Span: x.span(m.Node)}
		for _, name := range m.All("name") {
			i.Names = append(i.Names, ImportedName{Name: x.name(name)})
		}
		x.file.Imports = append(x.file.Imports, i)
	default:
		path, _ := unquote(x.folded(m.Get("path")))
		if len(list) > 0 && list[len(list)-1].Path == "" && list[len(list)-1].Span.End >= x.End(m.Node) {
			list[len(list)-1].Path = path
			return
		}
		if len(list) > 0 && list[len(list)-1].Span.Start == x.Start(m.Node) {
			if list[len(list)-1].Alias == "" { // a second pattern for the same statement
				list[len(list)-1].Alias = x.folded(m.Get("alias"))
			}
			return
		}
		i := &Import{Path: path, Alias: x.folded(m.Get("alias")), Span: x.span(m.Node)}
		for _, id := range m.All("names") {
			name := ImportedName{Name: x.folded(id)}
			if p := x.part(id, "part.import"); p != nil {
				name = ImportedName{x.folded(p.Get("name")), x.folded(p.Get("alias"))}
			}
			i.Names = append(i.Names, name)
		}
		x.file.Imports = append(x.file.Imports, i)
	}
}

func (x *extraction) export(m *syntax.Match, kind string) {
	names := m.All("name")
	switch kind {
	case "":
		x.exports[m.Node] = true
	case "list":
		x.listed = true
		for _, id := range names {
			value, _ := unquote(x.Content(id))
			x.exported[value] = true
		}
	default:
		for _, id := range names {
			x.exported[x.name(id)] = true
		}
	}
}

// commonJS says whether a declaration's text is an assignment to the module's exports.
func commonJS(text string) bool {
	return strings.HasPrefix(text, "exports.") || strings.HasPrefix(text, "module.exports.")
}

// markExported sets Exported on what the module's export statements, its list of names or the language's rule let out.
func (x *extraction) markExported() {
	for node, d := range x.declAt {
		if d.Parent != nil || x.reader.Visible != nil {
			continue
		}
		switch {
		case x.listed:
			d.Exported = x.exported[d.Name]
		case x.exported[d.Name], x.reader.Public != nil && x.reader.Public(d.Name):
			d.Exported = true
		case x.reader.Public == nil:
			for up, steps := node, 0; up != syntax.None && steps < 3 && !d.Exported; up, steps = x.Parent(up), steps+1 {
				d.Exported = x.exports[up]
			}
			d.Exported = d.Exported || commonJS(x.Content(node))
		}
	}
	for _, d := range x.file.Decls { // members go with their type
		if p := d.Parent; p != nil && d.Exported {
			d.Exported = p.Exported && (x.reader.Public == nil || x.reader.Public(d.Name))
		}
	}
}
