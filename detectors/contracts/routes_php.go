package contracts

import (
	"regexp"
	"strings"

	"flightpoll/detectors/source"
)

var (
	laravelRoute  = regexp.MustCompile(`^Route\b`)
	phpRouter     = regexp.MustCompile(`^\$(app|router|route|routes|group|r|api)$`)
	phpVerbs      = nameSet("get post put patch delete options any match view redirect permanentRedirect map add")
	prefixCall    = regexp.MustCompile(`\bprefix\(\s*['"]([^'"]*)['"]\s*\)`)
	prefixOption  = regexp.MustCompile(`['"]prefix['"]\s*=>\s*['"]([^'"]*)['"]`)
	phpParameters = regexp.MustCompile(`\{[^}]*\}`)
)

// php reads Laravel's and Slim's calls and Symfony's attributes.
func (r *routeReader) php() {
	for _, d := range r.file.Decls {
		if d.Kind != source.Class {
			continue
		}
		prefix := ""
		for _, c := range d.Decorators {
			if isRouteAttribute(c) {
				prefix = symfonyPath(c)
			}
		}
		for _, m := range d.Members {
			for _, c := range m.Decorators {
				if isRouteAttribute(c) && symfonyPath(c) != "" {
					r.put(c.Span, prefix, symfonyPath(c))
				}
			}
		}
	}
	for _, c := range r.inOrder() {
		r.enter(c.Span.Start)
		laravel := laravelRoute.MatchString(c.Receiver)
		path, named := first(c)
		switch {
		case c.Name == "register_rest_route" && len(c.Args) > 1 && c.Args[1].IsString:
			r.put(c.Span, path, phpParameters.ReplaceAllString(c.Args[1].Str, "*"))
		case c.Name == "group" && (laravel || phpRouter.MatchString(c.Receiver)):
			prefix := ""
			for _, m := range prefixCall.FindAllStringSubmatch(c.Receiver, -1) {
				prefix = joinRoute(prefix, m[1])
			}
			if len(c.Args) > 1 {
				if m := prefixOption.FindStringSubmatch(c.Args[0].Text); m != nil {
					prefix = m[1]
				} else if named { // Slim: $app->group('/users', ...)
					prefix = path
				}
			}
			r.within(c.Span.End, prefix)
		case laravel && (c.Name == "resource" || c.Name == "apiResource") && named:
			r.laravelResource(c, path)
		case phpVerbs[c.Name] && (laravel || phpRouter.MatchString(c.Receiver)) && len(c.Args) > 1:
			prefix := ""
			for _, m := range prefixCall.FindAllStringSubmatch(c.Receiver, -1) {
				prefix = joinRoute(prefix, m[1])
			}
			if c.Name == "match" || c.Name == "map" {
				path, named = c.Args[1].Str, c.Args[1].IsString
			}
			if named {
				r.put(c.Span, prefix, path)
			}
		}
	}
}

func isRouteAttribute(c *source.Call) bool {
	return c.Name[strings.LastIndexByte(c.Name, '\\')+1:] == "Route"
}

// symfonyPath is the path of #[Route('/x')] or #[Route(path: '/x')].
func symfonyPath(c *source.Call) string {
	if path, ok := first(c); ok {
		return path
	}
	if a := option(c, "path"); a != nil {
		return a.Str
	}
	return ""
}

// laravelResource is Route::resource('orders', ...): a list and its records; a dot nests one below the other.
func (r *routeReader) laravelResource(c *source.Call, name string) {
	parts := strings.Split(name, ".")
	path := ""
	for i, part := range parts {
		path = joinRoute(path, part)
		if i < len(parts)-1 {
			path = joinRoute(path, "{"+part+"}")
		}
	}
	chained := string(r.file.Text[c.Span.End:min(len(r.file.Text), c.Span.End+300)])
	chained, _, _ = strings.Cut(chained, ";")
	allowed := func(actions ...string) bool {
		for _, a := range actions {
			only, except := strings.Contains(chained, "->only("), strings.Contains(chained, "->except(")
			has := strings.Contains(chained, "'"+a+"'") || strings.Contains(chained, `"`+a+`"`)
			if !only && !except || only && has || except && !has {
				return true
			}
		}
		return false
	}
	if allowed("index", "store") {
		r.put(c.Span, path)
	}
	if allowed("show", "update", "destroy") {
		r.put(c.Span, path, "{id}")
	}
	if c.Name == "resource" && allowed("create") {
		r.put(c.Span, path, "create")
	}
	if c.Name == "resource" && allowed("edit") {
		r.put(c.Span, path, "{id}", "edit")
	}
}
