package contracts

// Statuses of handlers whose routes other files give: class based views, controllers, exceptions that carry their status.

import (
	"regexp"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
	"flightpoll/detectors/source/routes"
)

// swapped is the one status that a text lost and the one that it has instead, with the new one's line in the text.
func swapped(old, now string) (lost, added, line int) {
	was, _ := statusesIn(old)
	is, at := statusesIn(now)
	for _, c := range was {
		if !slices.Contains(is, c) && c != lost {
			if lost != 0 {
				return 0, 0, 0
			}
			lost = c
		}
	}
	for i, c := range is {
		if !slices.Contains(was, c) && c != added {
			if added != 0 {
				return 0, 0, 0
			}
			added, line = c, strings.Count(now[:at[i]], "\n")
		}
	}
	if lost == 0 || added == 0 {
		return 0, 0, 0
	}
	return lost, added, line
}

func (h *requestHandler) span() source.Span {
	if h.decl != nil {
		return h.decl.Span
	}
	return h.route.Body
}

// routedStatuses compares the statuses of the handlers of a file by the routes that lead to them.
func (t *routeTable) routedStatuses(old, now *source.File, known []statusChange) ([]statusChange, error) {
	var list []statusChange
	put := func(r routes.Route, lost, added, line int) {
		same := func(s statusChange) bool { return slices.Equal(s.route.Segments, r.Segments) && s.old == lost }
		if findable(r) && !slices.ContainsFunc(known, same) && !slices.ContainsFunc(list, same) {
			r.File = now.Path
			list = append(list, statusChange{r, lost, added, line})
		}
	}
	before, after := t.before.handlers(old.Path), t.after.handlers(now.Path)
	for _, key := range keysOf(before) {
		h, n := before[key], after[key]
		if n == nil {
			continue
		}
		lost, added, line := swapped(textOf(old, h.span()), textOf(now, n.span()))
		if lost == 0 {
			continue
		}
		answered, err := t.leadingTo(n)
		if err != nil {
			return nil, err
		}
		for _, r := range answered {
			put(r, lost, added, n.span().Line+line)
		}
	}
	for _, d := range now.Decls {
		if d.Kind != source.Class || d.Parent != nil || !thrown.MatchString(d.Name) && !strings.Contains(strings.Join(d.Bases, " "), "Exception") {
			continue
		}
		i := slices.IndexFunc(old.Decls, func(o *source.Decl) bool { return o.Kind == source.Class && o.Name == d.Name && o.Parent == nil })
		if i < 0 {
			continue
		}
		lost, added, line := swapped(withHead(old, old.Decls[i]), withHead(now, d))
		if lost == 0 {
			continue
		}
		answered, err := t.throwing(d.Name)
		if err != nil {
			return nil, err
		}
		for _, r := range answered {
			put(r, lost, added, d.Span.Line+line)
		}
	}
	return list, nil
}

var thrown = lazy.New(`(?:Exception|Error|Fault)$`)

func textOf(f *source.File, s source.Span) string {
	if s.End <= s.Start || s.End > len(f.Text) {
		return ""
	}
	return string(f.Text[s.Start:s.End])
}

// withHead is a class with the annotations before it.
func withHead(f *source.File, d *source.Decl) string {
	from := d.Span.Start
	for _, c := range d.Decorators {
		from = min(from, c.Span.Start)
	}
	return textOf(f, source.Span{Start: from, End: d.Span.End})
}

var methodNames = []string{"get", "post", "put", "patch", "delete", "list", "create", "retrieve", "update", "partial_update", "destroy"}

// leadingTo are the routes of a handler; those of a Django view's method are its class's.
func (t *routeTable) leadingTo(h *requestHandler) ([]routes.Route, error) {
	if h.decl == nil || source.LanguageOf(h.file) != source.Python || h.decl.Receiver == "" || !slices.Contains(methodNames, h.decl.Name) {
		return t.routesTo(h)
	}
	naming, err := t.pass.Source.Naming(t.pass.Context, h.decl.Receiver)
	if err != nil {
		return nil, err
	}
	var list []routes.Route
	for i, p := range naming[h.decl.Receiver] {
		if i >= maxCandidates || !declares(p) || source.LanguageOf(p) != source.Python {
			continue
		}
		for _, r := range t.after.routes(p) {
			if slices.Contains(strings.FieldsFunc(r.Handler, func(c rune) bool { return strings.ContainsRune(".(),= ", c) }), h.decl.Receiver) {
				list = append(list, r)
			}
		}
	}
	return t.wholeRoutes(list)
}

// throwing are the routes whose handlers throw an exception of a class themselves.
func (t *routeTable) throwing(class string) ([]routes.Route, error) {
	naming, err := t.pass.Source.Naming(t.pass.Context, class)
	if err != nil {
		return nil, err
	}
	throws := regexp.MustCompile(`\b(?:raise|throw(?:\s+new)?|throw_error|Err\(|orElseThrow\()[^;\n]*\b` + regexp.QuoteMeta(class) + `\b`)
	var list []routes.Route
	for i, p := range naming[class] {
		if i >= 40 || !declares(p) || source.LanguageOf(p) == "" {
			continue
		}
		f := t.after.file(p)
		if f == nil || !throws.Match(f.Text) {
			continue
		}
		handlers := t.after.handlers(p)
		for _, key := range keysOf(handlers) {
			if h := handlers[key]; throws.MatchString(textOf(f, h.span())) {
				answered, err := t.leadingTo(h)
				if err != nil {
					return nil, err
				}
				list = append(list, answered...)
			}
		}
	}
	return list, nil
}

// A caller is a place that calls a route.
type caller struct {
	path string
	line int
}

// stubs reports the tests of callers that answer with the old status near a call of the caller's function.
func (s statusChange) stubs(pass *detectors.Pass, callers []caller, told map[string]bool) error {
	after := side{pass.Branch, pass.Source, false}
	old, now := askFor(s.old), askFor(s.new)
	for _, c := range callers {
		f := after.file(c.path)
		if f == nil {
			continue
		}
		name := ""
		for _, d := range f.Decls {
			if (d.Kind == source.Function || d.Kind == source.Method) && d.Span.Line <= c.line && c.line <= d.Span.EndLine {
				name = d.Name
			}
		}
		if len(name) < 4 {
			continue
		}
		naming, err := pass.Source.Naming(pass.Context, name)
		if err != nil {
			return err
		}
		stem, _, _ := strings.Cut(c.path[strings.LastIndexByte(c.path, '/')+1:], ".")
		for i, p := range naming[name] {
			if i >= 40 || told[p] || !source.IsTest(p) || skipped(p) {
				continue
			}
			text, err := pass.Branch.ReadHead(p)
			if err != nil || len(text) > 400_000 || !strings.Contains(string(text), stem) || now.Match(text) {
				continue
			}
			rows := strings.Split(string(text), "\n")
			for j, row := range rows {
				near := strings.Join(rows[max(0, j-answerLines):min(len(rows), j+answerLines)], "\n")
				if len(row) < 4000 && old.MatchString(row) && strings.Contains(near, name) && !touched(pass.Branch, p, j+1) {
					told[p] = true
					s.tell(pass, p, j+1)
					break
				}
			}
		}
	}
	return nil
}
