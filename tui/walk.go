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
	w := walk{pager: pager{theme: m.theme}}
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
	m.walkHere() // it was open a moment ago
	return nil
}

// walkHere opens the form of the present question; false when nothing raises it any more.
func (m *model) walkHere() bool {
	if !m.list.jump("i:" + m.walk.ids[m.walk.at]) {
		return false
	}
	m.openForm(m.list.selected().item)
	return true
}

// walkTo goes to the next or previous question.
func (m *model) walkTo(by int) tea.Cmd {
	for at := m.walk.at + by; at >= 0 && at < len(m.walk.ids); at += by {
		was := m.walk.at
		if m.walk.at = at; m.walkHere() {
			return nil
		}
		m.walk.at = was
	}
	if by > 0 {
		return m.endWalk()
	}
	m.status = statusMsg{text: "this is the first question"}
	return nil
}

// walkOn goes to the next question that is still open, around the end; without one the walk is over.
func (m *model) walkOn() tea.Cmd {
	for i := 1; i <= len(m.walk.ids); i++ {
		at := (m.walk.at + i) % len(m.walk.ids)
		if m.isOpen(m.walk.ids[at]) {
			m.walk.at = at
			if m.walkHere() {
				return nil
			}
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
