package tui

// What actions do on the poll and to the screens.

import (
	tea "charm.land/bubbletea/v2"
)

// move moves the cursor, or scrolls the text that has the focus.
func (m *model) move(n int) {
	switch {
	case m.dialog != nil:
		m.dialog.move(n)
	case m.screen == pollScreen && m.focus == onList:
		m.list.move(n)
	case m.screen == signScreen && m.sign.stage == blocked:
		m.sign.cursor = max(0, min(m.sign.cursor+n, len(blocking(m))-1))
	default:
		if p := m.pager(); p != nil {
			p.scroll(n)
		}
	}
}

// pager is the text that scrolls.
func (m *model) pager() *pager {
	switch m.screen {
	case guideScreen:
		return &m.guide.pager
	case previewScreen:
		return &m.preview.pager
	case matrixScreen:
		return &m.grid.pager
	case walkScreen:
		if !m.layout().single {
			return &m.walk.pager
		}
	case pollScreen:
		return &m.detail
	case signScreen:
		if m.sign.stage != blocked {
			return &m.sign.pager
		}
	}
	return nil
}

// tab goes to the other pane, or the next field.
func (m *model) tab(by int) {
	switch {
	case m.screen == signScreen:
		m.sign.toggleRole()
	case m.form != nil:
		m.form.toPart(m.form.part + by)
	case m.focus == onList:
		m.focus = onDetail
	default:
		m.focus = onList
	}
}

// enter opens what the cursor is on.
func (m *model) enter() tea.Cmd {
	r := m.list.selected()
	switch r.kind {
	case stationRow:
		if m.focus == onDetail {
			m.openGuide()
		} else {
			m.list.fold()
		}
	case findingRow:
		if m.focus == onDetail {
			m.openGuide()
		} else {
			m.focus = onDetail
		}
	case itemRow:
		m.openForm(r.item)
	case nextRow:
		switch {
		case !m.polled:
			m.status = statusMsg{notPolled(m), true}
		case m.list.open > 0:
			return m.startWalk()
		default:
			return m.openPreview()
		}
	}
	return nil
}

// canStepBack says whether esc has something to do; stepBack does one step of it.
func (m *model) canStepBack() bool {
	return m.find.active || m.screen != pollScreen || m.focus != onList || len(m.list.filter) > 0 || m.list.openOnly
}

func (m *model) stepBack() {
	switch {
	case m.find.active:
		m.find.stop()
		m.find.field.set("")
		m.found()
	case m.form != nil && m.form.cmd.active:
		m.form.cmd.cancel()
	case m.form != nil && m.form.part != choicePart && m.screen != guideScreen:
		m.form.toPart(choicePart)
	case m.screen == signScreen && m.sign.roleFocus:
		m.sign.toggleRole()
	case m.screen == walkScreen:
		m.closeForm()
		m.leave()
	case m.screen != pollScreen:
		m.leave()
	case m.focus == onForm:
		m.closeForm()
	case m.focus == onDetail && m.detail.query != "":
		m.detail.query = ""
	case m.focus == onDetail:
		m.focus = onList
	case len(m.list.filter) > 0:
		m.find.field.set("")
		m.list.narrow("")
	default:
		m.list.openOnly = false
		m.list.rebuild(m.list.board)
	}
}

func (m *model) toggleOpen() {
	m.list.openOnly = !m.list.openOnly
	m.list.rebuild(m.list.board)
	if m.list.openOnly {
		m.status = statusMsg{text: "only what is open; f shows everything"}
	}
}

// rerun runs the detector of the cursor's finding again.
func (m *model) rerun() tea.Cmd {
	return m.poll([]string{m.list.selected().finding.Detector})
}

// quit leaves, after a question when something would be lost.
func (m *model) quit() tea.Cmd {
	why := ""
	switch {
	case m.sign.stage == signing:
		why = "The record is being signed."
	case m.running():
		why = "A command is still running. Its result will be lost."
	case m.unsaved() != "":
		why = "The answer to " + m.unsaved() + " is not saved yet."
	}
	if why == "" {
		return tea.Quit
	}
	m.dialog = &ask{theme: m.theme, name: "Quit", lines: []string{why, "Every other answer is saved."}, yes: "quit",
		then: func(*model) tea.Cmd { return tea.Quit }}
	return nil
}

func (m *model) running() bool {
	for _, f := range m.forms {
		if f.cmd.active {
			return true
		}
	}
	return false
}

// unsaved is the id of an item whose answer was begun and not saved, "" without one.
func (m *model) unsaved() string {
	for id, f := range m.forms {
		if f.dirty() {
			return id
		}
	}
	return ""
}
