package tui

// The first and the last line, and what lies over the others.

import (
	"github.com/charmbracelet/x/ansi"
)

// header is branch, size of the change and verdict; what does not fit is left out, the least telling first.
func (m *model) header(w int) string {
	t := m.theme
	b := m.snap.branch
	if b == nil {
		return ends(t.strong.of("flightpoll")+"  "+t.faint.of("reading the branch …"), "", w)
	}
	v := t.verdictMark(m.snap.board.Verdict)
	right := v.style.of(v.word) + "  " + t.strong.of(itoa(m.snap.board.Score)+"/100") + " "
	if !m.polled {
		right = t.faint.of("polling ")
	}
	name := clean(b.Name)
	if name == "" {
		name = short(b.Head)
	}
	target := clean(b.Target)
	if target == "" {
		target = clean(b.BaseRef)
	}
	facts := []string{plural(len(b.Commits), "commit"), plural(len(b.Files), "file")}
	if n := b.AI.Commits; n > 0 {
		fact := "AI in " + plural(n, "commit")
		if b.AI.Known > 0 {
			fact = "AI " + itoa(100*b.AI.Machine/b.AI.Known) + "% of " + plural(b.AI.Known, "line")
		}
		facts = append(facts, fact)
	}
	if n := len(b.Dirty()); n > 0 {
		facts = append(facts, itoa(n)+" uncommitted")
	}
	left := t.strong.of("flightpoll") + "  " + t.path.of(name) + t.faint.of(" → ") + target
	if width(left)+width(right)+1 > w {
		room := w - width(right) - 4 - width(target)
		return ends(t.path.of(ansi.Truncate(name, max(8, room), "…"))+t.faint.of(" → ")+target, right, w)
	}
	gap := "   "
	for _, f := range facts {
		if width(left)+width(gap)+width(f)+1+width(right) > w {
			break
		}
		left += gap + t.faint.of(f)
		gap = "  "
	}
	return ends(left, right, w)
}

func short(id string) string { return id[:min(len(id), 10)] }

// hit is a place of the help bar that can be clicked.
type hit struct {
	from, to int
	action   *action
}

// bar is the help bar.
func (m *model) bar(w int) string {
	s, _ := m.barHits(w)
	return s
}

// barHits composes the help bar: what fits, help and quit always last; no letters while one types.
func (m *model) barHits(w int) (string, []hit) {
	var first, last []keyLine
	typing := m.text() != nil
	for _, l := range keyLines(m.actions, m.scope(), m) {
		switch {
		case l.bar == "" || l.why != "" || typing && len(l.short[0]) == 1:
		case l.first.id == "help" || l.first.id == "quit":
			last = append(last, l)
		default:
			first = append(first, l)
		}
	}
	size := func(l keyLine) int { return width(joinKeys(l.short)) + 1 + width(l.bar) + 2 }
	room := w - 1
	for _, l := range last {
		room -= size(l)
	}
	var shown []keyLine
	for _, l := range first {
		if room -= size(l); room < 0 {
			break
		}
		shown = append(shown, l)
	}
	line, x := " ", 1
	var hits []hit
	for _, l := range append(shown, last...) {
		n := size(l)
		hits = append(hits, hit{x, x + n - 2, l.first})
		line += m.theme.key.of(joinKeys(l.short)) + " " + m.theme.faint.of(l.bar) + "  "
		x += n
	}
	return fit(line, w), hits
}

func joinKeys(keys []string) string {
	s := ""
	for i, k := range keys {
		if i > 0 {
			s += "/"
		}
		s += k
	}
	return s
}

// dialogBox is where the dialog lies.
func (m *model) dialogBox() (box rect, body []string) {
	w := min(m.w-4, 84)
	body = m.dialog.Render(w-4, m.h-6)
	h := min(len(body)+2, m.h-2)
	return rect{(m.w - w) / 2, max(1, (m.h-h)/3), w, h}, body
}

// overlay lays the dialog over the frame, which steps back.
func (m *model) overlay(frame []string) []string {
	t := m.theme
	box, body := m.dialogBox()
	inner := box.w - 2
	for i, line := range frame {
		plain := ansi.Strip(line)
		if i < box.y || i >= box.y+box.h {
			frame[i] = t.faint.of(plain)
			continue
		}
		var row string
		switch at := i - box.y; at {
		case 0:
			title := ansi.Truncate(" "+clean(m.dialog.title())+" ", inner-2, "…")
			row = "┌" + t.strong.of(title) + rule(inner-width(title)) + "┐"
		case box.h - 1:
			row = "└" + rule(inner) + "┘"
		default:
			row = "│ " + fit(body[at-1], inner-2) + " │"
		}
		before := fit(ansi.Truncate(plain, box.x, ""), box.x)
		after := ansi.TruncateLeft(plain, box.x+box.w, "")
		rest := m.w - box.x - box.w
		after = blanks(rest-width(after)) + after
		frame[i] = t.faint.of(before) + row + t.faint.of(fit(after, rest))
	}
	return frame
}
