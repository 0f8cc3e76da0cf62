package observability

import (
	"fmt"
	"regexp"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/source"
)

// SwallowedError reports errors that code of the branch drops without a log, a metric or a failing result.
//
//	try { await settle(order) } catch {}          // the answer is 200, the order is open
//	if err := repo.Save(o); err != nil { return nil }
var SwallowedError = &detectors.Detector{
	ID:    "observability/swallowed-error",
	Title: "An error is dropped without a log, a metric or a failing result",
	Run:   runSwallowedError,
}

func runSwallowedError(pass *detectors.Pass) error {
	l, err := newLookup(pass)
	if err != nil {
		return err
	}
	t, err := tolerances()
	if err != nil {
		return err
	}
	changed, err := l.changed()
	if err != nil {
		return err
	}
	if len(changed.files) == 0 {
		return detectors.ErrNotApplicable
	}
	s := &swallowing{lookup: l, tolerance: t, before: map[string]int{}}
	s.remember(changed)
	for _, c := range changed.files {
		if isOffline(c.head.Path) {
			continue
		}
		s.triggers = l.triggersIn(c.head)
		for _, k := range append(c.head.Catches, suppressed(c.head)...) {
			if !touches(c.change, k) || s.wasThere(c.head, k) {
				continue
			}
			if f, ok := s.judge(c.head, k); ok {
				pass.Report(f)
			}
		}
	}
	return changed.unread
}

// swallowing is one run: the handlers that the base had, and the triggers of the file at hand.
type swallowing struct {
	*lookup
	*tolerance
	before   map[string]int
	triggers []*trigger
}

// remember counts the handlers of the base, so that one that only moved is not new.
func (s *swallowing) remember(changed *changes) {
	for _, c := range changed.files {
		if c.base != nil {
			for _, k := range append(c.base.Catches, suppressed(c.base)...) {
				s.before[handlerText(c.base, k)]++
			}
		}
	}
	for _, f := range s.pass.Branch.Files {
		if f.Status == branch.Deleted && understood(f.Path) {
			if base, err := s.pass.Source.Base(f.Path); err == nil {
				for _, k := range base.Catches {
					s.before[handlerText(base, k)]++
				}
			}
		}
	}
}

func (s *swallowing) wasThere(f *source.File, k *source.Catch) bool {
	key := handlerText(f, k)
	if s.before[key] > 0 {
		s.before[key]--
		return true
	}
	return false
}

// handlerText is the guarded code with its handler, white space folded.
func handlerText(f *source.File, k *source.Catch) string {
	return k.Kind + strings.Join(strings.Fields(piece(f, k.Try)), " ") + "\x00" + strings.Join(strings.Fields(piece(f, k.Body)), " ")
}

func piece(f *source.File, span source.Span) string {
	if span.Start < 0 || span.End > len(f.Text) || span.Start > span.End {
		return ""
	}
	return string(f.Text[span.Start:span.End])
}

// touches says whether the branch added or changed a line of the handler itself.
func touches(f *branch.File, k *source.Catch) bool {
	last := max(k.Span.EndLine, k.Body.EndLine)
	for line := k.Span.Line; line <= last; line++ {
		if f.Touched(line) {
			return true
		}
	}
	return false
}

// judge says whether a handler swallows, and words it.
func (s *swallowing) judge(f *source.File, k *source.Catch) (detectors.Finding, bool) {
	if k.Rethrows || !s.broadly(k) || documented(f, k) || k.In != nil && s.Lenient.match(k.In.Name) {
		return detectors.Finding{}, false
	}
	work := s.works(f, k.Try)
	if work == nil && s.trigger(k.Span) != nil {
		work = s.failing(s.tolerance, f, k.Try)
	}
	if work == nil {
		return detectors.Finding{}, false
	}
	how, ok := "", false
	switch k.Kind {
	case "catch", "promise":
		how, ok = s.caught(f, k)
	case "check":
		how, ok = s.checked(f, k)
	case "discard":
		how, ok = "given to _", s.dropped(f, k, work)
	}
	if !ok || browser(f) && (!k.Empty || !writes.MatchString(work.Name)) {
		return detectors.Finding{}, false
	}
	where := "in " + f.Path
	if k.In != nil {
		where = "in " + k.In.Name
	}
	return detectors.Finding{
		Severity: detectors.Warning, Path: f.Path, Line: k.Span.Line, EndLine: max(k.Span.EndLine, k.Body.EndLine), Symbol: work.Full(),
		Message:  fmt.Sprintf("an error of %s %s is %s", clip(work.Full()), where, how),
		Why:      "When it fails the code goes on as if it had worked: no log, no count and no failing answer says so.",
		Fix:      "Catch only the errors that are expected; log and count or raise the others. If the loss is meant, say why in a comment.",
		Evidence: []string{handlerText(f, k)}, Related: s.origin(f, work),
	}, true
}

// origin is the place where the function whose error is lost is declared, when the repository has one of that name only.
func (s *swallowing) origin(f *source.File, work *source.Call) []detectors.Related {
	places := s.resolve(f, work.Name, work.Receiver, source.Function, source.Method)
	if len(places) != 1 {
		return nil
	}
	p := places[0]
	return []detectors.Related{{Path: p.file.Path, Line: p.decl.Span.Line, Message: p.decl.Name + " can fail, and says so here"}}
}

// clip keeps a call's name readable in one line.
func clip(name string) string {
	name = strings.Join(strings.Fields(name), " ")
	if i := strings.IndexByte(name, '('); i >= 0 {
		last := name[strings.LastIndexByte(name, '.')+1:]
		name = name[:i] + "(...)." + last
	}
	if len(name) > 60 {
		name = "..." + name[len(name)-57:]
	}
	return name
}

// writes are calls that change something, whose loss even a browser's user would want to know.
var writes = regexp.MustCompile(`(?i)^(?:save|create|update|delete|submit|post|put|patch|charge|pay|upload|publish|checkout)(?:[A-Z_]|$)`)

// onlySkips is a body that goes on: continue, pass, an empty return, nothing.
var onlySkips = regexp.MustCompile(`^[\s{};]*(?:(?:continue|pass|return|break|\.\.\.)?[\s;]*)[\s{};]*$`)

// answersFailure is a returned value that tells the caller.
var answersFailure = regexp.MustCompile(`(?i)err|fail|exception|problem|invalid|reject|\b[45]\d\d\b|status|abort|unavailable|denied|not_?found|success\W{1,4}false|ok\W{1,4}false|\bfalse\b|left\(|none\(\)`)

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
		if others > 0 && !onlyBuilds(k) || k.Returns != "" && answersFailure.MatchString(k.Returns) || !s.unattended(f, k) {
			return "", false
		}
		logger := s.moduleNear(f, func(v *vocabulary, fam string) []string { return v.Modules[fam].Log })
		return fmt.Sprintf("only printed, where the service has a logger (%s), and the code goes on", logger), logger != ""
	}
	if k.UsesError {
		return "", false
	}
	if k.Returns != "" {
		if answersFailure.MatchString(k.Returns) || others > 0 && !onlyBuilds(k) {
			return "", false
		}
		// A default for a failed read is a decision; in a handler or job it hides the failure from everybody.
		if s.trigger(k.Span) != nil || k.Kind == "promise" && !valueIsNothing(k.Returns) {
			return "answered as success (" + clip(k.Returns) + ")", true
		}
		return "", false
	}
	if others > 0 {
		return "", false
	}
	if assigns.MatchString(body) {
		return "replaced by a default", s.trigger(k.Span) != nil
	}
	return "", false
}

var assigns = regexp.MustCompile(`^[\s{]*[\w.\[\]]+\s*=[^=]`)

func valueIsNothing(text string) bool {
	switch strings.Trim(text, "(){} ;") {
	case "", "null", "undefined", "void 0", "false", "[]", "None":
		return true
	}
	return false
}

// onlyBuilds says whether the calls of a handler stand in what it returns: `return Response.json({items: []})`.
func onlyBuilds(k *source.Catch) bool {
	for _, c := range k.Calls {
		if !strings.Contains(k.Returns, c.Name) {
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
	if t == nil || t.kind != kindJob || left.has(metered|reported|spanned) || !inLoop(f, k, t.span) {
		return "", false
	}
	body := blankComments(f, k.Body)
	for _, c := range k.Calls {
		if s.words.classify(f, c) != 0 {
			body = strings.Replace(body, piece(f, c.Span), "", 1)
		}
	}
	if s.Keeps.match(body) || !lowLevel(k) || regexp.MustCompile(`\+=|\+\+|append\(|\.add\(|\.push\(`).MatchString(body) {
		return "", false
	}
	return "logged below error and the loop goes on: the job ends as success when every item fails", true
}

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
