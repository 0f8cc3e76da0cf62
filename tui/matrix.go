package tui

// The matrix: which variable is in which environment, those of the branch first; the missing cell stands out.

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"flightpoll/detectors/environment"
	"flightpoll/detectors/environment/matrix"
)

// grid is the matrix that is open.
type grid struct {
	pager pager
	// seq is the snapshot that it was read at, 0 for not yet.
	seq   int
	asked bool
	doc   *matrix.Document
	err   error
}

type matrixMsg struct {
	seq int
	doc matrix.Document
	err error
}

func (g matrixMsg) apply(m *model) tea.Cmd {
	if g.seq == m.grid.seq {
		m.grid.doc, m.grid.err = &g.doc, g.err
	}
	return nil
}

func (m *model) openMatrix() tea.Cmd {
	m.show(matrixScreen)
	return nil
}

// settleMatrix reads the matrix anew when the poll changed, and lays it out.
func (m *model) settleMatrix(l layout) tea.Cmd {
	g := &m.grid
	if !g.asked || g.seq != m.snap.seq {
		g.asked, g.seq, g.doc, g.err = true, m.snap.seq, nil, nil
		read, ctx, seq := m.backend.Matrix, m.ctx, g.seq
		return func() tea.Msg {
			doc, err := read(ctx)
			return matrixMsg{seq, doc, err}
		}
	}
	d := detail{theme: m.theme, w: l.left.w - 2}
	d.head("What exists in which environment")
	switch {
	case g.err != nil:
		d.styled(m.theme.bad, g.err.Error())
	case g.doc == nil:
		d.faint("…")
	case len(g.doc.Environments) == 0:
		d.text("No file of this repository configures an environment.")
	default:
		d.faint("names only; " + matrix.Legend)
		d.matrix(g.doc)
	}
	g.pager.set("matrix", d.lines, l.left.h)
	return nil
}

// A column is as wide as an environment's name where there is room, and has its first letters where there is none.
const (
	narrowCell = 6
	wideCell   = 13
)

func (d *detail) matrix(doc *matrix.Document) {
	shown := min(len(doc.Environments), max(1, (d.w-16)/narrowCell))
	cell := max(narrowCell, min(wideCell, (d.w-30)/shown))
	width := max(12, min(44, d.w-shown*cell))
	var fresh, rest []matrix.Variable
	for _, v := range doc.Variables {
		if v.Changed {
			fresh = append(fresh, v)
		} else {
			rest = append(rest, v)
		}
	}
	d.part("On this branch", fresh, doc, width, cell, shown)
	d.part("Everywhere else", rest, doc, width, cell, shown)
	if shown < len(doc.Environments) {
		d.faint(plural(len(doc.Environments)-shown, "more environment") + " in a wider terminal")
	}
}

func (d *detail) part(title string, list []matrix.Variable, doc *matrix.Document, width, cell, shown int) {
	if len(list) == 0 {
		return
	}
	d.blank()
	head := fit(title, width)
	for _, e := range doc.Environments[:shown] {
		head += " " + fit(clean(e.Name), cell-1)
	}
	d.line(d.theme.key.of(head))
	for _, v := range list {
		var line strings.Builder
		line.WriteString(fit(clean(v.Name), width))
		somewhere := false
		for _, e := range doc.Environments {
			state := environment.State(v.In[e.Name])
			somewhere = somewhere || state == environment.Set || state == environment.Elsewhere
		}
		for _, e := range doc.Environments[:shown] {
			state := environment.State(v.In[e.Name])
			text := fit(matrix.Symbols[state], cell-1)
			switch {
			case state == environment.Absent && v.Required && somewhere:
				text = d.theme.bad.of(fit("["+matrix.Symbols[state]+"]", cell-1))
			case state == environment.Set:
				text = d.theme.good.of(text)
			default:
				text = d.theme.faint.of(text)
			}
			line.WriteString(" " + text)
		}
		d.line(line.String())
	}
}
