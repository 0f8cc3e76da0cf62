package tui

// Dialogs: what lies over the frame and takes all keys. Here are the plain ones: help, and a question.

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"
)

// dialog is what lies over the frame.
type dialog interface {
	scope() scope
	title() string
	// text is the field that has the focus, nil without one; typed follows what was typed there.
	text() *field
	typed()
	move(n int)
	accept(m *model) tea.Cmd
	// Render draws at most h lines of w cells.
	Render(w, h int) []string
}

func (m *model) closeDialog() tea.Cmd {
	d := m.dialog
	m.dialog = nil
	if p, ok := d.(*passphrase); ok {
		p.answer(nil)
	}
	return nil
}

// help lists the keys of the screen behind it.
type help struct {
	theme *theme
	lines []keyLine
	top   int
	shown int
}

func (m *model) openHelp() {
	m.dialog = &help{theme: m.theme, lines: keyLines(m.actions, m.scope(), m)}
}

func (h *help) scope() scope            { return inHelp }
func (h *help) title() string           { return "Help" }
func (h *help) text() *field            { return nil }
func (h *help) typed()                  {}
func (h *help) move(n int)              { h.top = max(0, min(h.top+n, len(h.lines)-h.shown)) }
func (h *help) accept(m *model) tea.Cmd { return m.closeDialog() }

// Render draws the keys and what they do; what is off steps back and says why.
func (h *help) Render(w, rows int) []string {
	h.shown = min(rows, len(h.lines))
	keys := 0
	for _, l := range h.lines {
		keys = max(keys, width(strings.Join(l.keys, " ")))
	}
	keys = min(keys, 24, w*2/5)
	var out []string
	for _, l := range h.lines[min(h.top, len(h.lines)):min(h.top+h.shown, len(h.lines))] {
		does := fit(l.does, w-keys-2)
		if l.why != "" {
			does = h.theme.faint.of(fit(l.does+": "+l.why, w-keys-2))
		}
		out = append(out, h.theme.key.of(fit(strings.Join(l.keys, " "), keys))+"  "+does)
	}
	return out
}

// ask is a question that enter or y answers with yes.
type ask struct {
	theme *theme
	name  string
	lines []string
	// code is shown exactly, below the lines.
	code string
	yes  string
	then func(m *model) tea.Cmd
}

func (a *ask) scope() scope  { return inAsk }
func (a *ask) title() string { return a.name }
func (a *ask) text() *field  { return nil }
func (a *ask) typed()        {}
func (a *ask) move(int)      {}

func (a *ask) accept(m *model) tea.Cmd {
	m.dialog = nil
	return a.then(m)
}

// Render draws the question.
func (a *ask) Render(w, h int) []string {
	var out []string
	for _, l := range a.lines {
		out = append(out, wrap(clean(l), w)...)
	}
	if a.code != "" {
		out = append(out, "")
		for _, l := range indent("  $ ", wrap(a.code, w-4)) {
			out = append(out, a.theme.strong.of(fit(l, w)))
		}
	}
	keys := a.theme.key.of("y") + " " + a.yes + "   " + a.theme.key.of("esc") + " no"
	return slices.Concat(out[:min(len(out), max(0, h-2))], []string{"", keys})
}

// newRunDialog shows a command's exact line before it runs.
func newRunDialog(m *model) dialog {
	f := m.form
	root := ""
	if m.snap.branch != nil {
		root = m.snap.branch.Root
	}
	return &ask{theme: m.theme, name: "Run this command?", code: oneLine(f.evidence.value()), yes: "run it",
		lines: []string{"It runs by sh -c in " + root + ". The line, its exit status and the digest of its output become public with the record."},
		then:  func(m *model) tea.Cmd { return m.runCommand(f) }}
}
