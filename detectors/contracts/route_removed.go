package contracts

import (
	"fmt"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/source"
	"flightpoll/detectors/source/routes"
)

// RouteRemoved finds clients, stubs, scripts and documents that still call a route which the branch renamed or removed.
var RouteRemoved = &detectors.Detector{
	ID:    "contracts/route-removed",
	Title: "A client, stub or document still calls a route that the branch removed",
	Run:   runRoutes,
}

func runRoutes(pass *detectors.Pass) error {
	t := routeTable{pass: pass, before: side{pass.Branch, pass.Source, true}, after: side{pass.Branch, pass.Source, false}}
	for _, f := range pass.Branch.Files {
		if f.Binary || f.TooLarge || f.Vendored || f.Generated || !declares(f.Path) || source.LanguageOf(f.Path) == "" {
			continue
		}
		if f.Status != branch.Added {
			t.old = append(t.old, t.before.routes(cmpOr(f.OldPath, f.Path))...)
		}
		if f.Status != branch.Deleted {
			t.now = append(t.now, t.after.routes(f.Path)...)
		}
	}
	if len(t.old) == 0 {
		return detectors.ErrNotApplicable
	}
	t.leaveUnread()
	told := map[string]bool{}
	for _, r := range t.old {
		key := strings.Join(r.Segments, "/")
		if told[key] {
			continue
		}
		gone, verb := t.gone(r)
		if !gone {
			continue
		}
		told[key] = true
		if err := t.report(r, verb); err != nil {
			return err
		}
	}
	return t.renamedNames()
}

// A routeTable holds the routes of the changed files on both sides.
type routeTable struct {
	pass          *detectors.Pass
	before, after side
	old, now      []routes.Route
	// headers are those whose new name is told already.
	headers []string
}

// leaveUnread drops the routes of files some of whose paths are no literals.
func (t *routeTable) leaveUnread() {
	unread := map[string]bool{}
	for _, r := range slices.Concat(t.old, t.now) {
		unread[r.File] = unread[r.File] || r.Unread
	}
	t.old = slices.DeleteFunc(t.old, func(r routes.Route) bool { return unread[r.File] })
	t.now = slices.DeleteFunc(t.now, func(r routes.Route) bool { return r.Unread })
}

// routes are those that a file registers on a side.
func (s side) routes(p string) []routes.Route {
	f := s.file(p)
	if f == nil {
		return nil
	}
	list := routes.Declared(f)
	for i := range list {
		list[i].File = p
	}
	return list
}

// gone says that no changed file answers a route any more; with a method, only for that method.
func (t *routeTable) gone(r routes.Route) (gone bool, verb string) {
	same := slices.DeleteFunc(slices.Clone(t.now), func(n routes.Route) bool { return !n.Equal(r) })
	if len(same) == 0 {
		return true, ""
	}
	for _, m := range r.Methods {
		if !slices.ContainsFunc(same, func(n routes.Route) bool { return n.Takes(m) || n.File != r.File }) {
			return true, m
		}
	}
	return false, ""
}

// kept says that a file which did not change, or another router, still answers the path.
// R is the whole path of what registered: where that is a mount, the router behind it knows nothing of the prefix.
func (t *routeTable) kept(r, registered routes.Route, verb string, files []string) bool {
	if text, err := t.after.text(registered.File); err == nil && verb == "" && redirects(string(text), r) {
		return true
	}
	for i, p := range files {
		if i >= maxCandidates || skipped(p) {
			continue
		}
		text, err := t.after.text(p)
		if err != nil {
			continue
		}
		if verb == "" && redirects(string(text), r) {
			return true
		}
		if source.LanguageOf(p) == "" || !declares(p) || verb != "" && p == r.File {
			continue
		}
		for _, n := range t.after.routes(p) {
			shorter := (!registered.Mount || n.File != r.File) && len(n.Segments) < len(r.Segments) && !n.Mount && n.Telling() && n.Answers(r.Segments)
			longer := n.File != r.File && len(n.Segments) > len(r.Segments) && r.Answers(n.Segments)
			if (n.Equal(r) || shorter || longer) && n.Takes(verb) {
				return true
			}
		}
	}
	return false
}

// successor is the one route that the branch added in the same file and that shares the most with the old one.
func (t *routeTable) successor(r routes.Route) (routes.Route, bool) {
	var best routes.Route
	most := 0
	for _, n := range t.now {
		if n.File != r.File || n.Mount != r.Mount || slices.ContainsFunc(t.old, func(o routes.Route) bool { return o.Equal(n) && o.File == n.File }) {
			continue
		}
		shared := 1
		for _, s := range n.Segments {
			if slices.Contains(r.Segments, s) {
				shared++
			}
		}
		if len(n.Segments) == len(r.Segments) {
			shared++
		}
		if n.Handler != "" && n.Handler == r.Handler {
			shared += 3
		}
		if shared > most {
			best, most = n, shared
		}
	}
	return best, most > 0
}

func (t *routeTable) report(r routes.Route, verb string) error {
	whole := []routes.Route{r}
	if !r.Telling() || r.Mount || routes.Fixed(r.Segments) < 2 {
		composed, err := t.composed(r)
		if err != nil {
			return err
		}
		if len(composed) > 0 || !r.Telling() || r.Mount {
			whole = composed
		}
	}
	for _, w := range whole {
		if err := t.reportCallers(w, r, verb); err != nil {
			return err
		}
	}
	return nil
}

// reportCallers reports who calls the whole path of a route that r registered.
func (t *routeTable) reportCallers(whole, r routes.Route, verb string) error {
	pass, last := t.pass, whole.Last()
	if !whole.Telling() {
		return nil
	}
	naming, err := pass.Source.Naming(pass.Context, last)
	if err != nil {
		return err
	}
	files := naming[last]
	if t.kept(whole, r, verb, files) {
		return nil
	}
	story, line := "removed "+whole.Path, 0
	if verb != "" {
		story = "does not answer " + verb + " " + whole.Path + " any more"
	} else if n, ok := t.successor(r); ok {
		story, line = fmt.Sprintf("renamed %s to %s", r.Path, n.Path), n.Line
	}
	did := "the branch " + strings.TrimPrefix(story, "the branch ")
	for i, p := range files {
		if i >= maxCandidates || p == r.File || p == whole.File || skipped(p) || noCaller.MatchString(p) || otherVersion(p, r.File) || t.answers(p) {
			continue
		}
		text, err := pass.Branch.ReadHead(p)
		if err != nil {
			continue
		}
		call, ok := t.stale(whole, verb, p, string(text))
		if changed := pass.Branch.File(p); !ok || changed != nil && changed.Touched(call.Line) {
			continue
		}
		pass.Report(detectors.Finding{
			Severity: detectors.Warning, Path: p, Line: call.Line, Symbol: whole.Path,
			Message:  fmt.Sprintf("still %s %s; %s", verbOf(p, text), string(text[call.Start:call.End]), did),
			Why:      "The server answers 404 or 405 from now on; a stub of the old route keeps the tests green.",
			Fix:      "Call the new route here, or let the old one answer too (a redirect or an alias) until every client has followed.",
			Related:  []detectors.Related{{Path: r.File, Line: line, Message: did + " here"}},
			Evidence: []string{whole.Path, story},
		})
	}
	return nil
}

// verbOf is what a file does with a route: a description of an interface describes it.
func verbOf(p string, text []byte) string {
	if isOpenAPI(p, text) {
		return "describes"
	}
	return "calls"
}

// answers says that a changed file registers routes itself: what it names are its own.
func (t *routeTable) answers(p string) bool {
	return slices.ContainsFunc(t.now, func(n routes.Route) bool { return n.File == p })
}

// stale is the first address of a text that means the old route and no living one.
func (t *routeTable) stale(r routes.Route, verb, p, text string) (routes.Called, bool) {
	for _, c := range routes.CalledIn(text) {
		if verb != "" && c.Method != verb || !r.Answers(c.Segments) || !askedOnWeb(r, c, p, text) {
			continue
		}
		living := func(n routes.Route) bool {
			return !n.Mount && len(n.Segments) >= len(r.Segments) && n.Answers(c.Segments) && n.Takes(verb)
		}
		if !slices.ContainsFunc(t.now, living) {
			return c, true
		}
	}
	return routes.Called{}, false
}
