package observability

import (
	"go/ast"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/source"
)

// Functions of Go that start over with an empty context because nobody gives them one, and callers that could.

// contextOfCaller is a caller of the function around a call that has a request's context at hand and waits for it, with the
// expression of that context; "" for none.
func (l *lookup) contextOfCaller(f *source.File, call *source.Call) (detectors.Related, string) {
	d := call.In
	if d == nil || len(d.Name) < 3 || takesContext(d) || inGoroutine(f, call.Span.Start) {
		return detectors.Related{}, ""
	}
	files := append([]string{f.Path}, closest(f.Path, l.naming(d.Name), manyNames)...)
	for _, p := range files {
		g := l.read(p)
		if p == f.Path {
			g = f
		}
		if g == nil || g.Lang != source.Go || p != f.Path && !samePackage(f, p) && !importsPath(g, f.Path) {
			continue
		}
		for _, c := range g.Calls {
			if c.Name != d.Name || c.In == d || d.Receiver == "" && c.Receiver != "" && c.Receiver != f.Package {
				continue
			}
			if ctx := contextAround(g, c.Span.Start); ctx != "" && !inGoroutine(g, c.Span.Start) {
				return detectors.Related{Path: p, Line: c.Span.Line, Message: "is called here, in a request"}, ctx
			}
		}
	}
	return detectors.Related{}, ""
}

func takesContext(d *source.Decl) bool {
	for _, p := range d.Params {
		if strings.HasSuffix(p.Type, "Context") || p.Type == "*http.Request" || p.Type == "*fiber.Ctx" {
			return true
		}
	}
	return false
}

// inGoroutine says whether an offset stands in code that runs beside its function.
func inGoroutine(f *source.File, offset int) bool {
	found := false
	inspectAround(f, offset, func(n ast.Node) {
		switch n.(type) {
		case *ast.GoStmt, *ast.DeferStmt:
			found = true
		}
	})
	return found
}
