package tui

// Messages: what commands send back. Each knows how it changes the model, so that Update stays a list of one-liners.

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"flightpoll/detectors"
)

// message is one of the program's own messages.
type message interface {
	apply(m *model) tea.Cmd
}

// stream carries many messages of one command; next waits for one.
type stream chan tea.Msg

type streamed struct {
	msg  tea.Msg
	from stream
}

func (s stream) next() tea.Msg {
	msg, ok := <-s
	if !ok {
		return nil
	}
	return streamed{msg, s}
}

func (s streamed) apply(m *model) tea.Cmd {
	_, cmd := m.Update(s.msg)
	return tea.Batch(cmd, s.from.next)
}

// tickMsg moves spinner and clocks while something runs.
type tickMsg struct{}

const tickEvery = 125 * time.Millisecond

func (tickMsg) apply(m *model) tea.Cmd {
	m.ticking = false
	m.frame++
	return nil // settle arms the next one while something runs
}

// statusMsg is a line for the status.
type statusMsg struct {
	text string
	bad  bool
}

func (s statusMsg) apply(m *model) tea.Cmd {
	m.status = s
	return nil
}

// openedMsg says that the branch was read; err ends the program the first time.
type openedMsg struct {
	snap snapshot
	err  error
}

func (o openedMsg) apply(m *model) tea.Cmd {
	if o.err != nil {
		if m.snap.branch == nil {
			m.failed = o.err
			return tea.Quit
		}
		m.run.active = false
		m.status = statusMsg{clean(o.err.Error()), true}
		return nil
	}
	m.take(o.snap)
	return nil
}

// foundMsg brings a batch of ended detectors; last ends the run.
type foundMsg struct {
	snap  snapshot
	ended int
	last  bool
}

func (f foundMsg) apply(m *model) tea.Cmd {
	m.take(f.snap)
	m.run.ended += f.ended
	if f.last {
		m.run.active = false
		m.polled = true
		if m.run.only != "" {
			m.status = statusMsg{text: "ran " + m.run.only + " again: " + found(m.snap.result.Findings, m.run.only)}
		} else if m.run.again {
			m.status = statusMsg{text: "ran all detectors again: " + plural(len(m.snap.result.Findings), "finding")}
		}
	}
	return nil
}

func found(list []detectors.Finding, id string) string {
	n := 0
	for i := range list {
		if list[i].Detector == id {
			n++
		}
	}
	return plural(n, "finding")
}

// changedMsg says how a change of the session went; done is what the model does after a good one.
type changedMsg struct {
	snap snapshot
	text string
	err  error
	done func(m *model) tea.Cmd
	fail func(m *model, err error)
}

func (c changedMsg) apply(m *model) tea.Cmd {
	m.take(c.snap)
	if c.err != nil {
		m.status = statusMsg{clean(c.err.Error()), true}
		if c.fail != nil {
			c.fail(m, c.err)
		}
		return nil
	}
	if c.text != "" {
		m.status = statusMsg{text: clean(c.text)}
	}
	if c.done != nil {
		return c.done(m)
	}
	return nil
}

// take shows a snapshot, unless a newer one is there already.
func (m *model) take(s snapshot) {
	if s.seq <= m.snap.seq {
		return
	}
	if s.branch != m.snap.branch {
		m.excerpts = map[string][]excerpt{}
	}
	m.snap = s
	m.list.rebuild(s.board)
}
