package observability

import (
	"go/ast"
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// Errors that arrive as a callback's first argument, and those of work that is sent off and never heard of again.

var (
	// errorFirst is a callback of Node whose first parameter is the error and whose others are what came of the work.
	errorFirst = lazy.New(`^(?:async\s+)?(?:function\s*\w*\s*)?\(\s*_?(err|error|e)(?:\s*:[^,)]+)?\s*,[^)]*\)`)
	// passesOn is a call of the caller's own callback.
	passesOn = lazy.New(`^(?:cb|callback|done|next|resolve)$`)
)

// calledBack reads a callback that is given its error first, as a handler: what it does when there is one, nil when it
// looks after the error in another way.
func calledBack(f *source.File, c *source.Call) *source.Catch {
	if family(f.Lang) != string(source.JavaScript) || len(c.Args) == 0 || f.Root() == nil {
		return nil
	}
	last := c.Args[len(c.Args)-1]
	if !last.IsFunc {
		return nil
	}
	m := errorFirst.FindStringSubmatch(last.Text)
	if m == nil {
		return nil
	}
	k := &source.Catch{Kind: "promise", Name: m[1], In: c.In, Span: c.Span, Try: c.Span}
	if !mentions(piece(f, last.Span), []string{m[1]}) {
		k.Span.EndLine = c.Span.Line
		k.Kind, k.Empty, k.Body = "catch", true, source.Span{Line: last.Span.Line, EndLine: last.Span.Line, Start: last.Span.Start, End: last.Span.Start}
		return k
	}
	block := nodeAt(f.Root(), last.Span)
	if block == nil {
		return nil
	}
	for _, statement := range block.Children() {
		condition := statement.Field("condition")
		if statement.Kind() != "if_statement" || condition == nil || strings.Trim(condition.Text(), "() ") != m[1] {
			continue
		}
		body := statement.Field("consequence").Span()
		k.Span, k.Body = body, body
		k.Calls = within(f, body)
		text := piece(f, body)
		k.UsesError = mentions(text, []string{m[1]})
		k.Rethrows = raising.MatchString(text)
		if r := returned.FindStringSubmatch(text); r != nil {
			k.Returns = strings.TrimSpace(r[1])
		}
		for _, inner := range k.Calls {
			if passesOn.MatchString(inner.Name) && len(inner.Args) > 1 && isNothing(inner.Args[0].Text) {
				k.Returns = inner.Args[1].Text
			}
		}
		return k
	}
	return nil
}

// nodeAt is the smallest node that spans a place.
func nodeAt(n source.Node, span source.Span) source.Node {
	for {
		var next source.Node
		for _, child := range n.Children() {
			if s := child.Span(); s.Start <= span.Start && s.End >= span.End {
				next = child
				break
			}
		}
		if next == nil {
			return n
		}
		if s := next.Span(); s.Start == span.Start && s.End == span.End {
			return next
		}
		n = next
	}
}

// goneAstray are Go's `go f(x)` and C#'s `_ = FAsync(x)` whose function gives back an error that nobody takes.
func (l *lookup) goneAstray(f *source.File) []*source.Catch {
	var list []*source.Catch
	add := func(c *source.Call, span source.Span) {
		list = append(list, &source.Catch{Kind: kindDetached, Try: c.Span, Body: c.Span, In: c.In, Span: span})
	}
	if f.Lang == source.CSharp {
		for _, c := range f.Calls {
			if strings.HasSuffix(c.Name, "Async") && !c.Awaited && strings.HasSuffix(lineBefore(f, c.Span.Start), "_ =") {
				add(c, c.Span)
			}
		}
	}
	if f.GoFile == nil || f.GoSet == nil {
		return list
	}
	ast.Inspect(f.GoFile, func(n ast.Node) bool {
		g, ok := n.(*ast.GoStmt)
		if !ok {
			return true
		}
		span := spanOf(f, g.Call)
		i := slices.IndexFunc(f.Calls, func(c *source.Call) bool { return c.Span.Start == span.Start && c.Span.End == span.End })
		if i >= 0 {
			add(f.Calls[i], spanOf(f, g))
		}
		return true
	})
	return list
}

// unheard judges work whose errors nobody looks at: it counts when a function of this repository that it runs can fail and
// does not tell by itself.
func (s *swallowing) unheard(f *source.File, k *source.Catch, work *source.Call) (string, bool) {
	if slices.ContainsFunc(f.Catches, func(c *source.Catch) bool { return c.Span.Start > k.Span.Start && c.Span.End <= k.Span.End }) ||
		s.telling(f, work) {
		return "", false
	}
	if k.Kind == kindSettled {
		return "kept among the outcomes, at which nobody looks", true
	}
	if f.Lang == source.Go {
		_, ok := s.givesError(f, work)
		return "lost with the goroutine", ok
	}
	return "lost with the task that runs it", true
}

// telling says whether the function that a call means logs its own errors.
func (s *swallowing) telling(f *source.File, work *source.Call) bool {
	for _, p := range s.resolve(f, work.Name, work.Receiver, source.Function, source.Method) {
		for _, k := range p.file.Catches {
			if k.Span.Start >= p.decl.Span.Start && k.Span.End <= p.decl.Span.End && s.signalsIn(p.file, k.Body, 1).has(visible) {
				return true
			}
		}
	}
	return false
}
