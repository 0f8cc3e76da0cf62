package routes

import (
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

var (
	classPath  = lazy.New(`^(RequestMapping|Path|Controller|Route|RoutePrefix|RestController|JsonController)$`)
	clientMark = lazy.New(`^(FeignClient|HttpExchange|RegisterRestClient|Headers|BaseUrl|Client)$`)
	quoted     = lazy.New(`["'` + "`" + `]([^"'` + "`" + `]*)["'` + "`" + `]`)
	templated  = lazy.New(`(?i)\[controller\]`)
	actioned   = lazy.New(`(?i)\[action\]`)
)

// annotated reads the routes that decorators, annotations and attributes declare.
func (d *declaring) annotated() {
	loose := d.looseClassPath()
	for _, decl := range d.file.Decls {
		for _, c := range decl.Decorators {
			if d.file.Lang == source.Python && strings.HasSuffix(c.Receiver, "mock") || classPath.MatchString(c.Name) && decl.Kind != source.Method && decl.Kind != source.Function {
				continue
			}
			d.decorated(decl, c, loose)
		}
	}
}

// looseClassPath is the path of a class whose declaration the reader does not list.
func (d *declaring) looseClassPath() string {
	if d.file.Lang != source.Kotlin {
		return ""
	}
	on := map[source.Span]bool{}
	for _, decl := range d.file.Decls {
		for _, c := range decl.Decorators {
			on[c.Span] = true
		}
	}
	for _, c := range d.file.Calls {
		if !on[c.Span] && (c.Name == "RequestMapping" || c.Name == "Path") && len(c.Args) > 0 && c.Args[0].IsString {
			return c.Args[0].Str
		}
	}
	return ""
}

func (d *declaring) decorated(decl *source.Decl, c *source.Call, loose string) {
	method, ok := verbs[c.Name]
	if !ok || decl.Kind != source.Method && decl.Kind != source.Function {
		return
	}
	paths, given := annotationPaths(d.file, c)
	if given && paths == nil {
		d.found = append(d.found, Route{File: d.file.Path, Line: c.Span.Line, Unread: true})
		return
	}
	r := Route{File: d.file.Path, Line: c.Span.Line, Name: d.named(c), Decl: decl, Handler: decl.Name, Body: decl.Span}
	if method != "" {
		r.Methods = []string{method}
	} else {
		for _, a := range c.Args {
			if a.Keyword == "method" || a.Keyword == "methods" {
				for _, m := range methodWord.FindAllString(a.Text, -1) {
					r.Methods = append(r.Methods, strings.ToUpper(m))
				}
			}
		}
	}
	prefix := loose
	switch d.file.Lang {
	case source.Java, source.Kotlin, source.TypeScript, source.CSharp, source.PHP:
		at, client := d.classPath(decl)
		if client {
			return
		}
		if at == "\n" {
			d.found = append(d.found, Route{File: d.file.Path, Line: c.Span.Line, Unread: true})
			return
		}
		prefix = join(at, prefix)
		switch {
		case d.file.Lang == source.TypeScript && !d.nest(decl),
			d.file.Lang == source.CSharp && !strings.HasPrefix(c.Name, "Http") && c.Name != "Route",
			(d.file.Lang == source.Java || d.file.Lang == source.Kotlin) && !strings.HasSuffix(c.Name, "Mapping") && c.Name != "Path" && (!given || at == "" || !micronaut[c.Name]),
			d.file.Lang == source.PHP && c.Name != "Route":
			return
		}
		if c.Name == "Path" && d.file.Lang != source.TypeScript {
			for _, o := range decl.Decorators {
				if upper.MatchString(o.Name) {
					r.Methods = []string{o.Name}
				}
			}
		}
	case source.Rust:
		if c.Receiver != "" && c.Receiver != "web" && c.Receiver != "actix_web" && c.Receiver != "rocket" {
			return
		}
	default:
		if !given || c.Receiver == "" && d.file.Lang == source.Python && c.Name != "route" || clientReceiver.MatchString(c.Receiver) {
			return
		}
		prefix = d.prefix(c)
	}
	for _, path := range paths {
		path = actioned.ReplaceAllString(path, strings.ToLower(strings.TrimSuffix(decl.Name, "Async")))
		if strings.HasPrefix(path, "~/") || d.file.Lang == source.CSharp && strings.HasPrefix(path, "/") {
			path, prefix = strings.TrimPrefix(path, "~"), ""
		}
		r.Path = join(prefix, path)
		r.Segments = Segments(r.Path)
		if len(r.Segments) > 0 && !strings.ContainsAny(r.Path, " \n") && len(r.Path) < 200 {
			d.found = append(d.found, r)
			d.taken[c.Span] = true
		}
	}
}

var micronaut = map[string]bool{"Get": true, "Post": true, "Put": true, "Patch": true, "Delete": true}

// annotationPaths are the paths that an annotation names ("" when it names none), and whether it names one; none at all where
// it names one that cannot be read.
func annotationPaths(f *source.File, c *source.Call) ([]string, bool) {
	for i, a := range c.Args {
		if a.Keyword != "" && a.Keyword != "value" && a.Keyword != "path" && a.Keyword != "uri" && a.Keyword != "Template" || a.Keyword == "" && i > 0 {
			continue
		}
		if a.IsString {
			return []string{a.Str}, true
		}
		var list []string
		for _, m := range quoted.FindAllStringSubmatch(a.Text, -1) {
			list = append(list, m[1])
		}
		if list != nil && strings.ContainsAny(a.Text[:1], "{[") {
			return list, true
		}
		if strings.HasPrefix(a.Text, "{") && f.Lang == source.TypeScript || list != nil {
			continue
		}
		if value := constant(f, a.Text); value != "" {
			return []string{value}, true
		}
		return nil, true
	}
	return []string{""}, false
}

// classPath is the path that the class around a method gives to all its routes, and whether it declares a client instead.
func (d *declaring) classPath(decl *source.Decl) (string, bool) {
	owner := decl.Parent
	if owner == nil {
		for _, o := range d.file.Decls {
			if o.Parent == nil && o != decl && o.Span.Start <= decl.Span.Start && o.Span.End >= decl.Span.End && (o.Kind == source.Class || o.Kind == source.Interface) {
				owner = o
			}
		}
	}
	if owner == nil {
		return "", false
	}
	path := ""
	for _, c := range owner.Decorators {
		if clientMark.MatchString(c.Name) {
			return "", true
		}
		if !classPath.MatchString(c.Name) {
			continue
		}
		if list, given := annotationPaths(d.file, c); given && list == nil {
			return "\n", false
		} else if given {
			path = list[0]
		} else if len(c.Args) > 0 {
			if m := controllerPath.FindStringSubmatch(c.Args[0].Text); m != nil {
				path = m[1]
			}
		}
	}
	return templated.ReplaceAllString(path, strings.ToLower(strings.TrimSuffix(owner.Name, "Controller"))), false
}

var controllerPath = lazy.New(`\bpath:\s*["'` + "`" + `]([^"'` + "`" + `]*)`)

// nest says that a decorated method belongs to a controller's class.
func (d *declaring) nest(decl *source.Decl) bool {
	for o := decl.Parent; o != nil; o = o.Parent {
		if slices.ContainsFunc(o.Decorators, func(c *source.Call) bool { return strings.HasSuffix(c.Name, "Controller") }) {
			return true
		}
	}
	for _, o := range d.file.Decls {
		if o.Kind == source.Class && o.Span.Start <= decl.Span.Start && o.Span.End >= decl.Span.End &&
			slices.ContainsFunc(o.Decorators, func(c *source.Call) bool { return strings.HasSuffix(c.Name, "Controller") }) {
			return true
		}
	}
	return false
}

// constant is the text that a name of the same file stands for, empty where it is not known.
func constant(f *source.File, name string) string {
	name = name[strings.LastIndexByte(name, '.')+1:]
	for _, d := range f.Decls {
		if d.Name == name && d.Default != "" {
			if m := quoted.FindStringSubmatch(d.Default); m != nil && m[0] == strings.TrimSpace(d.Default) {
				return m[1]
			}
		}
	}
	return ""
}
