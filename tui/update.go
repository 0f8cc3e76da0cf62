package tui

// Update: what comes in, and who deals with it. No I/O happens here.

import (
	tea "charm.land/bubbletea/v2"
)

// Update is Bubble Tea's.
func (m *model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	var cmd tea.Cmd
	switch msg := msg.(type) {
	case message:
		cmd = msg.apply(m)
	case tea.KeyPressMsg:
		cmd = m.onKey(msg)
	case tea.PasteMsg:
		cmd = m.typed(msg)
	case tea.MouseClickMsg:
		cmd = m.onClick(msg.Mouse())
	case tea.MouseWheelMsg:
		cmd = m.onWheel(msg.Mouse())
	case tea.WindowSizeMsg:
		m.resize(msg.Width, msg.Height)
	case tea.BackgroundColorMsg:
		m.recolor(msg.IsDark())
	case tea.FocusMsg:
		cmd = m.onFocus()
	}
	return m, tea.Batch(cmd, m.settle())
}

func (m *model) resize(w, h int) {
	if w > 0 && h > 0 {
		m.w, m.h = w, h
	}
}

// recolor takes the terminal's answer about its background, where nobody chose a theme.
func (m *model) recolor(dark bool) {
	if m.opts.Theme != "" || m.opts.NoColor {
		return
	}
	name := "light"
	if dark {
		name = "dark"
	}
	*m.theme = newTheme(name)
}

func (m *model) onFocus() tea.Cmd {
	if m.snap.branch == nil {
		return nil
	}
	return m.reload()
}

// settle makes what is on the screen follow the state, and asks for what it needs: excerpts, pages, the clock.
func (m *model) settle() tea.Cmd {
	cmds := make([]tea.Cmd, 0, 4)
	m.list.scroll(m.layout().left.h)
	cmds = append(cmds, m.settleDetail(), m.settleGuides(), m.settlePages())
	if m.busy() && !m.ticking {
		m.ticking = true
		cmds = append(cmds, tick())
	}
	return tea.Batch(cmds...)
}
