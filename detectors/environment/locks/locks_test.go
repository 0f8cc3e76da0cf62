package locks

import "testing"

func TestAllows(t *testing.T) {
	for _, c := range []struct {
		requirement, locked, plain string
		yes, known                 bool
	}{
		{"^9.3.0", "9.4.0", "=", true, true},
		{"^9.5.0", "9.4.0", "=", false, true},
		{"^0.2.3", "0.3.0", "=", false, true},
		{"~1.2", "1.2.9", "=", true, true},
		{"~> 6.4", "6.9.1", "=", true, true},
		{"~> 6.4.1", "6.5.0", "=", false, true},
		{"1.0", "1.0.215", "^", true, true},
		{">=2,<3", "2.9.0", "=", true, true},
		{"1.x || 2.x", "2.1.0", "=", true, true},
		{"1 - 2", "2.4.0", "=", true, true},
		{"==3.0.*", "3.0.4", "=", true, true},
		{"workspace:*", "1.0.0", "=", false, false},
		{"git+https://example.com/a", "1.0.0", "=", false, false},
	} {
		if yes, known := allows(c.requirement, c.locked, c.plain); yes != c.yes || known != c.known {
			t.Errorf("allows(%q, %q) = %t, %t; want %t, %t", c.requirement, c.locked, yes, known, c.yes, c.known)
		}
	}
}

func TestGemfileRecordsOnlyRequirements(t *testing.T) {
	got := Dependencies("Gemfile", []byte("gem \"puma\", \"~> 6.4\", require: false\ngem 'rack', '>= 3', '< 4', group: :web\ngem \"own\", path: \"../own\"\n"))
	if len(got) != 2 || got["puma"] != "~> 6.4" || got["rack"] != ">= 3, < 4" {
		t.Errorf("got %v", got)
	}
}
