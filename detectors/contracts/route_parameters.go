package contracts

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
	"flightpoll/detectors/source/routes"
)

// ParameterRenamed finds callers of a route that still send a query parameter, a form field or a header which the branch renamed.
var ParameterRenamed = &detectors.Detector{
	ID:    "contracts/parameter-renamed",
	Title: "A caller still sends a parameter that the branch renamed",
	Run:   runParameters,
}

// A requestHandler is a function that answers requests, on both sides of the branch.
type requestHandler struct {
	file  string
	decl  *source.Decl
	route *routes.Route // where the file itself registers it
	takes []routes.Parameter
}

func runParameters(pass *detectors.Pass) error {
	before, after := side{pass.Branch, pass.Source, true}, side{pass.Branch, pass.Source, false}
	t := &routeTable{pass: pass, before: before, after: after}
	seen := false
	for _, f := range pass.Branch.Files {
		if f.Status != branch.Modified && f.Status != branch.Renamed || f.Binary || f.TooLarge || f.Vendored || f.Generated || !declares(f.Path) || source.LanguageOf(f.Path) == "" {
			continue
		}
		if err := t.renamedHeaders(f); err != nil {
			return err
		}
		old, now := before.handlers(cmpOr(f.OldPath, f.Path)), after.handlers(f.Path)
		for key, h := range old {
			n, ok := now[key]
			if !ok || len(h.takes) == 0 && len(n.takes) == 0 {
				continue
			}
			seen = true
			if err := t.compareParameters(h, n); err != nil {
				return err
			}
		}
	}
	if !seen {
		return detectors.ErrNotApplicable
	}
	return nil
}

// handlers are the functions of a file that take something from requests, by their route or name.
func (s side) handlers(p string) map[string]*requestHandler {
	f := s.file(p)
	if f == nil {
		return nil
	}
	list := map[string]*requestHandler{}
	members := func(typ string) []*source.Decl {
		if _, d := s.lookup(f, typ); d != nil {
			return d.Members
		}
		return nil
	}
	registered := routes.Declared(f)
	for i := range registered {
		r := &registered[i]
		if r.Body.End == 0 || r.Decl != nil {
			continue
		}
		key := strings.Join(r.Methods, ",") + " " + strings.Join(r.Segments, "/")
		list[key] = &requestHandler{file: p, route: r, takes: routes.Parameters(f, r.Body, nil, r, members)}
	}
	for _, d := range f.Decls {
		if d.Kind != source.Function && d.Kind != source.Method {
			continue
		}
		h := &requestHandler{file: p, decl: d}
		for i := range registered {
			if registered[i].Decl == d || registered[i].Decl == nil && handlerWord(registered[i].Handler) == d.Name {
				h.route = &registered[i]
			}
		}
		h.takes = routes.Parameters(f, d.Span, d, h.route, members)
		if key := d.Receiver + "." + d.Name; list[key] == nil {
			list[key] = h
		}
	}
	return list
}

func handlerWord(handler string) string {
	return handler[strings.LastIndexAny(handler, ".:#@")+1:]
}

// compareParameters reports the parameters that a handler does not take any more and that it takes under another name.
func (t *routeTable) compareParameters(h, n *requestHandler) error {
	var gone, added []routes.Parameter
	has := func(list []routes.Parameter, x routes.Parameter) bool {
		return slices.ContainsFunc(list, func(o routes.Parameter) bool { return strings.EqualFold(o.Name, x.Name) })
	}
	for _, x := range h.takes {
		if !has(n.takes, x) && !t.mentioned(n.file, x.Name) {
			gone = append(gone, x)
		}
	}
	for _, x := range n.takes {
		if !has(h.takes, x) {
			added = append(added, x)
		}
	}
	if len(gone) == 0 || len(added) == 0 || len(gone) > 4 || len(h.takes) > 2 && len(gone) == len(h.takes) && len(gone) > len(added) {
		return nil
	}
	answered, err := t.routesTo(n)
	if err != nil {
		return err
	}
	for i, g := range gone {
		to := added[min(i, len(added)-1)]
		if g.Header != to.Header || g.Header && slices.Contains(t.headers, strings.ToLower(g.Name)) {
			continue
		}
		if err := t.reportSenders(g, to, n, answered); err != nil {
			return err
		}
	}
	return nil
}

// mentioned says that a file still has a parameter's name as a string: as an alias, a fallback, or read elsewhere.
func (t *routeTable) mentioned(p, name string) bool {
	f := t.after.file(p)
	return f != nil && slices.ContainsFunc(f.Strings, func(s *source.String) bool { return s.Value == name })
}

// routesTo are the routes that a handler answers: registered in its own file, or in one that names it.
func (t *routeTable) routesTo(h *requestHandler) ([]routes.Route, error) {
	var list []routes.Route
	if h.route != nil {
		list = append(list, *h.route)
	}
	if h.decl == nil || h.route != nil && h.route.Decl != nil {
		return t.wholeRoutes(list)
	}
	stem := strings.TrimSuffix(path.Base(h.file), path.Ext(h.file))
	word := h.decl.Name
	owner := h.decl.Receiver
	if source.LanguageOf(h.file) == source.Ruby {
		stem = strings.TrimSuffix(stem, "_controller")
		for _, p := range t.after.paths() {
			if strings.HasPrefix(p, "config/routes") {
				for _, r := range t.after.routes(p) {
					if strings.HasSuffix(r.Handler, stem+"#"+word) {
						list = append(list, r)
					}
				}
			}
		}
		return t.wholeRoutes(list)
	}
	naming, err := t.pass.Source.Naming(t.pass.Context, word)
	if err != nil || len(naming[word]) > maxCandidates {
		return list, err
	}
	for _, p := range naming[word] {
		if p == h.file || !declares(p) || source.LanguageOf(p) != source.LanguageOf(h.file) {
			continue
		}
		for _, r := range t.after.routes(p) {
			if handlerWord(r.Handler) == word && r.Decl == nil && (owner == "" || source.LanguageOf(p) != source.PHP || strings.Contains(r.Handler, owner)) {
				list = append(list, r)
			}
		}
	}
	return t.wholeRoutes(list)
}

// wholeRoutes puts what other files' routers stand for before the routes that cannot be recognised alone.
func (t *routeTable) wholeRoutes(list []routes.Route) ([]routes.Route, error) {
	var whole []routes.Route
	for _, r := range list {
		if routes.Fixed(r.Segments) > 1 {
			whole = append(whole, r)
			continue
		}
		more, err := t.composed(r)
		if err != nil {
			return nil, err
		}
		whole = append(append(whole, more...), r)
	}
	return whole, nil
}

// nearCall is how many lines behind a call may belong to it.
const nearCall = 9

func (t *routeTable) reportSenders(g, to routes.Parameter, h *requestHandler, answered []routes.Route) error {
	if len(answered) == 0 && (!g.Header || !compound(g.Name)) {
		return nil
	}
	naming, err := t.pass.Source.Naming(t.pass.Context, g.Name)
	if err != nil {
		return err
	}
	what := "parameter"
	if g.Header {
		what = "header"
	}
	sends := sendsParameter(g)
	for i, p := range naming[g.Name] {
		if i >= maxCandidates || p == h.file || skipped(p) || noCaller.MatchString(p) || otherVersion(p, h.file) {
			continue
		}
		text, err := t.pass.Branch.ReadHead(p)
		if err != nil {
			continue
		}
		line := senderIn(p, string(text), g, to, answered, sends)
		if changed := t.pass.Branch.File(p); line == 0 || changed != nil && changed.Touched(line) {
			continue
		}
		where := ""
		if len(answered) > 0 {
			where = " to " + answered[0].Path
		}
		t.pass.Report(detectors.Finding{
			Severity: detectors.Warning, Path: p, Line: line, Symbol: g.Name,
			Message:  fmt.Sprintf("still sends the %s %q%s; the branch renamed it to %q", what, g.Name, where, to.Name),
			Why:      "A name that nobody reads is ignored without an error: the answer is another one than was asked for.",
			Fix:      fmt.Sprintf("Send %q here, or let the handler read both names until every caller has followed.", to.Name),
			Related:  []detectors.Related{{Path: h.file, Line: to.Line, Message: fmt.Sprintf("reads %q now", to.Name)}},
			Evidence: []string{g.Name, to.Name, what},
		})
	}
	return nil
}

// sendsParameter is how callers write a parameter that they send.
func sendsParameter(g routes.Parameter) *regexp.Regexp {
	n := regexp.QuoteMeta(g.Name)
	if g.Header {
		return regexp.MustCompile(`(?i)["'` + "`" + `\s(]` + n + `["'` + "`" + `]?\s*[:,=\]]`)
	}
	return regexp.MustCompile(`[?&]` + n + `=|["']` + n + `["']\s*(?:[:,)\]]|=>)|(?:^|[{,(\s])` + n + `\s*:\s*[^=\s]|\b` + n + `==|(?:-d|-F|--form|--data(?:-urlencode|-raw)?)[ =]["']?(?:[^"'\s]*&)?` + n + `=|"key"\s*:\s*"` + n + `"|[{,]\s*` + n + `\s*[,}]`)
}

var typeBehind = lazy.New(`^\s*:\s*(?:string|number|boolean|int|str|bool|float|Date|any|unknown)\b`)

// senderIn is the first line of a text that sends the parameter to one of the routes, 0 for none.
func senderIn(p, text string, g, to routes.Parameter, answered []routes.Route, sends *regexp.Regexp) int {
	if g.Header && len(answered) == 0 {
		if at := sends.FindStringIndex(text); at != nil && asksWeb.MatchString(text) && !strings.Contains(text, to.Name) {
			return 1 + strings.Count(text[:at[1]-1], "\n")
		}
		return 0
	}
	text = routes.Inlined(text)
	lines := strings.Split(text, "\n")
	for _, c := range routes.CalledIn(text) {
		if !slices.ContainsFunc(answered, func(r routes.Route) bool {
			return r.Answers(c.Segments) && r.Telling() && askedOnWeb(r, c, p, text) && r.Takes(c.Method)
		}) {
			continue
		}
		if slices.Contains(c.Query, g.Name) {
			return c.Line
		}
		from, till := max(0, c.Line-4), min(len(lines), c.Line+nearCall)
		if !callCollection.MatchString(p) { // to the next empty line
			for i := c.Line; i < till; i++ {
				if strings.TrimSpace(lines[i]) == "" {
					till = i
				}
			}
			for i := c.Line - 2; i >= from; i-- {
				if strings.TrimSpace(lines[i]) == "" {
					from = i
				}
			}
		} else {
			till = min(len(lines), c.Line+30)
		}
		near := strings.Join(lines[from:till], "\n")
		if strings.Contains(near, to.Name) && !callCollection.MatchString(p) {
			continue
		}
		for i := from; i < till; i++ {
			at := sends.FindStringIndex(" " + lines[i])
			if at == nil || len(lines[i]) > 2000 {
				continue
			}
			row := " " + lines[i]
			if j := strings.Index(row[at[0]:], g.Name); j >= 0 && typeBehind.MatchString(row[at[0]+j+len(g.Name):]) {
				continue
			}
			return i + 1
		}
	}
	return 0
}
