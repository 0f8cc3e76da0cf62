package main

import (
	"bytes"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"flightpoll/content/demo"
)

// TestSameBytes: the same branch gives the same JSON report, times aside.
func TestSameBytes(t *testing.T) {
	t.Setenv("GIT_CONFIG_GLOBAL", "/dev/null")
	shop, err := demo.Create(t.Context(), filepath.Join(t.TempDir(), "demo"))
	if err != nil {
		t.Fatal(err)
	}
	times := regexp.MustCompile(`"ms": \d+`)
	check := func() string {
		var out, errOut bytes.Buffer
		if code := run([]string{"-C", shop.Dir, "check", "--format", "json", "--fail-on", "never"}, strings.NewReader(""), &out, &errOut); code != 0 {
			t.Fatalf("exit status %d: %s", code, errOut.String())
		}
		return times.ReplaceAllString(out.String(), `"ms": 0`)
	}
	first := check()
	for range 3 {
		if again := check(); again != first {
			t.Fatalf("the second run says\n%s\nthe first\n%s", again, first)
		}
	}
}
