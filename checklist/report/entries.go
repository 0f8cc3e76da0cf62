package report

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"flightpoll/checklist"
)

// indent is where the sentences of a finding or an item stand.
const indent = 4

// finding writes one finding with both sides: where the branch changed something, and who still expects the old.
func (p *page) finding(f Finding) {
	if f.Waived != nil {
		p.line("")
		p.hang(2, "~ ", fmt.Sprintf("waived  %s  %s  %s", f.Fingerprint, f.Detector, f.Message), dim)
		p.hang(indent, "", fmt.Sprintf("until %s by %s: %s", f.Waived.Until, f.Waived.By, f.Waived.Reason), dim)
		return
	}
	p.line("")
	p.line("  " + p.styled(severityStyle(f.Severity), string(f.Severity)) + "  " + Clean(f.Detector) + "  " + p.styled(dim, f.Fingerprint))
	p.hang(indent, "", f.Message, bold)
	p.hang(indent, "", place(f.Path, f.Line), none)
	for _, r := range f.Related {
		p.hang(indent, "", place(r.Path, r.Line)+"  "+r.Message, none)
	}
	if f.Why != "" {
		p.hang(indent, "why  ", f.Why, dim)
	}
	if f.Fix != "" {
		p.hang(indent, "fix  ", f.Fix, dim)
	}
}

// item writes one question with its answer, or how to give it.
func (p *page) item(i checklist.Item) {
	m := stateMark(i.State)
	p.line("")
	head := "  " + p.styled(m.style, p.glyph(m.glyph, m.ascii)+" "+string(i.State)) + "  " + Clean(i.ID)
	if asks := "asks for a " + string(i.Evidence); ansi.StringWidth(head)+len(asks)+2 <= p.options.Width {
		head += "  " + p.styled(dim, asks)
	}
	p.line(head)
	p.hang(indent, "", i.Question, bold)
	if i.State != checklist.Open && i.Answer != nil {
		p.hang(indent, "", AnswerText(*i.Answer), none)
		return
	}
	p.hang(indent, "because of  ", strings.Join(i.RaisedBy, ", "), dim)
	if i.Stale != nil {
		p.hang(indent, "was "+string(i.Stale.State)+"  ", "before its files changed: "+AnswerText(*i.Stale), dim)
	}
	if i.Command != "" {
		p.hang(indent, "suggested  ", i.Command, dim)
	}
	p.hang(indent, "answer  ", fmt.Sprintf("flightpoll answer %s go %s", i.ID, flagOf(i.Evidence)), none)
}

// AnswerText is an answer in one sentence: the evidence, who and when, the note. It is not cleaned.
func AnswerText(a checklist.Answer) string {
	said := evidenceText(a.Evidence)
	if a.State == checklist.Waived {
		said = fmt.Sprintf("waived until %s: %s", a.Until, a.Reason)
	}
	if said == "" {
		said = string(a.State)
	}
	said += fmt.Sprintf(" (%s, %s)", a.By, a.At.UTC().Format("2006-01-02 15:04"))
	if a.Note != "" {
		said += ". " + a.Note
	}
	return said
}

func evidenceText(e checklist.Evidence) string {
	switch {
	case e.Command != nil:
		dirty := ""
		if e.Command.Dirty {
			dirty = " with uncommitted changes"
		}
		return fmt.Sprintf("`%s` ended with status %d after %.1f s on tree %s%s, output sha256 %s", e.Command.Line, e.Command.Exit,
			float64(e.Command.Millis)/1000, short(e.Command.Tree), dirty, short(e.Command.OutputSHA256))
	case e.Link != "":
		return e.Link
	case e.Person != "":
		return e.Person
	default:
		return e.Text
	}
}

// flagOf is how a kind of evidence is given on the command line.
func flagOf(k checklist.EvidenceKind) string {
	switch k {
	case checklist.CommandEvidence:
		return `--run "COMMAND"`
	case checklist.LinkEvidence:
		return "--link https://..."
	case checklist.PersonEvidence:
		return `--person "NAME <ADDRESS>"`
	default:
		return `--evidence "WHAT WAS CHECKED, AND HOW"`
	}
}
