package tui

// The preview: the record as people will read it, after what still blocks it.

import (
	tea "charm.land/bubbletea/v2"

	"flightpoll/checklist/record"
)

// preview is the draft and how it looks.
type preview struct {
	pager pager
	// seq is the snapshot that the draft was made of.
	seq   int
	draft *record.Draft
	err   error
}

type draftMsg struct {
	seq   int
	draft *record.Draft
	err   error
}

func (d draftMsg) apply(m *model) tea.Cmd {
	if d.seq == m.preview.seq {
		m.preview.draft, m.preview.err = d.draft, d.err
	}
	if d.seq == m.sign.seq {
		m.sign.draft, m.sign.err = d.draft, d.err
	}
	return nil
}

// makeDraft makes the record's bytes of the present snapshot.
func (m *model) makeDraft() tea.Cmd {
	b, snap := m.backend, m.snap
	return func() tea.Msg {
		d, err := b.Draft(snap.board, b.Report(snap.board, snap.result))
		return draftMsg{snap.seq, d, err}
	}
}

func (m *model) openPreview() tea.Cmd {
	m.show(previewScreen)
	return nil
}

// settlePreview makes the draft anew when the poll changed, and lays it out.
func (m *model) settlePreview(l layout) tea.Cmd {
	p := &m.preview
	if p.seq != m.snap.seq {
		p.seq, p.err = m.snap.seq, nil
		p.draft = nil
		return m.makeDraft()
	}
	w := l.left.w - 2
	d := detail{theme: m.theme, w: w}
	d.title("The record as people will read it", m.theme.verdictMark(m.snap.board.Verdict))
	d.faint("score " + itoa(m.snap.board.Score) + " of 100")
	d.blank()
	if list := blocking(m); len(list) > 0 {
		d.head("Not ready to sign: " + plural(len(list), "thing") + " left")
		for _, b := range list {
			d.lines = append(d.lines, indent("  "+b.mark.style.of(b.mark.glyph)+" ", wrap(b.text, w-4))...)
		}
	} else {
		d.line(m.theme.key.of("s") + " signs it")
	}
	d.blank()
	d.line(m.theme.faint.of(rule(w)))
	var cmd tea.Cmd
	var page pager
	switch {
	case p.err != nil:
		d.styled(m.theme.bad, p.err.Error())
	case p.draft == nil:
		d.faint("…")
	default:
		cmd = m.page(&page, "", "preview "+itoa(p.seq), l.left, string(p.draft.Markdown))
		d.lines = append(d.lines, page.lines...)
	}
	p.pager.set("preview", d.lines, l.left.h)
	return cmd
}
