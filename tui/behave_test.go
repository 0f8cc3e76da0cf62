package tui

// What keys do: each case presses some on the poll and says what is then on the screen.

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
)

func TestKeys(t *testing.T) {
	s := newShop(t)
	for _, c := range []struct {
		name, keys, text, then string
		w, h                   int
		sees, misses           string
	}{
		{name: "esc never quits", keys: "esc esc", sees: "nothing to go back from; q quits"},
		{name: "enter folds a station", keys: "enter", sees: "▸ CONTRACTS", misses: "▴ stale-mock"},
		{name: "the filter narrows the list", keys: "/", text: "loyalty_url", sees: "LOYALTY_URL is set for staging", misses: "stale-mock"},
		{name: "esc clears the filter", keys: "/", text: "loyalty_url", then: "enter esc", sees: "stale-mock"},
		{name: "only what is open", keys: "f", sees: "only what is open; f shows everything"},
		{name: "search in the preview", keys: "p /", text: "weight", then: "enter", sees: " 1 line ─"},
		{name: "search in the guide", keys: "j K /", text: "access log", sees: "1 line"},
		{name: "search in the detail", keys: "j tab /", text: "nowhere", sees: "not found"},
		{name: "g in the detail opens the guide", keys: "j tab g", sees: "Why it breaks"},
		{name: "a page that is not there", keys: "G k k k k k K", sees: "Why it breaks"},
		{name: "an action that is off says why", keys: "w", sees: "only a finding or an item can be waived"},
		{name: "a waiver needs a reason", keys: "j w enter", sees: "a waiver needs a reason"},
		{name: "a waiver needs a date", keys: "j w", text: "known", then: "enter enter", sees: "until when?"},
		{name: "a choice comes first", keys: "j j j enter tab enter", sees: "choose first: 1 go, 2 no-go, 3 n/a"},
		{name: "go needs evidence", keys: "j j j 1 enter", sees: "go needs evidence"},
		{name: "what is wrong is seen in a small terminal", keys: "j j j 1 enter", w: 40, h: 14, sees: "person, NAME <ADDRESS>"},
		{name: "letters are typed where a field has the focus", keys: "W 1 q w e", sees: "qwe"},
		{name: "the bar has no letters while one types", keys: "j j j 1", sees: " enter save  tab field  esc back   ", misses: "? help"},
		{name: "quit asks about what is not saved", keys: "j j j 1", text: "Kim", then: "esc esc q", sees: "The answer to consumers-told is not saved yet."},
		{name: "the palette finds by letters", keys: ":", text: "wlkopn", sees: "walk the open items"},
		{name: "the palette runs", keys: ":", text: "preview", then: "enter", sees: "The record as people will read it"},
		{name: "enter goes to what blocks", keys: "s j j enter", sees: "LOYALTY_URL is set for staging"},
		{name: "too small says so", w: 30, h: 8, sees: "flightpoll needs 40x10"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := polledModel(t, s.fixedBackend(), Options{NoColor: true}, max(c.w, 30), max(c.h, 8))
			if c.w == 0 {
				m.resize(100, 30)
			}
			press(m, c.keys)
			enterText(m, c.text)
			press(m, c.then)
			lines := m.lines()
			checkFrame(t, m, lines)
			frame := ansi.Strip(strings.Join(lines, "\n"))
			if !strings.Contains(frame, c.sees) || c.misses != "" && strings.Contains(frame, c.misses) {
				t.Errorf("wanted %q and not %q:\n%s", c.sees, c.misses, frame)
			}
		})
	}
}

// TestUndo takes an answer and a waiver back, each by its name.
func TestUndo(t *testing.T) {
	m := polledModel(t, newShop(t).fixedBackend(), Options{NoColor: true}, 100, 30)
	before := strings.Join(m.lines(), "\n")
	press(m, "j j j 3")
	enterText(m, "nobody reads it")
	press(m, "enter")
	if m.isOpen("consumers-told") {
		t.Fatalf("not answered: %s", m.status.text)
	}
	press(m, "u")
	if !m.isOpen("consumers-told") || !strings.Contains(m.status.text, "consumers-told") {
		t.Errorf("undo said %q", m.status.text)
	}
	press(m, "ctrl+r")
	if m.isOpen("consumers-told") || !strings.Contains(m.status.text, "consumers-told") {
		t.Errorf("redo said %q", m.status.text)
	}
	press(m, "u g")
	m.status = statusMsg{}
	if after := strings.Join(m.lines(), "\n"); after != before {
		t.Errorf("after undo the screen is another one:\n%s\n\n%s", before, after)
	}
}
