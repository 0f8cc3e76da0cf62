package tui

// The waive dialog: a reason and an expiry, both required.

import (
	"strconv"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"flightpoll/checklist"
)

// waive asks why something may pass, and until when.
type waive struct {
	theme  *theme
	target string
	name   string
	reason field
	until  field
	now    func() time.Time
	second bool
	saving bool
	err    string
}

func (m *model) openWaive() {
	r := m.list.selected()
	w := &waive{theme: m.theme, now: m.now, reason: newField("Reason", "why this may pass"),
		until: newField("Until", m.now().AddDate(0, 0, 14).Format(time.DateOnly)+", or 14d")}
	if r.finding != nil {
		w.target, w.name = r.finding.Fingerprint, r.finding.Detector
	} else {
		w.target, w.name = r.item.ID, r.item.ID
	}
	w.reason.focus(true)
	m.dialog = w
}

func (w *waive) scope() scope  { return inWaive }
func (w *waive) title() string { return "Waive " + w.name }

func (w *waive) text() *field {
	if w.second {
		return &w.until
	}
	return &w.reason
}

func (w *waive) typed() { w.err = "" }

func (w *waive) move(int) {
	w.second = !w.second
	w.reason.focus(!w.second)
	w.until.focus(w.second)
}

func (w *waive) accept(m *model) tea.Cmd {
	reason, until := w.reason.value(), w.date()
	switch {
	case w.saving:
		return nil
	case reason == "":
		w.err = "a waiver needs a reason"
		if w.second {
			w.move(1)
		}
		return nil
	case until == "" && !w.second:
		w.move(1)
		return nil
	case until == "":
		w.err = "until when? A date such as " + w.now().AddDate(0, 0, 14).Format(time.DateOnly) + ", or 14d"
		return nil
	}
	w.saving = true
	target, name := w.target, w.name
	return m.change(changedMsg{
		text: name + ": waived until " + until + ", saved",
		done: func(m *model) tea.Cmd {
			if m.dialog == dialog(w) {
				m.dialog = nil
			}
			return nil
		},
		fail: func(_ *model, err error) { w.saving, w.err = false, clean(err.Error()) },
	}, func(s *checklist.Session) (string, error) { return "", s.Waive(target, reason, until) })
}

// date is the expiry as typed: a date, or a number of days from now.
func (w *waive) date() string {
	s := w.until.value()
	if days, ok := strings.CutSuffix(s, "d"); ok {
		if n, err := strconv.Atoi(days); err == nil && n > 0 && n < 10_000 {
			return w.now().AddDate(0, 0, n).Format(time.DateOnly)
		}
	}
	return s
}

// Render draws both fields.
func (w *waive) Render(width, _ int) []string {
	t := w.theme
	label := func(f *field) string {
		s := t.faint
		if f.in.Focused() {
			s = t.strong
		}
		return s.of(fit(f.label, 9)) + f.render(t, width-9)
	}
	out := []string{label(&w.reason), label(&w.until), ""}
	if w.err != "" {
		for _, l := range wrap(w.err, width) {
			out = append(out, t.bad.of(l))
		}
	} else {
		out = append(out, t.faint.of(fit("both are required and stand in the record", width)))
	}
	return append(out, "", t.key.of("enter")+" waive   "+t.key.of("tab")+" next field   "+t.key.of("esc")+" no")
}
