package tui

// The detail pane of an item: why it is asked, what it wants, what was answered.

import (
	"flightpoll/checklist"
)

func (d *detail) item(it *checklist.Item) {
	d.title(it.ID, d.theme.itemMark(it))
	d.styled(d.theme.strong, it.Question)
	d.blank()
	d.asked(it)
	if it.Answer != nil {
		d.blank()
		d.head("Answer")
		d.answer(it.Answer)
	}
	if it.Stale != nil {
		d.blank()
		d.head("Answered before")
		d.answer(it.Stale)
		d.faint("What it covers has changed since, so it is asked again.")
	}
	if it.State == checklist.Open {
		d.blank()
		d.line(d.theme.key.of("enter") + " answers it")
	}
	d.hint()
}

// asked says why an item is asked and what it wants.
func (d *detail) asked(it *checklist.Item) {
	if len(it.RaisedBy) > 0 {
		d.head("Asked because of")
		for i, r := range it.RaisedBy {
			if i == maxPlaces {
				d.faint("  and " + itoa(len(it.RaisedBy)-i) + " more")
				break
			}
			d.lines = append(d.lines, indent("  ", wrap(clean(r), d.w-2))...)
		}
		d.blank()
	}
	d.head("Evidence")
	d.text(evidenceWanted(it.Evidence))
	if it.Command != "" {
		d.lines = append(d.lines, indent("  $ ", wrap(clean(it.Command), d.w-4))...)
	}
}

func evidenceWanted(k checklist.EvidenceKind) string {
	switch k {
	case checklist.CommandEvidence:
		return "a command, run here: its exit status, time and the digest of its output are kept"
	case checklist.LinkEvidence:
		return "a link to where it can be seen"
	case checklist.PersonEvidence:
		return "a person: name and address of who knows, or who was told"
	case checklist.TextEvidence:
	}
	return "a sentence: what was done and seen"
}

func (d *detail) answer(a *checklist.Answer) {
	if a == nil {
		return
	}
	mark := d.theme.stateMark(a.State)
	d.line(mark.String() + d.theme.faint.of("  "+a.At.Format("2006-01-02 15:04")))
	for _, l := range evidenceLines(a.Evidence) {
		d.text(l)
	}
	if a.Note != "" {
		for _, l := range cleanLines(a.Note) {
			d.text(l)
		}
	}
	if a.Reason != "" {
		d.text("until " + a.Until + ": " + a.Reason)
	}
	d.faint(a.By)
}

// evidenceLines say what was given.
func evidenceLines(e checklist.Evidence) []string {
	var out []string
	for _, s := range []string{e.Text, e.Link, e.Person} {
		if s != "" {
			out = append(out, s)
		}
	}
	if c := e.Command; c != nil {
		out = append(out, "$ "+c.Line, resultLine(c))
	}
	return out
}

func resultLine(c *checklist.CommandResult) string {
	s := "exit " + itoa(c.Exit) + " after " + elapsed(c.Millis)
	if len(c.OutputSHA256) >= 12 {
		s += ", output sha256 " + c.OutputSHA256[:12]
	}
	if c.Dirty {
		s += ", with uncommitted changes"
	}
	return s
}
