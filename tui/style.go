package tui

// Colours and marks: the terminal's own 16 colours, bold, faint and reverse, and a glyph with a word for every state.

import (
	"strconv"
	"strings"

	"charm.land/lipgloss/v2"

	"flightpoll/checklist"
	"flightpoll/detectors"
)

// style is a Lip Gloss style flattened to what stands before and behind a span, so that drawing is concatenation.
type style struct{ open, end string }

func flatten(s lipgloss.Style) style {
	open, end, _ := strings.Cut(s.Render("x"), "x")
	return style{open, end}
}

// of styles a span; it must hold no other span.
func (s style) of(text string) string {
	if text == "" || s.open == "" {
		return text
	}
	return s.open + text + s.end
}

// theme is every style of the program.
type theme struct {
	// name is dark, light or plain (no colour).
	name string
	// none is the terminal's own; strong stands out, faint steps back, chosen is the cursor's row.
	none, strong, faint, chosen style
	// good and bad are blue and orange, warn is between them, key marks keys, path places, code literals.
	good, bad, warn, key, path, code style
}

// newTheme makes a theme by its name.
func newTheme(name string) theme {
	base := lipgloss.NewStyle()
	color := func(dark, light string) lipgloss.Style {
		switch name {
		case "dark":
			return base.Foreground(lipgloss.Color(dark))
		case "light":
			return base.Foreground(lipgloss.Color(light))
		}
		return base
	}
	return theme{
		name:   name,
		strong: flatten(base.Bold(true)),
		faint:  flatten(base.Faint(true)),
		chosen: flatten(base.Reverse(true)),
		good:   flatten(color("12", "4").Bold(true)),
		bad:    flatten(color("11", "3").Bold(true)),
		warn:   flatten(color("3", "3")),
		key:    flatten(color("14", "6").Bold(name == "plain")),
		path:   flatten(color("14", "6")),
		code:   flatten(color("13", "5")),
	}
}

// mark is a state as people see it: glyph and word, and the style of both.
type mark struct {
	glyph, word string
	style       style
}

func (m mark) String() string { return m.style.of(m.glyph + " " + m.word) }

// verdictMark is the mark of a verdict.
func (t *theme) verdictMark(v checklist.Verdict) mark {
	switch v {
	case checklist.VerdictGo:
		return mark{"✓", "GO", t.good}
	case checklist.VerdictNoGo:
		return mark{"✗", "NO-GO", t.bad}
	case checklist.VerdictHold:
		return mark{"·", "HOLD", t.strong}
	}
	return mark{"·", "POLL", t.faint}
}

// stateMark is the mark of a state.
func (t *theme) stateMark(s checklist.State) mark {
	switch s {
	case checklist.Go:
		return mark{"✓", "go", t.good}
	case checklist.NoGo:
		return mark{"✗", "no-go", t.bad}
	case checklist.NA:
		return mark{"–", "n/a", t.faint}
	case checklist.Waived:
		return mark{"~", "waived", t.faint}
	case checklist.Open:
	}
	return mark{"·", "open", t.strong}
}

// itemMark is the mark of an item: one whose answer went stale needs evidence again.
func (t *theme) itemMark(it *checklist.Item) mark {
	if it.State == checklist.Open && it.Stale != nil {
		return mark{"!", "needs evidence", t.warn}
	}
	return t.stateMark(it.State)
}

// severityMark is the mark of a finding.
func (t *theme) severityMark(f *detectors.Finding, waived bool) mark {
	switch {
	case waived:
		return mark{"~", "waived", t.faint}
	case f.Severity == detectors.Blocker:
		return mark{"✗", "blocker", t.bad}
	case f.Severity == detectors.Warning:
		return mark{"▴", "warning", t.warn}
	}
	return mark{"▫", string(f.Severity), t.faint}
}

func itoa(n int) string { return strconv.Itoa(n) }
