package tui

// The palette: every action of the screen by name, with its keys, and why it is off.

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"
)

// palette filters the actions as one types.
type palette struct {
	theme  *theme
	field  field
	all    []choice
	shown  []choice
	cursor int
}

// choice is an action as the palette lists it.
type choice struct {
	action *action
	name   string
	keys   string
	why    string
}

func (m *model) openPalette() {
	p := &palette{theme: m.theme, field: newField(":", "type what you want to do")}
	p.field.focus(true)
	s := m.scope()
	for i := range m.actions {
		a := &m.actions[i]
		if a.scope&s == 0 || a.id == "palette" || m.actionFor(a.keys[0]) != a {
			continue
		}
		keys := make([]string, len(a.keys))
		for j, k := range a.keys {
			keys[j] = keyName(k)
		}
		p.all = append(p.all, choice{a, strings.ReplaceAll(a.id, "-", " "), strings.Join(keys, " "), a.why(m)})
	}
	p.typed()
	m.dialog = p
}

func (p *palette) scope() scope  { return inPalette }
func (p *palette) title() string { return "Palette" }
func (p *palette) text() *field  { return &p.field }
func (p *palette) move(n int)    { p.cursor = max(0, min(p.cursor+n, len(p.shown)-1)) }

// typed keeps what has the query's letters in their order, the closest first.
func (p *palette) typed() {
	query := strings.ToLower(strings.ReplaceAll(p.field.value(), " ", ""))
	p.shown, p.cursor = nil, 0
	score := map[string]int{}
	for _, c := range p.all {
		if n, ok := fuzzy(query, strings.ToLower(c.name+" "+c.action.does)); ok {
			score[c.action.id] = n
			p.shown = append(p.shown, c)
		}
	}
	slices.SortStableFunc(p.shown, func(a, b choice) int { return score[a.action.id] - score[b.action.id] })
}

// fuzzy says whether text has the letters of query in order, and how far apart they are.
func fuzzy(query, text string) (gaps int, ok bool) {
	at := 0
	for _, r := range query {
		i := strings.IndexRune(text[at:], r)
		if i < 0 {
			return 0, false
		}
		gaps += i
		at += i + len(string(r))
	}
	return gaps, true
}

func (p *palette) accept(m *model) tea.Cmd {
	if p.cursor >= len(p.shown) {
		return nil
	}
	m.dialog = nil
	return m.do(p.shown[p.cursor].action)
}

// Render draws the query and what it matches.
func (p *palette) Render(w, h int) []string {
	out := []string{p.theme.key.of(": ") + p.field.render(p.theme, w-2), ""}
	rows := max(1, h-2)
	from := max(0, min(p.cursor-rows/2, len(p.shown)-rows))
	for i := from; i < len(p.shown) && i < from+rows; i++ {
		out = append(out, p.line(&p.shown[i], i == p.cursor, w))
	}
	if len(p.shown) == 0 {
		out = append(out, p.theme.faint.of("nothing is called so"))
	}
	for len(out) < min(h, len(p.all)+2) {
		out = append(out, "")
	}
	return out
}

func (p *palette) line(c *choice, here bool, w int) string {
	keys := fit(c.keys, min(12, w/5))
	does := c.action.does
	if c.why != "" {
		does = c.why
	}
	name := fit(c.name, 18)
	switch {
	case here:
		return p.theme.chosen.of(fit("▸ "+name+" "+keys+" "+does, w))
	case c.why != "":
		return p.theme.faint.of(fit("  "+name+" "+keys+" "+does, w))
	}
	return "  " + name + " " + p.theme.key.of(keys) + " " + fit(p.theme.faint.of(does), w-22-width(keys))
}
