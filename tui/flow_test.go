package tui

// From the first frame to a signed record that OpenSSH verifies, by keys alone, with the real detectors.

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/exp/teatest/v2"

	"flightpoll/checklist"
	"flightpoll/checklist/record"
)

func TestWalkToASignedRecord(t *testing.T) {
	s := newShop(t)
	p := &player{t, teatest.NewTestModel(t, newTestModel(t, s.backend(), Options{NoColor: true}), teatest.WithInitialTermSize(100, 30))}
	teatest.WaitFor(t, p.tm.Output(), func(out []byte) bool { return bytes.Contains(out, []byte("flightpoll")) })
	p.until("polled", func(m *model) bool { return m.polled && !m.run.active })

	// Each blocker is reached from the sign screen, which lists what blocks, and waived there.
	for at := p.firstBlocker(); at >= 0; at = p.firstBlocker() {
		p.keys("s" + strings.Repeat(" j", at) + " enter w")
		p.text("known; LOY-7 sets it before the release")
		p.keys("tab")
		p.text("2026-03-17")
		p.keys("enter")
		p.until("waived", func(m *model) bool { return m.dialog == nil })
	}

	p.keys("W")
	ran, skipped := 0, 0
	for {
		var it checklist.Item
		done := false
		p.until("a question", func(m *model) bool {
			if done = m.screen != walkScreen; !done {
				it = m.form.item
			}
			return true
		})
		if done {
			break
		}
		switch it.Evidence {
		case checklist.CommandEvidence:
			if ran++; ran == 1 {
				p.keys("1 ctrl+u")
				p.text("true")
				p.keys("enter y")
				p.until("run", func(m *model) bool { return m.form.cmd.result != nil && !m.form.cmd.active })
				p.keys("enter")
				break
			}
			p.keys("1 ctrl+u")
			p.text("https://ci.lantern.example/runs/77")
			p.keys("enter")
		case checklist.LinkEvidence:
			p.keys("1")
			p.text("https://grafana.lantern.example/d/rewards")
			p.keys("enter")
		case checklist.PersonEvidence:
			if skipped++; skipped == 1 {
				p.keys("3")
				p.text("only the shop front reads it")
				p.keys("enter")
				break
			}
			p.keys("1")
			p.text("Kim Osei <kim@lantern.example>")
			p.keys("enter")
		default:
			p.keys("1")
			p.text("read the change line by line with Kim")
			p.keys("enter")
		}
		p.until(it.ID+" answered", func(m *model) bool { return !m.isOpen(it.ID) && (m.form == nil || m.form.item.ID != it.ID) })
	}
	if ran == 0 || skipped == 0 {
		t.Fatalf("the sample asks for no command (%d) or no person (%d)", ran, skipped)
	}

	p.until("the preview", func(m *model) bool { return m.screen == previewScreen })
	p.keys("s")
	p.until("ready", func(m *model) bool { return m.sign.stage == ready && m.sign.draft != nil && m.sign.key != nil })
	p.keys("enter")
	var done record.Signed
	p.until("signed", func(m *model) bool { done = m.sign.done; return m.sign.stage == signed })
	p.keys("q")
	p.tm.WaitFinished(t, teatest.WithFinalTimeout(10*time.Second))

	v, err := record.Verify(t.Context(), record.VerifyOptions{Dir: s.Dir, Now: morning()})
	if err != nil || !v.Covered {
		t.Fatalf("not covered: %+v %v", v, err)
	}
	if _, err := exec.LookPath("ssh-keygen"); err != nil {
		t.Skip("OpenSSH's own answer needs ssh-keygen")
	}
	openssh := exec.CommandContext(t.Context(), "sh", "-c", done.VerifyCommand) //nolint:gosec // the line that the screen shows
	openssh.Dir = s.Dir
	if out, err := openssh.CombinedOutput(); err != nil || !bytes.Contains(out, []byte("Good \"flightpoll/author\" signature")) {
		t.Errorf("OpenSSH says %q, %v to %s", out, err, done.VerifyCommand)
	}
}

// player plays keys to a running program, and waits for what the model says.
type player struct {
	t  *testing.T
	tm *teatest.TestModel
}

func (p *player) keys(names string) {
	for _, k := range strings.Fields(names) {
		p.tm.Send(keyPress(k))
	}
}

func (p *player) text(s string) {
	for _, r := range s {
		p.tm.Send(tea.KeyPressMsg{Code: r, Text: string(r)})
	}
}

// probe looks at the model between two updates.
type probe struct {
	look func(m *model)
	done chan struct{}
}

func (p probe) apply(m *model) tea.Cmd {
	p.look(m)
	close(p.done)
	return nil
}

// until asks the running model again and again; every key sent before has been dealt with when it is asked.
func (p *player) until(what string, holds func(m *model) bool) {
	p.t.Helper()
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	late := time.After(30 * time.Second)
	for {
		ok, seen := false, ""
		q := probe{func(m *model) {
			if ok = holds(m); !ok {
				seen = strings.Join(m.lines(), "\n")
			}
		}, make(chan struct{})}
		p.tm.Send(q)
		select {
		case <-q.done:
		case <-late:
			p.t.Fatalf("no answer while waiting: %s", what)
		}
		if ok {
			return
		}
		select {
		case <-again.C:
		case <-late:
			p.t.Fatalf("waited in vain: %s\n%s", what, seen)
		}
	}
}

// firstBlocker is the place of the first blocking finding in the list of what blocks, -1 without one.
func (p *player) firstBlocker() int {
	at := -1
	p.until("what blocks", func(m *model) bool {
		for i, b := range blocking(m) {
			if at < 0 && strings.HasPrefix(b.key, "f:") {
				at = i
			}
		}
		return true
	})
	return at
}
