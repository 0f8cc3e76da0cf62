package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"flightpoll/checklist"
	"flightpoll/detectors"
)

// defaultWidth is the width of the plain report where nobody names one, minWidth what it needs.
const (
	defaultWidth = 100
	minWidth     = 40
)

func writeText(w io.Writer, r Report, o TextOptions) error {
	if o.Width <= 0 {
		o.Width = defaultWidth
	}
	o.Width = max(o.Width, minWidth)
	p := &page{options: o}
	p.head(r)
	p.poll(r)
	for _, pattern := range r.Patterns {
		p.station(r, pattern)
	}
	p.next(r)
	_, err := io.WriteString(w, p.text.String())
	return err
}

// page collects the lines of the plain report.
type page struct {
	options TextOptions
	text    strings.Builder
}

// line ends one line. What GitHub's runner would take for a command is broken up: it looks for `::` at a line's start
// and for `##[` anywhere.
func (p *page) line(s string) {
	s = strings.TrimRight(s, " ")
	if bare := strings.TrimLeft(ansi.Strip(s), " "); strings.HasPrefix(bare, "::") {
		s = strings.Replace(s, "::", ": :", 1)
	}
	p.text.WriteString(strings.ReplaceAll(s, "##[", "# #["))
	p.text.WriteByte('\n')
}

// hang writes a label and a text that is wrapped beside it, every line in the same style.
func (p *page) hang(indent int, label, text string, st style) {
	room := p.options.Width - indent - ansi.StringWidth(label)
	for i, l := range wrap(Clean(text), room) {
		if i > 0 {
			label = strings.Repeat(" ", ansi.StringWidth(label))
		}
		p.line(strings.Repeat(" ", indent) + label + p.styled(st, l))
	}
}

func (p *page) head(r Report) {
	b := r.Branch
	name := Clean(b.Name)
	if name == "" {
		name = "detached " + short(b.Head)
	}
	facts := []string{count(b.Commits, "commit"), count(b.Files, "file"), fmt.Sprintf("+%d -%d", b.Additions, b.Deletions)}
	if b.AI.Commits > 0 {
		facts = append(facts, fmt.Sprintf("AI in %s (%s)%s", count(b.AI.Commits, "commit"), Clean(strings.Join(b.AI.Tools, ", ")), b.AI.share()))
	}
	if b.Dirty {
		facts = append(facts, "not all committed")
	}
	p.hang(0, "", "flightpoll  "+name+" "+p.glyph("→", "->")+" "+Clean(shortRef(b.BaseRef)), bold)
	p.hang(0, "", strings.Join(facts, ", "), dim)
	p.line("")
	v := mark(r.Verdict)
	p.line(p.styled(v.style, p.glyph(v.glyph, v.ascii)+" "+strings.ToUpper(string(r.Verdict))) + fmt.Sprintf("  %d/100", r.Score))
	p.line("")
}

// poll is the table of the five stations.
func (p *page) poll(r Report) {
	const title, verdict = 24, 9
	for _, s := range r.Patterns {
		v := mark(s.Verdict)
		said := tally(s)
		if said == "" {
			said = "nothing of its kind on this branch"
		}
		line := "  " + pad(s.Title, title) + p.styled(v.style, pad(p.glyph(v.glyph, v.ascii)+" "+string(s.Verdict), verdict)) + fmt.Sprintf("%3d%%", s.Weight)
		if ansi.StringWidth(line)+len(said)+2 > p.options.Width {
			p.line(line)
			p.hang(indent, "", said, dim)
			continue
		}
		p.line(line + "  " + p.styled(dim, said))
	}
}

// tally is what stands at one station, in words.
func tally(s Pattern) string {
	var parts []string
	for _, c := range []struct {
		n    int
		what string
	}{{s.Findings.Blocker, "blocker"}, {s.Findings.Warning, "warning"}, {s.Findings.Note, "note"}} {
		if c.n > 0 {
			parts = append(parts, count(c.n, c.what))
		}
	}
	if all := s.Items.Open + s.Items.Answered; all > 0 {
		parts = append(parts, fmt.Sprintf("%d of %s answered", s.Items.Answered, count(all, "question")))
	}
	return strings.Join(parts, ", ")
}

// station lists the findings and items of one pattern.
func (p *page) station(r Report, s Pattern) {
	var lines []func()
	for _, f := range r.Findings {
		if f.Pattern == s.ID {
			lines = append(lines, func() { p.finding(f) })
		}
	}
	for _, i := range r.Items {
		if i.Pattern == s.ID {
			lines = append(lines, func() { p.item(i) })
		}
	}
	if len(lines) == 0 {
		return
	}
	p.line("")
	p.line(p.styled(bold, strings.ToUpper(s.Title)))
	for _, write := range lines {
		write()
	}
}

// next says what to do about what stands in the way.
func (p *page) next(r Report) {
	blocked, open := false, false
	for _, s := range r.Patterns {
		blocked = blocked || s.Findings.Blocker > 0
		open = open || s.Items.Open > 0
	}
	p.line("")
	if blocked {
		p.hang(0, "Next  ", "fix each blocker, or let it pass until a date: flightpoll waive FINGERPRINT --reason TEXT --until DATE", none)
	}
	if open {
		p.hang(0, "Next  ", "answer each question: in the terminal with flightpoll, or flightpoll answer ID go|no-go|n/a with the evidence shown", none)
	}
	switch {
	case r.Verdict == checklist.VerdictGo && r.Branch.Dirty:
		p.hang(0, "Next  ", "commit what is not committed yet, then flightpoll sign", none)
	case r.Verdict == checklist.VerdictGo:
		p.hang(0, "Next  ", "flightpoll sign", none)
	case !blocked && !open:
		p.hang(0, "Next  ", "an answer says no-go: change what it speaks of, and answer again", none)
	}
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// shortRef is a ref as people write it.
func shortRef(ref string) string {
	for _, folder := range []string{"refs/heads/", "refs/remotes/", "refs/tags/"} {
		if name, ok := strings.CutPrefix(ref, folder); ok {
			return name
		}
	}
	return ref
}

func short(id string) string { return id[:min(len(id), 12)] }

func pad(s string, width int) string {
	return s + strings.Repeat(" ", max(width-ansi.StringWidth(s), 1))
}

func place(path string, line int) string {
	if line > 0 {
		return fmt.Sprintf("%s:%d", Clean(path), line)
	}
	return Clean(path)
}

// severityStyle is how a severity looks.
func severityStyle(s detectors.Severity) style {
	switch s {
	case detectors.Blocker:
		return strong
	case detectors.Warning:
		return bold
	default:
		return dim
	}
}
