package scripts

// Webhooks: addresses that a provider posts its events to, and posts them to again until it is answered.

import (
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

var (
	hookPath  = lazy.New(`(?i)webhook`)
	hookName  = lazy.New(`(?i)^(handle\w*|on_[a-z]\w*|on[A-Z]\w*|process\w*|receive\w*|create|store|post|perform|dispatch\w*|route\w*|deliver\w*|apply\w*|__invoke)$`)
	hookNamed = lazy.New(`(?i)^(handle|on|process|receive|post)_?\w*webhook\w*$|^\w+webhook_?handler$`)
	// hookAddress is the address of a webhook.
	hookAddress = lazy.New(`(?i)webhook|(^|/)hooks?/|(^|/)ipn\b|(^|/)callbacks?/|payment[-_]?(notification|callback)s?|(^|/)notifications?/(stripe|paypal|adyen|mollie|payment)`)
	// signature is a check that the caller holds a shared secret: the caller is another company's program.
	signature = lazy.New(`(?i)\b(is|verif(y|ies)|check|valid(ate)?|assert|has_?valid)_?\w*(sign(ed|ature)|hmac)\w*!?\(|["'][\w-]*-signature(-\w+)?["']|HTTP_[A-Z_]*SIGNATURE`)
)

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

// handlerNamed is the function of the file that an argument names, nil for other arguments.
func handlerNamed(f *source.File, a source.Arg) *source.Decl {
	name := a.Text[strings.LastIndexAny(a.Text, ".:>")+1:]
	if a.IsString || len(name) < 3 || len(a.Text) > 80 {
		return nil
	}
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
