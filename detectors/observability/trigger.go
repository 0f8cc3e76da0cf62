package observability

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"flightpoll/detectors/source"
)

// The kinds of trigger.
const (
	kindRoute    = "route"
	kindRPC      = "rpc"
	kindConsumer = "consumer"
	kindJob      = "job"
	kindModel    = "model"
)

// trigger is code that something outside starts: a handler, a remote procedure, a consumer, a job.
type trigger struct {
	kind, name, framework string
	file                  *source.File
	// decl is the named function, method or class, nil for a function literal.
	decl *source.Decl
	// span is the code to look at, reg the registering call.
	span source.Span
	reg  *source.Call
	// wrappers are names that stand around the handler: decorators, base classes, wrapping functions.
	wrappers []string
}

func (t *trigger) key() string { return t.kind + " " + t.name }

// subject is how a message names the trigger.
func (t *trigger) subject() string {
	switch t.kind {
	case kindRoute:
		return "the handler " + t.name
	case kindRPC:
		return "the remote procedure " + t.name
	case kindConsumer:
		return "the consumer " + t.name
	case kindModel:
		return "the model call in " + t.name
	}
	return "the job " + t.name
}

// quietName are probes and static answers, which nobody logs.
var quietName = regexp.MustCompile(`(?i)(?:^|[/_.\s-]|[a-z])(?:healthz?|health-?check|livez?|liveness|readyz?|readiness|ping|metrics|version|favicon\S*|robots\.txt|swagger\S*|openapi\S*|static|assets|docs|heartbeat|up|pprof\S*|debug)(?:$|[/_.\s*-]|handler|check)`)

// triggersIn finds the triggers of one file, by the tables.
func (l *lookup) triggersIn(f *source.File) []*trigger {
	var list []*trigger
	seen := map[startOf]bool{}
	add := func(t *trigger) {
		if at := (startOf{t.file.Path, t.span.Start}); t.name != "" && !seen[at] {
			seen[at] = true
			list = append(list, t)
		}
	}
	for _, fw := range l.tables.frameworks {
		if !fw.applies(f) || fw.Server && browser(f) {
			continue
		}
		for _, c := range f.Calls {
			for _, r := range fw.Calls {
				if t := l.registered(fw, r, f, c); t != nil {
					add(t)
				}
			}
		}
		for _, d := range f.Decls {
			for _, t := range l.shaped(fw, f, d) {
				add(t)
			}
		}
		for _, t := range polling(fw, f) {
			add(t)
		}
	}
	for _, t := range timerLoops(f) {
		add(t)
	}
	return list
}

// startOf is where the code of a trigger begins.
type startOf struct {
	path  string
	start int
}

// triggersOf are the triggers of the changed files by the path of the file that holds their code: a function that another
// file registers stands with its own.
func (l *lookup) triggersOf(changed *changes) map[string][]*trigger {
	all := map[string][]*trigger{}
	seen := map[startOf]bool{}
	for _, c := range changed.files {
		for _, t := range l.triggersIn(c.head) {
			if at := (startOf{t.file.Path, t.span.Start}); !seen[at] {
				seen[at] = true
				all[t.file.Path] = append(all[t.file.Path], t)
			}
		}
	}
	return all
}

// browser says whether a file runs in a browser, as far as its name and imports tell.
func browser(f *source.File) bool {
	switch path.Ext(f.Path) {
	case ".tsx", ".jsx", ".html", ".vue", ".svelte":
		return true
	}
	for part := range strings.SplitSeq(path.Dir(f.Path), "/") {
		switch part {
		case "web", "client", "frontend", "ui", "public", "static", "assets", "components", "hooks", "browser", "webview", "renderer", "extension", "app-ui":
			return true
		}
	}
	return importsAny(f, []string{"react", "vue", "svelte", "@angular/", "preact", "solid-js", "jquery", "react-dom"})
}

// registered reads a call as the registration of a handler, nil when it is none.
func (l *lookup) registered(fw *framework, r registration, f *source.File, c *source.Call) *trigger {
	if !r.Method.match(c.Name) || r.New != c.New || len(c.Args) == 0 {
		return nil
	}
	if ids := identifiers(c.Receiver); r.Receiver.set() && (len(ids) == 0 || !r.Receiver.match(ids[len(ids)-1]) && !r.Receiver.match(ids[0])) {
		return nil
	}
	first := c.Args[0]
	switch r.First {
	case "path":
		if !first.IsString || first.Str != "" && first.Str != "*" && !strings.HasPrefix(first.Str, "/") || len(c.Args) < 2 {
			return nil
		}
	case "string":
		if !first.IsString || len(c.Args) < 2 {
			return nil
		}
	}
	span, literal, ok := handlerSpan(f, c, r.Handler)
	if !ok {
		return nil
	}
	t := &trigger{kind: r.Kind, framework: fw.Name, file: f, reg: c, span: span, name: strings.TrimSpace(c.Name + " " + first.Str)}
	if !first.IsString {
		t.name = c.Name
		if c.In != nil {
			t.name += " in " + c.In.Name
		}
	}
	text := string(f.Text[span.Start:span.End])
	if literal || isLiteral(text) {
		return t
	}
	if f.Lang == source.Go && r.Kind == kindRoute {
		return nil // a named handler is found by its signature
	}
	// A name, or a name inside wrappers: follow it to its declaration.
	inner := regexp.MustCompile(`[\w$.]+`).FindAllString(text, -1)
	for i := len(inner) - 1; i >= 0; i-- {
		ids := identifiers(inner[i])
		if len(ids) == 0 {
			continue
		}
		name := ids[len(ids)-1]
		for _, p := range declared(f, name, []source.Kind{source.Function, source.Method, source.Const, source.Var}) {
			t.decl, t.span, t.wrappers = p.decl, p.decl.Span, append(t.wrappers, inner[:i]...)
			if t.name == c.Name {
				t.name = name
			}
			return t
		}
		if c.In != nil && slices.ContainsFunc(c.In.Params, func(p source.Param) bool { return p.Name == name }) {
			return nil
		}
		if places := l.resolve(f, name, strings.TrimSuffix(strings.TrimSuffix(inner[i], name), "."), source.Function, source.Method, source.Const, source.Var); len(places) == 1 {
			t.file, t.decl, t.span, t.reg = places[0].file, places[0].decl, places[0].decl.Span, nil
			t.name, t.wrappers = name, append(t.wrappers, inner[:i]...)
			return t
		}
	}
	return nil
}

// isLiteral says whether a function literal stands in the span, maybe inside wrapping calls.
func isLiteral(text string) bool {
	return strings.Contains(text, "=>") || strings.HasPrefix(text, "function") || strings.HasPrefix(text, "async") ||
		strings.HasPrefix(text, "func(") || strings.Contains(text, "(func(") || strings.HasPrefix(text, "lambda") || strings.Contains(text, "(async function") || strings.Contains(text, "(function")
}

// handlerSpan is the place of the argument that is the handler; for a function literal that is its body.
func handlerSpan(f *source.File, c *source.Call, which string) (span source.Span, literal, ok bool) {
	switch which {
	case "last":
		for i := len(c.Args) - 1; i >= 0; i-- {
			a := c.Args[i]
			if !a.IsString && !strings.HasPrefix(a.Text, "{") {
				return a.Span, a.IsFunc, true
			}
		}
		return source.Span{}, false, false
	case "first":
		return c.Args[0].Span, c.Args[0].IsFunc, !c.Args[0].IsString
	}
	for _, a := range c.Args {
		if a.Keyword == which {
			return a.Span, a.IsFunc, true
		}
	}
	for _, o := range f.Objects {
		if o.Span.Start < c.Span.Start || o.Span.End > c.Span.End {
			continue
		}
		for _, k := range o.Keys {
			if k.Name == which {
				return k.Span, false, true
			}
		}
	}
	return source.Span{}, false, false
}

// shaped reads a declaration as triggers by its decorators, its signature or its class.
func (l *lookup) shaped(fw *framework, f *source.File, d *source.Decl) []*trigger {
	for _, want := range fw.Decorators {
		for _, dec := range d.Decorators {
			if !want.Method.match(dec.Name) || want.Receiver == "some" && dec.Receiver == "" || want.Receiver == "none" && dec.Receiver != "" ||
				want.ReceiverMatch.set() && !want.ReceiverMatch.match(dec.Receiver) || want.Path != "" && !glob(want.Path, f.Path) || d.Kind == source.Class {
				continue
			}
			t := &trigger{kind: want.Kind, framework: fw.Name, file: f, decl: d, span: d.Span, name: d.Name}
			for _, other := range d.Decorators {
				if other != dec {
					t.wrappers = append(t.wrappers, other.Full())
				}
				for _, a := range other.Args {
					if !a.IsString {
						t.wrappers = append(t.wrappers, identifiers(a.Text)...)
					}
				}
			}
			t.wrappers = append(t.wrappers, ownerWrappers(d)...)
			return []*trigger{t}
		}
	}
	for _, want := range fw.Functions {
		if l.fits(want, f, d) {
			return []*trigger{{kind: want.Kind, framework: fw.Name, file: f, decl: d, span: d.Span, name: d.Name, wrappers: decoratorNames(d)}}
		}
	}
	if d.Kind != source.Class {
		return nil
	}
	var list []*trigger
	for _, want := range fw.Classes {
		if want.Path != "" && !glob(want.Path, f.Path) || want.Name.set() && !want.Name.match(d.Name) || want.Base.set() && !anyMatch(want.Base, d.Bases) {
			continue
		}
		if !want.Methods.set() {
			name := d.Name
			if want.Path != "" {
				name = strings.TrimSuffix(path.Base(f.Path), path.Ext(f.Path))
			}
			list = append(list, &trigger{kind: want.Kind, framework: fw.Name, file: f, decl: d, span: d.Span, name: name, wrappers: append(decoratorNames(d), d.Bases...)})
			continue
		}
		for _, m := range d.Members {
			if (m.Kind == source.Method || m.Kind == source.Function) && want.Methods.match(m.Name) {
				list = append(list, &trigger{kind: want.Kind, framework: fw.Name, file: f, decl: m, span: m.Span, name: d.Name + "." + m.Name, wrappers: append(append(decoratorNames(m), decoratorNames(d)...), d.Bases...)})
			}
		}
	}
	return list
}

// ownerWrappers are the decorators and bases of the class around a method.
func ownerWrappers(d *source.Decl) []string {
	if d.Parent == nil {
		return nil
	}
	return append(decoratorNames(d.Parent), d.Parent.Bases...)
}

func decoratorNames(d *source.Decl) []string {
	var list []string
	for _, dec := range d.Decorators {
		list = append(list, dec.Full())
		for _, a := range dec.Args {
			if !a.IsString {
				list = append(list, identifiers(a.Text)...)
			}
		}
	}
	return list
}

// polling reads the functions of a file that fetch their own work.
func polling(fw *framework, f *source.File) []*trigger {
	var list []*trigger
	for _, c := range f.Calls {
		if c.In == nil || c.In.Kind == source.Class {
			continue
		}
		for _, p := range fw.Polls {
			if p.Method.match(c.Name) && (!p.Receiver.set() || p.Receiver.match(c.Receiver)) && (!p.Loop || inLoop(f, c.Span, c.In.Span)) {
				list = append(list, &trigger{kind: p.Kind, framework: fw.Name, file: f, decl: c.In, span: c.In.Span, name: c.In.Name, wrappers: decoratorNames(c.In)})
				break
			}
		}
	}
	return list
}

// fits says whether a declaration has the shape.
func (l *lookup) fits(want functionShape, f *source.File, d *source.Decl) bool {
	switch d.Kind {
	case source.Function, source.Method:
	case source.Const, source.Var: // export const GET = wrapped(async () => {...})
		if !want.Exported || want.Path == "" {
			return false
		}
	default:
		return false
	}
	if want.Async && !d.Async || want.Path != "" && !glob(want.Path, f.Path) || want.Exported && !d.Exported || want.Name.set() && !want.Name.match(d.Name) {
		return false
	}
	if want.Owner.set() && (d.Parent == nil || !want.Owner.match(d.Parent.Name)) {
		return false
	}
	if want.FirstParam.set() {
		first := ""
		for _, p := range d.Params {
			if p.Name != "self" && p.Name != "cls" {
				first = p.Name
				break
			}
		}
		if !want.FirstParam.match(first) || strings.HasPrefix(d.Name, "_") {
			return false
		}
	}
	types := make([]string, 0, len(d.Params))
	for _, p := range d.Params {
		types = append(types, p.Type)
	}
	if want.Params.set() && !want.Params.match(strings.Join(types, ", ")) || want.Results.set() && !want.Results.match(strings.Join(d.Results, ", ")) {
		return false
	}
	if want.ReceiverEmbeds.set() && !l.embeds(f, d.Receiver, want.ReceiverEmbeds) {
		return false
	}
	if f.Lang == source.Go {
		body := string(f.Text[d.Body.Start:d.Body.End])
		return !strings.Contains(body, ".Next(") && !strings.Contains(body, ".ServeHTTP(") // middleware
	}
	return true
}

// embeds says whether the type of this name, declared in the file or beside it, embeds a type that matches.
func (l *lookup) embeds(f *source.File, name string, want pattern) bool {
	for _, p := range l.resolve(f, name, "", source.Struct) {
		for _, m := range p.decl.Members {
			if m.Embedded && want.match(strings.TrimPrefix(m.Type, "*")) {
				return true
			}
		}
	}
	return false
}

func glob(pattern, p string) bool {
	ok, err := doublestar.Match(pattern, p)
	return ok && err == nil
}
