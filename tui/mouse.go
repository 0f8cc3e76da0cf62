package tui

// The mouse: the wheel scrolls what is under it, a click takes a row or a key of the help bar.

import (
	tea "charm.land/bubbletea/v2"
)

const wheelStep = 3

func (m *model) onWheel(at tea.Mouse) tea.Cmd {
	n := wheelStep
	switch at.Button {
	case tea.MouseWheelUp:
		n = -wheelStep
	case tea.MouseWheelDown:
	default:
		return nil
	}
	l := m.layout()
	switch {
	case m.dialog != nil:
		m.dialog.move(n / wheelStep)
	case m.screen == pollScreen && m.focus != onForm && !l.single && l.right.has(at.X, at.Y):
		m.detail.scroll(n)
	case m.screen == pollScreen && m.focus != onForm && l.left.has(at.X, at.Y):
		if l.single && m.focus == onDetail {
			m.detail.scroll(n)
		} else {
			m.list.move(n)
		}
	case m.screen != pollScreen:
		m.move(n)
	}
	return nil
}

func (m *model) onClick(at tea.Mouse) tea.Cmd {
	l := m.layout()
	if at.Button != tea.MouseLeft || l.tiny || m.dialog != nil {
		return nil
	}
	if at.Y == l.bar && (l.framed || m.status.text == "") {
		_, hits := m.barHits(l.w)
		for _, h := range hits {
			if at.X >= h.from && at.X < h.to {
				return m.do(h.action)
			}
		}
		return nil
	}
	if m.screen != pollScreen || m.focus == onForm {
		return nil
	}
	switch {
	case l.single && m.focus == onDetail:
	case l.left.has(at.X, at.Y):
		i := m.list.top + at.Y - l.left.y
		if i >= len(m.list.rows) {
			return nil
		}
		again := m.list.cursor == i && m.focus == onList
		m.list.cursor, m.focus = i, onList
		if again {
			return m.enter()
		}
	case l.right.has(at.X, at.Y):
		m.focus = onDetail
	}
	return nil
}
