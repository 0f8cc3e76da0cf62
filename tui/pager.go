package tui

// A pager: lines that scroll, with a search.

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// pager shows lines that are already wrapped to its width.
type pager struct {
	theme *theme
	// key says what is shown, so that the place is kept while the text of it changes.
	key   string
	lines []string
	top   int
	// seen is the height that it was last laid out for.
	seen  int
	query string
	hit   int
}

// set shows lines; another key starts at the top.
func (p *pager) set(key string, lines []string, h int) {
	if key != p.key {
		p.key, p.top, p.query, p.hit = key, 0, "", -1
	}
	p.lines, p.seen = lines, h
	p.scroll(0)
}

func (p *pager) scroll(n int) { p.top = max(0, min(p.top+n, len(p.lines)-p.seen)) }

// hits are the lines that hold the query.
func (p *pager) hits() []int {
	if p.query == "" {
		return nil
	}
	var out []int
	for i, l := range p.lines {
		if strings.Contains(strings.ToLower(ansi.Strip(l)), p.query) {
			out = append(out, i)
		}
	}
	return out
}

// search goes to the first hit at or below the top, and says how many there are.
func (p *pager) search(query string) int {
	p.query, p.hit = strings.ToLower(query), p.top-1
	n := len(p.hits())
	p.next(1)
	return n
}

// next goes to the next (or previous) hit, around the end.
func (p *pager) next(by int) {
	hits := p.hits()
	if len(hits) == 0 {
		return
	}
	at := hits[0]
	if by < 0 {
		at = hits[len(hits)-1]
	}
	for i := range hits {
		if by > 0 && hits[i] > p.hit {
			at = hits[i]
			break
		}
		if j := len(hits) - 1 - i; by < 0 && hits[j] < p.hit {
			at = hits[j]
			break
		}
	}
	p.hit = at
	if at < p.top || at >= p.top+p.seen {
		p.top = at - p.seen/3
	}
	p.scroll(0)
}

// Render draws what is visible, hits of the search marked.
func (p *pager) Render(w, h int) []string {
	end := min(len(p.lines), p.top+h)
	view := p.lines[min(p.top, end):end]
	if p.query != "" {
		marked := make([]string, len(view))
		for i, l := range view {
			marked[i] = l
			if plain := ansi.Strip(l); strings.Contains(strings.ToLower(plain), p.query) {
				marked[i] = p.theme.chosen.of(fit(plain, w))
			}
		}
		view = marked
	}
	return block(view, w, h)
}

// place says how far down one is, "" when everything is visible.
func (p *pager) place() string {
	if len(p.lines) <= p.seen {
		return ""
	}
	return itoa(min(100, (p.top+p.seen)*100/len(p.lines))) + "%"
}
