package routes

import (
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// Declared are the routes that a source file registers: net/http, gorilla, chi, gin, echo, fiber; Express, Fastify, Koa, Hono,
// Nest, Next.js, SvelteKit, Nuxt; Flask, FastAPI, Starlette, aiohttp, Django, REST framework; Spring, JAX-RS, Ktor; ASP.NET;
// Rails, Sinatra; Laravel, Slim, Symfony; axum, actix, Rocket; and what looks like them.
func Declared(f *source.File) []Route {
	if f == nil {
		return nil
	}
	d := &declaring{file: f, taken: map[source.Span]bool{}}
	d.byFile()
	if f.Lang == source.Ruby {
		if rails := d.rails(); rails {
			return d.found
		}
	}
	d.collectGroups()
	d.annotated()
	for _, c := range f.Calls {
		if !d.taken[c.Span] {
			d.call(c)
		}
	}
	d.options()
	return d.found
}

// declaring reads the routes of one file.
type declaring struct {
	file   *source.File
	found  []Route
	taken  map[source.Span]bool
	groups []group
}

// verbs are the calls that register a route, with the method that they mean.
var verbs = func() map[string]string {
	table := map[string]string{}
	for _, m := range []string{"get", "post", "put", "patch", "delete", "head", "options"} {
		title := strings.ToUpper(m[:1]) + m[1:]
		for _, name := range []string{m, strings.ToUpper(m), title, "Map" + title, "Http" + title, title + "Mapping", title + "Async", "add_" + m} {
			table[name] = strings.ToUpper(m)
		}
	}
	table["del"], table["resource"], table["apiResource"], table["register_rest_route"] = "DELETE", "", "", ""
	for _, name := range []string{"HandleFunc", "Handle", "handle", "route", "Route", "api_route", "add_url_rule", "add_api_route", "add_route", "websocket", "any", "Any", "RequestMapping", "Path", "path", "re_path", "url", "match", "map", "Map", "MapMethods", "Method", "Methods", "MethodFunc", "register", "add", "Add", "subject"} {
		table[name] = ""
	}
	return table
}()

// call is one call that may register a route.
func (d *declaring) call(c *source.Call) {
	method, ok := verbs[c.Name]
	if !ok || c.New {
		d.mount(c)
		return
	}
	path, args, ok := d.pathOf(c)
	if !ok {
		return
	}
	if c.Name == "register_rest_route" { // WordPress: namespace, then path
		if len(c.Args) > 1 && c.Args[1].IsString {
			d.add(Route{File: d.file.Path, Line: c.Span.Line}, c, join(path, fromPattern(c.Args[1].Str)))
		}
		return
	}
	if d.file.Lang == source.PHP && strings.HasSuffix(c.Receiver, "Route") && (c.Name == "resource" || c.Name == "apiResource") {
		d.laravelResource(c, path)
		return
	}
	if m, p, ok := strings.Cut(path, " "); ok && upper.MatchString(m) { // Go 1.22: "GET /x"
		method, path = m, strings.TrimSpace(p)
		if !strings.HasPrefix(path, "/") { // with a host
			_, path, _ = strings.Cut(path, "/")
			path = "/" + path
		}
	}
	r := Route{File: d.file.Path, Line: c.Span.Line, Name: d.named(c), Handler: handlerOf(args)}
	if len(args) > 0 && args[len(args)-1].IsFunc {
		r.Body = args[len(args)-1].Span
	}
	if method != "" {
		r.Methods = []string{method}
	} else {
		r.Methods = methodsOf(d.file, c, args)
	}
	switch {
	case d.file.Lang == source.Python && (c.Name == "path" || c.Name == "re_path" || c.Name == "url"):
		if !d.django() || len(args) == 0 {
			return
		}
		if c.Name != "path" {
			path = fromPattern(path)
		}
		if strings.HasPrefix(args[0].Text, "include(") {
			r.Mount, r.To = true, args[0].Text
		}
	case d.file.Lang == source.Python && c.Name == "register":
		if !d.django() || len(args) == 0 || !strings.Contains(strings.ToLower(c.Receiver), "router") {
			return
		}
		d.add(r, c, path)
		path = "/" + strings.Trim(path, "/") + "/{pk}"
	case d.scope(c) != "" && len(args) > 0 && args[len(args)-1].IsFunc && c.Name != "get":
		return // its routes stand inside
	case c.Name == "resource" && d.file.Lang == source.Rust:
	case c.Name == "resource":
		return
	case c.Name == "route" && d.file.Lang == source.Rust, c.Name == "Route" && d.file.Lang == source.PHP:
	case !d.registers(c, path, args):
		return
	}
	d.add(r, c, path)
}

var upper = lazy.New(`^[A-Z]{3,7}$`)

// rackApp is what a Ruby file without Rails has that answers requests.
var rackApp = lazy.New(`\bSinatra\b|["']sinatra|\bGrape::API|\bRoda\b|\bHanami\b`)

// pathOf is the path that a call registers and the arguments behind it.
func (d *declaring) pathOf(c *source.Call) (string, []source.Arg, bool) {
	if len(c.Args) > 0 && c.Args[0].IsString && c.Args[0].Keyword == "" {
		path, rest := c.Args[0].Str, c.Args[1:]
		if upper.MatchString(path) && len(rest) > 0 && rest[0].IsString { // e.Add("GET", "/x", h)
			path, rest = path+" "+rest[0].Str, rest[1:]
		}
		return path, rest, !strings.ContainsAny(path, "\n") && len(path) < 200
	}
	if m := routedBefore.FindStringSubmatch(c.Receiver); m != nil && len(c.Args) > 0 && verbs[c.Name] != "" {
		return m[1], c.Args, true
	}
	return "", nil, false
}

// routedBefore is a chain of handlers on one path: r.route("/books").get(h).post(h).
var routedBefore = lazy.New(`\.(?:route|Route)\(["'` + "`" + `](/[^"'` + "`" + `]*)["'` + "`" + `]\)(?:\.\w+\((?s:.)*\))*$`)

var clientReceiver = lazy.New(`(?i)(axios|fetch|http|client|request|requests|session|got|ky|agent|supertest|nock|cy|page|msw|responses|server|mock|stub|config|cache|redis|headers|params|map|store|storage|env|settings)$`)

// registers tells a registration from a client's call: it is given a handler, and it is no client's object.
func (d *declaring) registers(c *source.Call, path string, args []source.Arg) bool {
	receiver := c.Receiver
	if i := strings.IndexByte(receiver, '('); i >= 0 {
		receiver = receiver[:i]
	}
	last := receiver[strings.LastIndexAny(receiver, ".:$")+1:]
	switch d.file.Lang {
	case source.Ruby: // Sinatra and Grape
		return c.Receiver == "" && len(args) > 0 && args[len(args)-1].IsFunc && (strings.HasPrefix(path, "/") || d.prefix(c) != "") && rackApp.Match(d.file.Text)
	case source.Kotlin:
		return c.Receiver == "" && len(args) > 0 && args[len(args)-1].IsFunc && (d.inScope(c) || extendsRoute(d.file, c.In))
	case source.PHP:
		return strings.HasSuffix(receiver, "Route") || last == "app" || last == "router" || last == "group" || last == "r"
	case source.CSharp:
		return strings.HasPrefix(c.Name, "Map")
	case source.Java, source.Rust:
		return false
	default:
	}
	if !strings.HasPrefix(path, "/") && path != "" && !d.inScope(c) || len(args) == 0 || receiver == "" || d.asks(c, last, args[len(args)-1]) {
		return false
	}
	if clientReceiver.MatchString(last) && (last != "http" || !strings.HasPrefix(c.Name, "Handle")) && !strings.HasPrefix(c.Name, "add_") {
		return last == "server" && args[len(args)-1].IsFunc
	}
	return args[len(args)-1].Keyword != "" || !strings.HasPrefix(args[len(args)-1].Text, "{") || c.Name != "get"
}

var (
	routerName = lazy.New(`(?i)(?:app|router?s?|server|srv|mux|group|e|g|v\d+)$`)
	webServer  = lazy.New(`["'](?:express|fastify|hono|koa|@koa|@hapi|restify|polka|itty-router|elysia|@nestjs|find-my-way|h3|uWebSockets|@oak|oak|msw|\$app)\b|\b(?:bottle|sanic|falcon|tornado|flask|fastapi|starlette|litestar|quart|robyn|aiohttp)\b|(?i:router?\()`)
	bodyWord   = []string{"json", "data", "params", "headers", "timeout", "files", "content", "auth", "cookies"}
)

// asks says of a call by a verb that it is a client's: it is waited for, it is given a body, or nothing around it answers requests.
func (d *declaring) asks(c *source.Call, receiver string, last source.Arg) bool {
	if d.file.Lang == source.Go || strings.HasPrefix(c.Name, "add_") || verbs[c.Name] == "" {
		return false
	}
	literal := strings.HasPrefix(last.Text, "{") && !strings.Contains(last.Text, "handler")
	return c.Awaited || slices.Contains(bodyWord, last.Keyword) || literal || !last.IsFunc && !routerName.MatchString(receiver) && !webServer.Match(d.file.Text)
}

// ktorExtension is the head of a function whose calls are made on a router of Ktor: fun Route.orders(store: Store).
var ktorExtension = lazy.New(`\bfun\s+(?:<[^>]*>\s*)?(?:Route|Routing)\.\w+\s*\(`)

// extendsRoute says that a function of Kotlin extends Ktor's router.
func extendsRoute(f *source.File, fn *source.Decl) bool {
	for ; fn != nil; fn = fn.Parent {
		head := f.Text[fn.Span.Start:max(fn.Span.Start, min(fn.Body.Start, fn.Span.End))]
		if ktorExtension.Match(head) {
			return slices.ContainsFunc(f.Imports, func(i *source.Import) bool { return strings.HasPrefix(i.Path, "io.ktor.server.") })
		}
	}
	return false
}

func (d *declaring) django() bool {
	return slices.ContainsFunc(d.file.Imports, func(i *source.Import) bool {
		return strings.HasPrefix(i.Path, "django.") || strings.HasPrefix(i.Path, "rest_framework")
	})
}

var (
	patternGroup = lazy.New(`\(\?P<(\w+)>(?:[^()\\]|\\.|\([^()]*\))*\)|\((?:[^()\\]|\\.)*\)`)
	patternMark  = strings.NewReplacer("^", "", "$", "", `\.`, ".", `\-`, "-", "/?", "/")
)

// fromPattern turns a route's regular expression into a path.
func fromPattern(p string) string {
	return patternMark.Replace(patternGroup.ReplaceAllString(p, "{$1}"))
}

// laravelResource notes the paths of Route::resource('maps.tiles', ...).
func (d *declaring) laravelResource(c *source.Call, name string) {
	path := strings.ReplaceAll(strings.Trim(name, "/"), ".", "/{id}/")
	chained, _, _ := strings.Cut(string(d.file.Text[c.Span.End:min(len(d.file.Text), c.Span.End+300)]), ";")
	for _, tail := range []string{"", "{id}"} {
		if !allowed(chained, tail == "") {
			continue
		}
		r := Route{File: d.file.Path, Line: c.Span.Line, Name: strings.ReplaceAll(name, "/", ".")}
		if tail == "" {
			r.Name += ".index"
		} else {
			r.Name += ".show"
		}
		d.add(r, c, join(path, tail))
	}
}

// allowed says whether ->only() and ->except() leave a resource's list, or its records.
func allowed(chained string, list bool) bool {
	actions := []string{"show", "update", "destroy"}
	if list {
		actions = []string{"index", "store"}
	}
	only, except := strings.Contains(chained, "->only("), strings.Contains(chained, "->except(")
	return slices.ContainsFunc(actions, func(a string) bool {
		has := strings.Contains(chained, "'"+a+"'") || strings.Contains(chained, `"`+a+`"`)
		return !only && !except || only && has || except && !has
	})
}

// handlerOf names the last argument where that is a name.
func handlerOf(args []source.Arg) string {
	for _, a := range slices.Backward(args) {
		if a.Keyword != "" && a.Keyword != "to" && a.Keyword != "view_func" && a.Keyword != "endpoint" {
			continue
		}
		if m := handlerName.FindStringSubmatch(a.Text); m != nil && !a.IsString {
			return m[1]
		}
		if m := laravelHandler.FindStringSubmatch(a.Text); m != nil {
			return m[1] + "." + m[2]
		}
		if a.IsString && strings.ContainsAny(a.Str, "#@") {
			return a.Str
		}
	}
	return ""
}

var (
	handlerName    = lazy.New(`^(?:(?:get|post|put|patch|delete)\()?([A-Za-z_][\w.:]*)(?:\.as_view\(.*|\)+)?$`)
	laravelHandler = lazy.New(`^\[\s*\\?([\w\\]+)::class,\s*'(\w+)'\s*\]$`)
	methodWord     = lazy.New(`(?i)\b(get|post|put|patch|delete)\b`)
)

// methodsOf are the methods that a registration names besides its path: methods=["POST"], .Methods("GET"), get(list).post(add).
func methodsOf(f *source.File, c *source.Call, args []source.Arg) []string {
	text := ""
	for _, a := range args {
		if a.Keyword == "methods" || a.Keyword == "method" || a.Keyword == "via" {
			text += " " + a.Text
		}
	}
	if c.Name == "match" && f.Lang == source.PHP && len(c.Args) > 0 {
		text += c.Args[0].Text
	}
	if f.Lang == source.Rust && len(args) > 0 {
		for _, m := range rustVerb.FindAllStringSubmatch(args[0].Text, -1) {
			text += " " + m[1]
		}
	}
	if f.Lang == source.Go {
		rest := f.Text[c.Span.End:min(len(f.Text), c.Span.End+80)]
		if m := goMethods.FindSubmatch(rest); m != nil {
			text += string(m[1])
		}
	}
	var list []string
	for _, m := range methodWord.FindAllString(text, -1) {
		if m = strings.ToUpper(m); !slices.Contains(list, m) {
			list = append(list, m)
		}
	}
	return list
}

var (
	rustVerb  = lazy.New(`\b(get|post|put|patch|delete)\(`)
	goMethods = lazy.New(`^\.Methods\(([^)]*)\)`)
)

var namedBehind = lazy.New(`^(?:->\w+\([^()]*\))*?\s*->name\(['"]([^'"]+)['"]`)

// named is the name that a registration gives its route: by a keyword, or by Laravel's ->name().
func (d *declaring) named(c *source.Call) string {
	if d.file.Lang == source.PHP {
		if m := namedBehind.FindSubmatch(d.file.Text[c.Span.End:min(len(d.file.Text), c.Span.End+300)]); m != nil {
			return string(m[1])
		}
	}
	for _, a := range c.Args {
		if (a.Keyword == "name" || a.Keyword == "as" || a.Keyword == "endpoint") && a.IsString {
			return a.Str
		}
	}
	return ""
}

// add notes a route below whatever stands around its registration.
func (d *declaring) add(r Route, c *source.Call, path string) {
	r.Path = join(d.prefix(c), path)
	r.Segments = Segments(r.Path)
	if len(r.Segments) == 0 {
		return
	}
	d.taken[c.Span] = true
	d.found = append(d.found, r)
}

func join(parts ...string) string {
	var list []string
	for _, p := range parts {
		if p = strings.Trim(p, "/"); p != "" {
			list = append(list, p)
		}
	}
	return "/" + strings.Join(list, "/")
}

// options reads routes that are objects: fastify.route({method, url, handler}), server.route({method, path, handler}).
func (d *declaring) options() {
	if d.file.Lang != source.TypeScript && d.file.Lang != source.JavaScript {
		return
	}
	for _, o := range d.file.Objects {
		path, method, handled := "", "", false
		for _, k := range o.Keys {
			value := strings.Trim(k.Value, `"'`+"`")
			switch k.Name {
			case "url", "path":
				path = value
			case "method":
				method = strings.ToUpper(value)
			case "handler":
				handled = true
			}
		}
		if handled && upper.MatchString(method) && strings.HasPrefix(path, "/") {
			d.found = append(d.found, Route{Path: path, Segments: Segments(path), Methods: []string{method}, File: d.file.Path, Line: o.Span.Line, Body: o.Span})
		}
	}
}
