package routes

import "testing"

func TestInlinedPutsConstantsIn(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"const base = \"/v1/loans\";\nfetch(`${base}?${q}`);\nfetch(base, {});\n", "const base = \"/v1/loans\";\nfetch(`/v1/loans?${q}`);\nfetch(\"/v1/loans\", {});\n"},
		{"LOANS = '/v1/loans'\nget(f\"{LOANS}/{no}\")\n", "LOANS = '/v1/loans'\nget(f\"/v1/loans/{no}\")\n"},
		{"private static final String PATH = \"/v1/loans\";\nget(host + PATH + \"/1\");\n", "private static final String PATH = \"/v1/loans\";\nget(host + \"/v1/loans\" + \"/1\");\n"},
		{"let url = \"/v1/a\";\nlet url = \"/v1/b\";\nget(url);\n", "let url = \"/v1/a\";\nlet url = \"/v1/b\";\nget(url);\n"},
		{"const title = \"Loans\";\nshow(title);\n", "const title = \"Loans\";\nshow(title);\n"},
	} {
		if got := Inlined(c.text); got != c.want {
			t.Errorf("Inlined(%q)\n got %q\nwant %q", c.text, got, c.want)
		}
	}
}
