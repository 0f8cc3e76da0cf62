package tui

// Random keys in random sizes: nothing panics, and every frame is exactly as wide and high as the terminal.

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"flightpoll/checklist"
	"flightpoll/checklist/record"
	"flightpoll/detectors"
	"flightpoll/detectors/branch"
)

// hostileEnds are findings whose text a frame has to survive: control characters, wide and combining runes, long words.
func hostileEnds() []detectors.Done {
	ends := fixedEnds()
	for i, text := range []string{
		"tab\there, bell\a, escape \x1b[31mred\x1b[0m, \x00 and \u202eright to left\u202c",
		"日本語のメッセージ " + strings.Repeat("とても長い", 40),
		"e\u0301 👩‍👩‍👧‍👦 🏳️‍🌈 ☁️ \u200b\ufeff \xff\xfe",
		strings.Repeat("unbroken", 200),
		"line one\nline two\r\nline three",
		"",
	} {
		f := detectors.Finding{Detector: "contracts/stale-consumer", Pattern: detectors.Contracts, Severity: detectors.Warning,
			Path: "web/" + text, Line: i, Symbol: text, Message: text, Why: text, Fix: text,
			Fingerprint: strings.Repeat(string(rune('a'+i)), 16), Related: []detectors.Related{{Path: text, Line: 1 << 40, Message: text}}}
		ends = append(ends, detectors.Done{Outcome: detectors.Outcome{ID: f.Detector, Outcome: detectors.Undecided, Reason: text},
			Findings: []detectors.Finding{f}})
	}
	return ends
}

func TestRandomKeys(t *testing.T) {
	fresh, answered := newShop(t), newShop(t)
	settleAll(t, polledModel(t, answered.carelessBackend(), Options{}, 80, 24))
	starts := []struct {
		from *shop
		keys string
	}{
		{fresh, ""}, {fresh, "W"}, {fresh, "p"}, {fresh, "s"}, {fresh, "j K"}, {fresh, "j w"}, {fresh, ":"}, {fresh, "j j j enter"},
		{answered, ""}, {answered, "s"}, {answered, "s enter"},
	}
	models := make([]*model, len(starts))
	for i, start := range starts {
		models[i] = polledModel(t, start.from.carelessBackend(), Options{}, 80, 24)
		press(models[i], start.keys)
	}
	if got := models[len(models)-1].sign.stage; got != signed {
		t.Fatalf("the last start is no signed record but stage %d", got)
	}
	// No program is found from here on: what random keys type as a command cannot run.
	t.Setenv("PATH", t.TempDir())
	t.Setenv("TMPDIR", t.TempDir())
	rnd := rand.New(rand.NewPCG(11, 13)) //nolint:gosec // the same keys every time
	for i, start := range starts {
		t.Run(strings.TrimSpace("from "+start.keys), func(t *testing.T) { pressRandomly(t, models[i], rnd, 300) })
	}
}

// carelessBackend reads the branch once, finds hostile things, and fails every second signature.
func (s *shop) carelessBackend() Backend {
	b := s.fixedBackend(hostileEnds()...)
	open, sign, signs := b.Open, b.Sign, 0
	b.Open = func(ctx context.Context) (*branch.Branch, *checklist.Session, error) {
		if s.session != nil {
			return s.branch, s.session, nil
		}
		return open(ctx)
	}
	b.Sign = func(ctx context.Context, d *record.Draft, o record.SignOptions) (record.Signed, error) {
		if signs++; signs%2 == 0 {
			return record.Signed{}, errors.New("the key was \x1b[1mnot\x1b[0m there\nplug it in")
		}
		return sign(ctx, d, o)
	}
	return b
}

// pressRandomly changes size, presses, clicks, scrolls and pastes.
func pressRandomly(t *testing.T, m *model, rnd *rand.Rand, steps int) {
	t.Helper()
	var pressed []string
	defer func() {
		if p := recover(); p != nil || t.Failed() {
			t.Errorf("%v in %dx%d after %q\n%s", p, m.w, m.h, pressed[max(0, len(pressed)-20):], debug.Stack())
		}
	}()
	keys, wheel := allKeys(), []tea.MouseButton{tea.MouseWheelUp, tea.MouseWheelDown}
	for range steps {
		var msg tea.Msg
		switch rnd.IntN(20) {
		case 0, 1:
			msg = tea.WindowSizeMsg{Width: 1 + rnd.IntN(160), Height: 1 + rnd.IntN(60)}
		case 2:
			msg = tea.MouseClickMsg{X: rnd.IntN(m.w), Y: rnd.IntN(m.h), Button: tea.MouseLeft}
		case 3:
			msg = tea.MouseWheelMsg{X: rnd.IntN(m.w), Y: rnd.IntN(m.h), Button: wheel[rnd.IntN(2)]}
		case 4:
			msg = tea.PasteMsg{Content: "Zoë <zoe@example.com>\n日本\x1b[2J\t"}
		default:
			k := keys[rnd.IntN(len(keys))]
			pressed = append(pressed, k)
			msg = keyPress(k)
		}
		_, cmd := m.Update(msg)
		drive(m, cmd)
		checkFrame(t, m, m.lines())
	}
}

// allKeys are the keys of the action table and some that only a text field knows.
func allKeys() []string {
	keys := []string{"a", "x", "d", "2", "9", "-", " ", "é", "backspace", "left", "right", "alt+b", "ctrl+w", "delete"}
	for _, a := range actionTable() {
		keys = append(keys, a.keys...)
	}
	// A second time what answers and goes on, so that deep screens are reached.
	keys = append(keys, "enter", "enter", "tab", "3", "s", "W")
	return slices.DeleteFunc(keys, func(k string) bool { return k == "ctrl+c" })
}

// TestNeverBound keeps the keys free that terminals and multiplexers take, and letters where one types.
func TestNeverBound(t *testing.T) {
	for _, a := range actionTable() {
		for _, k := range a.keys {
			if slices.Contains([]string{"ctrl+h", "ctrl+j", "ctrl+k", "ctrl+l", "ctrl+z"}, k) {
				t.Errorf("%s is bound to %s", k, a.id)
			}
			if len(k) == 1 && a.scope&(inPalette|inWaive|inFind) != 0 && a.scope&inPages == 0 {
				t.Errorf("%s types in a text field and is bound to %s", k, a.id)
			}
		}
	}
}
