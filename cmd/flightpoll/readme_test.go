package main

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"flightpoll/detectors"
	"flightpoll/detectors/all"
	"flightpoll/tui"
)

// TestReadme keeps the generated parts of the README true: the picture, the list of detectors and the key table.
func TestReadme(t *testing.T) {
	const path = "../../README.md"
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	frame, err := os.ReadFile("../../tui/testdata/TestViews/finding-100x30-nocolor.golden")
	if err != nil {
		t.Fatal(err)
	}
	want := string(text)
	for name, body := range map[string]string{
		"picture":   "```text\n" + strings.TrimRight(string(frame), "\n") + "\n```\n",
		"detectors": detectorTable(),
		"keys":      tui.KeyTable(),
	} {
		want = between(t, want, name, body)
	}
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o600); err != nil { //nolint:gosec // the README beside this checkout
			t.Fatal(err)
		}
	} else if want != string(text) {
		t.Error("README.md is stale; renew it with: go test ./cmd/flightpoll -run TestReadme -update")
	}
}

// between puts body between "<!-- name: ... -->" and "<!-- end of name -->".
func between(t *testing.T, text, name, body string) string {
	t.Helper()
	_, behind, ok := strings.Cut(text, "<!-- "+name+": ")
	opening, _, closed := strings.Cut(behind, "-->\n")
	end := strings.Index(text, "<!-- end of "+name+" -->")
	if !ok || !closed || end < 0 {
		t.Fatalf("README.md has no part %q", name)
	}
	start := strings.Index(text, "<!-- "+name+": ") + len("<!-- "+name+": ") + len(opening) + len("-->\n")
	return text[:start] + body + text[end:]
}

func detectorTable() string {
	var b strings.Builder
	b.WriteString("| detector | finds |\n| --- | --- |\n")
	for _, p := range detectors.Patterns {
		for _, d := range all.Detectors {
			if d.Pattern() == p {
				fmt.Fprintf(&b, "| `%s` | %s |\n", d.ID, d.Title)
			}
		}
	}
	return b.String()
}
