package tui

// The poll: stations with their findings and items, as rows that can be folded, filtered and walked.

import (
	"slices"
	"strings"

	"flightpoll/checklist"
	"flightpoll/detectors"
)

type rowKind int

const (
	stationRow rowKind = iota
	findingRow
	itemRow
	nextRow
)

// row is one line of the poll; key stays the same when the poll changes.
type row struct {
	kind    rowKind
	key     string
	station *checklist.Station
	finding *detectors.Finding
	item    *checklist.Item
	waived  bool
}

// list is the poll's left pane.
type list struct {
	theme  *theme
	board  checklist.Board
	rows   []row
	cursor int
	top    int
	// filter holds lower-case words that a row must have; openOnly leaves out what is settled.
	filter   []string
	openOnly bool
	folded   map[detectors.Pattern]bool
	open     int
	// settled says that the verdicts stand: the detectors have ended.
	settled bool
	focused bool
}

// newList shows the five stations before anything is known of them.
func newList(t *theme) list {
	l := list{theme: t, folded: map[detectors.Pattern]bool{}}
	var b checklist.Board
	for _, p := range detectors.Patterns {
		b.Stations = append(b.Stations, checklist.Station{Pattern: p})
	}
	l.rebuild(b)
	return l
}

// rebuild makes the rows anew and keeps the cursor on what it was on.
func (l *list) rebuild(b checklist.Board) {
	l.board = b
	here := l.selected().key
	at := l.cursor
	l.rows = l.rows[:0:0]
	l.open = 0
	for i := range b.Stations {
		s := &b.Stations[i]
		for j := range s.Items {
			if s.Items[j].State == checklist.Open {
				l.open++
			}
		}
		l.addStation(s, b.Waivers)
	}
	if len(l.filter) == 0 || len(l.rows) == 0 {
		l.rows = append(l.rows, row{kind: nextRow, key: "next"})
	}
	l.cursor = slices.IndexFunc(l.rows, func(r row) bool { return r.key == here })
	if l.cursor < 0 {
		l.cursor = min(at, len(l.rows)-1)
	}
}

func (l *list) addStation(s *checklist.Station, waivers map[string]checklist.Waiver) {
	var below []row
	for i := range s.Findings {
		f := &s.Findings[i]
		_, waived := waivers[f.Fingerprint]
		if l.openOnly && waived || !l.match(f.Path, f.Message, f.Detector, f.Symbol, string(f.Severity)) {
			continue
		}
		below = append(below, row{findingRow, "f:" + f.Fingerprint, s, f, nil, waived})
	}
	for i := range s.Items {
		it := &s.Items[i]
		if l.openOnly && it.State != checklist.Open || !l.match(it.ID, it.Question, string(it.Pattern), string(it.State)) {
			continue
		}
		below = append(below, row{itemRow, "i:" + it.ID, s, nil, it, false})
	}
	if len(below) == 0 && (l.openOnly || len(l.filter) > 0) {
		return
	}
	l.rows = append(l.rows, row{kind: stationRow, key: "s:" + string(s.Pattern), station: s})
	if !l.folded[s.Pattern] || len(l.filter) > 0 {
		l.rows = append(l.rows, below...)
	}
}

func (l *list) match(texts ...string) bool {
	if len(l.filter) == 0 {
		return true
	}
	all := strings.ToLower(strings.Join(texts, "\n"))
	for _, word := range l.filter {
		if !strings.Contains(all, word) {
			return false
		}
	}
	return true
}

// narrow filters the rows by the words of a query.
func (l *list) narrow(query string) {
	l.filter = strings.Fields(strings.ToLower(query))
	l.rebuild(l.board)
	if len(l.filter) > 0 && l.selected().kind != findingRow && l.selected().kind != itemRow {
		l.cursor = 0
		l.hop(1)
	}
}

// selected is the cursor's row, the zero row of an empty list.
func (l *list) selected() row {
	if l.cursor < 0 || l.cursor >= len(l.rows) {
		return row{}
	}
	return l.rows[l.cursor]
}

// jump puts the cursor on a key, unfolding and unfiltering for it; false when it is not on the poll.
func (l *list) jump(key string) bool {
	for range 2 {
		if i := slices.IndexFunc(l.rows, func(r row) bool { return r.key == key }); i >= 0 {
			l.cursor = i
			return true
		}
		l.filter, l.openOnly = nil, false
		clear(l.folded)
		l.rebuild(l.board)
	}
	return false
}

func (l *list) move(n int) { l.cursor = min(max(0, l.cursor+n), len(l.rows)-1) }

// hop goes to the next (or previous) finding or item.
func (l *list) hop(by int) {
	for i := l.cursor + by; i >= 0 && i < len(l.rows); i += by {
		if k := l.rows[i].kind; k == findingRow || k == itemRow {
			l.cursor = i
			return
		}
	}
}

// station goes to the next (or previous) station.
func (l *list) toStation(by int) {
	for i := l.cursor + by; i >= 0 && i < len(l.rows); i += by {
		if l.rows[i].kind == stationRow {
			l.cursor = i
			return
		}
	}
}

// fold closes or opens the cursor's station.
func (l *list) fold() {
	if s := l.selected().station; s != nil {
		l.folded[s.Pattern] = !l.folded[s.Pattern]
		l.rebuild(l.board)
	}
}

// scroll keeps the cursor inside h rows, with one row of context where there is room.
func (l *list) scroll(h int) {
	edge := 0
	if h > 6 {
		edge = 1
	}
	l.top = min(l.top, max(0, l.cursor-edge))
	l.top = max(l.top, min(l.cursor+edge, len(l.rows)-1)-h+1)
	l.top = max(0, min(l.top, len(l.rows)-h))
}
