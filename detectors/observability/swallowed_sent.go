package observability

import (
	"go/ast"
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// Work that is sent off without a call that says so: a promise nobody waits for, a thread's target, C#'s async void, Kotlin's
// runCatching whose result is dropped, and in Go a call whose error nobody takes.

// kindIgnored is a call of Go whose error is not taken.
const kindIgnored = "ignored"

// sentOff are the places of a file at which work is sent off, or its error is not taken.
func (l *lookup) sentOff(f *source.File) []*source.Catch {
	switch f.Lang {
	case source.Go:
		return ignoredErrors(f)
	case source.TypeScript, source.JavaScript:
		return l.floating(f)
	case source.Python:
		return threadTargets(f)
	case source.CSharp:
		return asyncVoids(f)
	case source.Kotlin:
		var list []*source.Catch
		for _, c := range f.Calls {
			if c.Name == "runCatching" && c.Receiver == "" && alone(f, c.Span) {
				list = append(list, &source.Catch{Kind: "catch", Empty: true, Try: c.Span, In: c.In, Span: c.Span, Body: source.Span{Line: c.Span.EndLine, EndLine: c.Span.EndLine, Start: c.Span.End, End: c.Span.End}})
			}
		}
		return list
	default:
		return nil
	}
}

// entries are functions that a program ends with when they fail.
var entries = lazy.New(`(?i)^(?:main|run|start|bootstrap|init\w*|setup\w*|listen|serve|boot|shutdown|stop|close)$`)

// floating are the calls of asynchronous functions, of this file or imported from the repository, for which nobody waits.
func (l *lookup) floating(f *source.File) []*source.Catch {
	if browser(f) || onDevice.MatchString(f.Path) || commandLine(f) || isOffline(f.Path) {
		return nil
	}
	imported := map[string]bool{}
	for _, i := range f.Imports {
		if !strings.HasPrefix(i.Path, ".") && !strings.HasPrefix(i.Path, "@/") && !strings.HasPrefix(i.Path, "~/") {
			continue
		}
		for _, n := range i.Names {
			imported[n.Name] = true
		}
	}
	var list []*source.Catch
	for _, c := range f.Calls {
		own := (c.Receiver == "" || c.Receiver == "this") && slices.ContainsFunc(f.Decls, func(d *source.Decl) bool { return d.Name == c.Name && d.Async })
		if c.Awaited || c.In == nil || c.In.Kind == source.Class || entries.MatchString(c.Name) || !own && (c.Receiver != "" || !imported[c.Name]) || !alone(f, c.Span) {
			continue
		}
		places := l.resolve(f, c.Name, c.Receiver, source.Function, source.Method, source.Const)
		if len(places) != 1 || !places[0].decl.Async || handlesItself(places[0]) {
			continue
		}
		list = append(list, &source.Catch{Kind: kindDetached, Try: c.Span, Body: c.Span, In: c.In, Span: c.Span})
	}
	return list
}

// handlesItself says whether a function receives its own errors.
func handlesItself(p place) bool {
	return slices.ContainsFunc(p.file.Catches, func(k *source.Catch) bool {
		return k.Span.Start >= p.decl.Span.Start && k.Span.End <= p.decl.Span.End
	})
}

// threadTargets are the functions that Python's threads run.
func threadTargets(f *source.File) []*source.Catch {
	var list []*source.Catch
	for _, c := range f.Calls {
		if c.Name != "Thread" || c.Receiver != "threading" && c.Receiver != "" || strings.Contains(string(f.Text), "excepthook") {
			continue
		}
		for _, a := range c.Args {
			target := value(a)
			if a.Keyword != "target" || !expressionPath.MatchString(target) {
				continue
			}
			receiver, name := "", target
			if i := strings.LastIndexByte(target, '.'); i >= 0 {
				receiver, name = target[:i], target[i+1:]
			}
			run := &source.Call{Receiver: receiver, Name: name, In: c.In, Span: a.Span}
			list = append(list, &source.Catch{Kind: kindDetached, Calls: []*source.Call{run}, Try: c.Span, Body: c.Span, In: c.In, Span: c.Span})
		}
	}
	return list
}

var asyncVoid = lazy.New(`\basync\s+void\s+(\w+)\s*\(([^)]*)\)`)

// asyncVoids are C#'s methods whose errors nobody can receive, other than handlers of events.
func asyncVoids(f *source.File) []*source.Catch {
	var list []*source.Catch
	for _, m := range asyncVoid.FindAllStringSubmatch(string(f.Text), 20) {
		if strings.Contains(m[2], "EventArgs") || strings.Contains(m[2], "sender") {
			continue
		}
		for _, d := range f.Decls {
			if d.Name == m[1] && d.Body.End > d.Body.Start {
				list = append(list, &source.Catch{Kind: kindDetached, Try: d.Body, Body: d.Body, In: d, Span: source.Span{Line: d.Span.Line, EndLine: d.Span.Line, Start: d.Body.Start, End: d.Body.End}})
			}
		}
	}
	return list
}

// ignoredErrors are the statements of Go that call something with a context and take nothing of what it gives.
func ignoredErrors(f *source.File) []*source.Catch {
	if f.GoFile == nil || f.GoSet == nil {
		return nil
	}
	byStart := map[source.Span]*source.Call{}
	for _, c := range f.Calls {
		if len(c.Args) > 0 && strings.HasSuffix(strings.ToLower(strings.TrimSuffix(c.Args[0].Text, "()")), "ctx") || len(c.Args) > 0 && strings.HasSuffix(c.Args[0].Text, "Context()") {
			byStart[source.Span{Start: c.Span.Start, End: c.Span.End}] = c
		}
	}
	if len(byStart) == 0 {
		return nil
	}
	var list []*source.Catch
	ast.Inspect(f.GoFile, func(n ast.Node) bool {
		if statement, ok := n.(*ast.ExprStmt); ok {
			span := spanOf(f, statement.X)
			if c := byStart[source.Span{Start: span.Start, End: span.End}]; c != nil {
				list = append(list, &source.Catch{Kind: kindIgnored, Try: c.Span, Body: c.Span, In: c.In, Span: c.Span})
			}
		}
		return true
	})
	return list
}
