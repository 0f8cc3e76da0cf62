package review

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"flightpoll/detectors"
	"flightpoll/detectors/scenario"
)

// TestRiskyLines has a note of git-ai on the branch's only commit: who wrote the eight lines about refunds.
func TestRiskyLines(t *testing.T) {
	const machine = "  aaaaaaaaaaaaaaaa 1-8\n"
	cases := map[string]struct {
		attested string
		want     bool
	}{
		"all by an assistant":      {machine, true},
		"two confirmed":            {"  aaaaaaaaaaaaaaaa 1-6\n  h_bbbbbbbbbbbbbb 7-8\n", false},
		"half of it unknown":       {"  aaaaaaaaaaaaaaaa 1-4\n", false},
		"made for another commit":  {"", false},
		"lines of some other file": {"web/a.go\n" + machine, false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			scenario.Git(t, dir, "init", "-q", "-b", "main")
			scenario.Git(t, dir, "commit", "-q", "--allow-empty", "-m", "Base")
			scenario.Git(t, dir, "checkout", "-q", "-b", "change")
			if err := os.MkdirAll(filepath.Join(dir, "refunds"), 0o750); err != nil {
				t.Fatal(err)
			}
			code := "package refunds\n\n// Refund gives money back.\nfunc Refund(cents int) int {\n\tfee := cents / 100\n\tleft := cents - fee\n\treturn left\n}\n"
			if err := os.WriteFile(filepath.Join(dir, "refunds", "refund.go"), []byte(code), 0o600); err != nil {
				t.Fatal(err)
			}
			scenario.Git(t, dir, "add", "-A")
			scenario.Git(t, dir, "commit", "-q", "-m", "Refund")
			id := strings.TrimSpace(scenario.Git(t, dir, "rev-parse", "HEAD"))
			if c.attested == "" {
				c.attested, id = machine, strings.Repeat("0", 40)
			}
			note := "refunds/refund.go\n" + c.attested + "---\n" + `{"schema_version":"authorship/3.0.0","base_commit_sha":"` + id + `","prompts":{"aaaaaaaaaaaaaaaa":{"agent_id":{"tool":"cursor","model":"m1"}}},"humans":{"h_bbbbbbbbbbbbbb":{"author":"Mara <m@example.com>"}}}`
			scenario.Git(t, dir, "notes", "--ref=ai", "add", "-m", strings.TrimPrefix(note, "refunds/refund.go\nweb/")+"\n", "HEAD")
			res := detectors.Run(t.Context(), scenario.Open(t, dir), []*detectors.Detector{AIAuthorship}, nil)
			got := false
			for _, f := range res.Findings {
				got = got || f.Severity == detectors.Warning && f.Path == "refunds/refund.go" && f.Symbol == "money" && strings.Contains(f.Message, "cursor m1")
			}
			if got != c.want {
				t.Errorf("a warning %v, want %v: %+v", got, c.want, res.Findings)
			}
		})
	}
}
