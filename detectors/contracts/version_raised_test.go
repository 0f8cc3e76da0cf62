package contracts

import "testing"

func TestRaised(t *testing.T) {
	for _, c := range []struct {
		old, now string
		want     bool
	}{
		{"1.4.2", "2.0.0", true},
		{"1.4.2", "1.5.0", false},
		{"1.4.2", "1.4.2", false},
		{"0.4.2", "0.5.0", true},
		{"0.4.2", "0.4.3", false},
		{"", "1.0.0", true},
		{"2026.1", "2026.2", false},
	} {
		if got := raised(c.old, c.now); got != c.want {
			t.Errorf("raised(%q, %q) = %v", c.old, c.now, got)
		}
	}
}
