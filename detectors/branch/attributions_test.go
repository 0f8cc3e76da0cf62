package branch

import (
	"slices"
	"testing"
)

const note = `src/pay.go
  d9978a8723e02b52 1-20,25
  h_9e95a89b42f1fb 21-24
"src/two words.go"
  s_1fdb5ad2d6b3c4::t_9f8e7d6c5b4a3f 3
---
{
  "schema_version": "authorship/3.0.0",
  "base_commit_sha": "7734793b756b3921c88db5375a8c156e9532447b",
  "prompts": {"d9978a8723e02b52": {"agent_id": {"tool": "cursor", "id": "x", "model": "claude-4.5-opus"}, "human_author": "Mara <mara@example.com>"}},
  "sessions": {"s_1fdb5ad2d6b3c4": {"agent_id": {"tool": "codex", "model": "gpt-5"}}},
  "humans": {"h_9e95a89b42f1fb": {"author": "Mara <mara@example.com>"}}
}`

func TestNoteOfGitAI(t *testing.T) {
	got, ok := parseNote(note, "7734793b756b3921c88db5375a8c156e9532447b")
	want := []Attribution{
		{Path: "src/pay.go", From: 1, To: 20, Tool: "cursor", Model: "claude-4.5-opus"},
		{Path: "src/pay.go", From: 25, To: 25, Tool: "cursor", Model: "claude-4.5-opus"},
		{Path: "src/pay.go", From: 21, To: 24, Person: "Mara <mara@example.com>"},
		{Path: "src/two words.go", From: 3, To: 3, Tool: "codex", Model: "gpt-5"},
	}
	if !ok || !slices.Equal(got, want) {
		t.Errorf("%v %+v", ok, got)
	}
	for name, text := range map[string]string{"another commit's": note, "no note": "hello", "half": "a\n  b 1-2\n---\n{"} {
		if got, ok := parseNote(text, "0123456789012345678901234567890123456789"); ok {
			t.Errorf("%s note was read: %+v", name, got)
		}
	}
}

func TestHostileRanges(t *testing.T) {
	for _, ranges := range []string{"", "-", "5-1", "0-3", "1-99999999999999999999", "1-9999999", "a-b", "-4"} {
		if list := inRanges(Attribution{}, ranges); len(list) > 0 {
			t.Errorf("%q is %v", ranges, list)
		}
	}
}
