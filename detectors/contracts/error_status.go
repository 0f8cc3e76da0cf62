package contracts

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
	"flightpoll/detectors/source/routes"
)

// A statusChange is an HTTP status that a route no longer answers, and the one that it answers instead.
type statusChange struct {
	route    routes.Route
	old, new int
	line     int
}

var (
	statusNumber = lazy.New(`(?:\bstatus(?:_?code)?\s*[=:(]\s*|\.status\(\s*|\.sendStatus\(\s*|\.code\(\s*|WriteHeader\(\s*|abort\(\s*|HTTPException\(\s*|\.JSON\(\s*|\.String\(\s*|NoContent\(\s*|\},\s*|\),\s*|\],\s*|abort_(?:if|unless)\([^;\n]*,\s*|createError\(\s*)([1-5]\d\d)\b`)
	statusName   = lazy.New(`\b(?:http|fiber|fasthttp|echo|gin)\.Status([A-Z]\w+)|\bHTTP_([1-5]\d\d)_\w+|\bHTTPStatus\.([A-Z_]+)|\bHttpStatus\.([A-Z_]+)|\bStatusCodes\.([A-Z_]{3,})` +
		`|\bStatusCodes\.Status([1-5]\d\d)|\bHttpStatusCode\.([A-Z]\w+)|\bStatusCode::([A-Z_]+)|\b(?:status:|:status\s*=>|head)\s*:([a-z_]+)|\bResponse::HTTP_([A-Z_]+)` +
		`|(?:\breturn|=>|\bResults\.|\bTypedResults\.|[?:])\s*(Conflict|NotFound|BadRequest|Unauthorized|Forbid|UnprocessableEntity|NoContent|Accepted)\(|\bResponseEntity\.(notFound|badRequest|unprocessableEntity|noContent|accepted)\(|\bHttpResponse::([A-Z]\w+)\(`)
)

// mayName is what a text holds that names a status.
var mayName = lazy.New(`\b[1-5]\d\d\b|[sS]tatus|HTTP_|Http|\bhead\s*:|(?:Conflict|NotFound|BadRequest|Unauthorized|Forbid|UnprocessableEntity|NoContent|Accepted|notFound|badRequest|unprocessableEntity|noContent|accepted)\(`)

// statusByName gives each status by its name without blanks, in lower case: "notfound" is 404.
var statusByName = func() map[string]int {
	m := map[string]int{}
	for code := 100; code < 600; code++ {
		if text := http.StatusText(code); text != "" {
			m[plainName(text)] = code
		}
	}
	return m
}()

func plainName(text string) string {
	return strings.ToLower(strings.NewReplacer(" ", "", "-", "", "'", "", "_", "").Replace(text))
}

// statusesIn lists the HTTP statuses that a text names as such, in order, with the offset of each.
func statusesIn(text string) (codes, at []int) {
	type hit struct{ code, at int }
	var hits []hit
	for _, m := range statusNumber.FindAllStringSubmatchIndex(text, 100) {
		code, _ := strconv.Atoi(text[m[2]:m[3]])
		hits = append(hits, hit{code, m[2]})
	}
	for _, m := range statusName.FindAllStringSubmatchIndex(text, 100) {
		for g := 1; 2*g < len(m); g++ {
			if m[2*g] < 0 {
				continue
			}
			word := text[m[2*g]:m[2*g+1]]
			code, err := strconv.Atoi(word)
			if err != nil {
				code = statusByName[plainName(word)]
			}
			if code > 0 {
				hits = append(hits, hit{code, m[2*g]})
			}
		}
	}
	slices.SortFunc(hits, func(a, b hit) int { return a.at - b.at })
	for _, h := range hits {
		codes, at = append(codes, h.code), append(at, h.at)
	}
	return codes, at
}

// pathToken is a path in a row of code.
var pathToken = lazy.New(`(?:/[A-Za-z0-9_.~%:${}<>*\[\]-]+)+`)

// A handler is the code that answers one route.
type handler struct {
	route routes.Route
	text  string
	line  int
}

// handlersIn are the handlers of a file whose routes are known: registered in it by a call or a decorator, or in Go by a call in
// another file.
func handlersIn(at side, f *source.File) []handler {
	var list []handler
	declared := routes.Declared(f)
	put := func(p string, span source.Span) {
		list = append(list, handler{routes.Route{Path: p, File: f.Path, Line: span.Line, Segments: routes.Segments(p)}, string(f.Text[span.Start:span.End]), span.Line})
	}
	for _, d := range f.Decls {
		if d.Kind != source.Function && d.Kind != source.Method {
			continue
		}
		p := registered(f, d.Name)
		if i := slices.IndexFunc(declared, func(r routes.Route) bool { return r.Decl == d && !r.Unread }); i >= 0 && len(d.Decorators) > 0 {
			first := d.Decorators[0] // a decorator may set the status of success
			put(declared[i].Path, source.Span{Line: min(first.Span.Line, d.Span.Line), Start: min(first.Span.Start, d.Span.Start), End: d.Span.End})
			continue
		}
		for _, c := range d.Decorators {
			if r := routeOf(c); r != "" {
				p = r
				if c.Span.Start < d.Span.Start { // the decorator sets the status of success
					put(p, source.Span{Line: c.Span.Line, Start: c.Span.Start, End: d.Span.End})
					p = ""
					break
				}
			}
		}
		if p == "" && f.Lang == source.Go && goHandler(d) {
			p = registeredElsewhere(at, f, d.Name)
		}
		if p != "" {
			put(p, d.Span)
		}
	}
	for _, c := range f.Calls {
		if p := routeOf(c); p != "" && slices.ContainsFunc(c.Args, func(a source.Arg) bool { return a.IsFunc }) {
			put(p, c.Span)
		}
	}
	return list
}

// everyPlace are segments that the routes of many programs have.
var everyPlace = []string{"health", "healthz", "healthcheck", "live", "livez", "ready", "readyz", "metrics", "ping", "version", "info", "api", "status", "login", "logout", "token", "auth",
	"index", "home", "search", "docs", "static", "assets", "test", "data", "list", "config", "graphql", "callback", "webhook", "webhooks", "about", "admin", "root"}

// findable says that calls of a route can be told from others: a fixed segment is a word, and another segment stands beside it.
func findable(r routes.Route) bool {
	return r.Telling() || len(r.Last()) > 3 && !slices.Contains(everyPlace, r.Last())
}

// registered is the route under which a call of the file registers a function.
func registered(f *source.File, name string) string {
	for _, c := range f.Calls {
		if p := routeOf(c); p != "" {
			for _, a := range c.Args {
				if a.Text == name || strings.HasSuffix(a.Text, "."+name) {
					return p
				}
			}
		}
	}
	return ""
}

func goHandler(d *source.Decl) bool {
	return slices.ContainsFunc(d.Params, func(p source.Param) bool {
		return strings.HasSuffix(p.Type, "http.Request") || strings.HasSuffix(p.Type, ".Context") && p.Type != "context.Context" || strings.HasSuffix(p.Type, ".Ctx")
	})
}

// registeredElsewhere is the route under which another file registers a function.
func registeredElsewhere(at side, f *source.File, name string) string {
	naming, err := at.source.Naming(context.Background(), name)
	if err != nil {
		return ""
	}
	for i, p := range naming[name] {
		if i > 20 || !strings.HasSuffix(p, ".go") || p == f.Path || source.IsTest(p) {
			continue
		}
		if g := at.file(p); g != nil {
			if r := registered(g, name); r != "" {
				return r
			}
		}
	}
	return ""
}

// changedStatuses compares the statuses that each route of a file answers.
func changedStatuses(before, after side, old, now *source.File) []statusChange {
	var list []statusChange
	mine := handlersIn(after, now)
	for _, o := range handlersIn(before, old) {
		i := slices.IndexFunc(mine, func(n handler) bool { return slices.Equal(n.route.Segments, o.route.Segments) && n.text != "" })
		if i < 0 || !findable(o.route) {
			continue
		}
		n := mine[i]
		mine[i].text = ""
		was, _ := statusesIn(o.text)
		is, at := statusesIn(n.text)
		var lost []int
		for _, c := range was {
			if !slices.Contains(is, c) && !slices.Contains(lost, c) {
				lost = append(lost, c)
			}
		}
		added, line := []int(nil), 0
		for j, c := range is {
			if !slices.Contains(was, c) && !slices.Contains(added, c) {
				added, line = append(added, c), n.line+strings.Count(n.text[:at[j]], "\n")
			}
		}
		if len(lost) == 1 && len(added) == 1 {
			list = append(list, statusChange{n.route, lost[0], added[0], line})
		}
	}
	return list
}

// report tells the places that call the route and ask for the old status near by.
func (s statusChange) report(pass *detectors.Pass) error {
	naming, err := pass.Source.Naming(pass.Context, s.route.Last())
	if err != nil {
		return err
	}
	var callers []caller
	told := map[string]bool{}
	for i, p := range naming[s.route.Last()] {
		if i >= maxCandidates || p == s.route.File || skipped(p) || source.IsDoc(p) || prose(p) || noCaller.MatchString(p) || otherVersion(p, s.route.File) {
			continue
		}
		text, err := pass.Branch.ReadHead(p)
		if err != nil || len(text) > branch.MaxFile {
			continue
		}
		line := s.askedIn(string(text))
		if line > 0 && !standsIn(p) {
			callers = append(callers, caller{p, line})
		}
		if changed := pass.Branch.File(p); line == 0 || changed != nil && changed.Touched(line) {
			continue
		}
		told[p] = true
		s.tell(pass, p, line)
	}
	return s.stubs(pass, callers, told)
}

// tell reports one place that expects the old status.
func (s statusChange) tell(pass *detectors.Pass, p string, line int) {
	story := fmt.Sprintf("made %s answer %d, not %d", s.route.Path, s.new, s.old)
	pass.Report(detectors.Finding{
		Severity: detectors.Warning, Path: p, Line: line, Symbol: strconv.Itoa(s.old),
		Message:  fmt.Sprintf("still expects %d from %s; the branch %s", s.old, s.route.Path, story),
		Why:      "What was handled here is an unknown answer from now on, and a stub with the old status keeps the tests green.",
		Fix:      fmt.Sprintf("Expect %d here (and %d for as long as both are answered).", s.new, s.old),
		Related:  []detectors.Related{{Path: s.route.File, Line: s.line, Message: "the branch " + story + " here"}},
		Evidence: []string{s.route.Path, strconv.Itoa(s.old), strconv.Itoa(s.new)},
	})
}

// answerLines is how many lines behind the call of a route its answer is looked at, as a rule.
const answerLines = 14

// askedIn is the first line that asks for the old status, at most a few lines behind a call of the route and before that of
// another one; 0 for none, or where the new one is asked for there as well.
func (s statusChange) askedIn(text string) int {
	rows := strings.Split(routes.Inlined(text), "\n")
	old, now := askFor(s.old), askFor(s.new)
	for i, row := range rows {
		if len(row) > 4000 || !strings.Contains(row, s.route.Last()) || !s.named(row) {
			continue
		}
		found := 0
		for j := i; j < len(rows) && j <= i+answerLines && len(rows[j]) < 4000; j++ {
			if j > i && pathToken.MatchString(quotedOnly(rows[j])) && !s.named(rows[j]) {
				break
			}
			if now.MatchString(rows[j]) {
				found = 0
				break
			}
			if found == 0 && old.MatchString(rows[j]) {
				found = j + 1
			}
		}
		if found > 0 {
			return found
		}
	}
	return 0
}

// named says that a row calls the route.
func (s statusChange) named(row string) bool {
	return namesRoute(s.route, row)
}

// quotedOnly are the strings of a row that look like a path.
func quotedOnly(row string) string {
	var parts []string
	for _, m := range quotedAll.FindAllStringSubmatch(row, 10) {
		if v := m[1] + m[2] + m[3]; strings.HasPrefix(v, "/") && len(v) > 3 || strings.HasPrefix(v, "http") {
			parts = append(parts, v)
		}
	}
	return strings.Join(parts, " ")
}

// askFor matches a comparison with a status, an expectation of it, or a stub that answers it.
func askFor(code int) *regexp.Regexp {
	n := strconv.Itoa(code)
	name := strings.NewReplacer(" ", "", "-", "", "'", "").Replace(http.StatusText(code))
	upper := strings.ToUpper(strings.ReplaceAll(strings.ReplaceAll(http.StatusText(code), " ", "_"), "-", "_"))
	return regexp.MustCompile(`(?i)(?:status\w*["']?\s*(?:[=!]==?|:|=|,|\bin\b)\s*[\[({]?|\bcase\s+|\bcode\w*["']?\s*(?:[=!]==?|:|=)\s*|reply\(|status\(|toBe\(|toEqual\(|expect\(|toHaveProperty\([^,]*,|HttpResponse\(.*status:\s*|assert\w*\(.*,\s*|WriteHeader\(|responses?\.\w+\(.*status=)` + n + `\b|\bhttp\.Status` + name + `\b|\b(?:HttpStatusCode\.|Status` + n + `)` + name + `\b|\b(?:HttpStatus\.|HTTPStatus\.|StatusCode::|codes\.|HTTP_|HTTP_` + n + `_)` + upper +
		`\b|\b(?:have_http_status\(|assert_response\s*\(?)\s*:` + upper + `\b|\bassert` + name + `\(`)
}

// namesRoute says that a piece of code names the address of a route.
func namesRoute(r routes.Route, text string) bool {
	if _, ok := r.Mentions(routes.CalledIn(text)); ok {
		return true
	}
	for _, token := range pathToken.FindAllString(text, 20) {
		if r.Answers(routes.Segments(strings.TrimRight(token, ".:"))) {
			return true
		}
	}
	return false
}
