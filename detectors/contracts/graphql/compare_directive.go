package graphql

// Changes of directives.

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// directive compares a directive. One that stands in schemas only is none of a client's business.
func (c *comparer) directive(was, now *ast.DirectiveDefinition) {
	path := "@" + was.Name
	if now == nil {
		c.tell(Breaking, "DIRECTIVE_REMOVED", path, was.Position, nil, "directive %s was removed", path).Removed = true
		return
	}
	for _, l := range was.Locations {
		if !slices.Contains(now.Locations, l) {
			c.tell(Breaking, "DIRECTIVE_LOCATION_REMOVED", path, was.Position, now.Position, "directive %s may no longer stand on %s", path, l)
		}
	}
	if was.IsRepeatable && !now.IsRepeatable {
		c.tell(Dangerous, "DIRECTIVE_REPEATABLE_REMOVED", path, was.Position, now.Position, "directive %s may not be repeated any more", path)
	}
	for _, a := range was.Arguments {
		b := now.Arguments.ForName(a.Name)
		at := path + "." + a.Name
		switch {
		case b == nil:
			c.tell(Breaking, "DIRECTIVE_ARGUMENT_REMOVED", at, a.Position, now.Position, "argument %s of directive %s was removed", a.Name, path)
			continue
		case a.Type.String() != b.Type.String() && !safeInput(a.Type, b.Type):
			c.tell(Breaking, "DIRECTIVE_ARGUMENT_TYPE_CHANGED", at, a.Position, b.Position, "argument %s of directive %s is %s now, it was %s", a.Name, path, b.Type, a.Type)
		}
		if !sameValue(a.DefaultValue, b.DefaultValue) {
			c.tell(Dangerous, "DIRECTIVE_ARGUMENT_DEFAULT_VALUE_CHANGED", at, a.Position, b.Position, "the default of argument %s of directive %s is %s now, it was %s", a.Name, path, valueText(b.DefaultValue), valueText(a.DefaultValue))
		}
	}
	for _, b := range now.Arguments {
		if was.Arguments.ForName(b.Name) == nil && b.Type.NonNull && b.DefaultValue == nil {
			c.tell(Breaking, "DIRECTIVE_ARGUMENT_ADDED", path+"."+b.Name, was.Position, b.Position, "directive %s needs the argument %s: %s now", path, b.Name, b.Type)
		}
	}
}

// OfDocuments says whether a directive may stand in a document of a client.
func OfDocuments(d *ast.DirectiveDefinition) bool {
	return slices.ContainsFunc(d.Locations, func(l ast.DirectiveLocation) bool {
		switch l {
		case ast.LocationQuery, ast.LocationMutation, ast.LocationSubscription, ast.LocationField, ast.LocationFragmentDefinition, ast.LocationFragmentSpread, ast.LocationInlineFragment, ast.LocationVariableDefinition:
			return true
		default:
			return false
		}
	})
}
