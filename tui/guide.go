package tui

// Guides: Markdown pages, rendered by Glamour in a command and kept by id, width and theme.

import (
	"strings"

	tea "charm.land/bubbletea/v2"
	"charm.land/glamour/v2"
	"charm.land/glamour/v2/ansi"
)

// guide is the page that is open.
type guide struct {
	id     string
	zoomed bool
	pager  pager
}

// pageKey names a rendered page.
type pageKey struct {
	id    string
	width int
	theme string
}

type pageMsg struct {
	key   pageKey
	lines []string
}

func (p pageMsg) apply(m *model) tea.Cmd {
	m.pages[p.key] = p.lines
	return nil
}

// guideText is a page's Markdown; there says whether it exists.
type guideText struct {
	text  string
	there bool
}

type guidesMsg map[string]guideText

func (g guidesMsg) apply(m *model) tea.Cmd {
	for id, t := range g {
		m.guides[id] = t
	}
	return nil
}

// guideIDs are the pages for what is on the screen, the closest first: of the item or the detector, then of its pattern.
func (m *model) guideIDs() []string {
	r := m.list.selected()
	it := r.item
	if m.screen == walkScreen && m.form != nil {
		it = &m.form.item
	}
	switch {
	case it != nil && it.Guide != "":
		return []string{it.Guide, "items/" + it.ID, string(it.Pattern)}
	case it != nil:
		return []string{"items/" + it.ID, string(it.Pattern)}
	case r.finding != nil:
		return []string{r.finding.Detector, string(r.finding.Pattern)}
	case r.station != nil:
		return []string{string(r.station.Pattern)}
	}
	return nil
}

// guideID is the page that there is, false without one.
func (m *model) guideID() (string, bool) {
	for _, id := range m.guideIDs() {
		if m.guides[id].there {
			return id, true
		}
	}
	return "", false
}

// settleGuides fetches the pages that the screen may need.
func (m *model) settleGuides() tea.Cmd {
	var want []string
	for _, id := range m.guideIDs() {
		if _, ok := m.guides[id]; !ok {
			m.guides[id] = guideText{}
			want = append(want, id)
		}
	}
	if len(want) == 0 {
		return nil
	}
	fetch := m.backend.Guide
	return func() tea.Msg {
		g := guidesMsg{}
		for _, id := range want {
			text, ok := fetch(id)
			g[id] = guideText{text, ok}
		}
		return g
	}
}

func (m *model) openGuide() {
	id, ok := m.guideID()
	if !ok {
		m.status = statusMsg{noGuide(m), true}
		return
	}
	m.guide.id = id
	m.show(guideScreen)
}

// settlePages fills the pagers of guide, walk and preview, and renders what is not there yet.
func (m *model) settlePages() tea.Cmd {
	l := m.layout()
	switch m.screen {
	case guideScreen:
		return m.page(&m.guide.pager, "guide "+m.guide.id, m.guide.id, l.right, m.guides[m.guide.id].text)
	case walkScreen:
		id, ok := m.guideID()
		if !ok {
			m.walk.pager.set("none", nil, l.right.h)
			return nil
		}
		return m.page(&m.walk.pager, "walk "+id, id, l.right, m.guides[id].text)
	case previewScreen:
		return m.settlePreview(l)
	case matrixScreen:
		return m.settleMatrix(l)
	case signScreen:
		m.settleSign(l)
	case pollScreen:
	}
	return nil
}

// manyPages bounds how many rendered pages are kept.
const manyPages = 64

// page shows a Markdown text in a pager, rendered for the pane.
func (m *model) page(p *pager, key, id string, in rect, text string) tea.Cmd {
	p.theme = m.theme
	k := pageKey{id, in.w - 2, m.theme.name}
	lines, ok := m.pages[k]
	if ok {
		if lines == nil {
			lines = []string{"…"}
		}
		p.set(key, lines, in.h)
		return nil
	}
	if len(m.pages) > manyPages {
		clear(m.pages)
	}
	m.pages[k] = nil
	p.set(key, []string{"…"}, in.h)
	return func() tea.Msg { return pageMsg{k, renderMarkdown(text, k.width, k.theme)} }
}

// renderMarkdown makes lines of at most width cells; tabs are blanks first, since a tab makes a line too wide.
func renderMarkdown(text string, width int, theme string) []string {
	lines := cleanLines(text)
	r, err := glamour.NewTermRenderer(glamour.WithStyles(markdownStyle(theme)), glamour.WithWordWrap(width))
	if err != nil {
		return lines
	}
	out, err := r.Render(strings.Join(lines, "\n"))
	if err != nil {
		return lines
	}
	rendered := strings.Split(strings.Trim(out, "\n"), "\n")
	for i, l := range rendered {
		rendered[i] = strings.TrimRight(l, " ")
	}
	return rendered
}

// markdownStyle is the program's own style for Glamour: the theme's colours, no margins.
func markdownStyle(theme string) ansi.StyleConfig {
	yes, none, two := true, uint(0), uint(2)
	bar, cross, column, line := "│ ", "┼", "│", "─"
	color := func(dark, light string) *string {
		switch theme {
		case "dark":
			return &dark
		case "light":
			return &light
		}
		return nil
	}
	plain := func() ansi.StyleBlock { return ansi.StyleBlock{Margin: &none, Indent: &none} }
	return ansi.StyleConfig{
		Document:       plain(),
		Paragraph:      plain(),
		BlockQuote:     ansi.StyleBlock{Indent: &two, IndentToken: &bar, StylePrimitive: ansi.StylePrimitive{Faint: &yes}},
		List:           ansi.StyleList{StyleBlock: plain(), LevelIndent: 2},
		Heading:        ansi.StyleBlock{StylePrimitive: ansi.StylePrimitive{BlockSuffix: "\n", Bold: &yes, Color: color("14", "6")}},
		H1:             ansi.StyleBlock{StylePrimitive: ansi.StylePrimitive{Bold: &yes}},
		Emph:           ansi.StylePrimitive{Italic: &yes},
		Strong:         ansi.StylePrimitive{Bold: &yes},
		Strikethrough:  ansi.StylePrimitive{CrossedOut: &yes},
		HorizontalRule: ansi.StylePrimitive{Format: "\n────\n", Faint: &yes},
		Item:           ansi.StylePrimitive{BlockPrefix: "• "},
		Enumeration:    ansi.StylePrimitive{BlockPrefix: ". "},
		Task:           ansi.StyleTask{Ticked: "[x] ", Unticked: "[ ] "},
		Link:           ansi.StylePrimitive{Underline: &yes, Color: color("12", "4")},
		LinkText:       ansi.StylePrimitive{Bold: &yes},
		Code:           ansi.StyleBlock{StylePrimitive: ansi.StylePrimitive{Color: color("13", "5")}},
		CodeBlock:      ansi.StyleCodeBlock{StyleBlock: ansi.StyleBlock{Margin: &two, StylePrimitive: ansi.StylePrimitive{Color: color("13", "5")}}},
		Table:          ansi.StyleTable{CenterSeparator: &cross, ColumnSeparator: &column, RowSeparator: &line},
	}
}
