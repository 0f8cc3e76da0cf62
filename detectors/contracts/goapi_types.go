package contracts

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// goTypes writes a type in a normal form, so that the same type written in another way is no change.
type goTypes struct {
	imports map[string]string
	aliases map[string]ast.Expr
	depth   int
	// names are the type parameters in scope, written by position.
	names map[string]string
}

// folded are the language's own aliases.
var folded = map[string]string{"interface{}": "any", "byte": "uint8", "rune": "int32"}

func (g goTypes) text(e ast.Expr) string {
	if g.depth > 40 {
		return "..."
	}
	g.depth++
	switch t := e.(type) {
	case nil:
		return ""
	case *ast.Ident:
		if pos, ok := g.names[t.Name]; ok {
			return pos
		}
		if to, ok := g.aliases[t.Name]; ok {
			return g.text(to)
		}
		if to, ok := folded[t.Name]; ok {
			return to
		}
		return t.Name
	case *ast.ParenExpr:
		return g.text(t.X)
	case *ast.StarExpr:
		return "*" + g.text(t.X)
	case *ast.SelectorExpr:
		if x, ok := t.X.(*ast.Ident); ok {
			if p, ok := g.imports[x.Name]; ok {
				return p + "." + t.Sel.Name
			}
		}
		return g.text(t.X) + "." + t.Sel.Name
	case *ast.ArrayType:
		if t.Len == nil {
			return "[]" + g.text(t.Elt)
		}
		return "[" + types.ExprString(t.Len) + "]" + g.text(t.Elt)
	case *ast.MapType:
		return "map[" + g.text(t.Key) + "]" + g.text(t.Value)
	case *ast.ChanType:
		switch t.Dir {
		case ast.SEND:
			return "chan<- " + g.text(t.Value)
		case ast.RECV:
			return "<-chan " + g.text(t.Value)
		}
		return "chan " + g.text(t.Value)
	case *ast.Ellipsis:
		return "..." + g.text(t.Elt)
	case *ast.FuncType:
		return "func" + g.signature(t)
	case *ast.InterfaceType:
		return g.literal("interface", t.Methods)
	case *ast.StructType:
		return g.literal("struct", t.Fields)
	case *ast.IndexExpr:
		return g.text(t.X) + "[" + g.text(t.Index) + "]"
	case *ast.IndexListExpr:
		var args []string
		for _, a := range t.Indices {
			args = append(args, g.text(a))
		}
		return g.text(t.X) + "[" + strings.Join(args, ",") + "]"
	case *ast.BinaryExpr:
		return g.text(t.X) + t.Op.String() + g.text(t.Y)
	case *ast.UnaryExpr:
		return t.Op.String() + g.text(t.X)
	}
	return types.ExprString(e)
}

func (g goTypes) literal(kind string, list *ast.FieldList) string {
	if list.NumFields() == 0 && kind == "interface" {
		return "any"
	}
	var parts []string
	for _, f := range list.List {
		if len(f.Names) == 0 {
			parts = append(parts, g.text(f.Type))
		}
		for _, n := range f.Names {
			parts = append(parts, n.Name+" "+strings.TrimPrefix(g.text(f.Type), "func"))
		}
	}
	return kind + "{" + strings.Join(parts, ";") + "}"
}

// signature is a function's type without the names of its parameters; type parameters are told by position.
func (g goTypes) signature(t *ast.FuncType) string {
	head := ""
	if t.TypeParams != nil {
		names := map[string]string{}
		for name, pos := range g.names {
			names[name] = pos
		}
		for _, f := range t.TypeParams.List {
			for _, n := range f.Names {
				names[n.Name] = "$" + string(rune('A'+len(names)%26))
			}
		}
		g.names = names
		head = g.params(t.TypeParams)
	}
	results := g.tuple(t.Results)
	if t.Results.NumFields() > 0 {
		results = " " + results
	}
	return head + g.tuple(t.Params) + results
}

// params are the constraints of type parameters, in order.
func (g goTypes) params(list *ast.FieldList) string {
	if list == nil {
		return ""
	}
	var parts []string
	for _, f := range list.List {
		for range f.Names {
			parts = append(parts, g.text(f.Type))
		}
	}
	return "[" + strings.Join(parts, ",") + "]"
}

func (g goTypes) tuple(list *ast.FieldList) string {
	if list == nil {
		return "()"
	}
	var parts []string
	for _, f := range list.List {
		for range max(1, len(f.Names)) {
			parts = append(parts, g.text(f.Type))
		}
	}
	return "(" + strings.Join(parts, ", ") + ")"
}

// exported says whether every part of a symbol's name is.
func exported(name string) bool {
	for part := range strings.SplitSeq(name, ".") {
		if !token.IsExported(part) {
			return false
		}
	}
	return true
}
