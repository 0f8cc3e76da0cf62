package source

import (
	"go/ast"
	"go/token"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

func (r *goReader) declarations() {
	for _, decl := range r.GoFile.Decls {
		switch d := decl.(type) {
		case *ast.GenDecl:
			r.general(d, nil)
		case *ast.FuncDecl:
			r.function(d)
		}
	}
}

func (r *goReader) add(d *Decl, parent *Decl) *Decl {
	d.Parent = parent
	d.Exported = d.Exported || ast.IsExported(d.Name)
	r.Decls = append(r.Decls, d)
	if parent != nil && parent.Kind != Function && parent.Kind != Method {
		parent.Members = append(parent.Members, d)
	}
	return d
}

// general reads a type, const or var declaration; inside a function (parent) types only.
func (r *goReader) general(g *ast.GenDecl, parent *Decl) {
	var typ, value ast.Expr // what an implicit repetition repeats
	for _, spec := range g.Specs {
		switch s := spec.(type) {
		case *ast.TypeSpec:
			r.typ(s, docOf(s.Doc, g.Doc), parent)
		case *ast.ValueSpec:
			if parent != nil {
				continue
			}
			if g.Tok == token.CONST && (s.Type != nil || len(s.Values) > 0) {
				typ, value = s.Type, nil
			}
			for i, name := range s.Names {
				d := &Decl{Kind: Var, Name: name.Name, Doc: docOf(s.Doc, g.Doc), Span: r.span(s)}
				if g.Tok == token.CONST {
					d.Kind = Const
				} else {
					typ, value = s.Type, nil
				}
				if len(s.Names) > 1 {
					d.Span = r.span(name)
				}
				if i < len(s.Values) {
					value = s.Values[i]
				}
				if typ != nil {
					d.Type = r.source(typ)
				}
				if value != nil {
					d.Default = r.source(value)
				}
				if name.Name != "_" {
					r.add(d, nil)
				}
			}
		}
	}
}

func docOf(groups ...*ast.CommentGroup) string {
	for _, g := range groups {
		if g != nil {
			return strings.TrimSpace(g.Text())
		}
	}
	return ""
}

func (r *goReader) typ(s *ast.TypeSpec, doc string, parent *Decl) {
	d := r.add(&Decl{Kind: Type, Name: s.Name.Name, Doc: doc, Span: r.span(s), Body: r.span(s.Type)}, parent)
	if parent == nil {
		r.types[d.Name] = d
	}
	switch t := s.Type.(type) {
	case *ast.StructType:
		d.Kind = Struct
		r.fields(t.Fields, d)
	case *ast.InterfaceType:
		d.Kind = Interface
		r.methods(t.Methods, d)
	default:
		d.Type = r.source(s.Type)
		r.nested(s.Type, d)
	}
}

// nested reads the fields of an anonymous struct inside a type's text: []struct{...}, map[string]struct{...}.
func (r *goReader) nested(e ast.Expr, d *Decl) {
	for {
		switch t := e.(type) {
		case *ast.StarExpr:
			e = t.X
		case *ast.ArrayType:
			e = t.Elt
		case *ast.MapType:
			e = t.Value
		case *ast.StructType:
			r.fields(t.Fields, d)
			return
		default:
			return
		}
	}
}

func (r *goReader) fields(list *ast.FieldList, owner *Decl) {
	if list == nil {
		return
	}
	for _, f := range list.List {
		names := f.Names
		embedded := len(names) == 0
		if embedded {
			names = []*ast.Ident{ast.NewIdent(baseName(f.Type))}
		}
		for _, name := range names {
			d := &Decl{
				Kind: Field, Name: name.Name, Type: r.source(f.Type), Embedded: embedded,
				Doc: docOf(f.Doc, f.Comment), Span: r.span(f),
			}
			if f.Tag != nil {
				tag(d, f.Tag.Value)
			}
			r.add(d, owner)
			r.nested(f.Type, d)
		}
	}
}

// tagKeys are the keys of struct tags that give a serialised name, the first one that is there counts.
var tagKeys = []string{"json", "yaml", "bson", "form", "xml", "toml", "mapstructure"}

func tag(d *Decl, literal string) {
	text, err := strconv.Unquote(literal)
	if err != nil {
		return
	}
	for _, key := range tagKeys {
		value, ok := reflect.StructTag(text).Lookup(key)
		if !ok {
			continue
		}
		name, options, _ := strings.Cut(value, ",")
		d.Wire, d.WireSet = name, name != ""
		for o := range strings.SplitSeq(options, ",") {
			d.Optional = d.Optional || o == "omitempty" || o == "omitzero"
			d.Embedded = d.Embedded || o == "inline" || o == "squash"
		}
		if name == "-" && options == "" {
			return
		}
		if name == "" && !d.Embedded {
			d.Wire = d.Name
		}
		return
	}
}

func (r *goReader) methods(list *ast.FieldList, owner *Decl) {
	if list == nil {
		return
	}
	for _, f := range list.List {
		signature, ok := f.Type.(*ast.FuncType)
		if !ok || len(f.Names) == 0 {
			owner.Bases = append(owner.Bases, r.source(f.Type))
			continue
		}
		for _, name := range f.Names {
			d := &Decl{Kind: Method, Name: name.Name, Receiver: owner.Name, Doc: docOf(f.Doc, f.Comment), Span: r.span(f)}
			r.signature(d, signature)
			r.add(d, owner)
		}
	}
}

func (r *goReader) function(f *ast.FuncDecl) {
	d := &Decl{Kind: Function, Name: f.Name.Name, Doc: docOf(f.Doc), Span: r.span(f)}
	if f.Body != nil {
		d.Body = r.span(f.Body)
	}
	if f.Recv != nil && len(f.Recv.List) > 0 {
		d.Kind, d.Receiver = Method, baseName(f.Recv.List[0].Type)
	}
	r.signature(d, f.Type)
	r.add(d, nil)
	if f.Body != nil {
		ast.Inspect(f.Body, func(n ast.Node) bool {
			if g, ok := n.(*ast.GenDecl); ok {
				r.general(g, d)
			}
			return true
		})
	}
}

func (r *goReader) signature(d *Decl, t *ast.FuncType) {
	for _, f := range fieldsOf(t.Params) {
		p := Param{Type: r.source(f.Type)}
		if rest, ok := f.Type.(*ast.Ellipsis); ok {
			p.Variadic, p.Type = true, ""
			if rest.Elt != nil {
				p.Type = r.source(rest.Elt)
			}
		}
		if len(f.Names) == 0 {
			d.Params = append(d.Params, p)
		}
		for _, name := range f.Names {
			p.Name = name.Name
			d.Params = append(d.Params, p)
		}
	}
	for _, f := range fieldsOf(t.Results) {
		d.Results = append(d.Results, slices.Repeat([]string{r.source(f.Type)}, max(1, len(f.Names)))...)
	}
}

func fieldsOf(list *ast.FieldList) []*ast.Field {
	if list == nil {
		return nil
	}
	return list.List
}

// baseName is a type's name without pointer, package and type parameters.
func baseName(e ast.Expr) string {
	for {
		switch t := e.(type) {
		case *ast.StarExpr:
			e = t.X
		case *ast.ParenExpr:
			e = t.X
		case *ast.IndexExpr:
			e = t.X
		case *ast.IndexListExpr:
			e = t.X
		case *ast.SelectorExpr:
			return t.Sel.Name
		case *ast.Ident:
			return t.Name
		default:
			return ""
		}
	}
}

// enums turns a named type with two constants or more of its own into an Enum, and those into its values.
func (r *goReader) enums() {
	values := map[*Decl][]*Decl{}
	for _, d := range r.Decls {
		if t := r.types[d.Type]; d.Kind == Const && t != nil && t.Kind == Type {
			values[t] = append(values[t], d)
		}
	}
	for t, list := range values {
		if len(list) < 2 {
			continue
		}
		t.Kind, t.Members = Enum, list
		for _, d := range list {
			d.Kind, d.Parent = EnumValue, t
		}
	}
}
