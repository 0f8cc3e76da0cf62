package tui

// How the rows of the poll look.

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"flightpoll/checklist"
)

// Render draws the rows from the top one on, w cells wide and h lines high.
func (l *list) Render(w, h int) []string {
	out := make([]string, 0, h)
	for i := l.top; i < len(l.rows) && len(out) < h; i++ {
		out = append(out, l.line(&l.rows[i], i == l.cursor, w))
	}
	return block(out, w, h)
}

func (l *list) line(r *row, here bool, w int) string {
	var s string
	switch r.kind {
	case stationRow:
		s = l.stationLine(r.station, w-1)
	case findingRow:
		_, name, _ := strings.Cut(r.finding.Detector, "/")
		s = l.entry(l.theme.severityMark(r.finding, r.waived), name, r.finding.Message, w-1)
	case itemRow:
		text := r.item.Short
		if text == "" {
			text = r.item.Question
		}
		s = l.entry(l.theme.itemMark(r.item), r.item.ID, text, w-1)
	case nextRow:
		s = l.nextLine(w - 1)
	}
	switch {
	case here && l.focused:
		return l.theme.chosen.of(fit("▸"+ansi.Strip(s), w))
	case here:
		return l.theme.strong.of(fit("▸"+ansi.Strip(s), w))
	case r.kind == stationRow && l.folded[r.station.Pattern]:
		return fit("▹"+s, w)
	case r.kind == stationRow:
		return fit("▾"+s, w)
	}
	return fit(" "+s, w)
}

// stationLine is " CONTRACTS  NO-GO  27%  2 found  1 of 3", shorter where it must be.
func (l *list) stationLine(s *checklist.Station, w int) string {
	t := l.theme
	v := t.verdictMark(s.Verdict)
	if !l.settled && s.Verdict != checklist.VerdictNoGo {
		v = t.verdictMark("")
	}
	gap := 2
	if w < 46 {
		gap = 0
	}
	head := t.strong.of(fit(" "+strings.ToUpper(string(s.Pattern)), 15)) + v.style.of(fit(v.word, 6))
	if s.Weight > 0 {
		head += t.faint.of(blanks(gap+2-len(itoa(s.Weight))) + itoa(s.Weight) + "%")
	}
	for _, info := range stationInfo(s, l.board.Waivers, l.settled) {
		if width(head)+2+width(info) <= w {
			return head + "  " + info
		}
		if width(head)+1+width(info) <= w {
			return head + " " + info
		}
	}
	return head
}

// stationInfo is what stands on a station, from long to short.
func stationInfo(s *checklist.Station, waivers map[string]checklist.Waiver, settled bool) []string {
	if s.Nothing && settled {
		return []string{"not on this branch", "nothing"}
	}
	open, answered := 0, 0
	for i := range s.Findings {
		if _, ok := waivers[s.Findings[i].Fingerprint]; !ok {
			open++
		}
	}
	for i := range s.Items {
		if s.Items[i].State != checklist.Open {
			answered++
		}
	}
	var long, short []string
	if open > 0 {
		long, short = append(long, itoa(open)+" found"), append(short, itoa(open)+" found")
	}
	if n := len(s.Items); n > 0 {
		long = append(long, itoa(answered)+" of "+itoa(n))
		short = append(short, itoa(answered)+"/"+itoa(n))
	}
	return []string{strings.Join(long, "  "), strings.Join(short, " ")}
}

// entry is " ✗ stale-mock   mocks still send it   blocker"; in a narrow list the word stands in the name's place.
func (l *list) entry(m mark, name, text string, w int) string {
	const words = 8 // the longest word
	word := m.word
	if len(word) > words {
		_, word, _ = strings.Cut(word, " ")
	}
	if w < 48 {
		return " " + m.style.of(m.glyph+" "+fit(word, words)) + " " + fit(clean(text), w-words-4)
	}
	n := min(max(8, w*42/100), 24)
	return " " + m.style.of(m.glyph) + " " + fit(clean(name), n) + " " + fit(clean(text), w-n-words-5) + " " +
		m.style.of(blanks(words-width(word))+word)
}

func (l *list) nextLine(w int) string {
	t := l.theme
	switch {
	case !l.settled:
		return " " + t.faint.of("…")
	case l.open > 0:
		return ends(" "+t.key.of("walk the "+openItems(l.open)), t.faint.of("W "), w)
	}
	return ends(" "+t.key.of("preview the record"), t.faint.of("p "), w)
}

func openItems(n int) string {
	if n == 1 {
		return "open item"
	}
	return itoa(n) + " open items"
}
