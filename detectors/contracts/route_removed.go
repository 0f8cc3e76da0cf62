package contracts

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/source"
)

// RouteRemoved finds clients, stubs, scripts and documents that still call a route which the branch renamed or removed.
var RouteRemoved = &detectors.Detector{
	ID:    "contracts/route-removed",
	Title: "A client, stub or document still calls a route that the branch removed",
	Run:   runRoutes,
}

func runRoutes(pass *detectors.Pass) error {
	before, after := side{pass.Branch, pass.Source, true}, side{pass.Branch, pass.Source, false}
	var old, now []webRoute
	for _, f := range pass.Branch.Files {
		if f.Binary || f.TooLarge || f.Vendored || f.Generated || !declares(f.Path) {
			continue
		}
		if f.Status != branch.Added {
			if s := before.registering(cmpOr(f.OldPath, f.Path)); s != nil {
				old = append(old, routesIn(s)...)
			}
		}
		if f.Status != branch.Deleted {
			if s := after.registering(f.Path); s != nil {
				now = append(now, routesIn(s)...)
			}
		}
	}
	if len(old) == 0 {
		return detectors.ErrNotApplicable
	}
	unread := map[string]bool{}
	now = slices.DeleteFunc(now, func(n webRoute) bool {
		unread[n.file] = unread[n.file] || n.unread()
		return n.unread()
	})
	old = slices.DeleteFunc(old, func(o webRoute) bool { return o.unread() || unread[o.file] })
	told := map[string]bool{}
	for _, r := range old {
		same := func(n webRoute) bool { return slices.Equal(n.segments, r.segments) }
		if slices.ContainsFunc(now, same) || !r.telling() || told[strings.Join(r.segments, "/")] {
			continue
		}
		told[strings.Join(r.segments, "/")] = true
		if err := reportRoute(pass, after, r, old, now); err != nil {
			return err
		}
	}
	return nil
}

// registering is a file that may register routes.
func (s side) registering(p string) *source.File {
	if source.LanguageOf(p) == "" {
		return nil
	}
	text, err := s.text(p)
	if err == nil && family(p) != "" && mayAnswer.Match(text) {
		return s.file(p)
	}
	if err == nil && scoped(source.LanguageOf(p)) && mayRoute.Match(text) {
		return s.file(p)
	}
	if err != nil || family(p) != "" || !strings.Contains(string(text), `"/`) && !strings.Contains(string(text), `'/`) && !strings.Contains(string(text), " /") {
		return nil
	}
	return s.file(p)
}

// mayAnswer is what a Java, Kotlin or C# file that answers requests has.
var mayAnswer = regexp.MustCompile(`Mapping\b|@Path\b|@(Get|Post|Put|Patch|Delete|Controller)\(|\[(Route|Http(Get|Post|Put|Patch|Delete))|\bMap(Get|Post|Put|Patch|Delete|Methods)\(|\b(get|post|put|patch|delete|GET|POST|PUT|PATCH|DELETE)\("`)

// successor is the one route that the branch added in the same file and that shares the most with the old one.
func successor(r webRoute, old, now []webRoute) (webRoute, bool) {
	var best webRoute
	most := 0
	for _, n := range now {
		if n.file != r.file || slices.ContainsFunc(old, func(o webRoute) bool { return slices.Equal(o.segments, n.segments) }) {
			continue
		}
		shared := 1
		for _, s := range n.segments {
			if slices.Contains(r.segments, s) {
				shared++
			}
		}
		if len(n.segments) == len(r.segments) {
			shared++
		}
		if shared > most {
			best, most = n, shared
		}
	}
	return best, most > 0
}

func reportRoute(pass *detectors.Pass, after side, r webRoute, old, now []webRoute) error {
	naming, err := pass.Source.Naming(pass.Context, r.last())
	if err != nil {
		return err
	}
	files := naming[r.last()]
	// Whoever else answers the path, or mounts routers below it, keeps it alive.
	for i, p := range files {
		if i >= maxCandidates || !declares(p) {
			continue
		}
		if f := after.registering(p); f != nil && slices.ContainsFunc(routesIn(f), func(n webRoute) bool {
			return !n.unread() && (slices.Equal(n.segments, r.segments) || len(n.segments) < len(r.segments) && n.calls(r.segments))
		}) {
			return nil
		}
	}
	story, line := "removed "+r.path, 0
	if n, ok := successor(r, old, now); ok {
		story, line = fmt.Sprintf("renamed %s to %s", r.path, n.path), n.line
	}
	for i, p := range files {
		if i >= maxCandidates || p == r.file || skipped(p) || ignored.MatchString(p) || otherVersion(p, r.file) {
			continue
		}
		text, err := pass.Branch.ReadHead(p)
		if err != nil {
			continue
		}
		at := r.calledIn(p, string(text), now)
		if changed := pass.Branch.File(p); at == 0 || changed != nil && changed.Touched(at) {
			continue
		}
		pass.Report(detectors.Finding{
			Severity: detectors.Warning, Path: p, Line: at, Symbol: r.path,
			Message:  fmt.Sprintf("still calls %s; the branch %s", r.path, story),
			Why:      "The server answers 404 from now on; a stub of the old route keeps the tests green.",
			Fix:      "Call the new route here, or let the old one answer too (a redirect or an alias) until every client has followed.",
			Related:  []detectors.Related{{Path: r.file, Line: line, Message: "the branch " + story + " here"}},
			Evidence: []string{r.path, story},
		})
	}
	return nil
}

// asksWeb is what a line has to say besides a path of one word, which may be a folder's as well.
var asksWeb = regexp.MustCompile(`(?i)https?://|fetch|axios|curl|request|client|\b(get|post|put|patch|delete|url|uri|endpoint|route|href|urlPath)\b|\$\{|\{\{`)

// ignored are files whose paths are the file system's.
var ignored = regexp.MustCompile(`(^|/)(\.[\w-]*ignore|CODEOWNERS|\.gitattributes|Dockerfile[^/]*)$`)

// interpolated is a value inside a string of Ruby or PHP: "/orders/#{order.id}", "/orders/{$order->id}".
var interpolated = regexp.MustCompile(`#\{[^{}]*\}|\{\$[^{}]*\}`)

// calledIn is the first line of a text that names the route's path, 0 for none. A path that another living route answers
// does not count.
func (r webRoute) calledIn(p, text string, now []webRoute) int {
	line := 0
	for row := range strings.Lines(text) {
		line++
		if len(row) > 4000 || !strings.Contains(row, r.last()) || fixed(r.segments) == 1 && !asksWeb.MatchString(row) {
			continue
		}
		row = interpolated.ReplaceAllString(row, "{}")
		for _, token := range pathsIn(p, row) {
			path := segments(strings.TrimRight(token, ".:"))
			if r.calls(path) && !slices.ContainsFunc(now, func(n webRoute) bool { return len(n.segments) >= len(r.segments) && n.calls(path) }) {
				return line
			}
		}
	}
	return 0
}

var (
	// joinedPath is a path to which a value is added: "/users/" + id.
	joinedPath = regexp.MustCompile(`((?:/[A-Za-z0-9_.~%:{}-]+)+/)["']\s*\+`)
	// relativePath is one without a slash before it, as clients with a base address take them.
	relativePath = regexp.MustCompile(`"([A-Za-z0-9_.~-]+(?:/[A-Za-z0-9_.~%:${}<>*-]+)+/?)(?:["?])`)
)

// pathsIn are the paths on a line.
func pathsIn(p, row string) []string {
	list := pathToken.FindAllString(row, -1)
	for _, m := range joinedPath.FindAllStringSubmatch(row, -1) {
		list = append(list, m[1]+"{}")
	}
	if family(p) != "" {
		for _, m := range relativePath.FindAllStringSubmatch(row, -1) {
			list = append(list, "/"+m[1])
		}
	}
	return list
}
