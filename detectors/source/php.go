package source

import (
	"strings"

	"flightpoll/detectors/source/syntax"
)

// importUsed is one clause of `use A\B as C` or of a group `use A\{B, C}`.
func (x *extraction) importUsed(m *syntax.Match) {
	name := strings.TrimPrefix(x.folded(m.Get("path")), `\`)
	for up, steps := x.Parent(m.Node), 0; up != syntax.None && steps < 2; up, steps = x.Parent(up), steps+1 {
		for _, c := range x.Children(up) {
			if x.Kind(c).String() == "namespace_name" {
				name = x.folded(c) + `\` + name
			}
		}
	}
	last := name[strings.LastIndexByte(name, '\\')+1:]
	x.file.Imports = append(x.file.Imports, &Import{
		Path: name, Names: []ImportedName{{last, x.folded(m.Get("alias"))}}, Span: x.span(m.Node),
	})
}
