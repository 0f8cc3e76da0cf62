package observability

import (
	"go/ast"
	"go/token"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// timerName is the framework's name for loops on a clock in Go.
const timerName = "ticker"

// timerWords find the files that have such loops.
var timerWords = []string{"time.Tick", "time.NewTicker", "time.After"}

// timerLoops are the loops of a Go file that a clock drives, as jobs named by the function around them:
//
//	for range time.Tick(time.Hour) {...}
//	for { select { case <-ticker.C: ... } }
func timerLoops(f *source.File) []*trigger {
	if f.GoFile == nil || f.GoSet == nil || !importsAny(f, []string{"time"}) {
		return nil
	}
	var list []*trigger
	ast.Inspect(f.GoFile, func(n ast.Node) bool {
		var body *ast.BlockStmt
		switch n := n.(type) {
		case *ast.RangeStmt:
			if isClock(n.X) {
				body = n.Body
			}
		case *ast.ForStmt:
			if n.Cond == nil && n.Init == nil && waitsForClock(n.Body) {
				body = n.Body
			}
		}
		if body == nil {
			return true
		}
		span := spanOf(f, body)
		if d := functionAround(f, span); d != nil {
			list = append(list, &trigger{kind: kindJob, framework: timerName, file: f, decl: d, span: span, name: d.Name})
		}
		return false
	})
	return list
}

// isClock says whether an expression is a channel that a clock sends on: time.Tick(d), time.After(d), t.C.
func isClock(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.CallExpr:
		sel, ok := e.Fun.(*ast.SelectorExpr)
		if !ok {
			return false
		}
		pkg, ok := sel.X.(*ast.Ident)
		return ok && pkg.Name == "time" && (sel.Sel.Name == "Tick" || sel.Sel.Name == "After")
	case *ast.SelectorExpr:
		return e.Sel.Name == "C"
	}
	return false
}

// waitsForClock says whether an endless loop receives from a clock: as a statement of its own with work behind it, or as
// a case of a select that has work.
func waitsForClock(body *ast.BlockStmt) bool {
	for _, s := range body.List {
		switch s := s.(type) {
		case *ast.ExprStmt:
			if receivesFromClock(s) && len(body.List) > 1 {
				return true
			}
		case *ast.SelectStmt:
			for _, c := range s.Body.List {
				clause, ok := c.(*ast.CommClause)
				if ok && receivesFromClock(clause.Comm) && (len(clause.Body) > 0 || len(body.List) > 1) {
					return true
				}
			}
		}
	}
	return false
}

func receivesFromClock(s ast.Stmt) bool {
	var e ast.Expr
	switch s := s.(type) {
	case *ast.ExprStmt:
		e = s.X
	case *ast.AssignStmt:
		if len(s.Rhs) == 1 {
			e = s.Rhs[0]
		}
	}
	arrow, ok := e.(*ast.UnaryExpr)
	return ok && arrow.Op == token.ARROW && isClock(arrow.X)
}

func spanOf(f *source.File, n ast.Node) source.Span {
	from, to := f.GoSet.Position(n.Pos()), f.GoSet.Position(n.End())
	return source.Span{Line: from.Line, EndLine: to.Line, Column: from.Column - 1, Start: from.Offset, End: to.Offset}
}

// functionAround is the innermost declared function around a span.
func functionAround(f *source.File, span source.Span) *source.Decl {
	var found *source.Decl
	for _, d := range f.Decls {
		if (d.Kind == source.Function || d.Kind == source.Method) && d.Span.Start <= span.Start && d.Span.End >= span.End {
			found = d
		}
	}
	return found
}

// timerWorks says whether a loop on a clock does something that can fail and whose failure is kept from everybody: one that
// hands its error on has somebody who hears of it.
func (l *lookup) timerWorks(t *trigger) bool {
	tolerant, err := tolerances()
	if err != nil {
		return false
	}
	works := tolerant.works(t.file, t.span) != nil
	for _, k := range t.file.Catches {
		if k.Span.Start < t.span.Start || k.Span.End > t.span.End {
			continue
		}
		if k.Rethrows || k.UsesError {
			return false
		}
		works = works || l.failing(tolerant, t.file, k.Try) != nil
	}
	return works
}

// failing is the call inside the span of a function of this repository that gives an error back or raises one, nil when
// there is none or when its failure is an answer.
func (l *lookup) failing(tolerant *tolerance, f *source.File, span source.Span) *source.Call {
	for _, c := range within(f, span) {
		if tolerant.spares(c) || everyday[c.Name] {
			continue
		}
		if _, ok := l.givesError(f, c); ok || l.raises(tolerant, f, c) {
			return c
		}
	}
	return nil
}

// raises says whether a call means one function of this repository that raises an error itself or changes something.
func (l *lookup) raises(tolerant *tolerance, f *source.File, c *source.Call) bool {
	if f.Lang == source.Go || f.Lang == source.Rust {
		return false
	}
	places := l.resolve(f, c.Name, c.Receiver, source.Function, source.Method)
	if len(places) != 1 {
		return false
	}
	p := places[0]
	return raising.MatchString(piece(p.file, p.span())) || tolerant.works(p.file, p.span()) != nil
}

var raising = lazy.New(`\b(?:raise|throw)\b`)

// givesError finds the Go function of this repository that a call means, when it ends with an error.
func (l *lookup) givesError(f *source.File, c *source.Call) (place, bool) {
	if f.Lang != source.Go {
		return place{}, false
	}
	for _, p := range l.resolve(f, c.Name, c.Receiver, source.Function, source.Method) {
		if n := len(p.decl.Results); n > 0 && strings.TrimSpace(p.decl.Results[n-1]) == "error" {
			return p, true
		}
	}
	return place{}, false
}
