package tui

// Commands: everything that blocks, away from Update.

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"flightpoll/checklist"
	"flightpoll/detectors"
)

// Findings reach the screen in batches: as many, or as old.
const (
	batchSize = 256
	batchWait = 50 * time.Millisecond
)

// poll reads the branch and runs the detectors (nil: all), telling as it goes.
func (m *model) poll(only []string) tea.Cmd {
	m.run = run{active: true, since: m.now(), again: m.polled}
	if len(only) > 0 {
		m.run.only = only[0]
	}
	out := make(stream)
	ctx, b, d := m.ctx, m.backend, m.desk
	return func() tea.Msg {
		go func() {
			defer close(out)
			snap, err := d.open(ctx, b)
			if !send(ctx, out, openedMsg{snap, err}) || err != nil {
				return
			}
			detect(ctx, b, d, only, out)
		}()
		return out.next()
	}
}

// detect runs the detectors and sends what they find in batches.
func detect(ctx context.Context, b Backend, d *desk, only []string, out stream) {
	ends := make(chan detectors.Done, 64)
	var whole detectors.Result
	go func() {
		defer close(ends)
		whole = b.Detect(ctx, only, func(e detectors.Done) { ends <- e })
	}()
	var (
		batch []detectors.Done
		count int
		timer <-chan time.Time
	)
	flush := func() bool {
		n := len(batch)
		if n == 0 {
			return true
		}
		snap := d.add(batch)
		batch, count, timer = nil, 0, nil
		return send(ctx, out, foundMsg{snap: snap, ended: n})
	}
	for open := true; open; {
		select {
		case e, ok := <-ends:
			if open = ok; !ok {
				break
			}
			if batch = append(batch, e); timer == nil {
				timer = time.After(batchWait)
			}
			if count += len(e.Findings); count >= batchSize && !flush() {
				drain(ends)
				return
			}
		case <-timer:
			if !flush() {
				drain(ends)
				return
			}
		}
	}
	n := len(batch)
	snap := d.add(batch)
	if len(only) == 0 {
		snap = d.finish(whole)
	}
	send(ctx, out, foundMsg{snap: snap, ended: n, last: true})
}

// drain lets a run end that nobody listens to any more.
func drain(ends <-chan detectors.Done) {
	for e := range ends {
		_ = e
	}
}

// send says whether the message was taken before ctx ended.
func send(ctx context.Context, out stream, msg tea.Msg) bool {
	select {
	case out <- msg:
		return true
	case <-ctx.Done():
		return false
	}
}

// change does something to the session in a command.
func (m *model) change(c changedMsg, f func(*checklist.Session) (string, error)) tea.Cmd {
	d := m.desk
	return func() tea.Msg {
		c.snap, c.err = d.change(func(s *checklist.Session) error {
			text, err := f(s)
			if text != "" {
				c.text = text
			}
			return err
		})
		return c
	}
}

// undo and redo name what they took back.
func (m *model) undo() tea.Cmd {
	return m.change(changedMsg{}, func(s *checklist.Session) (string, error) {
		what, err := s.Undo()
		return told("undid: ", what, "nothing to undo"), err
	})
}

func (m *model) redo() tea.Cmd {
	return m.change(changedMsg{}, func(s *checklist.Session) (string, error) {
		what, err := s.Redo()
		return told("redid: ", what, "nothing to redo"), err
	})
}

func told(prefix, what, nothing string) string {
	if what == "" {
		return nothing
	}
	return prefix + what
}

// reload takes what another program wrote meanwhile.
func (m *model) reload() tea.Cmd {
	return m.change(changedMsg{}, func(s *checklist.Session) (string, error) {
		_, err := s.Reload()
		return "", err
	})
}

// tick arms the clock.
func tick() tea.Cmd {
	return tea.Tick(tickEvery, func(time.Time) tea.Msg { return tickMsg{} })
}
