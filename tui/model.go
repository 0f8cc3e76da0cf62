package tui

// The model: everything that is on the screen, and nothing else.

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"
)

// screen is what fills the frame.
type screen int

const (
	pollScreen screen = iota
	walkScreen
	guideScreen
	previewScreen
	matrixScreen
	signScreen
)

// focus is where keys go on the poll screen.
type focus int

const (
	onList focus = iota
	onDetail
	onForm
)

// run is a run of the detectors.
type run struct {
	active bool
	since  time.Time
	ended  int
	// only is the detector that runs again, empty for all; again says that it is not the first run.
	only  string
	again bool
}

// model is the one Bubble Tea model. Its children are plain structs that know how to draw themselves.
type model struct {
	ctx     context.Context
	backend Backend
	opts    Options
	now     func() time.Time
	actions []action

	w, h  int
	theme *theme

	desk   *desk
	snap   snapshot
	run    run
	polled bool

	screen  screen
	back    []screen
	focus   focus
	list    list
	detail  pager
	forms   map[string]*form
	form    *form
	walk    walk
	guide   guide
	preview preview
	grid    grid
	sign    sign
	find    find
	dialog  dialog

	// excerpts by finding, pages by id, width and theme; nil values are on their way.
	excerpts map[string][]excerpt
	pages    map[pageKey][]string
	guides   map[string]guideText

	status  statusMsg
	ticking bool
	frame   int
	failed  error
}

func newModel(ctx context.Context, b Backend, o Options) *model {
	t := newTheme(themeName(o))
	m := &model{
		ctx: ctx, backend: b, opts: o, now: time.Now, theme: &t,
		w: 80, h: 24,
		desk:     &desk{},
		forms:    map[string]*form{},
		excerpts: map[string][]excerpt{},
		pages:    map[pageKey][]string{},
		guides:   map[string]guideText{},
		status:   statusMsg{text: clean(o.Banner)},
	}
	m.actions = actionTable()
	m.list = newList(m.theme)
	m.detail.theme = m.theme
	m.guide.pager.theme, m.walk.pager.theme, m.preview.pager.theme = m.theme, m.theme, m.theme
	m.sign = sign{theme: m.theme, pager: pager{theme: m.theme}, role: newField("Role", "author"), commit: true}
	m.sign.role.set("author")
	m.find.field = newField("/", "")
	return m
}

// themeName is the theme to start with; where the terminal decides, dark until it has answered.
func themeName(o Options) string {
	switch {
	case o.NoColor:
		return "plain"
	case o.Theme == "light":
		return "light"
	}
	return "dark"
}

// Init starts reading the branch; the first frame does not wait for it, nor for the terminal's background colour.
func (m *model) Init() tea.Cmd {
	cmds := []tea.Cmd{m.poll(nil)}
	if m.opts.Theme == "" && !m.opts.NoColor {
		cmds = append(cmds, tea.RequestBackgroundColor)
	}
	return tea.Batch(cmds...)
}

// go to a screen, and back.
func (m *model) show(s screen) {
	if m.screen != s {
		m.back = append(m.back, m.screen)
		m.screen = s
	}
	m.find.stop()
}

func (m *model) leave() {
	m.screen = pollScreen
	if n := len(m.back); n > 0 {
		m.screen, m.back = m.back[n-1], m.back[:n-1]
	}
	m.find.stop()
}

// busy says that something runs whose progress is on the screen.
func (m *model) busy() bool {
	if m.run.active || m.sign.stage == signing {
		return true
	}
	for _, f := range m.forms {
		if f.cmd.active {
			return true
		}
	}
	return false
}
