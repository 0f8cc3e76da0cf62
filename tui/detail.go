package tui

// The detail pane: a finding with both sides, an item with its answer, or a station with its detectors.

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"flightpoll/checklist"
	"flightpoll/detectors"
)

// settleDetail makes the pane show the cursor's row, and reads the code that it needs.
func (m *model) settleDetail() tea.Cmd {
	r := m.list.selected()
	l := m.layout()
	w := l.right.w - 2
	if l.single {
		w = l.left.w - 2
	}
	var cmd tea.Cmd
	if r.kind == findingRow && m.snap.branch != nil {
		if _, ok := m.excerpts[r.key]; !ok {
			m.excerpts[r.key] = nil
			cmd = readExcerpts(m.snap.branch, r.key, r.finding)
		}
	}
	d := detail{theme: m.theme, w: w, excerpts: m.excerpts[r.key], guide: m.guideKey()}
	m.detail.set(r.key, d.of(m, r), l.right.h)
	return cmd
}

// guideKey is the key that opens the guide from here, as the hint names it.
func (m *model) guideKey() string {
	if m.focus == onDetail {
		return "g"
	}
	return "K"
}

// detail composes the lines of the pane.
type detail struct {
	theme    *theme
	w        int
	excerpts []excerpt
	guide    string
	lines    []string
}

func (d *detail) of(m *model, r row) []string {
	switch r.kind {
	case findingRow:
		w, waived := m.snap.board.Waivers[r.finding.Fingerprint]
		d.finding(r.finding, w, waived)
	case itemRow:
		d.item(r.item)
	case stationRow:
		d.station(r.station, m.snap.result.Outcomes, m.polled)
	case nextRow:
		d.next(m)
	}
	return d.lines
}

func (d *detail) line(s string)  { d.lines = append(d.lines, s) }
func (d *detail) text(s string)  { d.lines = append(d.lines, wrap(clean(s), d.w)...) }
func (d *detail) blank()         { d.lines = append(d.lines, "") }
func (d *detail) faint(s string) { d.styled(d.theme.faint, s) }
func (d *detail) head(s string)  { d.line(d.theme.key.of(s)) }

func (d *detail) styled(s style, text string) {
	for _, l := range wrap(clean(text), d.w) {
		d.line(s.of(l))
	}
}

func (d *detail) title(left string, m mark) {
	d.line(ends(d.theme.strong.of(clean(left)), m.String(), d.w))
}

func (d *detail) finding(f *detectors.Finding, w checklist.Waiver, waived bool) {
	d.title(f.Detector, d.theme.severityMark(f, waived))
	d.text(f.Message)
	if waived {
		d.blank()
		d.faint("waived by " + w.By + " until " + w.Until + ": " + w.Reason)
	}
	d.blank()
	if d.excerpts == nil {
		d.place(&excerpt{path: f.Path, line: f.Line})
		for _, r := range f.Related {
			d.place(&excerpt{path: r.Path, line: r.Line, message: clean(r.Message)})
		}
	}
	for i := range d.excerpts {
		d.place(&d.excerpts[i])
	}
	if n := len(f.Related) - maxPlaces; n > 0 {
		d.faint("and " + plural(n, "place") + " more")
	}
	if f.Why != "" {
		d.blank()
		d.head("Why")
		d.text(f.Why)
	}
	if f.Fix != "" {
		d.blank()
		d.head("How to fix")
		d.text(f.Fix)
	}
	d.hint()
}

// place is "api/openapi.yaml:42  changed on this branch" with the code below.
func (d *detail) place(e *excerpt) {
	where := clean(e.path)
	if e.line > 0 {
		where += ":" + itoa(e.line)
	}
	said := e.message
	switch {
	case said != "":
	case e.gone:
		said = "deleted on this branch"
	case e.changed:
		said = "changed on this branch"
	case len(e.lines) > 0:
		said = "not changed on this branch"
	}
	if width(where)+2+width(said) <= d.w {
		d.line(d.theme.path.of(where) + "  " + said)
	} else {
		for _, l := range wrap(where, d.w) {
			d.line(d.theme.path.of(l))
		}
		if said != "" {
			d.lines = append(d.lines, indent("  ", wrap(said, d.w-2))...)
		}
	}
	d.lines = append(d.lines, e.render(d.theme, d.w)...)
}

func (d *detail) hint() {
	d.blank()
	d.line(d.theme.key.of(d.guide) + d.theme.faint.of(" guide: why this breaks, how to prevent it"))
}

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

// elapsed is "2.1s" or "3m12s".
func elapsed(millis int64) string {
	if millis >= 60_000 {
		return itoa(int(millis/60_000)) + "m" + itoa(int(millis/1000%60)) + "s"
	}
	return itoa(int(millis/1000)) + "." + itoa(int(millis/100%10)) + "s"
}

// outcomesOf are the outcomes of one pattern's detectors.
func outcomesOf(list []detectors.Outcome, p detectors.Pattern) []detectors.Outcome {
	var out []detectors.Outcome
	for _, o := range list {
		if strings.HasPrefix(o.ID, string(p)+"/") {
			out = append(out, o)
		}
	}
	return out
}
