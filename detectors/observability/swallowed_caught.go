package observability

import (
	"fmt"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// How a handler of an error loses it: with nothing, with a printed line, with an answer as if all were well.

// writes are calls that change something, whose loss even a browser's user would want to know.
var writes = lazy.New(`(?i)^(?:save|create|update|delete|submit|post|put|patch|charge|pay|upload|publish|checkout)(?:[A-Z_]|$)`)

// onlySkips is a body that goes on: continue, pass, an empty return, nothing.
var onlySkips = lazy.New(`^[\s{};]*(?:(?:continue|pass|return|break|next|nil|null|undefined|\.\.\.)?[\s;]*)[\s{};]*$`)

// caught judges catch, except and .catch(...): how the error is lost, false when it is not.
func (s *swallowing) caught(f *source.File, k *source.Catch) (string, bool) {
	body := strings.TrimSpace(blankComments(f, k.Body))
	if k.Empty || onlySkips.MatchString(body) {
		return "dropped in an empty handler", true
	}
	var left signal
	others := 0
	for _, c := range k.Calls {
		sign := s.words.classify(f, c)
		if sign == 0 && !everyday[c.Name] {
			for _, p := range s.resolve(f, c.Name, c.Receiver) {
				sign |= s.signalsOf(p, 1)
			}
		}
		left |= sign
		if sign == 0 {
			others++
		}
	}
	if left.has(visible) {
		return s.loggedOnly(f, k, left)
	}
	if s.Keeps.match(body) {
		return "", false
	}
	if left.has(printed) {
		if value := given(f, k, body); others > 0 && !onlyBuilds(k, value) || failure(value) || !s.unattended(f, k) {
			return "", false
		}
		logger := s.loggerNear(f)
		return fmt.Sprintf("only printed, where the service has a logger (%s), and the code goes on", logger), logger != ""
	}
	if k.UsesError {
		return "", false
	}
	value := given(f, k, body)
	t := s.trigger(k.Span)
	switch {
	case value != "" && failure(value) && s.unread(f, k):
		return "answered as " + clip(value) + " to callers that do not look", true
	case value != "" && (failure(value) || others > 0 && !onlyBuilds(k, value)):
		return "", false
	case value != "" && t != nil, value != "" && k.Kind == "promise" && !isNothing(value):
		// A default for a failed read is a decision; in a handler or job it hides the failure from everybody.
		return "answered as success (" + clip(value) + ")", true
	case value != "":
		return "answered with " + clip(value), (isNothing(value) || madeUp(value)) && s.goesOut(f, k.Try)
	case t != nil && others > 0 && answers(k) && !failure(body):
		return "answered as success", true
	case others > 0:
		return "", false
	}
	return "replaced by a default", assigns.MatchString(body) && t != nil
}

var assigns = lazy.New(`^[\s{]*(?:let |var |val )?[$\w.\[\]>-]+\s*:?=[^=>]`)

// onlyBuilds says whether the calls of a handler stand in what it returns: `return Response.json({items: []})`.
func onlyBuilds(k *source.Catch, value string) bool {
	for _, c := range k.Calls {
		if !strings.Contains(value, c.Name) {
			return false
		}
	}
	return true
}

// trigger is the handler, consumer or job around a place, nil for none.
func (s *swallowing) trigger(span source.Span) *trigger {
	for _, t := range s.triggers {
		if t.span.Start <= span.Start && t.span.End >= span.End {
			return t
		}
	}
	return nil
}

// unattended says whether nobody looks at the standard output of the code: a trigger, or a module of a service.
func (s *swallowing) unattended(f *source.File, k *source.Catch) bool {
	if browser(f) {
		return false
	}
	if s.trigger(k.Span) != nil {
		return true
	}
	lower := strings.ToLower(f.Path)
	return !strings.Contains(lower, "cli") && !strings.Contains(lower, "cmd/") && !strings.Contains(lower, "command")
}

// loggedOnly judges a handler that leaves a trace. That is enough, except in a job's loop where a low line is all that is
// left of each failure and the job ends as success whatever happened.
func (s *swallowing) loggedOnly(f *source.File, k *source.Catch, left signal) (string, bool) {
	t := s.trigger(k.Span)
	if t == nil || t.kind != kindJob || left.has(metered|reported|spanned) || !inLoop(f, k.Span, t.span) {
		return "", false
	}
	body := blankComments(f, k.Body)
	for _, c := range k.Calls {
		if s.words.classify(f, c) != 0 {
			body = strings.Replace(body, piece(f, c.Span), "", 1)
		}
	}
	if s.Keeps.match(body) || !lowLevel(k) || counts.MatchString(body) {
		return "", false
	}
	return "logged below error and the loop goes on: the job ends as success when every item fails", true
}

// counts are statements that keep what failed.
var counts = lazy.New(`\+=|\+\+|append\(|\.add\(|\.push\(|<<`)

// lowLevel says whether everything that a handler logs is below error.
func lowLevel(k *source.Catch) bool {
	for _, c := range k.Calls {
		switch strings.ToLower(strings.TrimRight(c.Name, "fw")) {
		case "error", "exception", "critical", "fatal", "errorcontext", "errorx":
			return false
		}
	}
	return true
}

// blankComments is a span's text without its comments.
func blankComments(f *source.File, span source.Span) string {
	text := []byte(piece(f, span))
	for _, m := range f.Comments {
		if m.Span.Start >= span.Start && m.Span.End <= span.End {
			for i := m.Span.Start; i < m.Span.End; i++ {
				text[i-span.Start] = ' '
			}
		}
	}
	return string(text)
}
