package tui

// The detail pane of a station, and of the last row, which leads on.

import (
	"strings"

	"flightpoll/checklist"
	"flightpoll/detectors"
)

func (d *detail) station(s *checklist.Station, outcomes []detectors.Outcome, settled bool) {
	v := d.theme.verdictMark(s.Verdict)
	if !settled && s.Verdict != checklist.VerdictNoGo {
		v = d.theme.verdictMark("")
	}
	d.title(s.Pattern.Title(), v)
	if s.Weight > 0 {
		d.faint(itoa(s.Weight) + "% of the score")
	}
	d.blank()
	switch {
	case !settled:
		d.text("The detectors are still running.")
	case s.Nothing:
		d.text("Nothing on this branch is of its kind, so there is nothing to ask.")
	default:
		d.counts(s)
	}
	if list := outcomesOf(outcomes, s.Pattern); len(list) > 0 {
		d.blank()
		d.head("Detectors")
		for _, o := range list {
			d.outcome(o, s.Findings)
		}
	}
	d.hint()
}

func (d *detail) counts(s *checklist.Station) {
	var blockers, warnings, notes, answered int
	for i := range s.Findings {
		switch s.Findings[i].Severity {
		case detectors.Blocker:
			blockers++
		case detectors.Warning:
			warnings++
		case detectors.Note:
			notes++
		}
	}
	for i := range s.Items {
		if s.Items[i].State != checklist.Open {
			answered++
		}
	}
	for _, c := range []struct {
		n    int
		word string
	}{{blockers, "blocker"}, {warnings, "warning"}, {notes, "note"}} {
		if c.n > 0 {
			d.text(plural(c.n, c.word))
		}
	}
	if n := len(s.Items); n > 0 {
		d.text(itoa(answered) + " of " + plural(n, "item") + " answered")
	}
	if len(s.Findings) == 0 {
		d.text("No findings.")
	}
}

func (d *detail) outcome(o detectors.Outcome, findings []detectors.Finding) {
	_, name, _ := strings.Cut(o.ID, "/")
	n := 0
	for i := range findings {
		if findings[i].Detector == o.ID {
			n++
		}
	}
	t := d.theme
	switch o.Outcome {
	case detectors.Ran:
		said := "nothing found"
		if n > 0 {
			said = itoa(n) + " found"
		}
		d.line(t.good.of("✓") + " " + ends(clean(name), t.faint.of(said), d.w-2))
	case detectors.NotApplicable:
		d.line(t.faint.of("– " + ends(clean(name), "not on this branch", d.w-2)))
	default:
		d.line(t.warn.of("!") + " " + ends(clean(name), t.warn.of("inconclusive"), d.w-2))
		d.lines = append(d.lines, indent("    ", wrap(clean(o.Reason), d.w-4))...)
	}
}

// next is what to do when the list is read.
func (d *detail) next(m *model) {
	switch {
	case !m.polled:
		d.text("The poll is not complete yet.")
		return
	case m.list.open > 0:
		d.title("The walk", d.theme.verdictMark(m.snap.board.Verdict))
		d.text("One question at a time, with its guidance beside it. Each answer is saved the moment you give it.")
		d.blank()
		d.line(d.theme.key.of("enter") + " walks the " + openItems(m.list.open))
	default:
		d.title("The record", d.theme.verdictMark(m.snap.board.Verdict))
		d.text("Every question is answered.")
		d.blank()
		d.line(d.theme.key.of("enter") + " previews the record")
	}
	if list := blocking(m); len(list) > 0 {
		d.blank()
		d.head("What blocks signing")
		for _, b := range list {
			d.lines = append(d.lines, indent("  ", wrap(b.text, d.w-2))...)
		}
	}
}
