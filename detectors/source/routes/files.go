package routes

import (
	"path"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// Frameworks that make routes of files' names: Next.js (app and pages), SvelteKit and Nuxt. The path below the folder is the
// route; what is in brackets is a value, what is in parentheses only sorts files.
var (
	nextRoute  = lazy.New(`(?:^|/)app/((?:[^/]+/)*)route\.[jt]sx?$`)
	nextPages  = lazy.New(`(?:^|/)pages/(api/.+)\.[jt]sx?$`)
	svelteFile = lazy.New(`(?:^|/)routes/((?:[^/]+/)*)\+server\.[jt]s$`)
	nuxtFile   = lazy.New(`(?:^|/)server/((?:api|routes)/.+?)(?:\.(get|post|put|patch|delete))?\.[jt]s$`)
	sorting    = lazy.New(`\([^)]*\)/|@[\w-]+/`)
	bracketed  = lazy.New(`\[+(?:\.\.\.)?([\w-]+)(?:=\w+)?\]+`)
)

// byFile notes the route that the file's own name declares.
func (d *declaring) byFile() {
	p, methods := d.file.Path, []string(nil)
	var below string
	switch {
	case nextRoute.MatchString(p):
		below, methods = nextRoute.FindStringSubmatch(p)[1], d.exportedVerbs()
	case svelteFile.MatchString(p):
		below, methods = svelteFile.FindStringSubmatch(p)[1], d.exportedVerbs()
	case nextPages.MatchString(p):
		below = nextPages.FindStringSubmatch(p)[1]
	case nuxtFile.MatchString(p) && d.defines("defineEventHandler", "eventHandler", "defineCachedEventHandler"):
		m := nuxtFile.FindStringSubmatch(p)
		below = strings.TrimPrefix(m[1], "routes/")
		if m[2] != "" {
			methods = []string{strings.ToUpper(m[2])}
		}
	default:
		return
	}
	below = bracketed.ReplaceAllString(sorting.ReplaceAllString(below, ""), "{$1}")
	if path.Base(below) == "index" {
		below = path.Dir(below)
	}
	if r := (Route{Path: join(below), Segments: Segments(join(below)), Methods: methods, File: p, Line: 1, Body: source.Span{End: len(d.file.Text)}}); len(r.Segments) > 0 {
		d.found = append(d.found, r)
	}
}

func (d *declaring) exportedVerbs() []string {
	var list []string
	for _, decl := range d.file.Decls {
		if decl.Parent == nil && decl.Exported && upper.MatchString(decl.Name) && verbs[decl.Name] != "" {
			list = append(list, decl.Name)
		}
	}
	return list
}

func (d *declaring) defines(names ...string) bool {
	for _, c := range d.file.Calls {
		for _, n := range names {
			if c.Name == n {
				return true
			}
		}
	}
	return false
}
