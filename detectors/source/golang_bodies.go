package source

import (
	"go/ast"
	"go/token"
	"slices"
)

// goWalk is one walk over the expressions of a Go file.
type goWalk struct {
	*goReader
	in      *Decl
	byStart map[int]*Decl
	names   map[ast.Expr]string
	types   map[ast.Expr]string
	objects map[ast.Expr]*Object
	keyOf   map[ast.Expr]*Key
	skip    map[ast.Node]bool
	write   map[ast.Expr]bool
}

// bodies reads calls, member accesses, literals and error checks.
func (r *goReader) bodies() {
	w := &goWalk{
		goReader: r, byStart: map[int]*Decl{}, names: map[ast.Expr]string{}, types: map[ast.Expr]string{},
		objects: map[ast.Expr]*Object{}, keyOf: map[ast.Expr]*Key{}, skip: map[ast.Node]bool{}, write: map[ast.Expr]bool{},
	}
	for _, d := range r.Decls {
		if (d.Kind == Function || d.Kind == Method) && d.Body.End > 0 {
			w.byStart[d.Span.Start] = d
		}
	}
	for _, decl := range r.GoFile.Decls {
		w.in = nil
		if f, ok := decl.(*ast.FuncDecl); ok {
			w.in = w.byStart[r.offset(f.Pos())]
		}
		ast.Inspect(decl, w.visit)
	}
}

func (w *goWalk) visit(n ast.Node) bool {
	if n == nil {
		return true
	}
	switch n := n.(type) {
	case *ast.ImportSpec:
		return false
	case *ast.Field:
		if n.Tag != nil {
			w.skip[n.Tag] = true
		}
	case *ast.CallExpr:
		w.call(n)
	case *ast.SelectorExpr:
		if !w.skip[n] {
			w.Accesses = append(w.Accesses, &Access{
				Receiver: w.source(n.X), Name: n.Sel.Name, Write: w.write[n], In: w.in, Span: w.span(n),
			})
		}
	case *ast.IndexExpr:
		if key, ok := stringLit(n.Index); ok {
			w.Accesses = append(w.Accesses, &Access{
				Receiver: w.source(n.X), Name: key, Key: true, Write: w.write[n], In: w.in, Span: w.span(n),
			})
		}
	case *ast.BasicLit:
		if value, ok := stringLit(n); ok && !w.skip[n] {
			w.Strings = append(w.Strings, &String{Value: value, In: w.in, Span: w.span(n)})
		}
	case *ast.AssignStmt:
		w.assign(n)
	case *ast.IncDecStmt:
		w.write[n.X] = true
	case *ast.ValueSpec:
		for i, v := range n.Values {
			if i < len(n.Names) {
				w.give(v, n.Names[i].Name)
			}
		}
	case *ast.CompositeLit:
		w.literal(n)
	case *ast.BlockStmt:
		w.checks(n.List)
	case *ast.CaseClause:
		w.checks(n.Body)
	case *ast.CommClause:
		w.checks(n.Body)
	}
	return true
}

func (w *goWalk) call(n *ast.CallExpr) {
	c := &Call{In: w.in, Span: w.span(n)}
	fun := ast.Unparen(n.Fun)
	switch t := fun.(type) {
	case *ast.IndexExpr:
		fun = t.X
	case *ast.IndexListExpr:
		fun = t.X
	}
	switch t := fun.(type) {
	case *ast.SelectorExpr:
		c.Receiver, c.Name = w.source(t.X), t.Sel.Name
		w.skip[t] = true
	case *ast.Ident:
		c.Name = t.Name
	case *ast.FuncLit:
		c.Name = "func"
	default:
		c.Name = w.source(fun)
	}
	full := c.Full()
	for _, e := range n.Args {
		a := Arg{Text: w.source(e), Span: w.span(e)}
		a.Str, a.IsString = stringLit(e)
		if f, ok := e.(*ast.FuncLit); ok {
			a.IsFunc, a.Span = true, w.span(f.Body)
		}
		c.Args = append(c.Args, a)
		w.give(e, full)
	}
	if c.Name == "delete" && c.Receiver == "" && len(c.Args) == 2 && c.Args[1].IsString {
		w.Accesses = append(w.Accesses, &Access{
			Receiver: c.Args[0].Text, Name: c.Args[1].Str, Key: true, Write: true, In: w.in, Span: c.Span,
		})
	}
	w.Calls = append(w.Calls, c)
}

// give notes what a composite literal is given to, through & and parentheses.
func (w *goWalk) give(value ast.Expr, name string) {
	if lit := composite(value); lit != nil {
		w.names[lit] = name
	}
}

func composite(e ast.Expr) *ast.CompositeLit {
	if u, ok := e.(*ast.UnaryExpr); ok && u.Op == token.AND {
		e = u.X
	}
	lit, _ := e.(*ast.CompositeLit)
	return lit
}

func (w *goWalk) assign(n *ast.AssignStmt) {
	for i, left := range n.Lhs {
		w.write[left] = true
		if i < len(n.Rhs) {
			w.give(n.Rhs[i], w.source(left))
		}
	}
}

// literal reads a composite literal with keys; elements without a type of their own have that of the literal around.
func (w *goWalk) literal(n *ast.CompositeLit) {
	typ := w.types[n]
	element := ""
	list := false
	if n.Type != nil {
		typ = w.source(n.Type)
		switch t := n.Type.(type) {
		case *ast.ArrayType:
			element, list = w.source(t.Elt), true
		case *ast.MapType:
			element = w.source(t.Value)
		}
	}
	var o *Object
	if !list {
		o = &Object{Name: w.names[n], Type: typ, In: w.in, Span: w.span(n), Keys: make([]Key, 0, len(n.Elts))}
	}
	for _, e := range n.Elts {
		value := e
		if pair, ok := e.(*ast.KeyValueExpr); ok {
			value = pair.Value
			if o != nil {
				name, isString := stringLit(pair.Key)
				if !isString {
					name = w.source(pair.Key)
				}
				o.Keys = append(o.Keys, Key{Name: name, Value: w.source(pair.Value), Span: w.span(pair)})
				w.give(pair.Value, name)
				if lit := composite(pair.Value); lit != nil {
					w.keyOf[lit] = &o.Keys[len(o.Keys)-1]
				}
			}
		} else if list {
			w.give(e, w.names[n])
		}
		if lit := composite(value); lit != nil && lit.Type == nil {
			w.types[lit] = trimPointer(element)
		}
	}
	if o == nil || len(o.Keys) == 0 && len(n.Elts) > 0 {
		return
	}
	if key := w.keyOf[n]; key != nil {
		key.Child = o
	}
	w.Objects = append(w.Objects, o)
}

func trimPointer(t string) string {
	if len(t) > 0 && t[0] == '*' {
		return t[1:]
	}
	return t
}

// sortFacts puts a file's facts into the order of the source.
func sortFacts(f *File) {
	slices.SortStableFunc(f.Decls, func(a, b *Decl) int { return a.Span.Start - b.Span.Start })
	slices.SortStableFunc(f.Calls, func(a, b *Call) int { return a.Span.Start - b.Span.Start })
	slices.SortStableFunc(f.Accesses, func(a, b *Access) int { return a.Span.Start - b.Span.Start })
	slices.SortStableFunc(f.Objects, func(a, b *Object) int { return a.Span.Start - b.Span.Start })
	slices.SortStableFunc(f.Strings, func(a, b *String) int { return a.Span.Start - b.Span.Start })
	slices.SortStableFunc(f.Catches, func(a, b *Catch) int { return a.Span.Start - b.Span.Start })
}
