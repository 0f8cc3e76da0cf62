package contracts

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/source"
	"flightpoll/detectors/source/routes"
)

// RouteKeys finds callers of a route that still read a key which its answer lost, or still send one which its body lost. It knows
// them by the route that they call, so that a single key in a script, a workflow or a language without a reader of its own tells.
var RouteKeys = &detectors.Detector{
	ID:    "contracts/route-keys",
	Title: "A caller of a route still reads or sends a key that the branch took away",
	Run:   runRouteKeys,
}

func runRouteKeys(pass *detectors.Pass) error {
	s, err := surveyOf(pass)
	if err != nil {
		return err
	}
	t := &routeTable{pass: pass, before: side{pass.Branch, pass.Source, true}, after: side{pass.Branch, pass.Source, false}}
	k := &keySearch{table: t, survey: s}
	for _, c := range s.changes {
		if c.onClient() || c.old.sent {
			continue
		}
		if err := k.ofShape(c); err != nil {
			return err
		}
	}
	for _, g := range s.grown {
		if err := k.ofNeeded(g.old, g.new); err != nil {
			return err
		}
	}
	for _, c := range s.changes {
		if !c.onClient() {
			if err := k.ofNeeded(c.old, c.new); err != nil {
				return err
			}
		}
	}
	if err := k.ofSharpened(); err != nil {
		return err
	}
	if err := k.ofDescribed(); err != nil {
		return err
	}
	if err := k.ofBodies(); err != nil {
		return err
	}
	if len(k.list) == 0 {
		return detectors.ErrNotApplicable
	}
	told := map[string]bool{}
	for _, l := range k.list {
		if err := k.report(l, told); err != nil {
			return err
		}
	}
	return nil
}

// A lostKey is what the branch took out of the answer or the body of a route.
type lostKey struct {
	route routes.Route
	// sent: it is a key of the body; else one of the answer.
	sent bool
	gone gone
	// now are the keys that the answer or the body has instead.
	now  []string
	path string
	line int
	// needed: the key is refused for its absence from now on; with are those that a call of the route gave all along.
	needed bool
	with   []string
}

// A keySearch gathers what the routes of a branch lost.
type keySearch struct {
	table  *routeTable
	survey *survey
	list   []lostKey
}

// tells says that a name is worth looking for beside the call of a route.
func tells(name string) bool {
	return compound(name) && len(name) > 4 || weight(name) >= 0.7 && len(name) > 4
}

func (k *keySearch) put(r routes.Route, sent bool, g gone, now []string, path string, line int) {
	if !tells(g.wire) || g.retyped != "" || !r.Telling() || r.Mount || slices.ContainsFunc(k.list, func(l lostKey) bool {
		return l.sent == sent && l.gone.wire == g.wire && l.route.Equal(r)
	}) {
		return
	}
	k.list = append(k.list, lostKey{route: r, sent: sent, gone: g, now: now, path: path, line: line})
}

// need notes that a route refuses requests without a key.
func (k *keySearch) need(r routes.Route, name string, with []string, path string, line int) {
	if len(with) == 0 || len(name) < 3 || !r.Telling() || r.Mount || slices.ContainsFunc(k.list, func(l lostKey) bool {
		return l.needed && l.gone.wire == name && l.route.Equal(r)
	}) {
		return
	}
	k.list = append(k.list, lostKey{route: r, sent: true, gone: gone{field: field{wire: name}}, path: path, line: line, needed: true, with: with})
}

// ofShape notes the routes that answer with a changed shape or take it.
func (k *keySearch) ofShape(c *change) error {
	var now []string
	for _, f := range c.new.fields {
		if !c.old.has(f.wire) {
			now = append(now, f.wire)
		}
	}
	for _, g := range c.gone {
		if g.to != "" {
			head, _, _ := strings.Cut(g.to, ".")
			now = append(now, head)
		}
	}
	put := func(list []routes.Route, sent bool) {
		for _, r := range list {
			for _, g := range c.gone {
				k.put(r, sent, g, now, c.new.path, c.lineOf(g))
			}
		}
	}
	if c.old.reply {
		list, err := k.answering(c)
		put(list, false)
		return err
	}
	if c.old.dialect == "schema" {
		return nil
	}
	answers, takes, err := k.routesOf(c.new)
	put(answers, false)
	put(takes, true)
	return err
}

// ofNeeded notes the routes whose body has to have a key that it had not.
func (k *keySearch) ofNeeded(old, now *shape) error {
	var with, fresh []string
	for _, f := range now.fields {
		was, known := old.field(f.wire)
		switch {
		case !known && !f.optional:
			fresh = append(fresh, f.wire)
		case known && !f.optional && !was.optional:
			with = append(with, f.wire)
		}
	}
	if len(fresh) == 0 || len(fresh) > 3 || now.reply || len(with) == 0 || len(now.unread) > len(old.unread) {
		return nil
	}
	var takes []routes.Route
	var err error
	if now.dialect == "schema" {
		takes = k.describedTakers(now.path, lastOf(now.owner))
	} else {
		_, takes, err = k.routesOf(now)
	}
	for _, r := range takes {
		for _, name := range fresh {
			f, _ := now.field(name)
			k.need(r, name, with, now.path, max(f.line, now.line))
		}
	}
	return err
}

// routesOf are the routes that answer with a type, and those that take it as their body.
func (k *keySearch) routesOf(s *shape) (answering, taking []routes.Route, err error) {
	owner := lastOf(s.owner)
	naming, err := k.table.pass.Source.Naming(k.table.pass.Context, owner)
	if err != nil {
		return nil, nil, err
	}
	for i, p := range naming[owner] {
		if i >= maxKeeperFiles {
			break
		}
		if !declares(p) || source.LanguageOf(p) == "" || source.LanguageOf(p) != source.LanguageOf(s.path) {
			continue
		}
		f := k.table.after.file(p)
		if f == nil {
			continue
		}
		for _, r := range routes.Declared(f) {
			answers, takes := usesOf(f, r, owner)
			if !answers && !takes {
				continue
			}
			whole, err := k.table.wholeRoutes([]routes.Route{r})
			if err != nil {
				return nil, nil, err
			}
			if answers {
				answering = append(answering, whole...)
			}
			if takes {
				taking = append(taking, whole...)
			}
		}
	}
	return answering, taking, nil
}

// usesOf says whether a route answers with a type, and whether it takes one as its body.
func usesOf(f *source.File, r routes.Route, owner string) (answers, takes bool) {
	if r.Unread || r.Body.End > len(f.Text) {
		return false, false
	}
	reads := len(r.Methods) == 0 || slices.Contains(r.Methods, "GET") || slices.Contains(r.Methods, "DELETE")
	if d := r.Decl; d != nil {
		text := strings.Join(d.Results, " ")
		for _, c := range d.Decorators {
			for _, a := range c.Args {
				if !a.IsString {
					text += " " + a.Text
				}
			}
		}
		answers = slices.Contains(identifiers(text), owner)
		takes = slices.ContainsFunc(d.Params, func(p source.Param) bool { return slices.Contains(identifiers(p.Type), owner) })
		return answers, takes
	}
	if r.Body.End == 0 || reads {
		return false, false
	}
	from := r.Body.Start
	for from > 0 && f.Text[from-1] != '\n' { // what stands before the function in the call: a validator
		from--
	}
	text := string(f.Text[from:r.Body.End])
	return false, len(text) < 20_000 && regexp.MustCompile(`\b(?:var\s+\w+\s+|:=\s*&?|new\()(?:\w+\.)?`+owner+`\b|[vV]alidat\w*\([^()\n]*\b`+owner+`\b|\b`+owner+`\.(?:parse|safeParse|validate)\w*\(|<`+owner+`>`).MatchString(text)
}

// answering are the routes whose handler answers with a literal.
func (k *keySearch) answering(c *change) ([]routes.Route, error) {
	f := k.table.after.file(c.new.path)
	if f == nil {
		return nil, nil
	}
	var list []routes.Route
	handlers := k.table.after.handlers(c.new.path)
	for _, key := range keysOf(handlers) {
		h := handlers[key]
		span := source.Span{}
		switch {
		case h.route != nil && h.route.Body.End > 0:
			span = h.route.Body
		case h.decl != nil:
			span = h.decl.Span
		}
		if span.End == 0 || c.new.line < span.Line || c.new.end > max(span.EndLine, span.Line+strings.Count(string(f.Text[span.Start:span.End]), "\n")) {
			continue
		}
		whole, err := k.table.routesTo(h)
		if err != nil {
			return nil, err
		}
		list = append(list, whole...)
	}
	return list, nil
}

// ofBodies notes the keys that handlers of changed files read from a request's body without a type for it.
func (k *keySearch) ofBodies() error {
	for _, f := range k.table.pass.Branch.Files {
		if f.Status != branch.Modified && f.Status != branch.Renamed || f.Binary || f.TooLarge || f.Vendored || f.Generated || !declares(f.Path) || source.LanguageOf(f.Path) == "" {
			continue
		}
		was, is := k.table.before.file(cmpOr(f.OldPath, f.Path)), k.table.after.file(f.Path)
		if was == nil || is == nil {
			continue
		}
		old, now := k.table.before.handlers(cmpOr(f.OldPath, f.Path)), k.table.after.handlers(f.Path)
		for _, key := range keysOf(old) {
			n, ok := now[key]
			if !ok {
				continue
			}
			if err := k.ofQuery(old[key], n); err != nil {
				return err
			}
			before, after := bodyKeys(was, old[key]), bodyKeys(is, n)
			lost, added := without(before, after), without(after, before)
			if len(lost) == 0 || len(added) == 0 || len(lost) > 3 {
				continue // what is only read no more does no harm
			}
			whole, err := k.table.routesTo(n)
			if err != nil {
				return err
			}
			for _, name := range lost {
				if k.table.mentioned(f.Path, name) {
					continue
				}
				for _, r := range whole {
					k.put(r, true, gone{field: field{wire: name}, to: added[0]}, added, f.Path, handlerLine(n))
				}
			}
		}
	}
	return nil
}

// ofQuery notes the parameters that a handler refuses to do without from now on.
func (k *keySearch) ofQuery(old, now *requestHandler) error {
	has := func(list []routes.Parameter, x routes.Parameter) int {
		return slices.IndexFunc(list, func(o routes.Parameter) bool { return o.Name == x.Name && o.Header == x.Header })
	}
	var fresh, with []string
	for _, x := range now.takes {
		switch i := has(old.takes, x); {
		case x.Header || !x.Required:
		case i < 0, !old.takes[i].Required:
			fresh = append(fresh, x.Name)
		default:
			with = append(with, x.Name)
		}
	}
	if len(fresh) == 0 || len(with) == 0 {
		return nil
	}
	whole, err := k.table.routesTo(now)
	for _, r := range whole {
		for _, name := range fresh {
			k.need(r, name, with, now.file, handlerLine(now))
		}
	}
	return err
}

func handlerLine(h *requestHandler) int {
	if h.decl != nil {
		return h.decl.Span.Line
	}
	return h.route.Line
}

func (k *keySearch) report(l lostKey, told map[string]bool) error {
	pass, last := k.table.pass, l.route.Last()
	naming, err := pass.Source.Naming(pass.Context, last)
	if err != nil {
		return err
	}
	for i, p := range naming[last] {
		if i >= maxCandidates {
			break
		}
		id := p + "\x00" + l.gone.wire
		known := l.needed && slices.ContainsFunc(k.survey.lacks, func(o *lack) bool { return o.path == p }) || slices.ContainsFunc(k.survey.places, func(o *place) bool {
			return o.path == p && slices.ContainsFunc(o.gone, func(g gone) bool { return g.wire == l.gone.wire })
		})
		if told[id] || known || p == l.path || p == l.route.File || skipped(p) || prose(p) || noCaller.MatchString(p) || otherVersion(p, l.path) || otherVersion(p, l.route.File) {
			continue
		}
		text, err := pass.Branch.ReadHead(p)
		if err != nil || len(text) > branch.MaxFile || len(routesOwn(k.table, p)) > 0 {
			continue
		}
		line := l.usedIn(p, string(text))
		if changed := pass.Branch.File(p); line == 0 || changed != nil && changed.Touched(line) {
			continue
		}
		told[id] = true
		if l.needed {
			pass.Report(l.lacking(p, line))
			continue
		}
		story := story([]gone{l.gone})
		verb, of := "reads", "the answer of"
		if l.sent {
			verb, of = "sends", "the body of"
		}
		pass.Report(detectors.Finding{
			Severity: detectors.Warning, Path: p, Line: line, Symbol: l.gone.wire,
			Message:  fmt.Sprintf("still %s %q, a key of %s %s; the branch %s", verb, l.gone.wire, of, l.route.Path, story),
			Why:      "No compiler looks across the call: what is read is empty, and what is sent is ignored or refused, as soon as the branch is deployed.",
			Fix:      "Follow the change here, or keep the old key beside the new one until every caller has followed.",
			Related:  []detectors.Related{{Path: l.path, Line: l.line, Message: "the branch " + story + " here"}},
			Evidence: []string{l.route.Path, verb, l.gone.wire},
		})
	}
	return nil
}

// lacking tells of a call without a key that the route needs.
func (l lostKey) lacking(p string, line int) detectors.Finding {
	return detectors.Finding{
		Severity: detectors.Warning, Path: p, Line: line, Symbol: l.gone.wire,
		Message:  fmt.Sprintf("calls %s without %q, which the branch made a required key", l.route.Path, l.gone.wire),
		Why:      "The route refuses what comes without it, from the deployment on.",
		Fix:      "Send the key here, or let the route do without it (a default) until every caller has followed.",
		Related:  []detectors.Related{{Path: l.path, Line: l.line, Message: fmt.Sprintf("%q is required here now", l.gone.wire)}},
		Evidence: []string{l.route.Path, l.gone.wire, "required"},
	}
}

// routesOwn are the routes that a file registers itself: what it names are its own.
func routesOwn(t *routeTable, p string) []routes.Route {
	if source.LanguageOf(p) == "" || standsIn(p) {
		return nil
	}
	return t.after.routes(p)
}
