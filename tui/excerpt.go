package tui

// Excerpts: the lines of code around a place, read in a command.

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
)

// excerpt is a place with the code around it.
type excerpt struct {
	path string
	line int
	// message says what is there.
	message string
	// first is the number of the first of lines; mark the one that is meant.
	first int
	lines []string
	// changed says that this branch changed the line; gone that the file is only at the merge base.
	changed, gone bool
}

// How much is read: lines around the finding's own place, and around a related one; places in all.
const (
	contextMain    = 2
	contextRelated = 1
	maxPlaces      = 8
	maxCodeLine    = 400
)

type excerptsMsg struct {
	key  string
	from *branch.Branch
	list []excerpt
}

func (e excerptsMsg) apply(m *model) tea.Cmd {
	if e.from == m.snap.branch {
		m.excerpts[e.key] = e.list
	}
	return nil
}

// readExcerpts reads both sides of a finding.
func readExcerpts(b *branch.Branch, key string, f *detectors.Finding) tea.Cmd {
	return func() tea.Msg {
		list := []excerpt{readExcerpt(b, f.Path, f.Line, contextMain)}
		for i, r := range f.Related {
			if i == maxPlaces {
				break
			}
			e := readExcerpt(b, r.Path, r.Line, contextRelated)
			e.message = clean(r.Message)
			list = append(list, e)
		}
		return excerptsMsg{key, b, list}
	}
}

func readExcerpt(b *branch.Branch, path string, line, around int) excerpt {
	e := excerpt{path: path, line: line}
	f := b.File(path)
	text, err := b.ReadHead(path)
	if err != nil {
		e.gone = f != nil && f.Status == branch.Deleted
		if text, err = b.ReadBase(path); err != nil {
			return e
		}
		e.changed = f != nil && f.Removed(line)
	} else if f != nil {
		e.changed = line == 0 || f.TouchedRange(line-1, line+1) // a line that is gone stood beside it
	}
	if line < 1 || f != nil && f.Binary {
		return e
	}
	e.first = max(1, line-around)
	rest := string(text)
	for range e.first - 1 {
		_, after, ok := strings.Cut(rest, "\n")
		if !ok {
			e.first = 0
			return e
		}
		rest = after
	}
	for range line + around - e.first + 1 {
		l, after, ok := strings.Cut(rest, "\n")
		if !ok && l == "" {
			break
		}
		if len(l) > maxCodeLine {
			l = l[:maxCodeLine]
		}
		e.lines = append(e.lines, clean(strings.TrimRight(l, "\r")))
		rest = after
	}
	dedent(e.lines)
	return e
}

// dedent takes the blanks away that all lines begin with.
func dedent(lines []string) {
	least := -1
	for _, l := range lines {
		if t := strings.TrimLeft(l, " "); t != "" && (least < 0 || len(l)-len(t) < least) {
			least = len(l) - len(t)
		}
	}
	for i, l := range lines {
		lines[i] = l[min(max(0, least), len(l)):]
	}
}

// Render draws the code with line numbers, the place itself marked.
func (e *excerpt) render(t *theme, w int) []string {
	digits := len(itoa(e.first + len(e.lines)))
	out := make([]string, 0, len(e.lines))
	for i, l := range e.lines {
		n := itoa(e.first + i)
		n = blanks(digits-len(n)) + n
		if e.first+i == e.line {
			out = append(out, t.strong.of(fit("▸ "+n+" │ "+l, w)))
		} else {
			out = append(out, t.faint.of(fit("  "+n+" │ "+l, w)))
		}
	}
	return out
}
