package observability

import (
	"fmt"
	"slices"
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
	shellSwallows(pass)
	sqlSwallows(pass)
	changed, unread := bothSides(pass)
	if len(changed) == 0 {
		return cmpErr(unread, detectors.ErrNotApplicable)
	}
	s := &swallowing{lookup: l, tolerance: t, before: map[string]int{}}
	s.remember(changed)
	triggers := l.triggersOf(changed)
	for _, c := range changed {
		if c.head == nil {
			continue
		}
		s.triggers = triggers[c.head.Path]
		s.quieter(c)
		for _, k := range s.handlers(c.head) {
			if !touches(c.change, k) || s.wasThere(c.head, k) {
				continue
			}
			if f, ok := s.judge(c.head, k); ok {
				pass.Report(f)
			}
		}
	}
	return cmpErr(pass.Context.Err(), unread)
}

// swallowing is one run: the handlers that the base had, and the triggers of the file at hand.
type swallowing struct {
	*lookup
	*tolerance
	before   map[string]int
	triggers []*trigger
}

// remember counts the handlers of the base, so that one that only moved is not new.
func (s *swallowing) remember(changed []side) {
	for _, c := range changed {
		if c.base != nil {
			for _, k := range s.handlers(c.base) {
				s.before[handlerText(c.base, k)]++
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
	t := s.trigger(k.Span)
	if k.Rethrows || !s.broadly(k) && (!s.families(k) || t == nil && (!madeUp(k.Returns) || !s.goesOut(f, k.Try))) || s.excused(f, k, t) || k.In != nil && s.Lenient.match(k.In.Name) {
		return detectors.Finding{}, false
	}
	work := s.works(f, k.Try)
	if k.Kind == kindIgnored {
		work = s.failing(s.tolerance, f, k.Try)
	}
	if work == nil && f.Lang == source.PHP && k.Kind == "discard" {
		if i := slices.IndexFunc(f.Calls, func(c *source.Call) bool {
			return c.Span.Start >= k.Try.Start && c.Span.End <= k.Try.End && writesOutPHP.MatchString(c.Name)
		}); i >= 0 {
			work = f.Calls[i]
		}
	}
	if k.Kind == kindDetached && len(k.Calls) == 1 {
		if work = nil; s.raises(s.tolerance, f, k.Calls[0]) {
			work = k.Calls[0]
		}
	}
	if work == nil && (t != nil || k.Kind == kindSettled || k.Kind == kindDetached) {
		work = s.failing(s.tolerance, f, k.Try)
	}
	if work == nil {
		return detectors.Finding{}, false
	}
	how, ok := "", false
	switch {
	case k.Kind == kindIgnored:
		how, ok = "not looked at", !s.telling(f, work)
	case k.Kind == kindSettled || k.Kind == kindDetached:
		how, ok = s.unheard(f, k, work)
	case k.Kind == "discard":
		how, ok = "given to _", s.dropped(f, k, work)
		if f.Lang == source.Rust && !strings.HasPrefix(strings.TrimSpace(piece(f, k.Span)), "let") {
			how = "turned into nothing"
		}
	case k.Kind == "check" && f.Lang == source.Go:
		how, ok = s.checked(f, k)
	default:
		how, ok = s.caught(f, k)
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

// origin is the place where the function whose error is lost says that it can fail, when the repository has one of that
// name only.
func (s *swallowing) origin(f *source.File, work *source.Call) []detectors.Related {
	places := s.resolve(f, work.Name, work.Receiver, source.Function, source.Method)
	if len(places) != 1 {
		return nil
	}
	p := places[0]
	if _, gives := s.givesError(f, work); !gives && !raising.MatchString(piece(p.file, p.span())) {
		return nil
	}
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
