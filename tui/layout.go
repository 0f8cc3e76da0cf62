package tui

// Where everything stands: panes, frame and lines, by the terminal's size.

// The sizes at which the layout changes.
const (
	minWidth, minHeight = 40, 10
	twoPanes, wide      = 70, 100
	frameHeight         = 14
)

type rect struct{ x, y, w, h int }

func (r rect) has(x, y int) bool { return x >= r.x && x < r.x+r.w && y >= r.y && y < r.y+r.h }

// layout is the frame cut into panes. With a single pane, left and right are the same place.
type layout struct {
	w, h                 int
	tiny, framed, single bool
	left, right          rect
	// status is the line that holds the status, bar the one of the help bar; the same one without a frame.
	status, bar int
}

// arrange cuts a frame of w × h; whole asks for one pane across.
func arrange(w, h int, whole bool) layout {
	l := layout{w: w, h: h, tiny: w < minWidth || h < minHeight, framed: h >= frameHeight, bar: h - 1, status: h - 1}
	l.single = whole || w < twoPanes
	x, y, inner, rows, gap := 0, 1, w, h-2, 1
	if l.framed {
		x, y, inner, rows = 1, 2, w-2, h-4
		l.status = h - 2
	}
	rows = max(1, rows)
	if l.single {
		l.left = rect{x, y, max(1, inner), rows}
		l.right = l.left
		return l
	}
	share := 50
	if w >= wide {
		share = 55
	}
	lw := (inner - gap) * share / 100
	l.left = rect{x, y, lw, rows}
	l.right = rect{x + lw + gap, y, inner - gap - lw, rows}
	return l
}

// layout of what is on the screen now.
func (m *model) layout() layout {
	whole := m.screen == previewScreen || m.screen == matrixScreen || m.screen == signScreen || m.screen == guideScreen && m.guide.zoomed
	return arrange(m.w, m.h, whole)
}
