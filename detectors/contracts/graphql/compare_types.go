package graphql

// Types and values of two schemas against each other.

import (
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// safeOutput says that an answer of the new type is one of the old type: the same, or with nulls ruled out.
func safeOutput(was, now *ast.Type) bool {
	switch {
	case now.NonNull:
		inner, old := *now, *was
		inner.NonNull, old.NonNull = false, false
		return safeOutput(&old, &inner)
	case was.NonNull:
		return false
	case was.Elem != nil:
		return now.Elem != nil && safeOutput(was.Elem, now.Elem)
	}
	return now.Elem == nil && was.NamedType == now.NamedType
}

// safeInput says that a value of the old type is one of the new type: the same, or with null allowed.
func safeInput(was, now *ast.Type) bool { return safeOutput(now, was) }

func sameValue(a, b *ast.Value) bool { return valueText(a) == valueText(b) }

func valueText(v *ast.Value) string {
	if v == nil {
		return "unset"
	}
	if v.Kind == ast.ObjectValue {
		parts := make([]string, 0, len(v.Children))
		for _, c := range v.Children {
			parts = append(parts, c.Name+": "+valueText(c.Value))
		}
		slices.Sort(parts)
		return "{" + strings.Join(parts, ", ") + "}"
	}
	return v.String()
}
