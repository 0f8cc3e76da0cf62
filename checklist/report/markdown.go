package report

import (
	"fmt"
	"io"
	"strings"

	"flightpoll/checklist"
)

func writeMarkdown(w io.Writer, r Report) error {
	var b strings.Builder
	name := r.Branch.Name
	if name == "" {
		name = "detached HEAD"
	}
	fmt.Fprintf(&b, "# Launch readiness: %s\n\n", Escape(name))
	fmt.Fprintf(&b, "**%s**, %d of 100. %s against %s at %s: %s, %s, +%d -%d.\n", strings.ToUpper(string(r.Verdict)), r.Score,
		code(short(r.Branch.Head)), code(shortRef(r.Branch.BaseRef)), code(short(r.Branch.Base)), count(r.Branch.Commits, "commit"),
		count(r.Branch.Files, "file"), r.Branch.Additions, r.Branch.Deletions)
	if ai := r.Branch.AI; ai.Commits > 0 {
		fmt.Fprintf(&b, "Assistants named in %s: %s%s.\n", count(ai.Commits, "commit"), Escape(strings.Join(ai.Tools, ", ")), ai.share())
	}
	b.WriteString("\n| Pattern | Verdict | Weight | What stands there |\n| --- | --- | --- | --- |\n")
	for _, p := range r.Patterns {
		said := tally(p)
		if said == "" {
			said = "nothing of its kind on this branch"
		}
		fmt.Fprintf(&b, "| %s | %s | %d | %s |\n", p.Title, p.Verdict, p.Weight, said)
	}
	markdownFindings(&b, "Open findings", r.Findings, func(f Finding) bool { return f.Waived == nil })
	markdownFindings(&b, "Waived findings", r.Findings, func(f Finding) bool { return f.Waived != nil })
	markdownItems(&b, r.Items)
	_, err := io.WriteString(w, b.String())
	return err
}

func markdownFindings(b *strings.Builder, title string, list []Finding, take func(Finding) bool) {
	n := 0
	for _, f := range list {
		if !take(f) {
			continue
		}
		if n++; n == 1 {
			fmt.Fprintf(b, "\n## %s\n\n", title)
		}
		fmt.Fprintf(b, "- **%s** %s %s: %s\n", f.Severity, code(f.Detector), code(place(f.Path, f.Line)), Escape(f.Message))
		for _, rel := range f.Related {
			fmt.Fprintf(b, "  - %s %s\n", code(place(rel.Path, rel.Line)), Escape(rel.Message))
		}
		if f.Why != "" {
			fmt.Fprintf(b, "  - Why: %s\n", Escape(f.Why))
		}
		if f.Waived != nil {
			fmt.Fprintf(b, "  - Waived until %s by %s: %s\n", Escape(f.Waived.Until), Escape(f.Waived.By), Escape(f.Waived.Reason))
		} else if f.Fix != "" {
			fmt.Fprintf(b, "  - Fix: %s\n", Escape(f.Fix))
		}
		fmt.Fprintf(b, "  - Fingerprint: %s\n", code(f.Fingerprint))
	}
}

func markdownItems(b *strings.Builder, items []checklist.Item) {
	if len(items) == 0 {
		return
	}
	b.WriteString("\n## Questions and answers\n\n")
	for _, i := range items {
		fmt.Fprintf(b, "- **%s** %s: %s\n", i.State, code(i.ID), Escape(i.Question))
		if len(i.RaisedBy) > 0 {
			fmt.Fprintf(b, "  - Raised by %s\n", codeList(i.RaisedBy))
		}
		if a := i.Answer; a != nil {
			markdownAnswer(b, *a)
		}
	}
}

func markdownAnswer(b *strings.Builder, a checklist.Answer) {
	switch e := a.Evidence; {
	case a.State == checklist.Waived:
		fmt.Fprintf(b, "  - Waived until %s: %s\n", Escape(a.Until), Escape(a.Reason))
	case e.Command != nil:
		c := *e.Command
		fmt.Fprintf(b, "  - Ran %s: status %d, %.1f s, tree %s, output sha256 %s (%d bytes)\n", code(c.Line), c.Exit, float64(c.Millis)/1000,
			code(c.Tree), code(c.OutputSHA256), c.Bytes)
		if c.Dirty {
			b.WriteString("  - The work tree had uncommitted changes then\n")
		}
	case e.Link != "":
		fmt.Fprintf(b, "  - %s\n", link(e.Link))
	case e.Person != "":
		fmt.Fprintf(b, "  - %s\n", Escape(e.Person))
	case e.Text != "":
		fmt.Fprintf(b, "  - %s\n", Escape(e.Text))
	}
	if a.Note != "" {
		fmt.Fprintf(b, "  - Note: %s\n", Escape(a.Note))
	}
	fmt.Fprintf(b, "  - By %s on %s\n", Escape(a.By), a.At.UTC().Format("2006-01-02 15:04 UTC"))
	if len(a.Covers) > 0 {
		fmt.Fprintf(b, "  - Speaks for %s\n", codeList(a.Covers))
	}
}
