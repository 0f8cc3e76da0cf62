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
		if i > 0 && len(d.excerpts[i-1].lines) > 0 {
			d.blank()
		}
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
	d.line(d.theme.key.of(d.guide) + d.theme.faint.of(" guide: why, and how to prevent it"))
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
