package observability

import (
	"path"
	"regexp"
	"strings"

	"flightpoll/detectors/lazy"
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
		for _, t := range l.keyed(fw, f) {
			add(t)
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
func (l *lookup) triggersOf(changed []side) map[string][]*trigger {
	all := map[string][]*trigger{}
	seen := map[startOf]bool{}
	for _, c := range changed {
		if c.head == nil {
			continue
		}
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
	if family(f.Lang) != string(source.JavaScript) {
		return false // a package of controllers is called web, one of callers client
	}
	for part := range strings.SplitSeq(path.Dir(f.Path), "/") {
		switch part {
		case "web", "client", "frontend", "ui", "public", "static", "assets", "components", "hooks", "browser", "webview", "renderer", "extension", "app-ui",
			"client-only", "client-side", "client_only", "client_side", "clientside":
			return true
		}
	}
	if useClient.Match(f.Text) || strings.Contains(path.Base(f.Path), ".client.") && pageObjects.Match(f.Text) {
		return true // a server's module that calls a service goes by x.client too
	}
	return importsAny(f, []string{"react", "vue", "svelte", "@angular/", "preact", "solid-js", "jquery", "react-dom"})
}

// useClient is the directive that sends a module to the browser; only comments stand before it.
var useClient = lazy.New(`^(?:\s|//[^\n]*\n|/\*(?:[^*]|\*[^/])*\*/)*["']use client["']`)

// pageObjects are what only a page's script has.
var pageObjects = lazy.New(`(?:^|[^\w.])(?:window|document|localStorage|sessionStorage|navigator)\.|\bdefineNuxtPlugin\b|\bhydrateRoot\b`)
