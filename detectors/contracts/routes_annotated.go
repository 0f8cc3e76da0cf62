package contracts

import (
	"regexp"
	"slices"
	"strings"

	"flightpoll/detectors/source"
)

// The routes of Java, Kotlin and C#: annotations and attributes on a class and its methods (Spring, JAX-RS, Micronaut, ASP.NET
// Core), and calls with a handler (Ktor, minimal APIs, Javalin, Spring's router functions).

var (
	// mappings are annotations that state a path: on a class a prefix, on a method the rest.
	mappings = set("RequestMapping GetMapping PostMapping PutMapping PatchMapping DeleteMapping Path Get Post Put Patch Delete " +
		"HttpGet HttpPost HttpPut HttpPatch HttpDelete Route RoutePrefix Controller")
	// webClients are annotations of interfaces that call a server.
	webClients = set("FeignClient HttpExchange RegisterRestClient Client ReactiveFeignClient RetrofitClient Headers")
	// pathKeywords are the arguments of a mapping that hold its path.
	pathKeywords = set("value path uri Template")
	minimalVerbs = set("MapGet MapPost MapPut MapPatch MapDelete MapMethods")
	handlerVerbs = set("get post put patch delete head GET POST PUT PATCH DELETE")
	mapGroup     = regexp.MustCompile(`(\w+)\s*=\s*[\w.]*\.MapGroup\(\s*"([^"]*)"`)
	groupInline  = regexp.MustCompile(`\.MapGroup\(\s*"([^"]*)"`)
)

func set(names string) map[string]bool {
	m := map[string]bool{}
	for name := range strings.FieldsSeq(names) {
		m[name] = true
	}
	return m
}

// annotatedRoutes are the routes that a Java, Kotlin or C# file answers.
func annotatedRoutes(f *source.File) []webRoute {
	var list []webRoute
	put := func(line int, parts ...string) {
		path := joinPath(parts...)
		if len(path) > 2 {
			list = append(list, webRoute{path, f.Path, line, segments(path)})
		}
	}
	for _, class := range f.Decls {
		if class.Kind != source.Class && class.Kind != source.Interface || callsServer(class) {
			continue
		}
		prefixes, readable := mappedPaths(f, class)
		if !readable {
			list = append(list, webRoute{file: f.Path})
			continue
		}
		for _, m := range class.Members {
			if m.Kind != source.Method && m.Kind != source.Function {
				continue
			}
			paths, readable := mappedPaths(f, m)
			if !readable {
				list = append(list, webRoute{file: f.Path})
			}
			if !readable || len(paths) == 0 && (len(prefixes) == 0 || !answers(m)) {
				continue
			}
			for _, prefix := range orOne(prefixes) {
				for _, path := range orOne(paths) {
					prefix, path = named(prefix, class, m), named(path, class, m)
					if rest, absolute := strings.CutPrefix(path, "~/"); absolute {
						prefix, path = "", rest
					}
					put(m.Span.Line, prefix, path)
				}
			}
		}
	}
	return append(list, calledRoutes(f)...)
}

// callsServer says of an interface that it is a client's: Feign, Retrofit, Refit, an HTTP interface of Spring.
func callsServer(class *source.Decl) bool {
	if slices.ContainsFunc(class.Decorators, func(c *source.Call) bool { return webClients[c.Name] && c.Name != "Headers" || c.Name == "Client" }) {
		return true
	}
	return class.Kind == source.Interface && slices.ContainsFunc(class.Members, func(m *source.Decl) bool {
		return slices.ContainsFunc(m.Decorators, func(c *source.Call) bool {
			return len(c.Args) > 0 && (slices.Contains([]string{"GET", "POST", "PUT", "PATCH", "DELETE", "HTTP", "RequestLine"}, c.Name) ||
				slices.Contains([]string{"Get", "Post", "Put", "Patch", "Delete"}, c.Name))
		})
	})
}

// mappedPaths are the paths that the annotations of a class or a method state; readable is false where one is no literal.
func mappedPaths(f *source.File, d *source.Decl) (paths []string, readable bool) {
	for _, c := range d.Decorators {
		name := strings.TrimSuffix(c.Name, "Attribute")
		if !mappings[name] {
			continue
		}
		for _, a := range c.Args {
			if a.Keyword != "" && !pathKeywords[a.Keyword] {
				continue
			}
			quoted := literals(a.Text)
			switch {
			case a.IsString:
				paths = append(paths, a.Str)
			case len(quoted) > 0 && strings.ContainsAny(a.Text[:1], "{["):
				paths = append(paths, quoted...)
			default:
				value := valueOf(f, a.Text)
				if value == "" {
					return nil, false
				}
				paths = append(paths, value)
			}
		}
	}
	return paths, true
}

// answers says whether a method without a path of its own answers its class's.
func answers(m *source.Decl) bool {
	return slices.ContainsFunc(m.Decorators, func(c *source.Call) bool {
		name := strings.TrimSuffix(c.Name, "Attribute")
		return mappings[name] || slices.Contains([]string{"GET", "POST", "PUT", "PATCH", "DELETE"}, name)
	})
}

func orOne(list []string) []string {
	if len(list) == 0 {
		return []string{""}
	}
	return list
}

// named puts the names of class and method into ASP.NET's tokens.
func named(path string, class, method *source.Decl) string {
	controller := strings.ToLower(strings.TrimSuffix(class.Name, "Controller"))
	return strings.NewReplacer("[controller]", controller, "[action]", strings.ToLower(strings.TrimSuffix(method.Name, "Async"))).Replace(path)
}

func joinPath(parts ...string) string {
	var b strings.Builder
	for _, p := range parts {
		if p = strings.Trim(p, "/"); p != "" {
			b.WriteString("/" + p)
		}
	}
	return b.String()
}

// calledRoutes are those that are registered by a call with a handler.
func calledRoutes(f *source.File) []webRoute {
	var list []webRoute
	groups := map[string]string{}
	for _, m := range mapGroup.FindAllStringSubmatch(string(f.Text), 50) {
		groups[m[1]] = m[2]
	}
	var open []*source.Call // Ktor's route("/v1") { ... } around a call
	for _, c := range f.Calls {
		if len(c.Args) == 0 || !c.Args[0].IsString {
			continue
		}
		open = slices.DeleteFunc(open, func(o *source.Call) bool { return o.Span.End <= c.Span.Start })
		path, last := c.Args[0].Str, c.Args[len(c.Args)-1]
		handled := len(c.Args) > 1 && (last.IsFunc || strings.Contains(last.Text, "::"))
		prefix := ""
		switch {
		case f.Lang == source.Kotlin && c.Receiver == "" && (c.Name == "route" || c.Name == "nest") && last.IsFunc:
			open = append(open, c)
			continue
		case f.Lang == source.Kotlin && c.Receiver == "" && handlerVerbs[c.Name] && handled:
			for _, o := range open {
				prefix = joinPath(prefix, o.Args[0].Str)
			}
		case f.Lang == source.CSharp && minimalVerbs[c.Name] && len(c.Args) > 1:
			if m := groupInline.FindStringSubmatch(c.Receiver); m != nil {
				prefix = m[1]
			}
			prefix = joinPath(groups[c.Receiver[strings.LastIndexByte(c.Receiver, '.')+1:]], prefix)
		case handlerVerbs[c.Name] && c.Receiver != "" && handled && strings.HasPrefix(path, "/") && !clientReceiver.MatchString(c.Receiver):
		default:
			continue
		}
		if path = joinPath(prefix, path); len(path) > 2 {
			list = append(list, webRoute{path, f.Path, c.Span.Line, segments(path)})
		}
	}
	return list
}
