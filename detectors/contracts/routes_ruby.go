package contracts

import (
	"regexp"
	"strings"

	"flightpoll/detectors/source"
)

var (
	railsRoutes = regexp.MustCompile(`(^|/)config/routes(/|\.rb$)`)
	drawsRoutes = regexp.MustCompile(`\broutes\.draw\b`)
	rackApp     = regexp.MustCompile(`\bSinatra::|require ["']sinatra|\bGrape::API|\bRoda\b|\bHanami\b`)
	rubyVerbs   = nameSet("get post put patch delete match options head")
	arrowRoute  = regexp.MustCompile(`^["']([^"']+)["']\s*=>`)
)

// ruby reads Rails' routes, and those of Sinatra and Grape.
func (r *routeReader) ruby() {
	rails := railsRoutes.MatchString(r.file.Path) || drawsRoutes.Match(r.file.Text)
	if !rails && !rackApp.Match(r.file.Text) {
		return
	}
	for _, c := range r.inOrder() {
		r.enter(c.Span.Start)
		if c.Receiver != "" {
			continue
		}
		name, named := first(c)
		switch {
		case c.Name == "resources" && rails, c.Name == "resource" && rails:
			r.resources(c)
		case c.Name == "namespace", c.Name == "scope", c.Name == "resource", c.Name == "resources", c.Name == "group", c.Name == "route_param", c.Name == "version":
			path := name
			if p := option(c, "path"); p != nil && p.IsString {
				path = p.Str
			} else if c.Name == "route_param" {
				path = ":" + name
			}
			r.within(c.Span.End, path)
		case c.Name == "member" || c.Name == "collection":
			if n := len(r.open); n > 0 && r.open[n-1].items != "" {
				path := r.open[n-1].items
				if c.Name == "member" {
					path = r.open[n-1].item
				}
				r.open = append(r.open, routePrefix{end: c.Span.End, path: path})
			}
		case rubyVerbs[c.Name]:
			if !named && len(c.Args) > 0 {
				if m := arrowRoute.FindStringSubmatch(c.Args[0].Text); m != nil {
					name, named = m[1], true
				}
			}
			blocks := len(c.Args) > 0 && c.Args[len(c.Args)-1].IsFunc
			if named && (rails || blocks) {
				r.rubyVerb(c, name)
			}
		}
	}
}

// rubyVerb is get "path", inside of resources below one record or, `on: :collection`, below the list.
func (r *routeReader) rubyVerb(c *source.Call, name string) {
	if n := len(r.open); n > 0 && r.open[n-1].items != "" {
		base := r.open[n-1].path
		switch on := option(c, "on"); {
		case on != nil && on.Str == "member":
			base = r.open[n-1].item
		case on != nil && on.Str == "collection":
			base = r.open[n-1].items
		}
		kept := r.open
		r.open = append(r.open[:n:n], routePrefix{end: c.Span.End, path: base})
		r.put(c.Span, name)
		r.open = kept
		return
	}
	r.put(c.Span, name)
}

// resources are Rails' conventional routes of one or more records.
func (r *routeReader) resources(c *source.Call) {
	only, except := option(c, "only"), option(c, "except")
	acts := func(names string) bool {
		for name := range strings.FieldsSeq(names) {
			if (only == nil || listed(only, name)) && (except == nil || !listed(except, name)) {
				return true
			}
		}
		return false
	}
	for _, a := range c.Args {
		if !a.IsString || a.Keyword != "" {
			continue
		}
		path := a.Str
		if p := option(c, "path"); p != nil {
			path = p.Str
		}
		list := joinRoute(r.prefix(), path)
		item, below := list, list
		if c.Name == "resources" {
			item, below = list+"/:id", list+"/:"+singular(a.Str)+"_id"
			if acts("index create") {
				r.put(c.Span, path)
			}
			if acts("show update destroy") {
				r.put(c.Span, path, ":id")
			}
			if acts("edit") {
				r.put(c.Span, path, ":id", "edit")
			}
		} else {
			if acts("show create update destroy") {
				r.put(c.Span, path)
			}
			if acts("edit") {
				r.put(c.Span, path, "edit")
			}
		}
		if acts("new") {
			r.put(c.Span, path, "new")
		}
		if c.Args[len(c.Args)-1].IsFunc {
			r.open = append(r.open, routePrefix{end: c.Span.End, path: below, item: item, items: list})
		}
	}
}
