package graphql

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
)

// maxTokens bounds what is parsed of one text.
const maxTokens = 2_000_000

var errTooDeep = errors.New("too deeply nested")

// source gives a text to the parser so that lines are those of the file.
func (t Text) source() *ast.Source {
	if t.Flat {
		return &ast.Source{Name: t.Path, Input: t.Body}
	}
	return &ast.Source{Name: t.Path, Input: strings.Repeat("\n", max(0, t.Line-1)) + t.Body}
}

// line is that of the file at a line of the parsed source.
func (t Text) line(parsed int) int {
	if t.Flat {
		return t.Line
	}
	return parsed
}

// SDL parses a text as a schema or a part of one; nil without an error where it is something else, such as a query.
func (t Text) SDL() (*ast.SchemaDocument, error) {
	if !defines(t.Body) {
		return nil, nil
	}
	if tooDeep(t.Body) {
		return nil, errTooDeep
	}
	doc, err := parser.ParseSchemaWithLimit(t.source(), maxTokens)
	if err != nil {
		return nil, err
	}
	if len(doc.Definitions)+len(doc.Extensions)+len(doc.Schema)+len(doc.SchemaExtension)+len(doc.Directives) == 0 {
		return nil, nil
	}
	return doc, nil
}

// defines says whether the first word of a text, past comments and descriptions, is one of a schema's.
func defines(text string) bool {
	for {
		text = strings.TrimLeft(text, " \t\r\n,\ufeff")
		switch {
		case strings.HasPrefix(text, "#"):
			_, text, _ = strings.Cut(text, "\n")
			continue
		case strings.HasPrefix(text, `"""`):
			_, rest, ok := strings.Cut(text[3:], `"""`)
			if !ok {
				return false
			}
			text = rest
			continue
		case strings.HasPrefix(text, `"`):
			_, rest, ok := strings.Cut(text[1:], `"`)
			if !ok {
				return false
			}
			text = rest
			continue
		}
		word := text
		if i := strings.IndexFunc(text, func(r rune) bool { return r < 'a' || r > 'z' }); i >= 0 {
			word = text[:i]
		}
		return slices.Contains([]string{"type", "interface", "union", "enum", "input", "scalar", "extend", "schema", "directive"}, word)
	}
}

// Build makes a schema of parsed parts. It is forgiving, for a part of a repository's schema may come from elsewhere: types
// declared twice are merged, types that nobody declares are taken for scalars, directives are not checked.
func Build(parts ...*ast.SchemaDocument) *ast.Schema {
	s := &ast.Schema{
		Types: map[string]*ast.Definition{}, Directives: map[string]*ast.DirectiveDefinition{},
		PossibleTypes: map[string][]*ast.Definition{}, Implements: map[string][]*ast.Definition{},
	}
	prelude, err := parser.ParseSchema(validator.Prelude)
	if err == nil {
		parts = append([]*ast.SchemaDocument{prelude}, parts...)
	}
	roots := map[ast.Operation]string{}
	for _, p := range parts {
		for _, d := range slices.Concat(p.Definitions, p.Extensions) {
			add(s, d)
		}
		for _, d := range p.Directives {
			s.Directives[d.Name] = d
		}
		for _, d := range slices.Concat(p.Schema, p.SchemaExtension) {
			for _, o := range d.OperationTypes {
				roots[o.Operation] = o.Type
			}
		}
	}
	for _, name := range referenced(s) {
		if s.Types[name] == nil {
			s.Types[name] = &ast.Definition{Kind: ast.Scalar, Name: name, BuiltIn: true}
		}
	}
	s.Query = root(s, roots, ast.Query, "Query")
	s.Mutation = root(s, roots, ast.Mutation, "Mutation")
	s.Subscription = root(s, roots, ast.Subscription, "Subscription")
	possible(s)
	return s
}

// root is an operation's type: the one that the schema definition names, or without one the one of the usual name.
func root(s *ast.Schema, named map[ast.Operation]string, op ast.Operation, usual string) *ast.Definition {
	if len(named) > 0 {
		return s.Types[named[op]]
	}
	if d := s.Types[usual]; d != nil && d.Kind == ast.Object {
		return d
	}
	return nil
}

// add puts a definition or an extension into a schema.
func add(s *ast.Schema, d *ast.Definition) {
	known := s.Types[d.Name]
	if known == nil {
		own := *d
		s.Types[d.Name] = &own
		return
	}
	known.Directives = append(slices.Clone(known.Directives), d.Directives...)
	known.Interfaces = unite(known.Interfaces, d.Interfaces)
	known.Types = unite(known.Types, d.Types)
	known.TypePositions = nil
	fields := slices.Clone(known.Fields)
	for _, f := range d.Fields {
		if fields.ForName(f.Name) == nil {
			fields = append(fields, f)
		}
	}
	known.Fields = fields
	values := slices.Clone(known.EnumValues)
	for _, v := range d.EnumValues {
		if values.ForName(v.Name) == nil {
			values = append(values, v)
		}
	}
	known.EnumValues = values
}

func unite(a, b []string) []string {
	list := slices.Clone(a)
	for _, x := range b {
		if !slices.Contains(list, x) {
			list = append(list, x)
		}
	}
	return list
}

// referenced are the names of the types that a schema speaks of, sorted.
func referenced(s *ast.Schema) []string {
	names := map[string]bool{}
	arguments := func(list ast.ArgumentDefinitionList) {
		for _, a := range list {
			names[a.Type.Name()] = true
		}
	}
	for _, d := range s.Types {
		for _, f := range d.Fields {
			names[f.Type.Name()] = true
			arguments(f.Arguments)
		}
		for _, n := range slices.Concat(d.Types, d.Interfaces) {
			names[n] = true
		}
	}
	for _, d := range s.Directives {
		arguments(d.Arguments)
	}
	return slices.Sorted(maps.Keys(names))
}

// possible fills in which types stand behind interfaces and unions.
func possible(s *ast.Schema) {
	for _, name := range slices.Sorted(maps.Keys(s.Types)) {
		d := s.Types[name]
		switch d.Kind {
		case ast.Union:
			for _, t := range d.Types {
				s.AddPossibleType(name, s.Types[t])
				s.AddImplements(t, d)
			}
		case ast.Object, ast.Interface:
			for _, t := range d.Interfaces {
				s.AddPossibleType(t, d)
				s.AddImplements(name, s.Types[t])
			}
			if d.Kind == ast.Object {
				s.AddPossibleType(name, d)
			}
		case ast.InputObject, ast.Enum, ast.Scalar:
		}
	}
}
