package tui

// Command evidence: a line that runs here after an explicit yes, its output and time on the screen.

import (
	"context"
	"strings"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"

	"flightpoll/checklist"
)

// Limits of a command that runs as evidence.
const (
	commandTimeout = 10 * time.Minute
	outputEvery    = 100 * time.Millisecond
	outputKept     = 8 << 10
	outputShown    = 6
)

// command is a run of a form's command.
type command struct {
	active bool
	line   string
	since  time.Time
	took   time.Duration
	output []string
	cancel context.CancelFunc
	result *checklist.CommandResult
}

// runCommand runs a form's line and streams what it says.
func (m *model) runCommand(f *form) tea.Cmd {
	ctx, cancel := context.WithCancel(m.ctx)
	line := f.evidence.value()
	f.cmd = command{active: true, line: line, since: m.now(), cancel: cancel}
	f.err = ""
	out, d := make(stream), m.desk
	return func() tea.Msg {
		s, err := d.current()
		if err != nil {
			return commandMsg{form: f, err: err}
		}
		go func() {
			defer close(out)
			defer cancel()
			tail := tail{}
			stop := make(chan struct{})
			var wg sync.WaitGroup
			wg.Go(func() { tail.report(ctx, f, out, stop) })
			res, err := s.RunCommand(ctx, line, commandTimeout, tail.write)
			close(stop)
			wg.Wait()
			send(m.ctx, out, commandMsg{form: f, output: tail.lines(), result: &res, err: err})
		}()
		return out.next()
	}
}

// tail keeps the end of an output.
type tail struct {
	mu   sync.Mutex
	text []byte
	news bool
}

func (t *tail) write(p []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p...)
	if n := len(t.text) - outputKept; n > 0 {
		t.text = append(t.text[:0], t.text[n:]...)
	}
	t.news = true
}

func (t *tail) lines() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.news = false
	if len(t.text) == 0 {
		return nil
	}
	lines := cleanLines(string(t.text))
	return lines[max(0, len(lines)-outputShown):]
}

// report sends the tail while there are news, until stop.
func (t *tail) report(ctx context.Context, f *form, out stream, stop <-chan struct{}) {
	tick := time.NewTicker(outputEvery)
	defer tick.Stop()
	for {
		select {
		case <-stop:
			return
		case <-ctx.Done():
			return
		case <-tick.C:
			t.mu.Lock()
			news := t.news
			t.mu.Unlock()
			if news {
				select {
				case out <- commandMsg{form: f, output: t.lines()}:
				case <-stop:
					return
				case <-ctx.Done():
					return
				}
			}
		}
	}
}

// commandMsg brings output, and at the end a result or an error.
type commandMsg struct {
	form   *form
	output []string
	result *checklist.CommandResult
	err    error
}

func (c commandMsg) apply(m *model) tea.Cmd {
	f := c.form
	if c.output != nil {
		f.cmd.output = c.output
	}
	if c.result == nil && c.err == nil {
		return nil
	}
	f.cmd.active, f.cmd.took = false, m.now().Sub(f.cmd.since)
	if c.err != nil {
		f.err = clean(c.err.Error())
		return nil
	}
	f.cmd.result = c.result
	if c.result.Exit != 0 && f.state == checklist.Go {
		f.err = "it failed, so the answer cannot be go: mend it and run again, or answer 2 no-go"
	}
	if f.part == evidencePart && c.result.Exit == 0 {
		f.toPart(notePart)
	}
	return nil
}

// Render draws the run below the form's command line.
func (c *command) render(t *theme, f *form, w int) []string {
	var out []string
	add := func(s style, text string) {
		for _, l := range wrap(text, w-9) {
			out = append(out, blanks(9)+s.of(l))
		}
	}
	switch {
	case c.active:
		add(t.strong, spinner(c.took)+" running "+elapsed(c.took.Milliseconds())+"  esc ends it")
	case c.result != nil && c.result.Line == f.evidence.value() && c.result.Exit == 0:
		add(t.good, "✓ "+resultLine(c.result))
	case c.result != nil && c.result.Line == f.evidence.value():
		add(t.bad, "✗ "+resultLine(c.result))
	case f.item.Evidence == checklist.CommandEvidence:
		add(t.faint, "enter runs it, after you have seen the exact line; the line becomes public with the record")
	}
	for _, l := range c.output {
		out = append(out, blanks(9)+t.faint.of(fit("│ "+l, w-9)))
	}
	return out
}

// spinner is a frame of the spinner, 8 a second.
func spinner(d time.Duration) string {
	frames := []rune("⠋⠙⠹⠸⠼⠴⠦⠧")
	return string(frames[int(d/tickEvery)%len(frames)])
}

// oneLine shows a command line exactly, what cannot be shown marked.
func oneLine(s string) string { return clean(strings.TrimSpace(s)) }
