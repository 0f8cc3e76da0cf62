package tui

// The frame: header, panes, status and help bar, exactly as wide and high as the terminal.

import (
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// View is Bubble Tea's.
func (m *model) View() tea.View {
	v := tea.NewView(strings.Join(m.lines(), "\n"))
	v.AltScreen = true
	v.MouseMode = tea.MouseModeCellMotion
	v.ReportFocus = true
	v.WindowTitle = "flightpoll"
	return v
}

// lines is the whole frame.
func (m *model) lines() []string {
	l := m.layout()
	var out []string
	if l.tiny {
		out = block([]string{"flightpoll needs 40x10, this is " + itoa(m.w) + "x" + itoa(m.h)}, m.w, m.h)
	} else {
		out = m.frameLines(l)
		if m.dialog != nil {
			out = m.overlay(out)
		}
	}
	if m.opts.ASCII {
		for i := range out {
			out[i] = toASCII(out[i])
		}
	}
	return out
}

func (m *model) frameLines(l layout) []string {
	left, right := m.panes(l)
	out := make([]string, 0, l.h)
	out = append(out, m.header(l.w))
	edge := m.theme.faint.of("│")
	if l.framed {
		out = append(out, m.topEdge(l))
	}
	for i := range left {
		line := left[i]
		if !l.single {
			line += edge + right[i]
		}
		if l.framed {
			line = edge + line + edge
		}
		out = append(out, line)
	}
	switch {
	case l.framed:
		out = append(out, m.bottomEdge(l), m.bar(l.w))
	case m.status.text != "" || m.find.active:
		out = append(out, m.statusLine(l.w))
	default:
		out = append(out, m.bar(l.w))
	}
	return out
}

// panes draws what stands left and right; with a single pane only left counts.
func (m *model) panes(l layout) (left, right []string) {
	pad := func(lines []string) []string {
		for i := range lines {
			lines[i] = " " + lines[i] + " "
		}
		return lines
	}
	r := l.right
	m.list.focused = m.screen == pollScreen && m.focus == onList && m.dialog == nil
	m.list.settled = m.polled && !m.run.active || m.polled && m.run.only != ""
	switch m.screen {
	case previewScreen:
		return pad(m.preview.pager.Render(r.w-2, r.h)), nil
	case matrixScreen:
		return pad(m.grid.pager.Render(r.w-2, r.h)), nil
	case signScreen:
		return pad(m.renderSign(r.w-2, r.h)), nil
	case walkScreen:
		left = pad(m.form.Render(l.left.w-2, l.left.h))
		if !l.single {
			right = pad(m.walk.pager.Render(r.w-2, r.h))
		}
		return left, right
	case guideScreen:
		right = pad(m.guide.pager.Render(r.w-2, r.h))
	case pollScreen:
		if m.focus == onForm {
			right = pad(m.form.Render(r.w-2, r.h))
		} else {
			right = pad(m.detail.Render(r.w-2, r.h))
		}
	}
	if l.single {
		if m.screen == guideScreen || m.focus != onList {
			return right, nil
		}
		return m.list.Render(l.left.w, l.left.h), nil
	}
	return m.list.Render(l.left.w, l.left.h), right
}

// titles are what stands in the frame's upper edge.
func (m *model) titles() (left, right string) {
	left, right = "Poll", "Detail"
	if m.run.active {
		took := m.now().Sub(m.run.since)
		left += " " + spinner(time.Duration(m.frame)*tickEvery) + " " + m.progress() + " " + elapsed(took.Milliseconds())
	} else if m.list.openOnly {
		left += " · only open"
	}
	if q := m.find.field.value(); len(m.list.filter) > 0 && q != "" {
		left += " · /" + q
	}
	switch m.screen {
	case walkScreen:
		return "Walk · " + m.walk.progress(), "Guide"
	case guideScreen:
		right = "Guide · " + m.guide.id
	case previewScreen:
		return "Preview", ""
	case matrixScreen:
		return "Matrix", ""
	case signScreen:
		return "Sign", ""
	case pollScreen:
		if m.focus == onForm {
			right = "Answer"
		}
	}
	return left, right
}

func (m *model) progress() string {
	switch {
	case m.snap.branch == nil:
		return "reading the branch"
	case m.run.only != "":
		return m.run.only
	}
	return plural(m.run.ended, "detector")
}

func (m *model) topEdge(l layout) string {
	left, right := m.titles()
	leftOn := m.screen == pollScreen && m.focus == onList || m.screen == walkScreen
	if l.single {
		if m.screen == guideScreen || m.screen == pollScreen && m.focus != onList {
			left = right
		}
		return m.edge("┌", "┐", m.titled(left, "", true, l.left.w))
	}
	return m.edge("┌", "┐", m.titled(left, "", leftOn, l.left.w)+m.theme.faint.of("┬")+m.titled(right, "", !leftOn, l.right.w))
}

// bottomEdge holds the status on its left and the place in the text or the list on its right.
func (m *model) bottomEdge(l layout) string {
	place := ""
	if p := m.pager(); p != nil && (m.screen != pollScreen || m.focus == onDetail) {
		place = p.place()
	}
	status := ansi.Strip(m.statusText())
	if l.single || width(status)+2 > l.left.w {
		return m.edge("└", "┘", m.statusEdge(l.w-2, place))
	}
	return m.edge("└", "┘", m.statusEdge(l.left.w, "")+m.theme.faint.of("┴")+m.titled("", place, false, l.right.w))
}

func (m *model) edge(open, end, inner string) string {
	return m.theme.faint.of(open) + inner + m.theme.faint.of(end)
}

// titled is a piece of an edge with a title at its left and one at its right.
func (m *model) titled(left, right string, on bool, w int) string {
	if left != "" {
		left = " " + left + " "
	}
	if right != "" {
		right = " " + right + " "
	}
	if n := w - width(right) - 1; width(left) > n {
		left = ansi.Truncate(left, max(0, n), "…")
	}
	s := m.theme.none
	if on {
		s = m.theme.strong
	}
	line := m.theme.faint.of(rule(w - width(left) - width(right)))
	return s.of(left) + line + m.theme.faint.of(right)
}

func (m *model) statusText() string {
	if m.find.active {
		return "/" + m.find.field.value() + " "
	}
	return m.status.text
}

func (m *model) statusEdge(w int, place string) string {
	if m.statusText() == "" {
		return m.titled("", place, false, w)
	}
	if place != "" {
		place = " " + place + " "
	}
	room := w - 2 - width(place)
	need := width(m.statusText())
	if m.find.active {
		need += 16 + width(m.status.text)
	}
	text := m.statusLine(min(room, need))
	return " " + text + " " + m.theme.faint.of(rule(w-2-width(text)-width(place))+place)
}

// statusLine is the status in w cells, or the query while one types.
func (m *model) statusLine(w int) string {
	switch {
	case m.find.active:
		told := m.status.text
		return m.theme.key.of("/") + m.find.field.render(m.theme, w-1-width(told)) + m.theme.faint.of(told)
	case m.status.bad:
		return m.theme.bad.of(fit(m.status.text, w))
	}
	return m.theme.strong.of(fit(m.status.text, w))
}
