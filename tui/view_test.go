package tui

// Every screen, at three sizes, in two themes and without colour, against frames on file.

import (
	"fmt"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"
)

var sizes = []struct{ w, h int }{{100, 30}, {80, 24}, {40, 12}}

// screens are the keys that lead from the poll to a screen.
var screens = []struct {
	name, keys string
	coloured   bool
}{
	{name: "poll", coloured: true},
	{name: "finding", keys: "j j enter"},
	{name: "item", keys: "j j j enter"},
	{name: "walk", keys: "W", coloured: true},
	{name: "guide", keys: "j K"},
	{name: "preview", keys: "p"},
	{name: "matrix", keys: "m"},
	{name: "sign", keys: "s"},
	{name: "help", keys: "?"},
	{name: "palette", keys: ":"},
	{name: "waive", keys: "j w"},
}

// TestViews holds the frames; renew them with -update. The README's picture is poll-100x30-nocolor.
func TestViews(t *testing.T) {
	s := newShop(t)
	for _, theme := range []string{"dark", "light", "nocolor"} {
		for _, size := range sizes {
			for _, screen := range screens {
				if theme != "nocolor" && !screen.coloured {
					continue
				}
				t.Run(fmt.Sprintf("%s-%dx%d-%s", screen.name, size.w, size.h, theme), func(t *testing.T) {
					m := polledModel(t, s.fixedBackend(), themeOptions(theme), size.w, size.h)
					press(m, screen.keys)
					golden.RequireEqual(t, frameText(t, m))
				})
			}
		}
	}
}

// TestSigningViews answers everything and holds the screens of a record that is ready, and signed.
func TestSigningViews(t *testing.T) {
	for _, size := range sizes {
		t.Run(fmt.Sprintf("%dx%d", size.w, size.h), func(t *testing.T) {
			m := polledModel(t, newShop(t).fixedBackend(), themeOptions("nocolor"), size.w, size.h)
			settleAll(t, m)
			press(m, "s")
			t.Run("ready", func(t *testing.T) { golden.RequireEqual(t, frameText(t, m)) })
			press(m, "enter")
			t.Run("signed", func(t *testing.T) { golden.RequireEqual(t, frameText(t, m)) })
		})
	}
}

// settleAll waives what blocks and answers each open item with n/a.
func settleAll(t *testing.T, m *model) {
	t.Helper()
	for _, b := range blocking(m) {
		m.list.jump(b.key)
		switch m.list.selected().kind {
		case findingRow:
			press(m, "w")
			enterText(m, "known, ticket 7")
			press(m, "tab")
			enterText(m, "14d")
			press(m, "enter")
		default:
			press(m, "3")
			enterText(m, "nobody outside reads it")
			press(m, "enter")
		}
	}
	if left := blocking(m); len(left) > 0 {
		t.Fatalf("still blocked: %v; status %q", left, m.status.text)
	}
}

// TestFirstFrame is what is seen while the branch is still being read.
func TestFirstFrame(t *testing.T) {
	m := newTestModel(t, Backend{}, themeOptions("nocolor"))
	m.run = run{active: true, since: morning()}
	golden.RequireEqual(t, frameText(t, m))
}

// TestASCII draws every screen without any other character.
func TestASCII(t *testing.T) {
	s := newShop(t)
	for _, screen := range screens {
		m := polledModel(t, s.fixedBackend(), Options{NoColor: true, ASCII: true}, 80, 24)
		press(m, screen.keys)
		for i, line := range strings.Split(frameText(t, m), "\n") {
			if at := strings.IndexFunc(line, func(r rune) bool { return r > 0x7e }); at >= 0 {
				t.Errorf("%s, line %d: %q", screen.name, i+1, line[at:])
			}
		}
	}
}

func themeOptions(theme string) Options {
	if theme == "nocolor" {
		return Options{NoColor: true}
	}
	return Options{Theme: theme}
}

// frameText is the frame, of exactly the terminal's size; without colour there is no escape byte in it.
func frameText(t *testing.T, m *model) string {
	t.Helper()
	lines := m.lines()
	checkFrame(t, m, lines)
	text := strings.Join(lines, "\n") + "\n"
	if m.opts.NoColor {
		return ansi.Strip(text)
	}
	return text
}

func checkFrame(t *testing.T, m *model, lines []string) {
	t.Helper()
	if len(lines) != m.h {
		t.Fatalf("%d lines in a terminal of %d", len(lines), m.h)
	}
	for i, l := range lines {
		if n := ansi.StringWidth(l); n != m.w || strings.Contains(l, "\n") {
			t.Fatalf("line %d is %d cells in a terminal of %d: %q", i+1, n, m.w, l)
		}
	}
}
