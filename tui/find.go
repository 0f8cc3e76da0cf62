package tui

// The line behind /: it filters the list, or searches the text that is shown.

// find is the query while it is typed.
type find struct {
	active bool
	field  field
}

func (f *find) stop() {
	f.active = false
	f.field.focus(false)
}

func (m *model) startFind() {
	m.find.active = true
	m.find.field.focus(true)
	if m.onText() {
		m.find.field.set("")
	}
}

// keepFind ends the typing; what was found stays, and so does how much it is.
func (m *model) keepFind() {
	m.found()
	m.find.stop()
}

// onText says that / searches a text and does not filter the list.
func (m *model) onText() bool { return m.screen != pollScreen || m.focus == onDetail }

// found follows what is typed.
func (m *model) found() {
	if !m.onText() {
		m.list.narrow(m.find.field.value())
		return
	}
	p := m.pager()
	if p == nil {
		return
	}
	n := p.search(m.find.field.value())
	switch {
	case p.query == "":
		m.status = statusMsg{}
	case n == 0:
		m.status = statusMsg{"not found", true}
	default:
		m.status = statusMsg{text: plural(n, "line")}
	}
}

// hit goes to the next hit of the search, or the next row of the filtered list.
func (m *model) hit(by int) {
	if m.onText() {
		if p := m.pager(); p != nil {
			p.next(by)
		}
		return
	}
	m.list.hop(by)
}
