package observability

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// maxFront bounds the files that are read in search of middleware or of siblings.
const maxFront = 40

// frontWords are the parts of a path that hint at where an application is put together.
var frontWords = []string{"app", "main", "server", "router", "routes", "index", "middleware", "settings", "setup", "bootstrap", "module", "telemetry", "logging", "celery", "worker", "__init__", "wsgi", "asgi"}

// closest orders paths by how near they are to p and by how much their names promise, and keeps the first.
func closest(p string, paths []string, most int) []string {
	score := func(other string) int {
		n := 0
		base := strings.ToLower(strings.TrimSuffix(path.Base(other), path.Ext(other)))
		for _, w := range frontWords {
			if strings.Contains(base, w) {
				n -= 3
				break
			}
		}
		a, b := strings.Split(path.Dir(p), "/"), strings.Split(path.Dir(other), "/")
		for i := range min(len(a), len(b)) {
			if a[i] != b[i] {
				break
			}
			n -= 2
		}
		return n + len(b)
	}
	sorted := slices.Clone(paths)
	slices.SortStableFunc(sorted, func(a, b string) int { return cmp.Compare(score(a), score(b)) })
	return sorted[:min(len(sorted), most)]
}

// brought is what the trigger's framework leaves by itself.
func (l *lookup) brought(t *trigger) signal {
	for _, fw := range l.tables.frameworks {
		if fw.Name == t.framework {
			return fw.brought()
		}
	}
	return 0
}

// front is what stands before or around every trigger of a kind in the service of the file: middleware, interceptors,
// hooks, a request log that is switched on, and auto-instrumentation.
func (l *lookup) front(t *trigger) signal {
	s := l.instrumentedBy(t, func(word string) bool { return !placedByHand.MatchString(word) })
	fam := family(t.file.Lang)
	var files []string
	for _, fw := range l.tables.frameworks {
		if !slices.Contains(fw.Languages, fam) {
			continue
		}
		for _, w := range fw.Words {
			for _, p := range l.naming(w) {
				if family(source.LanguageOf(p)) == fam && l.near(t.file.Path, p) && !slices.Contains(files, p) {
					files = append(files, p)
				}
			}
		}
	}
	if !slices.Contains(files, t.file.Path) {
		files = append(files, t.file.Path)
	}
	for _, p := range closest(t.file.Path, files, maxFront) {
		if f := l.read(p); f != nil {
			s |= l.frontIn(f, t)
		}
		if s.has(logged) && s.has(metered|spanned) {
			break
		}
	}
	if _, ok := l.skipped[t]; !ok || s.has(visible) {
		s |= l.instrumentedBy(t, placedByHand.MatchString)
	}
	return s
}

// placedByHand are libraries of middleware, which reach what they are put in front of.
var placedByHand = lazy.New(`^otel(?:http|gin|chi|echo|fiber|mux)$|^(?:express-prom-bundle|express-winston|pino-http|morgan|koa-logger|hono/logger|express-opentelemetry|tracing.actix.web|actix-web-prom|axum-tracing-opentelemetry)$`)

// instrumentedBy is what the libraries that the service names leave of every trigger of the kind.
func (l *lookup) instrumentedBy(t *trigger, counts func(word string) bool) signal {
	for _, word := range l.words.Auto[t.kind] {
		if counts(word) && slices.ContainsFunc(l.namingAny(word), func(p string) bool { return l.near(t.file.Path, p) }) {
			return spanned | metered
		}
	}
	return 0
}

// frontIn is what one file puts in front of triggers of the kind.
func (l *lookup) frontIn(f *source.File, t *trigger) signal {
	var s signal
	for _, fw := range l.tables.frameworks {
		if !slices.Contains(fw.Languages, family(f.Lang)) || !serves(fw, t.kind) || fw.Server {
			continue
		}
		used := fw.applies(f)
		for _, d := range f.Decls {
			if d.Kind == source.Class && fw.frontedBy(d) {
				s |= l.signalsOf(place{f, d}, 1) &^ printed
			}
		}
		for _, shape := range fw.Middleware {
			if used || shape.Setting.set() {
				s |= l.frontShape(fw, f, t, shape, true)
			}
		}
		for _, shape := range fw.Logs {
			if used {
				s |= l.frontShape(fw, f, t, shape, false)
			}
		}
	}
	if t.kind == kindRoute && f.Lang == source.Go {
		s |= l.handlerChain(f, t)
	}
	if t.kind == kindConsumer && f == t.file {
		s |= l.failureHooks(f)
	}
	return s
}

// frontedBy says whether a class is one that stands in front of the framework's handlers.
func (f *framework) frontedBy(d *source.Decl) bool {
	return slices.ContainsFunc(f.Fronts, func(c frontClass) bool {
		return c.Name.match(d.Name) || anyMatch(c.Base, d.Bases) ||
			slices.ContainsFunc(d.Decorators, func(dec *source.Call) bool { return c.Decorator.match(dec.Name) })
	})
}

func serves(fw *framework, kind string) bool {
	for _, c := range fw.Calls {
		if c.Kind == kind {
			return true
		}
	}
	for _, c := range fw.Decorators {
		if c.Kind == kind {
			return true
		}
	}
	for _, c := range fw.Functions {
		if c.Kind == kind {
			return true
		}
	}
	if slices.ContainsFunc(fw.Polls, func(p pollShape) bool { return p.Kind == kind }) {
		return true
	}
	if slices.ContainsFunc(fw.Keys, func(k keyShape) bool { return k.Kind == kind }) {
		return true
	}
	return slices.ContainsFunc(fw.Classes, func(c classShape) bool { return c.Kind == kind })
}

// frontShape is what the calls, decorators, keys or settings of one shape bring; a log shape brings the log by itself.
func (l *lookup) frontShape(fw *framework, f *source.File, t *trigger, shape frontShape, arguments bool) signal {
	var s signal
	for _, c := range f.Calls {
		if !shape.Method.match(c.Name) || shape.Receiver.set() && !shape.Receiver.match(c.Receiver) {
			continue
		}
		got := l.frontCall(f, c, arguments)
		if got.has(visible) && (fw.passesBy(f, c, t) || besideScope(f, c, c.Receiver, t)) {
			l.skipped[t] = spot{f, c.Span.EndLine}
			continue
		}
		s |= got
	}
	for _, d := range f.Decls {
		for _, dec := range d.Decorators {
			if shape.Method.match(dec.Name) && (!shape.Receiver.set() || shape.Receiver.match(dec.Receiver)) {
				s |= l.signalsOf(place{f, d}, 1)
			}
		}
		if shape.Setting.match(d.Name) {
			for _, str := range f.Strings {
				if str.Span.Start >= d.Span.Start && str.Span.End <= d.Span.End {
					s |= l.creditName(f, str.Value, 1)
				}
			}
		}
	}
	if shape.Key.set() {
		for _, o := range f.Objects {
			for _, k := range o.Keys {
				if shape.Key.match(k.Name) && shape.Value.match(k.Value) {
					s |= logged
				}
			}
		}
	}
	return s &^ printed
}

// frontCall is what one call puts in front of handlers: by its arguments, or the log by itself.
func (l *lookup) frontCall(f *source.File, c *source.Call, arguments bool) signal {
	if !arguments {
		return logged
	}
	var s signal
	if f.Lang != source.Rust { // there the receiver is the whole chain with its other layers
		s = l.words.named(c.Receiver) &^ correlated
	}
	for _, a := range c.Args {
		if a.IsFunc {
			s |= l.signalsIn(f, a.Span, 1)
		} else if !a.IsString {
			s |= l.creditText(f, a.Text)
		}
	}
	return s
}

// handlerChain credits Go middleware that is put around the whole mux: a call of a function of the repository that takes
// and gives http.Handler.
func (l *lookup) handlerChain(f *source.File, t *trigger) signal {
	var s signal
	for _, c := range f.Calls {
		if everyday[c.Name] || len(c.Args) == 0 || forOneRoute(f, c) {
			continue
		}
		around := lastIdentifier(strings.TrimRight(c.Args[len(c.Args)-1].Text, ") "))
		if c.Receiver != "" && strings.Contains(strings.ToLower(c.Receiver), "otelhttp") {
			s |= spanned | metered
			continue
		}
		for _, p := range l.resolve(f, c.Name, c.Receiver, source.Function, source.Method) {
			if !wrapsHandler(p.decl) {
				continue
			}
			got := l.signalsOf(p, 1)
			if got.has(visible) && besideScope(f, c, around, t) {
				l.skipped[t] = spot{f, c.Span.EndLine}
				continue
			}
			s |= got
		}
	}
	return s &^ printed
}

// forOneRoute says whether a call wraps the handler of one route, inside of its registration: its credit is that route's own.
func forOneRoute(f *source.File, c *source.Call) bool {
	if routerIn(f, lastIdentifier(strings.TrimRight(c.Args[len(c.Args)-1].Text, ") "))) {
		return false // root.Handle("/", AccessLog(mux)): all that mux has
	}
	return slices.ContainsFunc(f.Calls, func(o *source.Call) bool {
		return o != c && o.Span.Start <= c.Span.Start && o.Span.End >= c.Span.End && len(o.Args) > 1 && o.Args[0].IsString && addsToRouter.MatchString(strings.TrimSuffix(o.Name, "Func"))
	})
}

func wrapsHandler(d *source.Decl) bool {
	results := strings.Join(d.Results, ",")
	for _, p := range d.Params {
		if strings.HasSuffix(p.Type, "Handler") || strings.HasSuffix(p.Type, "HandlerFunc") || strings.HasSuffix(p.Type, "Mux") || strings.HasSuffix(p.Type, "Router") {
			return strings.Contains(results, "Handler") || strings.Contains(results, "func(")
		}
	}
	return strings.Contains(results, "func(http.Handler)") || strings.HasSuffix(results, "MiddlewareFunc")
}

// failureHooks credits `worker.on("failed", ...)` and its like in the consumer's own file.
func (l *lookup) failureHooks(f *source.File) signal {
	var s signal
	for _, c := range f.Calls {
		if c.Name != "on" || len(c.Args) < 2 {
			continue
		}
		switch c.Args[0].Str {
		case "failed", "error", "completed":
			s |= l.signalsIn(f, c.Args[1].Span, 1) &^ printed
		}
	}
	return s
}

// namingAny lists all files that name a word, manifests included.
func (l *lookup) namingAny(word string) []string {
	word = strings.TrimPrefix(word, "@")
	list := l.naming(word)
	return slices.DeleteFunc(slices.Clone(list), func(p string) bool {
		switch path.Base(p) {
		case "package-lock.json", "yarn.lock", "pnpm-lock.yaml", "go.sum", "poetry.lock", "uv.lock", "CHANGELOG.md":
			return true
		}
		return false
	})
}
