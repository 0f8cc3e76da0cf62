package scripts

// Webhooks: addresses that a provider posts its events to, and posts them to again until it is answered.

import (
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

var (
	hookPath = lazy.New(`(?i)webhook`)
	// hookWords tell cheaply that a text may declare a webhook.
	hookWords = lazy.New(`(?i)webhook|["'/]hooks?["'/]|/ipn\b|callbacks?/|payment[-_]?(notification|callback)`)
	hookName  = lazy.New(`(?i)^(handle\w*|on_[a-z]\w*|on[A-Z]\w*|process\w*|receive\w*|create|store|post|perform|dispatch\w*|route\w*|deliver\w*|apply\w*|__invoke)$`)
	// sendsHook are the names of functions that keep the addresses of webhooks, or post to them.
	sendsHook = lazy.New(`(?i)send|deliver|dispatch|regist|create|list|get|find|fetch|delete|remove|update|trigger|retry|config|setup|subscri|url|secret|emit|fire|publish|enqueue|notify|new|build|parse|verif|valid|sign|serial|render|test|log|^is|^has|^to`)
	// hookAddress is the address of a webhook.
	hookAddress = lazy.New(`(?i)webhook|(^|/)hooks?(/|$)|(^|/)ipn\b|(^|/)callbacks?/|payment[-_]?(notification|callback)s?|(^|/)notifications?/(stripe|paypal|adyen|mollie|payment)`)
	// signature is a check that the caller holds a shared secret: the caller is another company's program.
	signature = lazy.New(`(?i)\b(is|verif(y|ies)|check|valid(ate)?|assert|has_?valid)_?\w*(sign(ed|ature)|hmac)\w*!?\(|["'][\w-]*-signature(-\w+)?["']|HTTP_[A-Z_]*SIGNATURE`)
)

// asksByID is a look at, or a row made of, the id of what was delivered: db.get(Taken, event["id"]), Taken(id=event.id).
var asksByID = lazy.New(`(?i)\bif\b[^\n]{0,60}\b\w*(?:get|find|first|exists|fetch|load|has|contains|where)\w*[!?]?\([^\n]{0,80}?\b(?:event|evt|message|msg|payload|notice|notification|body|delivery|envelope|hook|e)(?:\.|->|\[\s*["':]|\.get\(["'])(?:\w+_)?id\b|\b(?:id|key|\w+_id)["']?\s*(?:=>|[=:])\s*\$?(?:event|evt|message|msg|payload|notice|notification|body|delivery|envelope|hook)(?:\.|->|\[\s*["':]|\.get\(["'])id\b`)

// takesPosts says whether a call declares a route that takes POSTs.
func takesPosts(call *source.Call) bool {
	switch call.Name {
	case "post", "Post", "POST", "MapPost", "add_post":
		return len(call.Args) > 1 && call.Args[0].IsString
	case "HandleFunc", "Handle":
		return len(call.Args) > 1 && strings.HasPrefix(call.Args[0].Str, "POST ")
	}
	return false
}

// namedHook says whether a function's name is that of one that webhooks are posted to.
func namedHook(name string) bool {
	return hookPath.MatchString(name) && !sendsHook.MatchString(name)
}

// isAction says whether a method is one that a route leads to by its name alone: of a controller in Ruby or PHP.
func isAction(f *source.File, d *source.Decl) bool {
	return (f.Lang == source.Ruby || f.Lang == source.PHP) && d.Parent != nil && strings.HasSuffix(d.Parent.Name, "Controller")
}

// hookPrefix says whether the routes of a file stand below an address of webhooks.
func hookPrefix(f *source.File) bool {
	for _, call := range f.Calls {
		switch call.Name {
		case "APIRouter", "Blueprint", "Router", "Group", "group", "MapGroup", "prefix", "scope", "namespace", "Route", "PathPrefix":
			if namesHook(call) {
				return true
			}
		}
	}
	return false
}

// atHook says whether a decorator of the function, or of its class, gives the address of a webhook.
func atHook(d *source.Decl) bool {
	for _, dec := range d.Decorators {
		if namesHook(dec) {
			return true
		}
	}
	return d.Parent != nil && atHook(&source.Decl{Decorators: d.Parent.Decorators})
}

func namesHook(call *source.Call) bool {
	for _, a := range call.Args {
		if a.IsString && hookAddress.MatchString(a.Str) {
			return true
		}
	}
	return false
}

// lastWord is the last name of an argument: s.paid, &Hooks::paid, post(paid).
var lastWord = lazy.New(`(\w+)\W*$`)

// handlerNamed is the function of the file that an argument names, nil for other arguments.
func handlerNamed(f *source.File, a source.Arg) *source.Decl {
	if a.IsString || len(a.Text) > 80 {
		return nil
	}
	m := lastWord.FindStringSubmatch(a.Text)
	if m == nil || len(m[1]) < 3 {
		return nil
	}
	name := m[1]
	for _, d := range f.Decls {
		if d.Name == name && (d.Kind == source.Function || d.Kind == source.Method) {
			return d
		}
	}
	return nil
}

// handedBy names what hands messages to the function literal that a call is given, empty for other calls.
func handedBy(call *source.Call) string {
	first := ""
	if len(call.Args) > 0 {
		first = call.Args[0].Str
	}
	switch call.Name {
	case "post", "all", "Post", "POST", "HandleFunc", "Handle", "MapPost", "route", "mount", "HandleFuncC", "add_url_rule", "add_api_route", "add_post", "path", "re_path":
		if hookAddress.MatchString(first) {
			return "a webhook"
		}
	case "Worker":
		if call.New {
			return "BullMQ"
		}
	case "consume", "Consume":
		return "RabbitMQ"
	case "MapQueue", "ProcessMessageAsync", "subscriber", "Subscribe", "subscribe":
		if takesFunction(call) && strings.Contains(strings.ToLower(call.Receiver), "sub") || call.Name == "QueueSubscribe" {
			return "a queue"
		}
	case "on":
		if first == "message" && strings.Contains(strings.ToLower(call.Receiver), "sub") {
			return "Pub/Sub"
		}
	case "QueueSubscribe":
		return "NATS"
	}
	return ""
}

// routed says whether a decorator makes a function the target of POSTs.
func routed(d *source.Decl) bool {
	for _, dec := range d.Decorators {
		switch strings.ToLower(dec.Name) {
		case "post", "httppost", "postmapping", "requestmapping", "route", "post_webhook":
			return true
		}
	}
	return false
}
