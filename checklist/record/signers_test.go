package record

import (
	"strings"
	"testing"
	"time"
)

const someKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

func TestAllowedSigners(t *testing.T) {
	t.Parallel()
	cases := []struct {
		line, principal, role string
		allowed               bool
	}{
		{"a@x " + someKey, "a@x", "author", true},
		{"a@x " + someKey, "a@x", "reviewer", false},
		{"a@x,b@x " + someKey + " two people", "b@x", "author", true},
		{`"a@x,b@x" ` + someKey, "b@x", "author", true},
		{"\ta@x\t" + someKey, "a@x", "author", true},
		{`a@x namespaces="flightpoll/reviewer" ` + someKey, "a@x", "author", false},
		{`a@x namespaces="git,flightpoll/reviewer" ` + someKey, "a@x", "reviewer", true},
		{`a@x namespaces="flightpoll/*" ` + someKey, "a@x", "release-manager", true},
		{`a@x namespaces="flightpoll/*,!flightpoll/author" ` + someKey, "a@x", "author", false},
		{`a@x NAMESPACES="git" ` + someKey, "a@x", "author", false},
		{"*@x " + someKey, "a@x", "author", false},
		{"?@x " + someKey, "a@x", "author", false},
		{"A@x " + someKey, "a@x", "author", false},
	}
	for _, c := range cases {
		list, err := parseSigners([]byte("# who\n\n" + c.line + "\n"))
		if err != nil || len(list) != 1 {
			t.Errorf("%s: %v", c.line, err)
			continue
		}
		if got := list[0].is(c.principal) && list[0].allows(c.role); got != c.allowed {
			t.Errorf("%s: %s as %s is %v", c.line, c.principal, c.role, got)
		}
	}
}

func TestAllowedSignersThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for _, line := range []string{
		"a@x", someKey, "a@x ssh-ed25519 AAAA", `a@x valid-before="soon" ` + someKey, "a@x no-such-option " + someKey,
		`a@x namespaces="git",namespaces="flightpoll/author" ` + someKey, `"a@x ` + someKey, `a@x namespaces="git ` + someKey,
	} {
		if list, err := parseSigners([]byte("\n" + line)); err == nil || !strings.Contains(err.Error(), ":2:") {
			t.Errorf("%s: %+v %v", line, list, err)
		}
	}
}

func TestTimesOfAllowedSigners(t *testing.T) {
	t.Parallel()
	day := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Time{
		"20260301Z": day, "202603010000Z": day, "20260301000000Z": day, "20260301": time.Date(2026, 3, 1, 0, 0, 0, 0, time.Local),
	} {
		if got, err := parseTime(text); err != nil || !got.Equal(want) {
			t.Errorf("%s is %v %v", text, got, err)
		}
	}
}
