package source

import (
	"go/ast"
	"go/token"
	"strings"
)

// checks reads the places of a statement list that receive an error.
func (w *goWalk) checks(list []ast.Stmt) {
	for i, s := range list {
		switch s := s.(type) {
		case *ast.IfStmt:
			var before ast.Stmt
			if i > 0 {
				before = list[i-1]
			}
			w.check(s, before)
		case *ast.AssignStmt:
			w.discard(s)
		}
	}
}

// check is `if err != nil {...}` with the statement that the error came from.
func (w *goWalk) check(s *ast.IfStmt, before ast.Stmt) {
	for s != nil {
		if name, kind := checked(s.Cond); name != "" {
			c := &Catch{Kind: "check", Name: name, In: w.in, Span: w.span(s), Body: w.span(s.Body)}
			c.Span.End, c.Span.EndLine = c.Body.End, c.Body.EndLine
			if kind != nil {
				c.Types = []string{w.source(kind)}
			}
			switch {
			case s.Init != nil:
				c.Try = w.span(s.Init)
			case before != nil && assigns(before, name):
				c.Try = w.span(before)
			}
			w.handler(c, s.Body)
			w.Catches = append(w.Catches, c)
		}
		next, _ := s.Else.(*ast.IfStmt)
		s, before = next, nil
	}
}

// checked is the name of the error that a condition finds set, and the error that it is compared with by errors.Is
// or errors.As.
func checked(e ast.Expr) (name string, kind ast.Expr) {
	switch e := ast.Unparen(e).(type) {
	case *ast.BinaryExpr:
		if e.Op == token.LAND || e.Op == token.LOR {
			if name, kind = checked(e.X); name != "" {
				return name, kind
			}
			return checked(e.Y)
		}
		if id, ok := e.Y.(*ast.Ident); ok && e.Op == token.NEQ && id.Name == "nil" {
			return errorName(e.X), nil
		}
	case *ast.CallExpr:
		s, ok := e.Fun.(*ast.SelectorExpr)
		if !ok || len(e.Args) != 2 || s.Sel.Name != "Is" && s.Sel.Name != "As" {
			return "", nil
		}
		if id, ok := s.X.(*ast.Ident); ok && id.Name == "errors" {
			return errorName(e.Args[0]), e.Args[1]
		}
	}
	return "", nil
}

// errorName is an expression's name when it is an error's by Go's habit: err, e, fooErr, errFoo, x.err.
func errorName(e ast.Expr) string {
	var name string
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		name = e.Name
	case *ast.SelectorExpr:
		name = e.Sel.Name
	}
	if lower := strings.ToLower(name); lower == "e" || strings.HasPrefix(lower, "err") || strings.HasSuffix(lower, "err") ||
		strings.HasSuffix(lower, "error") {
		return name
	}
	return ""
}

func assigns(s ast.Stmt, name string) bool {
	a, ok := s.(*ast.AssignStmt)
	if !ok {
		return false
	}
	for _, left := range a.Lhs {
		if id, ok := left.(*ast.Ident); ok && id.Name == name {
			return true
		}
	}
	return false
}

// handler fills in what a check's body does.
func (w *goWalk) handler(c *Catch, body *ast.BlockStmt) {
	c.Empty = len(body.List) == 0
	text := w.text[c.Body.Start:c.Body.End]
	c.UsesError = names(text[:min(len(text), maxHandlerText)], c.Name)
	returned := false
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt:
			var results []string
			for _, e := range n.Results {
				results = append(results, w.source(e))
				c.Rethrows = c.Rethrows || names(w.source(e), c.Name)
			}
			if !returned {
				c.Returns, returned = strings.Join(results, ", "), true
			}
		case *ast.CallExpr:
			id, ok := n.Fun.(*ast.Ident)
			c.Rethrows = c.Rethrows || ok && id.Name == "panic"
		}
		return true
	})
	for _, group := range w.GoFile.Comments {
		if start := w.offset(group.Pos()); start >= c.Body.Start && start < c.Body.End {
			c.Comment = strings.TrimSpace(group.Text())
			break
		}
	}
}

// discard is `_ = f()` or `x, _ := f()`: the last result of a call given to nothing.
func (w *goWalk) discard(s *ast.AssignStmt) {
	if len(s.Rhs) != 1 {
		return
	}
	call, ok := ast.Unparen(s.Rhs[0]).(*ast.CallExpr)
	if !ok {
		return
	}
	if id, ok := s.Lhs[len(s.Lhs)-1].(*ast.Ident); !ok || id.Name != "_" {
		return
	}
	c := &Catch{Kind: "discard", Empty: true, In: w.in, Span: w.span(s), Try: w.span(call)}
	w.Catches = append(w.Catches, c)
}
