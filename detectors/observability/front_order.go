package observability

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// The orders in which middleware works: on what was added to the router before it (axum, whose layers wrap what is there),
// or on what is added after it (Express, Koa, Hono, gin).
const (
	wrapsEarlier = "earlier"
	wrapsLater   = "later"
)

// passesBy says whether a middleware call of a file does not reach the trigger, because the trigger is added to the same
// router on the wrong side of it.
func (fw *framework) passesBy(f *source.File, middleware *source.Call, t *trigger) bool {
	if fw.Order == "" {
		return false
	}
	added := attachments(f, t)
	return len(added) > 0 && !slices.ContainsFunc(added, func(c *source.Call) bool { return !fw.apart(middleware, c) })
}

// apart says whether an addition to a router certainly stands on the side that a middleware does not reach.
func (fw *framework) apart(middleware, added *source.Call) bool {
	if fw.Order == wrapsEarlier { // links of one chain start at the same byte
		return middleware.Span.Start == added.Span.Start && added.Span.End > middleware.Span.End
	}
	return middleware.Receiver == added.Receiver && middleware.In == added.In && added.Span.Start < middleware.Span.Start
}

var addsToRouter = lazy.New(`^(?i:use|merge|nest|nest_service|route|register|mount|get|post|put|patch|delete|handle|any|all|service)$`)

// attachments are the calls of a file that add the trigger, or the router that its file gives, to a router.
func attachments(f *source.File, t *trigger) []*source.Call {
	var names []string
	if t.file.Path != f.Path {
		switch f.Lang {
		case source.Rust:
			names = append(names, strings.TrimSuffix(path.Base(t.file.Path), ".rs")+"::")
		case source.JavaScript, source.TypeScript:
			for _, i := range f.Imports {
				if !importsPath(&source.File{Path: f.Path, Lang: f.Lang, Imports: []*source.Import{i}}, t.file.Path) {
					continue
				}
				if i.Alias != "" {
					names = append(names, i.Alias)
				}
				for _, n := range i.Names {
					if n.Alias != "" {
						names = append(names, n.Alias)
					} else {
						names = append(names, n.Name)
					}
				}
			}
		case source.Go: // other handlers are added by their own name
			names = append(names, routesOf(t)...)
		default:
		}
	}
	if t.decl != nil && len(t.decl.Name) > 2 {
		names = append(names, t.decl.Name)
	}
	var list []*source.Call
	for _, c := range f.Calls {
		if c == t.reg || slices.Contains(names, c.Full()) && f.Lang == source.Go || addsToRouter.MatchString(strings.TrimSuffix(c.Name, "Func")) && slices.ContainsFunc(c.Args, func(a source.Arg) bool { return !a.IsFunc && !a.IsString && mentions(a.Text, names) }) {
			list = append(list, c)
		}
	}
	return list
}

// routesOf is the name by which another package calls the function that adds the trigger to a router.
func routesOf(t *trigger) []string {
	if t.reg == nil || t.reg.In == nil || t.reg.In.Kind != source.Function || t.file.Package == "" || t.file.Package == "main" {
		return nil
	}
	return []string{t.file.Package + "." + t.reg.In.Name}
}

var (
	// groups are calls that open a part of a router for the function they are given.
	groups = lazy.New(`^(?i:group|route|scope|register|namespace|prefix|subrouter)$`)
	// makesRouter is what gives a router of its own.
	makesRouter = `\s*:?=\s*(?:await\s+|new\s+)?[\w.]*(?:NewServeMux|NewRouter|Router|Group|Route|Subrouter|Blueprint|APIRouter|Hono|express|Scope|With|New)\(`
)

// routerIn says whether a file makes a router under a name.
func routerIn(f *source.File, name string) bool {
	return routerVariable.MatchString(name) && regexp.MustCompile(`\b`+name+makesRouter).Match(f.Text)
}

var routerVariable = lazy.New(`^[A-Za-z_]\w*$`)

// besideScope says whether middleware certainly does not reach a trigger: it is put before the router of that name, or in
// front of one part of a router, and everything that adds the trigger adds it to another.
func besideScope(f *source.File, middleware *source.Call, router string, t *trigger) bool {
	added := attachments(f, t)
	if len(added) == 0 {
		return false
	}
	for _, g := range f.Calls {
		if g == middleware || !groups.MatchString(g.Name) {
			continue
		}
		for _, a := range g.Args {
			inside := func(c *source.Call) bool { return a.Span.Start <= c.Span.Start && a.Span.End >= c.Span.End }
			if a.IsFunc && inside(middleware) && !slices.ContainsFunc(added, inside) {
				return true
			}
		}
	}
	if !routerIn(f, router) {
		return false
	}
	for _, c := range added {
		other := c.Receiver
		if other == router || c.In != middleware.In || !routerIn(f, other) || joined(f, router, other) {
			return false
		}
	}
	return true
}

// joined says whether a router is part of another one: made from it, or mounted into it.
func joined(f *source.File, router, part string) bool {
	return regexp.MustCompile(`\b` + part + `\s*:?=\s*` + router + `\.|\b` + router + `\.\w+\([^\n]*\b` + part + `\b`).Match(f.Text)
}

// mentions says whether a text has one of the names as a word.
func mentions(text string, names []string) bool {
	return slices.ContainsFunc(names, func(n string) bool {
		i := strings.Index(text, n)
		return i >= 0 && (i == 0 || !wordEnd.MatchString(text[:i])) && (strings.HasSuffix(n, "::") || i+len(n) == len(text) || !wordStart.MatchString(text[i+len(n):]))
	})
}

var (
	wordEnd   = lazy.New(`[\w$]$`)
	wordStart = lazy.New(`^[\w$]`)
)
