package routes

import (
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// Route is one path that a program answers.
type Route struct {
	// Path is "/v1/users/{id}" as composed within its file; Segments are its parts, "*" for a value.
	Path     string
	Segments []string
	// Methods are in upper case; none means any.
	Methods []string
	// Name is what code makes addresses of it by: Django's name=, Laravel's ->name(), Rails' as: or resource.
	Name string
	// Handler names the function that answers, as far as the registration says so: "list", "api.List", "closings#create".
	Handler string
	// Mount says that the path is one below which another router answers; To then names that router.
	Mount bool
	To    string
	File  string
	Line  int
	// Body is where a handler stands that is written right there, Decl the declaration that a decorator stands on.
	Body source.Span
	Decl *source.Decl
	// Unread says that the path is no literal: nothing is known of the file's routes then.
	Unread bool
}

var (
	versionWord = lazy.New(`(?i)^v\d+(\w{0,5}\d*)?$`)
	valueWord   = lazy.New(`^[:*]|[{}<>$\[\]\x01]|^\d+$|^[0-9a-fA-F-]{8,}$|^%|^\(|^[A-Za-z]{1,12}_\d+$|^\d{4}-\d\d`)
	hexWord     = lazy.New(`\d`)
)

// Segments cuts a path into its parts; what stands for a value is "*".
func Segments(path string) []string {
	path, _, _ = strings.Cut(path, "?")
	path, _, _ = strings.Cut(path, "#")
	var list []string
	for s := range strings.SplitSeq(strings.Trim(path, "/"), "/") {
		value := valueWord.MatchString(s) && (!plainWord.MatchString(s) || hexWord.MatchString(s))
		if value && !versionWord.MatchString(s) {
			s = "*"
		}
		if len(s) > 1 && !value { // a pattern's open end: /trpc/hold*
			s = strings.TrimRight(s, "*")
		}
		if s != "" {
			list = append(list, s)
		}
	}
	return list
}

var plainWord = lazy.New(`^[A-Za-z-]+$`)

// Fixed counts the segments that are no value.
func Fixed(list []string) int {
	n := 0
	for _, s := range list {
		if s != "*" {
			n++
		}
	}
	return n
}

// Last is the last segment that is no value, empty without one.
func (r Route) Last() string {
	for _, s := range slices.Backward(r.Segments) {
		if s != "*" {
			return s
		}
	}
	return ""
}

// everyday are segments that every service has.
var everyday = []string{"health", "healthz", "ready", "readyz", "live", "livez", "metrics", "ping", "status", "login", "logout", "index", "static", "assets", "api", "search", "admin", "auth", "rest"}

// Telling says that a route can be recognised by its path: it has a fixed segment that is a word of its own, and a long or
// composed one where it has no other.
func (r Route) Telling() bool {
	words := 0
	for _, s := range r.Segments {
		if s != "*" && len(s) > 3 && !versionWord.MatchString(s) && !slices.Contains(everyday, s) {
			words++
		}
	}
	if words == 0 {
		return false
	}
	last := r.Last()
	return Fixed(r.Segments) > 1 || len(last) >= 7 || strings.ContainsAny(last, "-_")
}

// Answers says whether the route is what a path means: the path's last segments are the route's. Before them may stand a
// host, a base and at most three segments of a prefix that another file gives; where the route has only one fixed segment,
// nothing but a host, a version or "api".
func (r Route) Answers(path []string) bool {
	n := len(r.Segments)
	if n == 0 || len(path) < n {
		return false
	}
	if r.Mount {
		for from := 0; from <= 3 && from+n < len(path); from++ {
			if r.suits(path[from:from+n]) && openHead(path[:from]) {
				return true
			}
		}
		return false
	}
	head, tail := path[:len(path)-n], path[len(path)-n:]
	if !r.suits(tail) {
		return false
	}
	if Fixed(r.Segments) > 1 {
		return len(head) <= 3
	}
	return openHead(head)
}

// MayStandIn says, before a text is read for addresses, whether it holds every fixed segment of the route. The text is given in
// lower case.
func (r Route) MayStandIn(lower string) bool {
	return !slices.ContainsFunc(r.Segments, func(s string) bool { return s != "*" && !strings.Contains(lower, strings.ToLower(s)) })
}

func (r Route) suits(tail []string) bool {
	for i, s := range r.Segments {
		if s == "*" && tail[i] == "*" || strings.EqualFold(s, tail[i]) && s != "*" {
			continue
		}
		if s == "*" && !slices.Contains(r.Segments, tail[i]) && (i == len(r.Segments)-1 || plainValue.MatchString(tail[i])) {
			continue
		}
		return false
	}
	return true
}

// plainValue is what an example writes for a value in the middle of a path: an upper case word, or one with a digit.
var plainValue = lazy.New(`^[A-Z][A-Z0-9_-]+$|^[\w-]*\d[\w-]*$`)

func openHead(head []string) bool {
	return !slices.ContainsFunc(head, func(s string) bool {
		return s != "*" && s != "api" && s != "rest" && !versionWord.MatchString(s)
	})
}

// Equal says that two routes have the same path, whatever their values are called.
func (r Route) Equal(o Route) bool {
	return r.Mount == o.Mount && slices.EqualFunc(r.Segments, o.Segments, strings.EqualFold)
}

// Takes says whether the route answers a method; an unknown one counts as any.
func (r Route) Takes(method string) bool {
	return method == "" || len(r.Methods) == 0 || slices.Contains(r.Methods, method) || method == "HEAD" || method == "OPTIONS"
}
