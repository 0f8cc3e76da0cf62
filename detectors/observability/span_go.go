package observability

import (
	"go/ast"
	"go/token"
	"regexp"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// openInGo judges the span that a call opens in Go: it follows the statements behind the start through all branches.
func openInGo(f *source.File, c *source.Call, kind *spanKind) (openSpan, bool) {
	var (
		body   *ast.BlockStmt
		list   []ast.Stmt
		index  int
		assign *ast.AssignStmt
	)
	inspectAround(f, c.Span.Start, func(n ast.Node) {
		switch n := n.(type) {
		case *ast.FuncDecl:
			body = n.Body
		case *ast.FuncLit:
			body = n.Body
		case *ast.BlockStmt:
			list = n.List
		case *ast.CaseClause:
			list = n.Body
		case *ast.CommClause:
			list = n.Body
		case *ast.AssignStmt:
			assign = n
		}
	})
	if body == nil || assign == nil || len(assign.Rhs) != 1 {
		return openSpan{}, false
	}
	if call, ok := assign.Rhs[0].(*ast.CallExpr); !ok || f.GoSet.Position(call.Pos()).Offset != c.Span.Start {
		return openSpan{}, false
	}
	index = -1
	for i, s := range list {
		if s == ast.Stmt(assign) {
			index = i
		}
	}
	name := spanVariable(assign)
	if index < 0 || name == "" {
		return openSpan{}, false
	}
	if name == "_" {
		return openSpan{call: c, name: name}, kind.Start.match("Start") && len(assign.Lhs) == 2
	}
	w := &goWays{file: f, name: name, end: kind.End}
	if w.escapes(body, assign) {
		return openSpan{}, false
	}
	open, _ := w.list(list[index+1:], true)
	switch {
	case w.deferred:
		return openSpan{}, false
	case !w.ends:
		return openSpan{call: c, name: name}, true
	case w.left > 0:
		return openSpan{call: c, name: name, line: w.left}, true
	case open && len(list) > 0 && isBodyOf(body, list):
		return openSpan{call: c, name: name, line: f.GoSet.Position(body.Rbrace).Line}, true
	}
	return openSpan{}, false
}

func isBodyOf(body *ast.BlockStmt, list []ast.Stmt) bool {
	return len(body.List) == len(list) && len(list) > 0 && body.List[0] == list[0]
}

// spanVariable is the variable of an assignment that receives the span, empty when it is no plain variable.
func spanVariable(a *ast.AssignStmt) string {
	names := make([]string, 0, len(a.Lhs))
	for _, e := range a.Lhs {
		id, ok := e.(*ast.Ident)
		if !ok {
			return ""
		}
		names = append(names, id.Name)
	}
	for _, n := range names {
		if spanName.MatchString(n) {
			return n
		}
	}
	switch {
	case len(names) == 1:
		return names[0]
	case len(names) == 2 && contextName.MatchString(names[0]):
		return names[1]
	case len(names) == 2 && contextName.MatchString(names[1]):
		return names[0]
	}
	return ""
}

var (
	spanName    = lazy.New(`(?i)span|^sp$|^txn$|transaction|segment`)
	contextName = lazy.New(`(?i)ctx$|context$|^c$|^_$`)
)

// goWays follows a span's variable through statements.
type goWays struct {
	file           *source.File
	name           string
	end            pattern
	deferred, ends bool
	// left is the line of the first way out with the span open, 0 for none.
	left int
}

// escapes says whether the variable is used other than as `span.Method(...)`: handed to somebody who may end it, kept, or
// ended in a function literal that runs later.
func (w *goWays) escapes(body *ast.BlockStmt, start *ast.AssignStmt) bool {
	fine, escaped := map[*ast.Ident]bool{}, false
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			if n == start {
				for _, e := range n.Lhs {
					if id, ok := e.(*ast.Ident); ok {
						fine[id] = true
					}
				}
			} else if len(n.Lhs) > 0 && n.Tok == token.ASSIGN || n.Tok == token.DEFINE {
				for _, e := range n.Lhs {
					if id, ok := e.(*ast.Ident); ok && id.Name == w.name {
						escaped = true // two spans by one name: too much for this
					}
				}
			}
		case *ast.DeferStmt:
			if w.mentionsEnd(n) {
				w.deferred = true
			}
		case *ast.FuncLit:
			if w.mentionsEnd(n.Body) {
				escaped = true
			}
		case *ast.SelectorExpr:
			if id, ok := n.X.(*ast.Ident); ok && id.Name == w.name {
				fine[id] = true
			}
		case *ast.CallExpr:
			if s, ok := n.Fun.(*ast.SelectorExpr); ok && (s.Sel.Name == "ContextWithSpan" || s.Sel.Name == "NewContext") {
				for _, a := range n.Args {
					if id, ok := a.(*ast.Ident); ok {
						fine[id] = true
					}
				}
			}
		case *ast.BinaryExpr:
			if id, ok := n.X.(*ast.Ident); ok {
				fine[id] = true
			}
		case *ast.Ident:
			if n.Name == w.name && !fine[n] {
				escaped = true
			}
		}
		return true
	})
	return escaped && !w.deferred
}

func (w *goWays) mentionsEnd(n ast.Node) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		if e, ok := n.(ast.Expr); ok && w.isEnd(e) {
			found = true
		}
		return !found
	})
	return found
}

func (w *goWays) isEnd(e ast.Expr) bool {
	call, ok := e.(*ast.CallExpr)
	if !ok {
		return false
	}
	s, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || !w.end.match(s.Sel.Name) {
		return false
	}
	id, ok := s.X.(*ast.Ident)
	return ok && id.Name == w.name
}

// list follows statements in order: whether the span is open behind them, and whether they leave for good.
func (w *goWays) list(list []ast.Stmt, open bool) (after, left bool) {
	for _, s := range list {
		if open, left = w.statement(s, open); left {
			return open, true
		}
	}
	return open, false
}

func (w *goWays) statement(s ast.Stmt, open bool) (after, left bool) {
	switch s := s.(type) {
	case *ast.ExprStmt:
		if w.isEnd(s.X) {
			w.ends = true
			return false, false
		}
		return open, leaves(s.X)
	case *ast.ReturnStmt:
		if open && w.left == 0 {
			w.left = w.file.GoSet.Position(s.Pos()).Line
		}
		return open, true
	case *ast.BranchStmt:
		return open, s.Tok != token.FALLTHROUGH
	case *ast.BlockStmt:
		return w.list(s.List, open)
	case *ast.LabeledStmt:
		return w.statement(s.Stmt, open)
	case *ast.IfStmt:
		a, aLeft := w.list(s.Body.List, open)
		b, bLeft := open, false
		if s.Else != nil {
			b, bLeft = w.statement(s.Else, open)
		}
		return a && !aLeft || b && !bLeft, aLeft && bLeft
	case *ast.ForStmt:
		a, _ := w.list(s.Body.List, open)
		return open && a, false
	case *ast.RangeStmt:
		a, _ := w.list(s.Body.List, open)
		return open && a, false
	case *ast.SwitchStmt:
		return w.clauses(s.Body, open)
	case *ast.TypeSwitchStmt:
		return w.clauses(s.Body, open)
	case *ast.SelectStmt:
		return w.clauses(s.Body, open)
	}
	return open, false
}

// clauses follows the clauses of a switch or select.
func (w *goWays) clauses(body *ast.BlockStmt, open bool) (after, left bool) {
	all, otherwise := true, false
	for _, s := range body.List {
		var list []ast.Stmt
		switch s := s.(type) {
		case *ast.CaseClause:
			list, otherwise = s.Body, otherwise || s.List == nil
		case *ast.CommClause:
			list, otherwise = s.Body, true
		}
		a, aLeft := w.list(list, open)
		after = after || a && !aLeft
		all = all && aLeft
	}
	if !otherwise {
		after, all = after || open, false
	}
	return after, all
}

// leaves says whether a call never comes back: panic, os.Exit, log.Fatal.
func leaves(e ast.Expr) bool {
	call, ok := e.(*ast.CallExpr)
	if !ok {
		return false
	}
	switch fun := call.Fun.(type) {
	case *ast.Ident:
		return fun.Name == "panic"
	case *ast.SelectorExpr:
		return regexp.MustCompile(`^(?:Exit|Fatal\w*|Goexit)$`).MatchString(fun.Sel.Name)
	}
	return false
}
