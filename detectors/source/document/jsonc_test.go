package document

import "testing"

func TestJSONWithComments(t *testing.T) {
	list, err := YAML("wrangler.jsonc", []byte("// the worker\n{\n  /* vars\n  */ \"vars\": { \"A\": \"http://x//y\", }, // last\n  \"list\": [1, 2,],\n}\n"))
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	n := list[0]
	if got := n.Text("vars", "A"); got != "http://x//y" {
		t.Errorf("a text with slashes became %q", got)
	}
	if _, line := n.Get("vars").At("A"); line != 4 || len(n.List("list")) != 2 {
		t.Errorf("line %d, %d items", line, len(n.List("list")))
	}
}
