package document

import (
	"errors"
	"strings"
	"testing"
)

func TestPlacesAreTheSameInEveryFormat(t *testing.T) {
	for _, c := range []struct {
		format, text string
		read         func(string, []byte) (*Node, error)
		line         int
	}{
		{"YAML", "service:\n  name: api\n  ports:\n    - 80\n", first, 2},
		{"JSON", "{\n  \"service\": {\n    \"name\": \"api\",\n    \"ports\": [80]\n  }\n}\n", first, 3},
		{"TOML", "[service]\nname = \"api\"\nports = [80]\n", TOML, 2},
		{"HCL", "service {\n  ports = 80\n  name  = \"api\"\n}\n", HCL, 3},
	} {
		n, err := c.read("deploy", []byte(c.text))
		if err != nil {
			t.Fatalf("%s: %v", c.format, err)
		}
		file, line := n.Get("service").At("name")
		if got := n.Text("service", "name"); got != "api" || file != "deploy" || line != c.line {
			t.Errorf("%s: name = %q at %s:%d, want api at deploy:%d", c.format, got, file, line, c.line)
		}
	}
}

func first(file string, text []byte) (*Node, error) {
	list, err := YAML(file, text)
	if err != nil {
		return nil, err
	}
	return list[0], nil
}

func TestMergeKeysStandBelowTheMappingsOwn(t *testing.T) {
	n, err := first("x", []byte("base: &b\n  a: 1\n  c: 2\nuse:\n  <<: *b\n  a: 3\n"))
	if err != nil {
		t.Fatal(err)
	}
	if a, c := n.Text("use", "a"), n.Text("use", "c"); a != "3" || c != "2" {
		t.Errorf("a = %q, c = %q, want 3 and 2", a, c)
	}
}

// An alias bomb names a list of the level below nine times at each of nine levels.
func TestAliasBombIsBounded(t *testing.T) {
	var b strings.Builder
	b.WriteString("a0: &a0 [x, x, x, x, x, x, x, x, x]\n")
	for i := 1; i < 9; i++ {
		prev := "*a" + string(rune('0'+i-1))
		b.WriteString("a" + string(rune('0'+i)) + ": &a" + string(rune('0'+i)) + " [" + strings.TrimSuffix(strings.Repeat(prev+", ", 9), ", ") + "]\n")
	}
	n, err := first("bomb", []byte(b.String()))
	if err != nil {
		t.Fatal(err) // the aliases are shared nodes: the bomb is small
	}
	if n.Walkable() {
		t.Error("a walk over the bomb ends")
	}
	merged := "a: &a {k: 1}\n" + strings.Repeat("- <<: *a\n", 3)
	if _, err := YAML("broken", []byte(merged)); err == nil {
		t.Error("a mapping that goes on as a list is read")
	}
}

func TestDeepAndWideDocumentsAreRefused(t *testing.T) {
	for name, text := range map[string]string{
		"deep":      strings.Repeat("[", 200) + strings.Repeat("]", 200),
		"wide":      "{\"a\": [" + strings.TrimSuffix(strings.Repeat("1,", MaxNodes), ",") + "]}",
		"deep YAML": strings.Repeat("- ", 200) + "x",
		// These took the parser gigabytes, or its stack.
		"open":      strings.Repeat("[", 100_000),
		"open keys": strings.Repeat(`{"a":`, 100_000),
		"hidden":    strings.Repeat(`[ "]", `, 100_000),
		"entries":   strings.Repeat("? - ", 100_000),
		"tags":      "a: " + strings.Repeat("!a ", 100_000),
		"anchors":   "a: " + strings.Repeat("&a ", 100_000),
	} {
		if _, err := YAML("hostile", []byte(text)); !errors.Is(err, ErrTooLarge) {
			t.Errorf("%s: %v, want %v", name, err, ErrTooLarge)
		}
	}
	if _, err := HCL("hostile", []byte(strings.Repeat("a {\n", 100)+strings.Repeat("}\n", 100))); !errors.Is(err, ErrTooLarge) {
		t.Errorf("HCL: %v, want %v", err, ErrTooLarge)
	}
}
