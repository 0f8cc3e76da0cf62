package contracts

import (
	"regexp"
	"slices"
	"strings"

	"flightpoll/detectors/source"
)

// scopedRoutes are the routes that a Ruby, PHP or Rust file registers.
func scopedRoutes(f *source.File) []webRoute {
	r := &routeReader{file: f}
	switch f.Lang {
	case source.Ruby:
		r.ruby()
	case source.PHP:
		r.php()
	case source.Rust:
		r.rust()
	default:
	}
	return r.list
}

// routeReader walks the calls of a file from its beginning; open are the blocks around the current one that put a prefix
// before the routes inside.
type routeReader struct {
	file *source.File
	list []webRoute
	open []routePrefix
}

type routePrefix struct {
	end  int
	path string
	// item is the path of one record of the resources around, path the one of their list; both empty for other prefixes.
	item, items string
}

// put adds a route below the prefixes that are open.
func (r *routeReader) put(span source.Span, parts ...string) {
	path := joinRoute(append([]string{r.prefix()}, parts...)...)
	if len(path) < 3 || slices.ContainsFunc(r.list, func(w webRoute) bool { return w.path == path }) {
		return
	}
	r.list = append(r.list, webRoute{path: path, file: r.file.Path, line: span.Line, segments: segments(path)})
}

func (r *routeReader) prefix() string {
	if n := len(r.open); n > 0 {
		return r.open[n-1].path
	}
	return ""
}

// enter closes what ended before a place.
func (r *routeReader) enter(at int) {
	for len(r.open) > 0 && at >= r.open[len(r.open)-1].end {
		r.open = r.open[:len(r.open)-1]
	}
}

func (r *routeReader) within(end int, parts ...string) {
	r.open = append(r.open, routePrefix{end: end, path: joinRoute(append([]string{r.prefix()}, parts...)...)})
}

// inOrder are the file's calls by where they stand; of those that start together the outermost one comes first.
func (r *routeReader) inOrder() []*source.Call {
	calls := slices.Clone(r.file.Calls)
	slices.SortStableFunc(calls, func(a, b *source.Call) int {
		if a.Span.Start != b.Span.Start {
			return a.Span.Start - b.Span.Start
		}
		return b.Span.End - a.Span.End
	})
	return calls
}

// joinRoute puts parts of a path together.
func joinRoute(parts ...string) string {
	path := ""
	for _, p := range parts {
		p = strings.TrimSuffix(strings.Trim(p, "/"), "(.:format)")
		if p != "" {
			path += "/" + p
		}
	}
	return path
}

// option is a keyword argument of a call, nil without it.
func option(c *source.Call, keyword string) *source.Arg {
	for i := range c.Args {
		if c.Args[i].Keyword == keyword {
			return &c.Args[i]
		}
	}
	return nil
}

// first is the call's first argument when it is a plain string or symbol.
func first(c *source.Call) (string, bool) {
	if len(c.Args) == 0 || !c.Args[0].IsString || c.Args[0].Keyword != "" {
		return "", false
	}
	return c.Args[0].Str, true
}

var optionWord = regexp.MustCompile(`\w+`)

// listed says whether an option's list of names has one.
func listed(a *source.Arg, name string) bool {
	return a != nil && slices.Contains(optionWord.FindAllString(a.Text, -1), name)
}

func nameSet(names string) map[string]bool {
	m := map[string]bool{}
	for name := range strings.FieldsSeq(names) {
		m[name] = true
	}
	return m
}

// mayRoute is what a Ruby, PHP or Rust file that registers routes has.
var mayRoute = regexp.MustCompile(`\broutes?\b|\bRoute\b|\bresources?\b|\b(get|post|put|patch|delete)\b|register_rest_route`)
