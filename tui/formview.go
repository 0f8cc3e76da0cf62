package tui

// How the answer form looks.

import (
	"flightpoll/checklist"
)

// Render draws the form, w cells wide and h lines high; where that is too little, its head gives way to its fields and
// to what is wrong with them.
func (f *form) Render(w, h int) []string {
	t := f.theme
	d := detail{theme: t, w: w}
	d.title(f.item.ID, t.itemMark(&f.item))
	d.styled(t.strong, f.item.Question)
	d.blank()
	d.lines = append(d.lines, f.choices(w), "")
	d.line(f.labelled(&f.evidence, w))
	d.lines = append(d.lines, f.cmd.render(t, f, w)...)
	d.line(f.labelled(&f.note, w))
	if f.err != "" {
		d.blank()
		d.styled(t.bad, f.err)
	}
	hidden := max(0, len(d.lines)-h)
	d.blank()
	d.asked(&f.item)
	if f.item.Stale != nil {
		d.blank()
		d.head("Answered before")
		d.answer(f.item.Stale)
		d.faint("What it covers has changed since.")
	}
	return block(d.lines[hidden:], w, h)
}

func (f *form) choices(w int) string {
	t, s := f.theme, ""
	for i, state := range []checklist.State{checklist.Go, checklist.NoGo, checklist.NA} {
		box := "○ "
		if f.state == state {
			box = "● "
		}
		label := itoa(i+1) + " " + box + string(state)
		switch {
		case f.state == state && f.part == choicePart:
			label = t.chosen.of(label)
		case f.state == state:
			label = t.strong.of(label)
		case f.part != choicePart:
			label = t.faint.of(label)
		}
		s += label + "   "
	}
	return fit(s, w)
}

func (f *form) labelled(in *field, w int) string {
	label := fit(in.label, 9)
	if in.in.Focused() {
		return f.theme.strong.of(label) + in.render(f.theme, w-9)
	}
	return f.theme.faint.of(label) + in.render(f.theme, w-9)
}
