package tui

// The answer form: a state, evidence typed by the item, a note.

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"flightpoll/checklist"
)

// The parts of a form, in the order of tab.
const (
	choicePart = iota
	evidencePart
	notePart
	formParts
)

// form is the answer to one item while it is being given. It is kept until it is saved, so leaving loses nothing.
type form struct {
	theme    *theme
	item     checklist.Item
	state    checklist.State
	part     int
	evidence field
	note     field
	cmd      command
	saving   bool
	err      string
}

func newForm(t *theme, it checklist.Item) *form {
	f := &form{theme: t, item: it}
	label, hint := "Text", "what was done and seen"
	switch it.Evidence {
	case checklist.CommandEvidence:
		label, hint = "Command", "a command line, or a link to its run"
	case checklist.LinkEvidence:
		label, hint = "Link", "https://"
	case checklist.PersonEvidence:
		label, hint = "Person", "Dana Doe <dana@example.com>"
	case checklist.TextEvidence:
	}
	f.evidence, f.note = newField(label, hint), newField("Note", "optional")
	f.evidence.set(it.Command)
	if a := it.Answer; a != nil {
		f.prefill(a)
	} else if it.Stale != nil {
		f.prefill(it.Stale)
		f.state, f.cmd.result = "", nil
	}
	return f
}

func (f *form) prefill(a *checklist.Answer) {
	if a.State != checklist.Waived {
		f.state = a.State
	}
	f.note.set(a.Note)
	switch e := a.Evidence; {
	case e.Command != nil:
		f.evidence.set(e.Command.Line)
		f.cmd.result = e.Command
	case e.Text+e.Link+e.Person != "":
		f.evidence.set(e.Text + e.Link + e.Person)
	}
}

// dirty says that something was typed or chosen that is not saved.
func (f *form) dirty() bool {
	g := newForm(f.theme, f.item)
	return f.state != g.state || f.evidence.value() != g.evidence.value() || f.note.value() != g.note.value() || f.cmd.active
}

// text is the field that has the focus, nil on the choice.
func (f *form) text() *field {
	switch f.part {
	case evidencePart:
		return &f.evidence
	case notePart:
		return &f.note
	}
	return nil
}

func (f *form) toPart(part int) {
	f.part = (part + formParts) % formParts
	f.evidence.focus(f.part == evidencePart)
	f.note.focus(f.part == notePart)
}

// choose takes a state and goes where it needs something typed.
func (f *form) choose(s checklist.State) {
	f.state, f.err = s, ""
	if s == checklist.Go {
		f.toPart(evidencePart)
	} else {
		f.toPart(notePart)
	}
}

// given is the evidence as typed.
func (f *form) given() checklist.Evidence {
	text := f.evidence.value()
	e := checklist.Evidence{Kind: f.item.Evidence}
	switch {
	case f.item.Evidence == checklist.CommandEvidence && f.cmd.result != nil && f.cmd.result.Line == text:
		e.Command = f.cmd.result
	case text == "" || f.item.Evidence == checklist.CommandEvidence && !isLink(text):
		return checklist.Evidence{}
	case f.item.Evidence == checklist.LinkEvidence || f.item.Evidence == checklist.CommandEvidence:
		e.Kind, e.Link = checklist.LinkEvidence, text
	case f.item.Evidence == checklist.PersonEvidence:
		e.Person = text
	default:
		e.Text = text
	}
	return e
}

// openForm opens the form of the cursor's item.
func (m *model) openForm(it *checklist.Item) {
	f := m.forms[it.ID]
	if f == nil || !f.dirty() {
		f = newForm(m.theme, *it)
		m.forms[it.ID] = f
	}
	f.item, f.err = *it, ""
	f.toPart(choicePart)
	m.form, m.focus = f, onForm
}

// closeForm goes back to where the form was opened.
func (m *model) closeForm() {
	m.form = nil
	m.focus = onList
}

// choose is 1, 2 or 3: it opens the form where none is open.
func (m *model) choose(s checklist.State) tea.Cmd {
	if m.form == nil {
		m.openForm(m.list.selected().item)
	}
	m.form.choose(s)
	return nil
}

// save is enter in a form: the next part while something is missing, else the answer.
func (m *model) save() tea.Cmd {
	f := m.form
	switch {
	case f.saving || f.cmd.active:
		return nil
	case f.state == "":
		f.toPart(choicePart)
		f.err = "choose first: 1 go, 2 no-go, 3 n/a"
		return nil
	case f.part == choicePart:
		f.choose(f.state)
		return nil
	case f.part == evidencePart && f.wantsRun():
		m.dialog = newRunDialog(m)
		return nil
	}
	f.saving, f.err = true, ""
	id, state, e, note := f.item.ID, f.state, f.given(), f.note.value()
	return m.change(changedMsg{
		text: id + ": " + string(state) + ", saved",
		done: func(m *model) tea.Cmd {
			delete(m.forms, id)
			if m.form != f {
				return nil
			}
			if m.screen == walkScreen {
				return m.walkOn()
			}
			m.closeForm()
			return nil
		},
		fail: func(m *model, err error) {
			f.saving, f.err = false, clean(err.Error())
			if m.form == f && state == checklist.Go {
				f.toPart(evidencePart)
			}
		},
	}, func(s *checklist.Session) (string, error) { return "", s.Answer(id, state, e, note) })
}

// isLink says that a link stands where a command could: a link to the command's run will do.
func isLink(s string) bool {
	return strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "http://")
}

// wantsRun says that a command line was typed that has no result yet.
func (f *form) wantsRun() bool {
	line := f.evidence.value()
	return f.item.Evidence == checklist.CommandEvidence && line != "" && !isLink(line) && (f.cmd.result == nil || f.cmd.result.Line != line)
}
