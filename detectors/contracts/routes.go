package contracts

import (
	"regexp"
	"slices"
	"strings"

	"flightpoll/detectors/source"
)

// A webRoute is one path that a program answers: "/v1/users/{id}".
type webRoute struct {
	path, file string
	line       int
	segments   []string
}

// unread says that the value stands for routes of the file whose paths could not be read.
func (r webRoute) unread() bool { return r.path == "" }

// routesIn lists the routes that a source file registers by calls and decorators.
func routesIn(f *source.File) []webRoute {
	if family(f.Path) != "" {
		return annotatedRoutes(f)
	}
	if scoped(f.Lang) {
		return scopedRoutes(f)
	}
	var list []webRoute
	seen := map[source.Span]bool{}
	add := func(c *source.Call) {
		if path := routeOf(c); path != "" && !seen[c.Span] && (c.Receiver != "" || c.Name == "route") && handles(c) {
			seen[c.Span] = true
			list = append(list, webRoute{path, f.Path, c.Span.Line, segments(path)})
		}
	}
	for _, d := range f.Decls {
		for _, c := range d.Decorators {
			if routeOf(c) != "" && !seen[c.Span] {
				seen[c.Span] = true
				list = append(list, webRoute{routeOf(c), f.Path, c.Span.Line, segments(routeOf(c))})
			}
		}
	}
	for _, c := range f.Calls {
		add(c)
	}
	return list
}

var clientReceiver = regexp.MustCompile(`(?i)(axios|fetch|http|client|request|requests|session|got|ky|agent|supertest|nock|cy|page|\$http|msw|responses|server)$`)

// handles tells a registration from a client's call: it is given a handler, and not a client's object.
func handles(c *source.Call) bool {
	if c.Name == "use" || c.Name == "all" {
		return false // a mount or a fallback
	}
	last := c.Receiver[strings.LastIndexByte(c.Receiver, '.')+1:]
	if len(c.Args) < 2 {
		return false
	}
	return !clientReceiver.MatchString(last) || last == "http" && strings.HasPrefix(c.Name, "Handle")
}

var (
	placeholder = regexp.MustCompile(`^[:*]|[{}<>$\[\]]|^\d+$|^[0-9a-f-]{8,}$|^%|^\w+_?\d+$`)
	pathToken   = regexp.MustCompile(`(?:/[A-Za-z0-9_.~%:${}<>*\[\]-]+)+`)
)

// segments cuts a path; what stands for a value is "*".
func segments(path string) []string {
	path, _, _ = strings.Cut(path, "?")
	var list []string
	for s := range strings.SplitSeq(strings.Trim(path, "/"), "/") {
		if placeholder.MatchString(s) && !version.MatchString("/"+s+"/") {
			s = "*"
		}
		if s != "" {
			list = append(list, s)
		}
	}
	return list
}

func fixed(list []string) int {
	n := 0
	for _, s := range list {
		if s != "*" {
			n++
		}
	}
	return n
}

// calls says whether a path that somebody calls is the route: its last segments are the route's. Where the route has
// only one fixed segment, nothing but a host or a prefix like /api may stand before it.
func (r webRoute) calls(path []string) bool {
	if len(path) < len(r.segments) {
		return false
	}
	head, tail := path[:len(path)-len(r.segments)], path[len(path)-len(r.segments):]
	if n := len(tail); n > 0 && strings.HasSuffix(r.file, ".rb") { // Rails answers /orders.json by /orders
		tail = append(slices.Clone(tail[:n-1]), strings.TrimSuffix(tail[n-1], ".json"))
	}
	for i, s := range r.segments {
		if s == "*" && tail[i] == "*" || s == tail[i] {
			continue
		}
		if s == "*" && !slices.Contains(r.segments, tail[i]) && i == len(r.segments)-1 {
			continue
		}
		return false
	}
	if fixed(r.segments) > 1 {
		return len(head) <= 3
	}
	return !slices.ContainsFunc(head, func(s string) bool {
		return s != "*" && s != "api" && !strings.Contains(s, ".") && !version.MatchString("/"+s+"/") && s != "localhost"
	})
}

// telling says that a route can be recognised: it has a fixed segment that is a word, and a long one where it has no other.
func (r webRoute) telling() bool {
	if fixed(r.segments) == 1 && len(r.last()) < 7 && !compound(r.last()) {
		return false
	}
	return slices.ContainsFunc(r.segments, func(s string) bool {
		return s != "*" && len(s) > 3 && !slices.Contains([]string{"health", "healthz", "ready", "readyz", "metrics", "ping", "status", "login", "logout", "index", "static", "assets"}, s)
	})
}

// last is the last fixed segment.
func (r webRoute) last() string {
	for i := len(r.segments) - 1; i >= 0; i-- {
		if r.segments[i] != "*" {
			return r.segments[i]
		}
	}
	return ""
}
