package contracts

import (
	"regexp"
	"strings"

	"flightpoll/detectors/source"
)

var (
	// rustFrameworks are those whose routes are read: axum, actix-web, Rocket, poem, salvo.
	rustFrameworks = regexp.MustCompile(`\b(axum|actix_web|rocket|poem|salvo|utoipa|tide)\b|\bweb::(resource|scope|get|post)\b|\bRouter::`)
	rustVerbs      = nameSet("get post put patch delete head options route")
)

// rust reads axum's and actix-web's calls, and the attributes of actix-web and Rocket.
func (r *routeReader) rust() {
	if !rustFrameworks.Match(r.file.Text) {
		return
	}
	for _, d := range r.file.Decls {
		for _, c := range d.Decorators {
			if path, ok := first(c); ok && rustVerbs[c.Name] && strings.HasPrefix(path, "/") {
				path, _, _ = strings.Cut(path, "?")
				r.put(c.Span, path)
			}
		}
	}
	for _, c := range r.inOrder() {
		path, named := first(c)
		if !named || !strings.HasPrefix(path, "/") {
			continue
		}
		switch {
		case c.Name == "route" && len(c.Args) == 2 && c.Receiver != "":
			r.put(c.Span, r.nest(c), path)
		case c.Name == "resource" && c.Receiver == "web":
			r.put(c.Span, r.nest(c), path)
		}
	}
}

// nest is the prefix of .nest("/api", ...) and web::scope("/api") around a registration in the same expression.
func (r *routeReader) nest(inner *source.Call) string {
	prefix := ""
	for _, c := range r.inOrder() {
		if path, ok := first(c); ok && c.Name == "nest" && len(c.Args) == 2 && c.Args[1].Span.Start <= inner.Span.Start && c.Args[1].Span.End >= inner.Span.End {
			prefix = joinRoute(prefix, path)
		}
	}
	if i := strings.LastIndex(inner.Receiver, `scope("`); i >= 0 && inner.Name == "route" {
		path, _, _ := strings.Cut(inner.Receiver[i+len(`scope("`):], `"`)
		prefix = joinRoute(prefix, path)
	}
	return prefix
}
