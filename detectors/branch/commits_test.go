package branch

// Commits, their trailers by git's rules, and what they tell of assistants.

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTrailersAreThoseOfGit(t *testing.T) {
	messages := map[string]string{
		"none":                       "Subject",
		"only a subject with colon":  "fix: a thing",
		"one":                        "Subject\n\nBody.\n\nReviewed-by: Dana <d@example.com>\n",
		"no body":                    "Subject\n\nReviewed-by: Dana <d@example.com>",
		"several and folded":         "Subject\n\nKey: one\n  two\n\tthree\nOther: x\n",
		"prose in the last line":     "Subject\n\nAs said: this is prose\nthat goes on.\n",
		"prose beside a sign-off":    "Subject\n\nSome prose here\nReviewed-by: X <x@example.com>\nSigned-off-by: Y <y@example.com>\n",
		"mostly prose, one sign-off": "Subject\n\na\nb\nc\nd\ne\nf\nSigned-off-by: Y <y@example.com>\n",
		"a quarter":                  "Subject\n\na\nb\nc\nSigned-off-by: Y <y@example.com>\n",
		"cherry-picked":              "Subject\n\nReviewed-by: X <x@example.com>\n(cherry picked from commit 0123456789)\n",
		"not the last paragraph":     "Subject\n\nCo-authored-by: X <x@example.com>\n\nThe end.\n",
		"quoted":                     "Subject\n\nThe message said\n\n    Co-authored-by: X <x@example.com>\n",
		"quoted by a mark":           "Subject\n\n> Co-authored-by: X <x@example.com>\n",
		"blank lines at the end":     "Subject\n\nKey: value\n\n\n",
		"space before the colon":     "Subject\n\nKey : value\n",
		"space in the key":           "Subject\n\nTwo words: value\n",
		"URL":                        "Subject\n\nhttps://example.com/x\n",
		"empty value":                "Subject\n\nKey:\nOther: x\n",
		"comment":                    "Subject\n\nKey: value\n# a comment\nOther: x\n",
		"carriage returns":           "Subject\r\n\r\nKey: value\r\n",
		"divider":                    "Subject\n\nBody\n---\nKey: value\n",
		"divider alone":              "Subject\n\nKey: value\n\n---\n\nafter\n",
		"long title":                 "Subject\nthat: goes on\n\nKey: value\n",
		"fold without a key":         "Subject\n\n  indented\nKey: value\n",
	}
	for name, message := range messages {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cmd := exec.CommandContext(t.Context(), "git", "interpret-trailers", "--parse", "--no-divider")
			cmd.Stdin = strings.NewReader(message)
			out, err := cmd.Output()
			if err != nil {
				t.Fatal(err)
			}
			var got strings.Builder
			for _, tr := range parseTrailers(message) {
				fmt.Fprintf(&got, "%s: %s\n", tr.Key, tr.Value)
			}
			want := strings.ReplaceAll(string(out), "\r", "")
			if diff := cmp.Diff(trimLines(want), trimLines(got.String())); diff != "" {
				t.Errorf("-git +ours\n%s", diff)
			}
		})
	}
}

func trimLines(s string) string {
	var lines []string
	for line := range strings.Lines(s) {
		lines = append(lines, strings.TrimSpace(line))
	}
	return strings.Join(lines, "\n")
}

func TestAssistants(t *testing.T) {
	dana := "Dana Dev <dana@example.com>"
	cases := []struct {
		name, author, message, want string
	}{
		{"a person", dana, "Subject", ""},
		{"Claude Code", dana, "S\n\nCo-Authored-By: Claude Opus 4.5 <noreply@anthropic.com>", "claude"},
		{"any case", dana, "S\n\nco-authored-by: claude <NoReply@Anthropic.com>", "claude"},
		{"Copilot", dana, "S\n\nCo-authored-by: Copilot <175728472+Copilot@users.noreply.github.com>", "copilot"},
		{"Copilot's own commit", "copilot-swe-agent[bot] <198982749+Copilot@users.noreply.github.com>", "S", "copilot"},
		{"Copilot's log", dana, "S\n\nAgent-Logs-Url: https://github.com/o/r/sessions/1", "copilot"},
		{"Cursor", dana, "S\n\nCo-authored-by: Cursor <cursoragent@cursor.com>", "cursor"},
		{"Cursor as author", "Cursor Agent <cursoragent@cursor.com>", "S", "cursor"},
		{"Made-with", dana, "S\n\nMade-with: Cursor", "cursor"},
		{"Codex", dana, "S\n\nCo-authored-by: Codex <noreply@openai.com>", "codex"},
		{"Devin", "devin-ai-integration[bot] <158243242+devin-ai-integration[bot]@users.noreply.github.com>", "S", "devin"},
		{"aider's suffix", "Dana Dev (aider) <dana@example.com>", "S", "aider"},
		{"aider's trailer", dana, "S\n\nCo-authored-by: aider (gpt-4o) <noreply@aider.chat>", "aider"},
		{"Jules", "google-labs-jules[bot] <161369871+google-labs-jules[bot]@users.noreply.github.com>", "S", "jules"},
		{"Gemini", dana, "S\n\nCo-authored-by: gemini-code-assist[bot] <176961590+gemini-code-assist[bot]@users.noreply.github.com>", "gemini"},
		{"Windsurf", dana, "S\n\nCo-authored-by: Windsurf <noreply@codeium.com>", "windsurf"},
		{"Amp", dana, "S\n\nAmp-Thread-ID: https://ampcode.com/threads/T-1", "amp"},
		{"a session", dana, "S\n\nClaude-Session: https://claude.ai/code/session_1", "claude"},
		{"a session's id", dana, "S\n\nClaude-Code-Session-Id: 1", "claude"},
		{"the kernel's form", dana, "S\n\nAssisted-by: Claude:claude-opus-4 coccinelle\nSigned-off-by: Dana Dev <dana@example.com>", "claude"},
		{"Assisted-by a product", dana, "S\n\nAssisted-by: GitHub Copilot", "copilot"},
		{"Assisted-by a model", dana, "S\n\nAssisted-by: Gemini 2.5 Pro", "gemini"},
		{"Generated-by", dana, "S\n\nGenerated-by: Claude Code 2.0", "claude"},
		{"Generated-by a compiler", dana, "S\n\nGenerated-by: protoc-gen-go v1.36", ""},
		{"an assistant not known", dana, "S\n\nAI-assisted-by: Foo 3", "assistant"},
		{"denied", dana, "S\n\nAI-assisted: no", ""},
		{"a footer", dana, "S\n\nBody.\n\n🤖 Generated with [Claude Code](https://claude.com/claude-code)", "claude"},

		{"a person called Claude", "Claude Monet <claude@someco.com>", "S", ""},
		{"a person called Claude helps", dana, "S\n\nCo-authored-by: Claude <claude@someco.com>", ""},
		{"a person called Claude is thanked", dana, "S\n\nAssisted-by: Claude Monet", ""},
		{"a person called Claude is thanked with an address", dana, "S\n\nAssisted-by: Claude <claude@someco.com>", ""},
		{"a person called Devin", "Devin Smith <123+devin@users.noreply.github.com>", "S", ""},
		{"a person called Cursor", "Jo Cursor <jo@cursor.example>", "S\n\nReviewed-by: Cursor", ""},
		{"someone at Anthropic", "Dana <dana@anthropic.com>", "S", ""},
		{"prose", dana, "S\n\nStop adding Co-authored-by: Claude <noreply@anthropic.com> to messages.", ""},
		{"quoted", dana, "S\n\nIt wrote:\n\n    Co-authored-by: Claude <noreply@anthropic.com>\n\nand no more.", ""},
		{"quoted at the end", dana, "S\n\nIt wrote:\n\n    Co-authored-by: Claude <noreply@anthropic.com>", ""},
		{"quoted footer", dana, "S\n\nDrop the line \"🤖 Generated with Claude Code\" from messages.", ""},
		{"the subject says so", dana, "Remove claude support", ""},
		{"an updater", "dependabot[bot] <49699333+dependabot[bot]@users.noreply.github.com>", "Bump x\n\nSigned-off-by: dependabot[bot] <support@github.com>", ""},
		{"a fake address", dana, "S\n\nCo-authored-by: Claude <noreply@anthropic.com.evil.example>", ""},
	}
	for _, c := range cases {
		commit := Commit{Author: person(c.author), Message: c.message, Trailers: parseTrailers(c.message)}
		if got := assistant(commit, Person{}); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
	if assistant(Commit{Author: person(dana), Message: "S"}, Person{Email: "cursoragent@cursor.com"}) != "cursor" {
		t.Error("the committer does not count")
	}
}

func TestAISumsUp(t *testing.T) {
	r := feature(t, map[string]string{"a": "1\n"})
	r.write(map[string]string{"a": "1\n2\n", "bin": "\x00\x01"})
	r.commit("One\n\nCo-authored-by: Claude <noreply@anthropic.com>")
	r.write(map[string]string{"b": "1\n2\n3\n"})
	r.commit("By a person")
	r.write(map[string]string{"c": "1\n2\n", ".readiness/records/x/r.json": "{}\n"})
	r.commit("Two\n\nMade-with: Cursor")
	b := r.open()
	want := AI{Commits: 2, Tools: []string{"claude", "cursor"}, Lines: 3, Source: "trailers"}
	if diff := cmp.Diff(want, b.AI); diff != "" {
		t.Error(diff)
	}
	if b.Commits[1].AI != "" || b.Commits[0].Subject != "Two" {
		t.Errorf("commits %+v", b.Commits)
	}
	r.git("switch", "-q", "main")
	if ai := r.open().AI; ai.Source != "none" || ai.Commits != 0 {
		t.Errorf("AI on main: %+v", ai)
	}
}

func TestCommitsAsTheyAre(t *testing.T) {
	r := feature(t, map[string]string{"a": "1\n"})
	r.git("-c", "i18n.commitEncoding=ISO-8859-1", "commit", "-q", "--allow-empty", "-m", "Gr\xfc\xdfe\nzweite Zeile\n\nText.")
	first := r.git("rev-parse", "HEAD")
	r.commit("")
	b := r.open()
	if len(b.Commits) != 2 {
		t.Fatalf("%d commits", len(b.Commits))
	}
	if c := b.Commits[1]; c.Subject != "Grüße zweite Zeile" || c.ID != first || c.When.IsZero() || c.Author.Email != "dana@example.com" {
		t.Errorf("%+v", c)
	}
	if c := b.Commits[0]; c.Subject != "" || len(c.Parents) != 1 || c.Parents[0] != first {
		t.Errorf("%+v", c)
	}
}
