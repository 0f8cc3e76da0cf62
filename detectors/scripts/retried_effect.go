package scripts

import (
	"fmt"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// RetriedEffect reports a retry around a call that charges, orders or sends, when the other side cannot tell the second
// call from a new one.
var RetriedEffect = &detectors.Detector{
	ID:    "scripts/retried-effect",
	Title: "A retry sends once more what may have arrived already",
	Run:   quoting(runRetriedEffect),
}

var (
	retryMarks = lazy.New(`(?i)^(retry|retryable|retrying|on_exception|on_predicate|retry_on_exception|auto_?retry|with_?retry|retries)$`)
	// retryCalls run what they are given again when it fails.
	retryCalls = lazy.New(`(?i)^(retry|p-?retry|pRetry|asyncRetry|with_?retr(y|ies)|retryWithBackoff|retry_with_backoff|withBackoff|retry_?async|executeWithRetry|runWithRetry|retriable|with_retries|retry_notify|retrying|backOff|exponentialBackoff|retry_?operation)$`)
	retryOwner = lazy.New(`(?i)^(retry|backoff|\w*retry\w*|retriable|resilience\w*|failsafe|tenacity|\w*policy|\w*pipeline)(\(.*\))?$`)
	retryVerbs = []string{"Do", "Retry", "RetryNotify", "DoWithData", "execute", "Execute", "ExecuteAsync", "executeSupplier", "run", "call", "spawn", "get", "getAsync", "decorateSupplier", "retry", "retryable", "RetryContext", "Run"}
	retryHead  = lazy.New(`(?i)\b(attempts?|retr(y|ies)|tries|max_?retries|tentative)\b`)
	catches    = lazy.New(`(?i)\b(except|catch|rescue|err\s*!=\s*nil|\.catch\(|Err\(|is_err\(|runCatching|onFailure)\b`)
	// narrowed retries repeat only what did not arrive.
	narrowed = lazy.New(`(?i)connect_?timeout|ConnectError|ConnectException|ECONNREFUSED|\b429\b|too_?many|rate_?limit|NotSentException|UnknownHost|503\b[^\n]*only`)
	creating = lazy.New(`(?i)create|submit|place|order|book|publish|register|send|add|issue|new|dispatch|invite|enroll|append|increment`)
	// clientRetries switch on repeated POSTs for all calls of a client.
	clientRetries = lazy.New(`(?i)(allowed_methods|method_whitelist)\s*=\s*(None|False|[^)\n]*["']POST["'])|SetAllowNonIdempotentRetry\(\s*true|methods\s*:\s*(\[[^\]]*["':]post|%i\[[^\]]*post)|retryOnPost\w*\(?\s*[=:]?\s*true|RetryPost\w*\s*=\s*true|retry_methods\s*=\s*[^\n]*POST`)
)

func runRetriedEffect(pass *detectors.Pass) error {
	c := &changes{pass: pass}
	seen := false
	for _, file := range pass.Branch.Files {
		if err := pass.Context.Err(); err != nil {
			return err
		}
		if file.Status == branch.Deleted || !judged(file) || source.LanguageOf(file.Path) == "" {
			continue
		}
		text, err := file.After()
		if err != nil || len(text) > maxHandler || !retryHead.Match(text) && !retryish.Match(text) {
			continue
		}
		f, err := pass.Source.Head(file.Path)
		if err != nil || f == nil {
			continue
		}
		seen = true
		c.retried(file, f)
	}
	if !seen {
		return detectors.ErrNotApplicable
	}
	return nil
}

var retryish = lazy.New(`(?i)retr(y|i)|backoff|resilience|Polly|allowed_methods`)

func (c *changes) retried(file *branch.File, f *source.File) {
	for _, r := range retrySpans(f) {
		region := string(f.Text[max(0, r.span.Start):min(r.span.End, len(f.Text))])
		if narrowed.MatchString(region) || keyed.MatchString(region) {
			continue
		}
		for _, call := range c.reached(f, r.span) {
			o, ok := outwardCall(f, call)
			text := string(f.Text[call.Span.Start:min(call.Span.End, len(f.Text))])
			if !ok || keyed.MatchString(text) || !o.money && o.what == "POST" && !creating.MatchString(text) {
				continue
			}
			if fn := call.In; fn != nil && (keyed.MatchString(declText(f, fn)) || narrowed.MatchString(declText(f, fn))) {
				continue
			}
			if !file.TouchedRange(r.span.Line, min(r.span.Line+2, max(r.span.EndLine, r.span.Line))) && !file.Touched(o.line) {
				continue
			}
			c.pass.Report(retriedFinding(file.Path, o, r))
			return // one a file is enough
		}
	}
	if m := clientRetries.FindStringIndex(string(f.Text)); m != nil && !keyed.Match(f.Text) {
		line := 1 + strings.Count(string(f.Text[:m[0]]), "\n")
		if file.Touched(line) {
			c.pass.Report(retriedFinding(file.Path, outward{line: line, what: "POST"}, retrySpan{by: "the client's retries"}))
		}
	}
}

// retrySpan is a part of a file that is run again when it fails.
type retrySpan struct {
	span source.Span
	by   string
}

// retrySpans are the functions under a retry's decorator, what a retry is given, and the loops that count attempts.
func retrySpans(f *source.File) []retrySpan {
	var list []retrySpan
	for _, d := range f.Decls {
		if d.Kind != source.Function && d.Kind != source.Method {
			continue
		}
		for _, dec := range d.Decorators {
			if retryMarks.MatchString(dec.Name) || retryMarks.MatchString(dec.Receiver) {
				span := d.Span
				span.Start, span.Line = min(span.Start, dec.Span.Start), min(span.Line, dec.Span.Line)
				list = append(list, retrySpan{span, "@" + dec.Full()})
			}
		}
	}
	for _, call := range f.Calls {
		if retryCalls.MatchString(call.Name) && (len(call.Args) > 0 || f.Lang == source.Ruby || f.Lang == source.Kotlin) && !strings.HasSuffix(call.Receiver, "self") ||
			slices.Contains(retryVerbs, call.Name) && retryOwner.MatchString(call.Receiver) && len(call.Args) > 0 {
			list = append(list, retrySpan{call.Span, call.Full()})
		}
	}
	for _, l := range loopsIn(f) {
		text := string(f.Text[l.Start:min(l.End, len(f.Text))])
		head, _, _ := strings.Cut(text, "\n")
		if retryHead.MatchString(head) && catches.MatchString(text) {
			list = append(list, retrySpan{l, "the loop of attempts"})
		}
	}
	return list
}

// reached are the calls inside of a span, and those in functions of the same file that it names.
func (c *changes) reached(f *source.File, span source.Span) []*source.Call {
	var list []*source.Call
	text := string(f.Text[span.Start:min(span.End, len(f.Text))])
	inside := func(s source.Span) bool { return span.Start <= s.Start && s.End <= span.End }
	var bodies []source.Span
	for _, d := range f.Decls {
		if (d.Kind == source.Function || d.Kind == source.Method) && len(d.Name) > 3 && !inside(d.Span) && (d.Span.Start > span.Start || span.End > d.Span.End) && strings.Contains(text, d.Name) {
			bodies = append(bodies, d.Span)
		}
	}
	for _, call := range f.Calls {
		if inside(call.Span) && call.Span != span || slices.ContainsFunc(bodies, func(b source.Span) bool { return b.Start <= call.Span.Start && call.Span.End <= b.End }) {
			list = append(list, call)
		}
	}
	return list
}

func retriedFinding(p string, o outward, r retrySpan) detectors.Finding {
	name := o.what
	if o.call != nil {
		name = o.call.Name
		if o.call.In != nil {
			name = o.call.In.Name
		}
	}
	return detectors.Finding{
		Severity: detectors.Warning, Path: p, Line: o.line, EndLine: o.line, Symbol: name,
		Message:  fmt.Sprintf("%s repeats this when it fails (%s), and no idempotency key tells the second call from a new one", r.by, o.what),
		Why:      "A time-out does not say that the request was not carried out: the retry charges, orders or sends once more.",
		Fix:      "Give the call a key that is made once, before the first attempt (Idempotency-Key), or retry only what surely did not arrive.",
		Evidence: []string{name, r.by},
	}
}
