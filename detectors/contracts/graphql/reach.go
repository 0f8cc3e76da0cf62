package graphql

// What of a schema a document can name.

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// reachable are the types that a document can name, by way of the operations; all of them where a schema has no operation.
func reachable(s *ast.Schema) map[string]bool {
	seen := map[string]bool{}
	var queue []string
	visit := func(name string) {
		if !seen[name] && s.Types[name] != nil {
			seen[name] = true
			queue = append(queue, name)
		}
	}
	for _, d := range []*ast.Definition{s.Query, s.Mutation, s.Subscription} {
		if d != nil {
			visit(d.Name)
		}
	}
	if len(queue) == 0 || s.Query == nil {
		for name := range s.Types {
			visit(name)
		}
	}
	for len(queue) > 0 {
		d := s.Types[queue[0]]
		queue = queue[1:]
		for _, f := range d.Fields {
			visit(f.Type.Name())
			for _, a := range f.Arguments {
				visit(a.Type.Name())
			}
		}
		for _, name := range slices.Concat(d.Types, d.Interfaces) {
			visit(name)
		}
		for _, p := range s.PossibleTypes[d.Name] {
			if p != nil {
				visit(p.Name)
			}
		}
	}
	return seen
}

// Mentioned says that a field, an argument or a union of a schema has a type: what becomes of those is told.
func Mentioned(s *ast.Schema, name string) bool {
	for _, d := range s.Types {
		if slices.Contains(d.Types, name) {
			return true
		}
		for _, f := range d.Fields {
			if f.Type.Name() == name || slices.ContainsFunc(f.Arguments, func(a *ast.ArgumentDefinition) bool { return a.Type.Name() == name }) {
				return true
			}
		}
	}
	return false
}
