package graphql

import (
	"path"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// A Part is a parsed piece of a schema, with the file that it stands in.
type Part struct {
	Path string
	Doc  *ast.SchemaDocument
	// Whole: it is a complete schema by itself, as an introspection result is.
	Whole bool
}

// Group finds out which parts make up one schema. Parts that declare the same type do not go together; operations may be
// spread over many files. Where there is a choice, a part goes where the folder is nearest.
func Group(parts []Part) [][]Part {
	parts = slices.Clone(parts)
	slices.SortStableFunc(parts, func(a, b Part) int {
		if x, y := isRoot(a), isRoot(b); x != y {
			if x {
				return -1
			}
			return 1
		}
		return strings.Compare(a.Path, b.Path)
	})
	var groups []*group
	for _, p := range parts {
		names := declared(p)
		var best *group
		near := -1
		for _, g := range groups {
			if p.Whole || g.whole || g.conflicts(names) {
				continue
			}
			if n := g.nearness(p.Path); n > near {
				best, near = g, n
			}
		}
		if best == nil {
			best = &group{names: map[string]bool{}, whole: p.Whole}
			groups = append(groups, best)
		}
		best.parts = append(best.parts, p)
		for _, n := range names {
			best.names[n] = true
		}
	}
	list := make([][]Part, 0, len(groups))
	for _, g := range groups {
		list = append(list, g.parts)
	}
	return list
}

type group struct {
	parts []Part
	names map[string]bool
	whole bool
}

func (g *group) conflicts(names []string) bool {
	return slices.ContainsFunc(names, func(n string) bool { return g.names[n] })
}

func (g *group) nearness(p string) int {
	most := 0
	for _, q := range g.parts {
		if q.Path == p {
			return 1 << 20 // strings of one file
		}
		x, y := strings.Split(path.Dir(p), "/"), strings.Split(path.Dir(q.Path), "/")
		n := 0
		for n < len(x) && n < len(y) && x[n] == y[n] {
			n++
		}
		if len(x) == len(y) && n == len(x) {
			n++
		}
		most = max(most, n)
	}
	return most
}

func isRoot(p Part) bool {
	return len(p.Doc.Schema) > 0 || slices.ContainsFunc(p.Doc.Definitions, func(d *ast.Definition) bool { return d.Name == "Query" })
}

// declared are the names that a part declares: types, and the fields of operations, for a type of an operation may be
// declared in many files.
func declared(p Part) []string {
	var names []string
	for _, d := range p.Doc.Definitions {
		switch d.Name {
		case "Query", "Mutation", "Subscription":
			for _, f := range d.Fields {
				if f.Name != "_" && f.Name != "_empty" && f.Name != "_dummy" {
					names = append(names, d.Name+"."+f.Name)
				}
			}
		default:
			if d.Kind != ast.Scalar {
				names = append(names, d.Name)
			}
		}
	}
	if len(p.Doc.Schema) > 0 {
		names = append(names, "schema")
	}
	return names
}
