package routes

import (
	"regexp"
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// rails reads the routes that Rails draws; it says whether the file draws any.
func (d *declaring) rails() bool {
	drawn := strings.Contains(d.file.Path, "config/routes")
	for _, c := range d.file.Calls {
		drawn = drawn || c.Name == "draw" && strings.HasSuffix(c.Receiver, "routes")
	}
	if !drawn {
		return false
	}
	for _, c := range d.file.Calls {
		if c.Receiver != "" {
			continue
		}
		switch c.Name {
		case "resources", "resource":
			d.railsResource(c)
		case "get", "post", "put", "patch", "delete", "match":
			d.railsVerb(c)
		}
	}
	return true
}

// railsScopes is the path of what stands around a call, whether it is inside a resource's member block, and the words that a
// route's name begins with.
func (d *declaring) railsScopes(c *source.Call) (path, name string) {
	var inside string // the resource whose block is the innermost so far
	for _, o := range d.file.Calls {
		if o.Span.Start >= c.Span.Start {
			break
		}
		if o.Span.End < c.Span.End || o.Receiver != "" || len(o.Args) == 0 || !o.Args[len(o.Args)-1].IsFunc {
			continue
		}
		switch o.Name {
		case "namespace":
			path, name = join(path, railsPath(o)), name+firstSymbol(o)+"_"
			inside = ""
		case "scope":
			p := railsPath(o)
			path, inside = join(path, p), ""
			if a := keywordOf(o, "as"); a != "" {
				name += a + "_"
			}
		case "resources":
			path, inside = join(path, railsPath(o)), "resources"
			name += singular(firstSymbol(o)) + "_"
		case "resource":
			path, inside = join(path, railsPath(o)), ""
			name += firstSymbol(o) + "_"
		case "collection", "new":
			inside = ""
		case "member":
			if inside == "resources" {
				path = join(path, "{id}")
			}
			inside = ""
		}
		// Resources inside resources stand below one of the outer ones; so do plain routes, except on: :collection.
	}
	if inside == "resources" && keywordOf(c, "on") != "collection" {
		path = join(path, "{id}")
	}
	return path, name
}

func railsPath(c *source.Call) string {
	for _, a := range c.Args {
		if a.Keyword == "path" && a.IsString {
			return a.Str
		}
	}
	return firstSymbol(c)
}

func firstSymbol(c *source.Call) string {
	if len(c.Args) > 0 && c.Args[0].IsString && c.Args[0].Keyword == "" {
		return c.Args[0].Str
	}
	return ""
}

func keywordOf(c *source.Call, name string) string {
	for _, a := range c.Args {
		if a.Keyword == name {
			if a.IsString {
				return a.Str
			}
			return a.Text
		}
	}
	return ""
}

func singular(word string) string {
	switch {
	case strings.HasSuffix(word, "ies"):
		return strings.TrimSuffix(word, "ies") + "y"
	case strings.HasSuffix(word, "sses"), strings.HasSuffix(word, "xes"), strings.HasSuffix(word, "ches"), strings.HasSuffix(word, "shes"):
		return strings.TrimSuffix(word, "es")
	case strings.HasSuffix(word, "ss"):
		return word
	}
	return strings.TrimSuffix(word, "s")
}

// The actions of a resource, with their methods and what follows the resource's own path.
var railsActions = []struct {
	name    string
	methods []string
	tail    string
	member  bool
}{
	{"index", []string{"GET"}, "", false},
	{"create", []string{"POST"}, "", false},
	{"new", []string{"GET"}, "new", false},
	{"show", []string{"GET"}, "", true},
	{"edit", []string{"GET"}, "edit", true},
	{"update", []string{"PATCH", "PUT"}, "", true},
	{"destroy", []string{"DELETE"}, "", true},
}

func (d *declaring) railsResource(c *source.Call) {
	above, name := d.railsScopes(c)
	only, except := keywordOf(c, "only"), keywordOf(c, "except")
	for i, a := range c.Args {
		if !a.IsString || a.Keyword != "" {
			continue
		}
		own := a.Str
		if i == 0 {
			own = railsPath(c)
		}
		for _, act := range railsActions {
			if act.name == "index" && c.Name == "resource" || only != "" && !hasWord(only, act.name) || except != "" && hasWord(except, act.name) {
				continue
			}
			r := Route{File: d.file.Path, Line: c.Span.Line, Methods: act.methods, Handler: a.Str + "#" + act.name, Name: name + singular(a.Str)}
			r.Path = join(above, own)
			if act.member && c.Name == "resources" {
				r.Path = join(r.Path, "{id}")
			}
			if !act.member && act.tail == "" {
				r.Name = name + a.Str
			}
			if act.tail != "" {
				r.Name = act.tail + "_" + name + singular(a.Str)
			}
			r.Path = join(r.Path, act.tail)
			r.Segments = Segments(r.Path)
			d.found = append(d.found, r)
		}
	}
}

func hasWord(list, word string) bool {
	return regexp.MustCompile(`(^|[^\w])` + word + `($|[^\w])`).MatchString(list)
}

var arrowPath = lazy.New(`^["']([^"']+)["']\s*=>\s*["']?([\w/#]*)`)

func (d *declaring) railsVerb(c *source.Call) {
	if len(c.Args) == 0 {
		return
	}
	above, _ := d.railsScopes(c)
	r := Route{File: d.file.Path, Line: c.Span.Line, Handler: keywordOf(c, "to"), Name: keywordOf(c, "as")}
	if m := verbs[c.Name]; m != "" {
		r.Methods = []string{m}
	} else {
		r.Methods = methodsOf(d.file, c, c.Args)
	}
	var paths []string
	for _, a := range c.Args {
		if a.Keyword == "" && a.IsString {
			paths = append(paths, a.Str)
		} else if m := arrowPath.FindStringSubmatch(a.Text); m != nil && a.Keyword == "" {
			paths, r.Handler = append(paths, m[1]), m[2]
		} else if a.Keyword != "" && strings.Contains(a.Keyword, "/") && a.IsString {
			paths, r.Handler = append(paths, a.Keyword), a.Str
		}
	}
	for _, p := range paths {
		p, _, _ = strings.Cut(p, "(")
		r.Path = join(above, p)
		r.Segments = Segments(r.Path)
		if len(r.Segments) > 0 && !slices.ContainsFunc(d.found, func(o Route) bool { return o.Equal(r) && slices.Equal(o.Methods, r.Methods) }) {
			d.found = append(d.found, r)
		}
	}
}
