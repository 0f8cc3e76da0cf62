package graphql

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
)

// IsIntrospection says whether a JSON text looks like the answer to an introspection query (the specification's section
// 4.2), as tools commit it as schema.json.
func IsIntrospection(content []byte) bool {
	return len(content) < 4*maxText && bytes.Contains(content[:min(len(content), 4<<10)], []byte(`"__schema"`))
}

type introspected struct {
	Schema *struct {
		QueryType, MutationType, SubscriptionType *struct{ Name string }
		Types                                     []introspectedType
		Directives                                []struct {
			Name      string
			Locations []string
			Args      []introspectedValue
		}
	} `json:"__schema"`
}

type introspectedType struct {
	Kind, Name string
	Fields     []struct {
		Name              string
		Args              []introspectedValue
		Type              introspectedRef
		IsDeprecated      bool
		DeprecationReason string
	}
	InputFields   []introspectedValue
	Interfaces    []introspectedRef
	PossibleTypes []introspectedRef
	EnumValues    []struct {
		Name              string
		IsDeprecated      bool
		DeprecationReason string
	}
}

type introspectedValue struct {
	Name         string
	Type         introspectedRef
	DefaultValue *string
}

type introspectedRef struct {
	Kind, Name string
	OfType     *introspectedRef
}

var errNoSchema = errors.New("no introspection result")

// Introspection reads an introspection result as the schema that it describes. Lines are those where a name first stands.
func Introspection(p string, content []byte) (*ast.SchemaDocument, error) {
	var top struct {
		introspected
		Data *introspected
	}
	if err := json.Unmarshal(content, &top); err != nil {
		return nil, err
	}
	got := top.Schema
	if got == nil && top.Data != nil {
		got = top.Data.Schema
	}
	if got == nil || len(got.Types) == 0 {
		return nil, errNoSchema
	}
	src := &ast.Source{Name: p}
	at := func(name string) *ast.Position {
		line := 0
		for _, form := range []string{`"name": "` + name + `"`, `"name":"` + name + `"`} {
			if i := bytes.Index(content, []byte(form)); i >= 0 && line == 0 {
				line = 1 + bytes.Count(content[:i], []byte("\n"))
			}
		}
		return &ast.Position{Line: line, Src: src}
	}
	doc := &ast.SchemaDocument{}
	roots := &ast.SchemaDefinition{}
	for op, t := range map[ast.Operation]*struct{ Name string }{ast.Query: got.QueryType, ast.Mutation: got.MutationType, ast.Subscription: got.SubscriptionType} {
		if t != nil {
			roots.OperationTypes = append(roots.OperationTypes, &ast.OperationTypeDefinition{Operation: op, Type: t.Name})
		}
	}
	doc.Schema = ast.SchemaDefinitionList{roots}
	for _, t := range got.Types {
		if !strings.HasPrefix(t.Name, "__") {
			doc.Definitions = append(doc.Definitions, t.definition(at(t.Name), src))
		}
	}
	for _, d := range got.Directives {
		def := &ast.DirectiveDefinition{Name: d.Name, Arguments: arguments(d.Args, src), Position: at(d.Name)}
		for _, l := range d.Locations {
			def.Locations = append(def.Locations, ast.DirectiveLocation(l))
		}
		doc.Directives = append(doc.Directives, def)
	}
	return doc, nil
}

func (t introspectedType) definition(at *ast.Position, src *ast.Source) *ast.Definition {
	d := &ast.Definition{Kind: ast.DefinitionKind(t.Kind), Name: t.Name, Position: at}
	for _, f := range t.Fields {
		d.Fields = append(d.Fields, &ast.FieldDefinition{
			Name: f.Name, Type: f.Type.typ(0), Arguments: arguments(f.Args, src), Directives: deprecation(f.IsDeprecated, f.DeprecationReason), Position: at,
		})
	}
	for _, f := range t.InputFields {
		d.Fields = append(d.Fields, &ast.FieldDefinition{Name: f.Name, Type: f.Type.typ(0), DefaultValue: f.value(src), Position: at})
	}
	for _, i := range t.Interfaces {
		d.Interfaces = append(d.Interfaces, i.Name)
	}
	if t.Kind == string(ast.Union) {
		for _, p := range t.PossibleTypes {
			d.Types = append(d.Types, p.Name)
		}
	}
	for _, v := range t.EnumValues {
		d.EnumValues = append(d.EnumValues, &ast.EnumValueDefinition{Name: v.Name, Directives: deprecation(v.IsDeprecated, v.DeprecationReason), Position: at})
	}
	return d
}

func deprecation(yes bool, reason string) ast.DirectiveList {
	if !yes {
		return nil
	}
	return ast.DirectiveList{{Name: "deprecated", Arguments: ast.ArgumentList{{Name: "reason", Value: &ast.Value{Raw: reason, Kind: ast.StringValue}}}}}
}

func arguments(list []introspectedValue, src *ast.Source) ast.ArgumentDefinitionList {
	var args ast.ArgumentDefinitionList
	for _, a := range list {
		args = append(args, &ast.ArgumentDefinition{Name: a.Name, Type: a.Type.typ(0), DefaultValue: a.value(src), Position: &ast.Position{Src: src}})
	}
	return args
}

func (r introspectedRef) typ(depth int) *ast.Type {
	if r.OfType == nil || depth > 20 {
		return &ast.Type{NamedType: r.Name}
	}
	inner := r.OfType.typ(depth + 1)
	if r.Kind == "NON_NULL" {
		inner.NonNull = true
		return inner
	}
	return &ast.Type{Elem: inner}
}

// value is a default as it is written; it is parsed as part of a small schema.
func (v introspectedValue) value(src *ast.Source) *ast.Value {
	if v.DefaultValue == nil || tooDeep(*v.DefaultValue) {
		return nil
	}
	doc, err := parser.ParseSchemaWithLimit(&ast.Source{Name: src.Name, Input: "input X { x: X = " + *v.DefaultValue + " }"}, maxTokens)
	if err != nil || len(doc.Definitions) != 1 || len(doc.Definitions[0].Fields) != 1 {
		return nil
	}
	return doc.Definitions[0].Fields[0].DefaultValue
}
