package observability

import (
	"fmt"
	"strings"

	"flightpoll/detectors"
)

// BlindHandler reports handlers, remote procedures, consumers, jobs and model calls that the branch adds and that leave no
// trace, where the ones beside them do.
//
//	new Worker("invoices", async (job) => { await send(job.data) })   // every other queue goes through consume(), which logs and counts
var BlindHandler = &detectors.Detector{
	ID:    "observability/blind-handler",
	Title: "A new handler, consumer, job or model call leaves no log, metric or span",
	Run:   runBlindHandler,
}

func runBlindHandler(pass *detectors.Pass) error {
	l, err := newLookup(pass)
	if err != nil {
		return err
	}
	changed, unread := bothSides(pass)
	if len(changed) == 0 {
		return cmpErr(unread, detectors.ErrNotApplicable)
	}
	before, gone := l.triggersBefore(changed), linesRemoved(pass)
	var fresh []*trigger
	all := l.triggersOf(changed)
	for _, c := range changed {
		for _, t := range all[c.change.Path] {
			if t.isNew(c.change, before) && !quietName.MatchString(t.name) && !t.moved(gone) {
				fresh = append(fresh, t)
			}
		}
	}
	noted := false
	for _, t := range fresh {
		v := l.judge(t, fresh)
		switch {
		case v.severity == "":
		case v.severity == detectors.Note && noted:
		default:
			noted = noted || v.severity == detectors.Note
			pass.Report(t.finding(v))
		}
	}
	l.modelCalls(changed, fresh)
	return cmpErr(pass.Context.Err(), unread)
}

// finding words a verdict.
func (t *trigger) finding(v verdict) detectors.Finding {
	line := t.span.Line
	if t.reg != nil {
		line = t.reg.Span.Line
	}
	f := detectors.Finding{
		Severity: v.severity, Path: t.file.Path, Line: line, EndLine: max(line, t.span.EndLine), Symbol: t.name,
		Evidence: []string{t.kind, t.name, strings.Join(v.missing, " ")},
	}
	switch {
	case v.passedBy != nil:
		at := ""
		f.Related = []detectors.Related{{Path: v.passedBy.file.Path, Line: v.passedBy.line, Message: "does not reach it"}}
		if added := attachments(v.passedBy.file, t); len(added) > 0 && added[0] != t.reg {
			if args := added[0].Args; args[0].IsString {
				at = " at " + args[0].Str
			}
			f.Related = append(f.Related, detectors.Related{Path: v.passedBy.file.Path, Line: added[0].Span.Line, Message: "adds it"})
		}
		f.Message = fmt.Sprintf("%s leaves no %s: it is added to the router%s on the side that the middleware does not reach", t.subject(), strings.Join(v.missing, ", no "), at)
		f.Why = "Its requests and failures are in no log, metric or trace, though the service seems to have them all."
		f.Fix = "Add it before the layers (axum), or after the middleware is put in place (Express, Koa, Hono, gin)."
	default:
		f.Message = fmt.Sprintf("%s leaves no %s", t.subject(), strings.Join(v.missing, ", no "))
		f.Why = "When it fails or slows down in production nobody is told, and there is nothing to search afterwards."
		f.Fix = "Log the outcome with a correlation id and count it, or use the wrapper that its siblings use."
	}
	if v.severity == detectors.Note {
		f.Message += "; nothing in this service does"
	}
	if v.sibling != nil {
		f.Fix = fmt.Sprintf("%s Compare %s (%s:%d), which leaves a trace.", f.Fix, v.sibling.subject(), v.sibling.file.Path, v.sibling.span.Line)
	}
	return f
}
