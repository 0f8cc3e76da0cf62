package graphql

import (
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"
)

// A Problem is what a schema has against a document.
type Problem struct {
	Line    int
	Message string
	// Hint is what the validator suggests instead, empty for nothing.
	Hint string
}

// schemaRules are the rules of validation (section 5 of the specification) that depend on the schema. Fragments may stand in
// other files, so rules about them are left out.
var schemaRules = []validator.Rule{
	rules.FieldsOnCorrectTypeRule, rules.FragmentsOnCompositeTypesRule, rules.KnownArgumentNamesRule, rules.KnownRootTypeRule,
	rules.KnownTypeNamesRule, rules.PossibleFragmentSpreadsRule, rules.ProvidedRequiredArgumentsRule, rules.ScalarLeafsRule,
	rules.ValuesOfCorrectTypeRule, rules.VariablesAreInputTypesRule, rules.VariablesInAllowedPositionRule,
}

// maxDocument is the size in bytes past which a document is not validated.
const maxDocument = 256 << 10

// Document parses a text as operations and fragments; nil where it is none.
func (t Text) Document() *ast.QueryDocument {
	if defines(t.Body) || len(t.Body) > maxDocument || tooDeep(t.Body) {
		return nil
	}
	doc, err := parser.ParseQueryWithTokenLimit(t.source(), maxTokens)
	if err != nil || len(doc.Operations)+len(doc.Fragments) == 0 || len(doc.Fragments) > 300 {
		return nil
	}
	return doc
}

// Validate gives what a schema has against a text; ok is false where the text is no document.
func (t Text) Validate(s *ast.Schema) (problems []Problem, ok bool) {
	doc := t.Document()
	if doc == nil {
		return nil, false
	}
	for _, e := range validator.Validate(s, doc, schemaRules...) { //nolint:staticcheck // the set of rules is our own
		p := Problem{Message: e.Message}
		if i := strings.Index(p.Message, " Did you mean "); i >= 0 {
			p.Message, p.Hint = p.Message[:i], strings.TrimSpace(p.Message[i:])
		}
		if len(e.Locations) > 0 {
			p.Line = t.line(e.Locations[0].Line)
		}
		problems = append(problems, p)
	}
	return problems, true
}

// Uses are the paths of what a document names in a schema, with the lines: fields, their arguments, values, types.
func (t Text) Uses(s *ast.Schema) map[string]int {
	doc := t.Document()
	if doc == nil {
		return nil
	}
	uses := map[string]int{}
	note := func(path string, at *ast.Position) {
		if _, known := uses[path]; !known && at != nil {
			uses[path] = t.line(at.Line)
		}
	}
	events := &validator.Events{}
	events.OnField(func(_ *validator.Walker, f *ast.Field) {
		if f.ObjectDefinition == nil {
			return
		}
		path := f.ObjectDefinition.Name + "." + f.Name
		note(path, f.Position)
		for _, a := range f.Arguments {
			note(path+"."+a.Name, a.Position)
		}
		if f.Definition != nil {
			for _, a := range f.Definition.Arguments {
				if a.Type.NonNull {
					note(path+"."+a.Name, f.Position)
				}
			}
			note(f.Definition.Type.Name(), f.Position)
		}
	})
	events.OnValue(func(_ *validator.Walker, v *ast.Value) {
		if v.Definition == nil {
			return
		}
		switch v.Kind {
		case ast.EnumValue:
			note(v.Definition.Name+"."+v.Raw, v.Position)
		case ast.ObjectValue:
			for _, c := range v.Children {
				note(v.Definition.Name+"."+c.Name, c.Position)
			}
		default:
		}
	})
	events.OnVariable(func(_ *validator.Walker, v *ast.VariableDefinition) { note(v.Type.Name(), v.Position) })
	events.OnInlineFragment(func(_ *validator.Walker, f *ast.InlineFragment) { note(f.TypeCondition, f.Position) })
	events.OnFragment(func(_ *validator.Walker, f *ast.FragmentDefinition) { note(f.TypeCondition, f.Position) })
	validator.Walk(s, doc, events)
	return uses
}
