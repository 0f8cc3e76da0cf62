package tui

// The walk: one open question at a time, its guidance beside it.

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"flightpoll/checklist"
)

// walk goes through the items that were open when it began.
type walk struct {
	ids   []string
	at    int
	pager pager
}

// startWalk begins at the cursor's item, or the first open one.
func (m *model) startWalk() tea.Cmd {
	if why := nothingOpen(m); why != "" {
		m.status = statusMsg{why, true}
		return nil
	}
	w := walk{}
	for _, s := range m.snap.board.Stations {
		for i := range s.Items {
			if s.Items[i].State == checklist.Open {
				w.ids = append(w.ids, s.Items[i].ID)
			}
		}
	}
	if it := m.list.selected().item; it != nil {
		w.at = max(0, slices.Index(w.ids, it.ID))
	}
	m.walk = w
	m.show(walkScreen)
	m.walkHere()
	return nil
}

// walkHere opens the form of the present question.
func (m *model) walkHere() {
	id := m.walk.ids[m.walk.at]
	if m.list.jump("i:" + id) {
		m.openForm(m.list.selected().item)
	}
}

// walkTo goes to the next or previous question.
func (m *model) walkTo(by int) tea.Cmd {
	at := m.walk.at + by
	if at < 0 {
		m.status = statusMsg{text: "this is the first question"}
		return nil
	}
	if at >= len(m.walk.ids) {
		return m.endWalk()
	}
	m.walk.at = at
	m.walkHere()
	return nil
}

// walkOn goes to the next question that is still open, around the end; without one the walk is over.
func (m *model) walkOn() tea.Cmd {
	for i := 1; i <= len(m.walk.ids); i++ {
		at := (m.walk.at + i) % len(m.walk.ids)
		if m.isOpen(m.walk.ids[at]) {
			m.walk.at = at
			m.walkHere()
			return nil
		}
	}
	return m.endWalk()
}

// endWalk leads to the preview.
func (m *model) endWalk() tea.Cmd {
	m.closeForm()
	m.leave()
	return m.openPreview()
}

func (m *model) isOpen(id string) bool {
	for _, s := range m.snap.board.Stations {
		for i := range s.Items {
			if s.Items[i].ID == id {
				return s.Items[i].State == checklist.Open
			}
		}
	}
	return false
}

// progress is "3 of 7".
func (w *walk) progress() string { return itoa(w.at+1) + " of " + itoa(len(w.ids)) }
