package tui

// The demo's shop as a backend: a real repository with a real session, and a driver that runs commands in order.

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"flightpoll/checklist"
	"flightpoll/checklist/policy"
	"flightpoll/checklist/record"
	"flightpoll/checklist/report"
	"flightpoll/content"
	"flightpoll/content/demo"
	"flightpoll/detectors"
	"flightpoll/detectors/all"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/environment"
	"flightpoll/detectors/environment/matrix"
	"flightpoll/detectors/source"
)

// morning is the tests' clock: the day after the shop's branch was written.
func morning() time.Time { return time.Date(2026, 3, 3, 9, 0, 0, 0, time.UTC) }

// shop is the demo's repository and what is open of it.
type shop struct {
	demo.Repo
	branch  *branch.Branch
	policy  policy.Policy
	session *checklist.Session
}

// newShop makes the repository, out of reach of the engineer's own git configuration, home and ssh-agent.
func newShop(t testing.TB) *shop {
	t.Helper()
	for name, value := range map[string]string{
		"GIT_CONFIG_GLOBAL": os.DevNull, "GIT_CONFIG_NOSYSTEM": "1", "HOME": t.TempDir(), "SSH_AUTH_SOCK": "",
	} {
		t.Setenv(name, value)
	}
	r, err := demo.Create(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return &shop{Repo: r}
}

func (s *shop) open(ctx context.Context) (*branch.Branch, *checklist.Session, error) {
	b, err := branch.Open(ctx, branch.Options{Dir: s.Dir})
	if err != nil {
		return nil, nil, err
	}
	text, err := b.ReadTarget(policy.Path)
	if err != nil {
		return nil, nil, err
	}
	if s.policy, _, err = policy.Parse(policy.Path, text); err != nil {
		return nil, nil, err
	}
	by := b.Config("user.name") + " <" + b.Config("user.email") + ">"
	session, err := checklist.OpenSession(b, checklist.SessionOptions{By: by, Now: morning, Weights: s.policy.Weights})
	s.branch, s.session = b, session
	return b, session, err
}

// backend is the whole product behind the screen.
func (s *shop) backend() Backend {
	return Backend{
		Open: s.open,
		Detect: func(ctx context.Context, only []string, onDone func(detectors.Done)) detectors.Result {
			list := slices.DeleteFunc(slices.Clone(all.Detectors), func(d *detectors.Detector) bool {
				return len(only) > 0 && !slices.Contains(only, d.ID)
			})
			in := detectors.Input{Branch: s.branch, Source: source.New(s.branch), Settings: s.policy.Settings()}
			return detectors.Run(ctx, in, list, onDone)
		},
		Report: func(b checklist.Board, r detectors.Result) report.Report { return report.New("test", s.branch, b, r) },
		Draft: func(b checklist.Board, r report.Report) (*record.Draft, error) {
			return record.Build(s.branch, s.policy, b, r, morning())
		},
		Key: func(ctx context.Context) (record.KeyInfo, error) {
			return record.FindKey(ctx, s.branch, record.SignOptions{Role: "author"})
		},
		Sign: func(ctx context.Context, d *record.Draft, o record.SignOptions) (record.Signed, error) {
			return record.Sign(ctx, s.branch, d, o)
		},
		Matrix: func(ctx context.Context) (matrix.Document, error) {
			inv, err := environment.TakeInventory(&detectors.Pass{Context: ctx, Branch: s.branch, Source: source.New(s.branch), Settings: s.policy.Settings()}, false)
			return matrix.Of(inv, environment.Everywhere), err
		},
		Guide: content.Guide,
	}
}

// newTestModel is a model without a spinner, on the tests' clock.
func newTestModel(t testing.TB, b Backend, o Options) *model {
	t.Helper()
	m := newModel(t.Context(), b, o)
	m.now = morning
	m.ticking = true // an armed clock is not armed again
	return m
}

// drive runs a command and all that follow from it, in order, until nothing is left.
func drive(m *model, cmd tea.Cmd) {
	for queue := []tea.Cmd{cmd}; len(queue) > 0; queue = queue[1:] {
		if queue[0] == nil {
			continue
		}
		switch msg := queue[0]().(type) {
		case nil, tea.QuitMsg, tea.InterruptMsg:
		case tea.BatchMsg:
			queue = append(queue, msg...)
		default:
			_, next := m.Update(msg)
			queue = append(queue, next)
		}
	}
}

// press presses keys by their names, blanks between them.
func press(m *model, keys string) {
	for _, k := range strings.Fields(keys) {
		_, cmd := m.Update(keyPress(k))
		drive(m, cmd)
	}
}

// enterText types a text rune by rune.
func enterText(m *model, text string) {
	for _, r := range text {
		_, cmd := m.Update(tea.KeyPressMsg{Code: r, Text: string(r)})
		drive(m, cmd)
	}
}

var namedKeys = map[string]rune{
	"enter": tea.KeyEnter, "esc": tea.KeyEscape, "tab": tea.KeyTab, "up": tea.KeyUp, "down": tea.KeyDown,
	"left": tea.KeyLeft, "right": tea.KeyRight, "home": tea.KeyHome, "end": tea.KeyEnd, "pgup": tea.KeyPgUp,
	"pgdown": tea.KeyPgDown, "backspace": tea.KeyBackspace, "delete": tea.KeyDelete,
}

// keyPress is a key by the name that the action table has for it.
func keyPress(name string) tea.KeyPressMsg {
	var mod tea.KeyMod
	for _, m := range []struct {
		prefix string
		mod    tea.KeyMod
	}{{"ctrl+", tea.ModCtrl}, {"shift+", tea.ModShift}, {"alt+", tea.ModAlt}} {
		if rest, ok := strings.CutPrefix(name, m.prefix); ok {
			name, mod = rest, mod|m.mod
		}
	}
	if code, ok := namedKeys[name]; ok {
		return tea.KeyPressMsg{Code: code, Mod: mod}
	}
	k := tea.KeyPressMsg{Code: []rune(name)[0], Mod: mod}
	if mod == 0 {
		k.Text = name
	}
	return k
}
