package tui

// A text field of one line: Bubbles edits, this draws.

import (
	"strings"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"
)

// field is a labelled text field.
type field struct {
	label, hint string
	// secret shows dots.
	secret bool
	in     textinput.Model
}

func newField(label, hint string) field {
	in := textinput.New()
	in.CharLimit = 2000
	in.SetVirtualCursor(false)
	return field{label: label, hint: hint, in: in}
}

func (f *field) value() string { return strings.TrimSpace(f.in.Value()) }

func (f *field) set(s string) {
	f.in.SetValue(s)
	f.in.CursorEnd()
}

func (f *field) focus(on bool) {
	if on {
		f.in.Focus()
	} else {
		f.in.Blur()
	}
}

func (f *field) typed(msg tea.Msg) {
	f.in, _ = f.in.Update(msg)
}

// Render is the field's text in w cells, with a cursor where it has the focus.
func (f *field) render(t *theme, w int) string {
	if w < 2 {
		return blanks(w)
	}
	value := []rune(clean(f.in.Value()))
	if f.secret {
		value = []rune(strings.Repeat("•", len(value)))
	}
	if !f.in.Focused() {
		if len(value) == 0 {
			return t.faint.of(fit(f.hint, w))
		}
		return fit(string(value), w)
	}
	if len(value) == 0 {
		hint := []rune(f.hint + " ")
		return t.chosen.of(string(hint[:1])) + t.faint.of(fit(string(hint[1:]), w-1))
	}
	at := min(f.in.Position(), len(value))
	from := 0
	for width(string(value[from:at])) > w-2 {
		from++
	}
	under, rest := " ", ""
	if at < len(value) {
		under, rest = string(value[at]), string(value[at+1:])
	}
	before := string(value[from:at])
	return before + t.chosen.of(under) + fit(rest, w-width(before)-width(under))
}
