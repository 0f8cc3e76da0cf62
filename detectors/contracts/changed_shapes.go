package contracts

import (
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
)

// Shape is a serialised record whose names or kinds the branch changed, as it is now: what a test can pin.
type Shape struct {
	// Owner names it as its file does ("Customer", "Order.items" for a nested one, a route for a handler's answer).
	Owner string
	// Language is source.Language's value, or that of the document it is described in.
	Language string
	// Path and Line are where it is declared, relative to the repository's root.
	Path string
	Line int
	// Declared says that a type or a schema of the program declares it; a handler's literal answer is not.
	Declared bool
	// Complete says that every part of it could be read, also of the types that it takes over.
	Complete bool
	Fields   []ShapeField
}

// ShapeField is one key of a Shape. Kind is string, number, boolean, object, array, or empty where it is not known.
type ShapeField struct {
	Wire, Kind string
	Optional   bool
}

// emptyBases are base classes that bring no fields along.
var emptyBases = []string{"BaseModel", "TypedDict", "NamedTuple", "object", "Protocol", "Generic", "ABC", "SQLModel"}

// ChangedShapes are the shapes that are another one on the wire than at the merge base, in the order of their files.
func ChangedShapes(pass *detectors.Pass) ([]Shape, error) {
	s := &survey{}
	before := side{pass.Branch, pass.Source, true}
	after := side{pass.Branch, pass.Source, false}
	var list []Shape
	for _, f := range pass.Branch.Files {
		if err := pass.Context.Err(); err != nil {
			return nil, err
		}
		if f.Binary || f.TooLarge || f.Vendored || f.Generated || !declares(f.Path) || f.Status == branch.Added || f.Status == branch.Deleted {
			continue
		}
		old, now := s.shapesIn(before, cmpOr(f.OldPath, f.Path)), s.shapesIn(after, f.Path)
		for _, m := range matchShapes(old, now, now, old) {
			if was, is := fieldsOf(m.old), fieldsOf(m.now); !slices.Equal(was, is) {
				list = append(list, Shape{
					Owner: m.now.owner, Language: m.now.dialect, Path: m.now.path, Line: m.now.line,
					Declared: !m.now.reply, Complete: !slices.ContainsFunc(m.now.unread, func(name string) bool { return !slices.Contains(emptyBases, name[strings.LastIndexByte(name, '.')+1:]) }), Fields: is,
				})
			}
		}
	}
	return list, nil
}

// fieldsOf are the fields of a shape by their names on the wire, sorted.
func fieldsOf(s *shape) []ShapeField {
	var list []ShapeField
	for _, f := range s.fields {
		list = append(list, ShapeField{Wire: f.wire, Kind: string(f.kind), Optional: f.optional})
	}
	slices.SortFunc(list, func(a, b ShapeField) int { return strings.Compare(a.Wire, b.Wire) })
	return slices.CompactFunc(list, func(a, b ShapeField) bool { return a.Wire == b.Wire })
}
