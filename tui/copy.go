package tui

// Copies, by OSC 52, so that they work over ssh too.

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"flightpoll/detectors"
)

func (m *model) copied(what, text string) tea.Cmd {
	m.status = statusMsg{text: "copied " + what}
	return tea.SetClipboard(text)
}

func (m *model) copyPlace() tea.Cmd {
	f := m.list.selected().finding
	place := clean(f.Path)
	if f.Line > 0 {
		place += ":" + itoa(f.Line)
	}
	return m.copied(place, place)
}

func (m *model) copyFinding() tea.Cmd {
	return m.copied("the finding as Markdown", findingMarkdown(m.list.selected().finding))
}

func (m *model) copyVerify() tea.Cmd {
	return m.copied("the line that verifies the signature", m.sign.done.VerifyCommand)
}

func (m *model) copySummary() tea.Cmd {
	d := m.sign.draft
	if m.screen == previewScreen || d == nil {
		d = m.preview.draft
	}
	if d == nil {
		m.status = statusMsg{noDraft(m), true}
		return nil
	}
	return m.copied("the summary for the pull request", string(d.Markdown))
}

// findingMarkdown is a finding as one would paste it into a review; text from the repository stands in code spans.
func findingMarkdown(f *detectors.Finding) string {
	var b strings.Builder
	place := func(path string, line int) string {
		s := clean(path)
		if line > 0 {
			s += ":" + itoa(line)
		}
		return codeSpan(s)
	}
	b.WriteString("**" + f.Detector + "** (" + string(f.Severity) + ") " + place(f.Path, f.Line) + "\n\n")
	b.WriteString(escapeMarkdown(f.Message) + "\n")
	for _, r := range f.Related {
		b.WriteString("- " + place(r.Path, r.Line) + " " + escapeMarkdown(r.Message) + "\n")
	}
	if f.Why != "" {
		b.WriteString("\n" + escapeMarkdown(f.Why) + "\n")
	}
	if f.Fix != "" {
		b.WriteString("\nFix: " + escapeMarkdown(f.Fix) + "\n")
	}
	return b.String()
}

func codeSpan(s string) string { return "`" + strings.ReplaceAll(s, "`", "'") + "`" }

// escapeMarkdown keeps text from the repository from becoming mentions, links, images or HTML.
func escapeMarkdown(s string) string {
	return strings.NewReplacer("\\", "\\\\", "`", "\\`", "*", "\\*", "[", "\\[", "]", "\\]", "<", "&lt;", ">", "&gt;",
		"@", "&#64;", "#", "\\#", "!", "\\!", "|", "\\|").Replace(clean(s))
}
