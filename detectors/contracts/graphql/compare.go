package graphql

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// A Level says how much a change matters to clients; the words are GraphQL Inspector's.
type Level int

// The levels.
const (
	// Dangerous changes may surprise clients that are valid against both schemas.
	Dangerous Level = iota
	// Breaking changes make valid documents or variables invalid, or answers look different from what was promised.
	Breaking
)

// A Change is one that is not safe.
type Change struct {
	// Rule is GraphQL Inspector's name of the kind of change; Path what changed: "Type.field.argument", "Enum.VALUE", "@directive".
	Rule, Path string
	Level      Level
	Message    string
	// Deprecated: what was removed had been marked so. Removed: a document that names it is invalid now.
	Deprecated, Removed bool
	// Unreachable: it is part of a type that no operation leads to, so that no document can name it.
	Unreachable bool
	// Was is where it stands in the old schema, Now where it (or what it was part of) stands in the new one; nil for nowhere.
	Was, Now *ast.Position
}

// Compare lists what clients of the old schema may notice in the new one, sorted by path.
func Compare(old, now *ast.Schema) []Change {
	c := &comparer{old: old, now: now, reach: reachable(old)}
	c.operations()
	for _, name := range slices.Sorted(maps.Keys(old.Types)) {
		if was := old.Types[name]; !was.BuiltIn {
			c.typ(was, now.Types[name])
		}
	}
	for _, name := range slices.Sorted(maps.Keys(old.Directives)) {
		if was := old.Directives[name]; was.Position == nil || was.Position.Src == nil || !was.Position.Src.BuiltIn {
			c.directive(was, now.Directives[name])
		}
	}
	for i := range c.list {
		owner, _, _ := strings.Cut(c.list[i].Path, ".")
		c.list[i].Unreachable = old.Types[owner] != nil && !c.reach[owner]
	}
	slices.SortStableFunc(c.list, func(a, b Change) int { return cmp.Compare(a.Path, b.Path) })
	return c.list
}

type comparer struct {
	old, now *ast.Schema
	reach    map[string]bool
	list     []Change
}

func (c *comparer) tell(level Level, rule, path string, was, now *ast.Position, format string, args ...any) *Change {
	c.list = append(c.list, Change{Rule: rule, Path: path, Level: level, Message: fmt.Sprintf(format, args...), Was: was, Now: now})
	return &c.list[len(c.list)-1]
}

func (c *comparer) operations() {
	for _, r := range []struct {
		kind     string
		was, now *ast.Definition
	}{{"query", c.old.Query, c.now.Query}, {"mutation", c.old.Mutation, c.now.Mutation}, {"subscription", c.old.Subscription, c.now.Subscription}} {
		rule := "SCHEMA_" + strings.ToUpper(r.kind) + "_TYPE_CHANGED"
		switch {
		case r.was == nil || r.was.BuiltIn:
		case r.now == nil:
			c.tell(Breaking, rule, r.was.Name, r.was.Position, nil, "the schema has no %s type any more, it was %s", r.kind, r.was.Name).Removed = true
		case r.now.Name != r.was.Name:
			c.tell(Breaking, rule, r.was.Name, r.was.Position, r.now.Position, "the %s type is %s now, it was %s", r.kind, r.now.Name, r.was.Name)
		}
	}
}

// typ compares one type. Names that nobody declares are scalars on both sides.
func (c *comparer) typ(was, now *ast.Definition) {
	if now == nil || now.BuiltIn {
		c.tell(Breaking, "TYPE_REMOVED", was.Name, was.Position, nil, "type %s was removed", was.Name).Removed = true
		return
	}
	if was.Kind != now.Kind {
		c.tell(Breaking, "TYPE_KIND_CHANGED", was.Name, was.Position, now.Position, "type %s is %s now, it was %s", was.Name, kindText(now.Kind), kindText(was.Kind))
		return
	}
	switch was.Kind {
	case ast.Object, ast.Interface:
		c.fields(was, now)
		c.interfaces(was, now)
	case ast.InputObject:
		c.inputs(was, now)
	case ast.Enum:
		c.values(was, now)
	case ast.Union:
		c.members(was, now)
	case ast.Scalar:
	}
}

func kindText(k ast.DefinitionKind) string {
	text := strings.ToLower(strings.ReplaceAll(string(k), "_", " "))
	if strings.ContainsAny(text[:1], "aeiou") {
		return "an " + text
	}
	return "a " + text
}

func (c *comparer) fields(was, now *ast.Definition) {
	for _, f := range was.Fields {
		path := was.Name + "." + f.Name
		g := now.Fields.ForName(f.Name)
		if g == nil {
			r := c.tell(Breaking, "FIELD_REMOVED", path, f.Position, now.Position, "field %s was removed", path)
			r.Removed, r.Deprecated = true, f.Directives.ForName("deprecated") != nil
			continue
		}
		if f.Type.String() != g.Type.String() && !safeOutput(f.Type, g.Type) {
			c.tell(Breaking, "FIELD_TYPE_CHANGED", path, f.Position, g.Position, "field %s is %s now, it was %s", path, g.Type, f.Type)
		}
		c.arguments(path, f, g)
	}
}

func (c *comparer) arguments(path string, f, g *ast.FieldDefinition) {
	for _, a := range f.Arguments {
		b := g.Arguments.ForName(a.Name)
		at := path + "." + a.Name
		switch {
		case b == nil:
			r := c.tell(Breaking, "FIELD_ARGUMENT_REMOVED", at, a.Position, g.Position, "argument %s of field %s was removed", a.Name, path)
			r.Removed, r.Deprecated = true, a.Directives.ForName("deprecated") != nil
			continue
		case a.Type.String() != b.Type.String() && !safeInput(a.Type, b.Type):
			c.tell(demand(a.Type, b.Type, b.DefaultValue), "FIELD_ARGUMENT_TYPE_CHANGED", at, a.Position, b.Position, "argument %s of field %s is %s now, it was %s", a.Name, path, b.Type, a.Type)
		}
		if !sameValue(a.DefaultValue, b.DefaultValue) {
			c.tell(Dangerous, "FIELD_ARGUMENT_DEFAULT_CHANGED", at, a.Position, b.Position, "the default of argument %s of field %s is %s now, it was %s", a.Name, path, valueText(b.DefaultValue), valueText(a.DefaultValue))
		}
	}
	for _, b := range g.Arguments {
		if f.Arguments.ForName(b.Name) != nil {
			continue
		}
		if b.Type.NonNull && b.DefaultValue == nil {
			c.tell(Breaking, "FIELD_ARGUMENT_ADDED", path+"."+b.Name, f.Position, b.Position, "field %s needs the argument %s: %s now", path, b.Name, b.Type).Removed = true
		} else {
			c.tell(Dangerous, "FIELD_ARGUMENT_ADDED", path+"."+b.Name, f.Position, b.Position, "field %s takes the argument %s: %s now", path, b.Name, b.Type)
		}
	}
}

// demand is how much it hurts that an input has another type: one that may no longer be null hurts only those who send
// null, where a default stands in for those who send nothing.
func demand(was, now *ast.Type, standIn *ast.Value) Level {
	if standIn == nil || !now.NonNull {
		return Breaking
	}
	free := *now
	free.NonNull = false
	if was.String() == free.String() || safeInput(was, &free) {
		return Dangerous
	}
	return Breaking
}

func (c *comparer) inputs(was, now *ast.Definition) {
	for _, f := range was.Fields {
		path := was.Name + "." + f.Name
		g := now.Fields.ForName(f.Name)
		if g == nil {
			r := c.tell(Breaking, "INPUT_FIELD_REMOVED", path, f.Position, now.Position, "input field %s was removed", path)
			r.Removed, r.Deprecated = true, f.Directives.ForName("deprecated") != nil
			continue
		}
		if f.Type.String() != g.Type.String() && !safeInput(f.Type, g.Type) {
			c.tell(demand(f.Type, g.Type, g.DefaultValue), "INPUT_FIELD_TYPE_CHANGED", path, f.Position, g.Position, "input field %s is %s now, it was %s", path, g.Type, f.Type)
		}
		if !sameValue(f.DefaultValue, g.DefaultValue) {
			c.tell(Dangerous, "INPUT_FIELD_DEFAULT_VALUE_CHANGED", path, f.Position, g.Position, "the default of input field %s is %s now, it was %s", path, valueText(g.DefaultValue), valueText(f.DefaultValue))
		}
	}
	for _, g := range now.Fields {
		if was.Fields.ForName(g.Name) != nil || !g.Type.NonNull && g.DefaultValue == nil {
			continue
		}
		path := was.Name + "." + g.Name
		if g.DefaultValue == nil {
			c.tell(Breaking, "INPUT_FIELD_ADDED", path, was.Position, g.Position, "input field %s: %s is required now", path, g.Type).Removed = true
		} else {
			c.tell(Dangerous, "INPUT_FIELD_ADDED", path, was.Position, g.Position, "input field %s: %s was added with a default", path, g.Type)
		}
	}
}

func (c *comparer) values(was, now *ast.Definition) {
	for _, v := range was.EnumValues {
		if now.EnumValues.ForName(v.Name) == nil {
			r := c.tell(Breaking, "ENUM_VALUE_REMOVED", was.Name+"."+v.Name, v.Position, now.Position, "value %s of enum %s was removed", v.Name, was.Name)
			r.Removed, r.Deprecated = true, v.Directives.ForName("deprecated") != nil
		}
	}
	for _, v := range now.EnumValues {
		if was.EnumValues.ForName(v.Name) == nil {
			c.tell(Dangerous, "ENUM_VALUE_ADDED", was.Name+"."+v.Name, was.Position, v.Position, "enum %s has the value %s now", was.Name, v.Name)
		}
	}
}

func (c *comparer) members(was, now *ast.Definition) {
	for _, t := range was.Types {
		if !slices.Contains(now.Types, t) {
			c.tell(Breaking, "UNION_MEMBER_REMOVED", was.Name, was.Position, now.Position, "union %s no longer holds %s", was.Name, t).Removed = true
		}
	}
	for _, t := range now.Types {
		if !slices.Contains(was.Types, t) {
			c.tell(Dangerous, "UNION_MEMBER_ADDED", was.Name, was.Position, now.Position, "union %s may be %s now", was.Name, t)
		}
	}
}

func (c *comparer) interfaces(was, now *ast.Definition) {
	for _, i := range was.Interfaces {
		if !slices.Contains(now.Interfaces, i) {
			c.tell(Breaking, "OBJECT_TYPE_INTERFACE_REMOVED", was.Name, was.Position, now.Position, "type %s no longer implements %s", was.Name, i).Removed = true
		}
	}
	for _, i := range now.Interfaces {
		if !slices.Contains(was.Interfaces, i) {
			c.tell(Dangerous, "OBJECT_TYPE_INTERFACE_ADDED", was.Name, was.Position, now.Position, "type %s implements %s now", was.Name, i)
		}
	}
}
