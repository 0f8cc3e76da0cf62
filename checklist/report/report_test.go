package report_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"

	"flightpoll/checklist"
	"flightpoll/checklist/report"
	"flightpoll/detectors"
	"flightpoll/detectors/branch"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// sample is a poll with one of everything.
func sample() report.Report {
	b := &branch.Branch{
		Name: "feature/display-name", Head: strings.Repeat("a1", 20), Base: strings.Repeat("b2", 20), BaseRef: "refs/remotes/origin/main",
		Commits: make([]branch.Commit, 3), Files: []*branch.File{{Path: "api/user.go", Uncommitted: true}, {Path: "web/mock.json"}},
		Additions: 120, Deletions: 30, AI: branch.AI{Commits: 2, Tools: []string{"claude", "cursor"}, Lines: 80, Source: "trailers"},
	}
	contracts := []detectors.Finding{{
		Detector: "contracts/stale-mock", Pattern: detectors.Contracts, Severity: detectors.Blocker, Path: "api/user.go", Line: 12, EndLine: 12,
		Symbol: "full_name", Message: `the mock still sends "full_name", which the response calls "display_name" now`,
		Why: "tests stay green on a shape that no server sends any more", Fix: "record the mock anew, or rename the key in it",
		Fingerprint: "0123456789abcdef", Related: []detectors.Related{{Path: "web/mock.json", Line: 7, Message: "still expects full_name"}},
	}, {
		Detector: "contracts/serialised-name", Pattern: detectors.Contracts, Severity: detectors.Warning, Path: "api/user.go", Line: 12, EndLine: 12,
		Message: "full_name became display_name", Fingerprint: "fedcba9876543210",
	}}
	tree := strings.Repeat("c3", 20)
	covers := []string{"api/user.go"}
	answer := func(s checklist.State, e checklist.Evidence) *checklist.Answer {
		return &checklist.Answer{State: s, Evidence: e, By: "Dana Poe <dana@example.com>", At: noon, Covers: covers, ScopeSHA256: strings.Repeat("d", 64)}
	}
	item := func(id string, p detectors.Pattern, q string, k checklist.EvidenceKind, a *checklist.Answer) checklist.Item {
		i := checklist.Item{ID: id, Pattern: p, Question: q, Evidence: k, RaisedBy: []string{"api/user.go", "contracts/serialised-name"}, State: checklist.Open, Answer: a}
		if a != nil {
			i.State = a.State
		}
		return i
	}
	ran := answer(checklist.Go, checklist.Evidence{Kind: checklist.CommandEvidence, Command: &checklist.CommandResult{
		Line: "make e2e", Millis: 12345, OutputSHA256: strings.Repeat("e5", 32), Bytes: 2048, Tree: tree, Dirty: true}})
	ran.Note = "against staging"
	waived := answer(checklist.Waived, checklist.Evidence{})
	waived.Reason, waived.Until = "support starts next week", "2026-12-01"
	stale := item("production-values", detectors.Environment, "Who has set the value in production, and checked that it is the right one there?", checklist.PersonEvidence, nil)
	stale.Stale = answer(checklist.Go, checklist.Evidence{Kind: checklist.PersonEvidence, Person: "Sam Ops <sam@example.com>"})
	board := checklist.Board{
		Verdict: checklist.VerdictNoGo, Score: 41,
		Waivers: map[string]checklist.Waiver{"fedcba9876543210": {Target: "fedcba9876543210", By: "policy", Reason: "kept for v1 clients", Until: "2027-03-31"}},
		Stations: []checklist.Station{
			{Pattern: detectors.Contracts, Weight: 27, Verdict: checklist.VerdictNoGo, Findings: contracts, Items: []checklist.Item{
				item("consumers-told", detectors.Contracts, "Who reads this contract outside the repository, and were they told of the change?", checklist.PersonEvidence, nil),
				item("real-downstream", detectors.Contracts, "Did the tests run against the real counterpart?", checklist.CommandEvidence, ran),
			}},
			{Pattern: detectors.Environment, Weight: 21, Verdict: checklist.VerdictHold, Items: []checklist.Item{stale}},
			{Pattern: detectors.Scripts, Weight: 18, Verdict: checklist.VerdictGo, Nothing: true},
			{Pattern: detectors.Observability, Weight: 17, Verdict: checklist.VerdictGo, Items: []checklist.Item{
				item("dashboard", detectors.Observability, "Where does one see it?", checklist.LinkEvidence,
					answer(checklist.Go, checklist.Evidence{Kind: checklist.LinkEvidence, Link: "https://grafana.example/d/shop"})),
			}},
			{Pattern: detectors.Review, Weight: 17, Verdict: checklist.VerdictGo, Items: []checklist.Item{
				item("support-told", detectors.Review, "Who told support?", checklist.PersonEvidence, waived),
			}},
		},
	}
	return report.New("1.2.3", b, board, detectors.Result{Outcomes: []detectors.Outcome{
		{ID: "contracts/stale-mock", Outcome: detectors.Ran, Millis: 17}, {ID: "scripts/unscoped-write", Outcome: detectors.NotApplicable, Reason: "nothing of its kind on this branch", Millis: 1},
	}})
}

func TestTextLooks(t *testing.T) {
	for name, o := range map[string]report.TextOptions{
		"100":       {},
		"60 ascii":  {Width: 60, ASCII: true},
		"80 colour": {Width: 80, Color: true},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			if err := report.Text(&out, sample(), o); err != nil {
				t.Fatal(err)
			}
			golden.RequireEqual(t, out.Bytes())
		})
	}
}

func TestMarkdownLooks(t *testing.T) {
	var out bytes.Buffer
	if err := report.Markdown(&out, sample()); err != nil {
		t.Fatal(err)
	}
	golden.RequireEqual(t, out.Bytes())
}

func TestJSONLooks(t *testing.T) {
	var out bytes.Buffer
	if err := report.JSON(&out, sample(), true); err != nil {
		t.Fatal(err)
	}
	golden.RequireEqual(t, out.Bytes())
}

func TestAnEmptyPollIsGo(t *testing.T) {
	b := checklist.Board{Verdict: checklist.VerdictGo, Score: 100}
	for _, p := range detectors.Patterns {
		b.Stations = append(b.Stations, checklist.Station{Pattern: p, Weight: 20, Verdict: checklist.VerdictGo, Nothing: true})
	}
	var out bytes.Buffer
	if err := report.Text(&out, report.New("1", &branch.Branch{Head: strings.Repeat("a", 40), BaseRef: "main"}, b, detectors.Result{}), report.TextOptions{}); err != nil {
		t.Fatal(err)
	}
	golden.RequireEqual(t, out.Bytes())
}

// TestJSONWithoutMillis: only the times differ, so that a record is the same for the same branch.
func TestJSONWithoutMillis(t *testing.T) {
	var with, without bytes.Buffer
	_ = report.JSON(&with, sample(), true)
	_ = report.JSON(&without, sample(), false)
	var a, b map[string]any
	if json.Unmarshal(with.Bytes(), &a) != nil || json.Unmarshal(without.Bytes(), &b) != nil {
		t.Fatal("no JSON")
	}
	for _, d := range a["detectors"].([]any) {
		delete(d.(map[string]any), "ms")
	}
	if fmt.Sprint(a) != fmt.Sprint(b) {
		t.Errorf("%v\n%v", a, b)
	}
	if strings.Contains(without.String(), `"ms"`) || !bytes.HasSuffix(without.Bytes(), []byte("}\n")) {
		t.Error(without.String())
	}
}

func TestListsAreNeverNull(t *testing.T) {
	var out bytes.Buffer
	b := checklist.Board{Verdict: checklist.VerdictGo, Stations: []checklist.Station{{Pattern: detectors.Contracts,
		Findings: []detectors.Finding{{Pattern: detectors.Contracts}}, Items: []checklist.Item{{ID: "a", Pattern: detectors.Contracts}}}}}
	if err := report.JSON(&out, report.New("1", &branch.Branch{}, b, detectors.Result{}), true); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"tools", "patterns", "findings", "related", "items", "raised_by", "detectors"} {
		if strings.Contains(out.String(), `"`+key+`": null`) {
			t.Errorf("%s is null", key)
		}
	}
	if !strings.Contains(out.String(), `"waived": null`) || !strings.Contains(out.String(), `"answer": null`) {
		t.Error("a missing waiver or answer is not null")
	}
}

// hostile is text as a repository may hold it.
const hostile = "a\x1b[2J\x1b]0;title\x07b\u009b31mc\u202ed\u2066e\x00f\xffg\nh\ti\u200bj\U000e0041k ::set-env name=x::y ##[error]z @org/team <img src=x> ![p](https://x.example/p.png) `code` | #12 www.x.example https://x.example <!-- -->"

func hostileReport() report.Report {
	r := sample()
	r.Branch.Name, r.Branch.BaseRef, r.Branch.AI.Tools = hostile, hostile, []string{hostile}
	for i := range r.Findings {
		f := &r.Findings[i]
		f.Path, f.Message, f.Why, f.Fix, f.Symbol = hostile, hostile, "::error::"+hostile, hostile, hostile
		f.Related = []detectors.Related{{Path: hostile, Message: hostile}}
	}
	for i := range r.Items {
		r.Items[i].Question, r.Items[i].RaisedBy = "::warning::"+hostile, []string{hostile}
		if a := r.Items[i].Answer; a != nil {
			a.Note, a.By, a.Covers = hostile, hostile, []string{hostile}
		}
	}
	return r
}

func TestHostileTextStaysData(t *testing.T) {
	for name, write := range map[string]func(*bytes.Buffer) error{
		"text":     func(b *bytes.Buffer) error { return report.Text(b, hostileReport(), report.TextOptions{Width: 50}) },
		"markdown": func(b *bytes.Buffer) error { return report.Markdown(b, hostileReport()) },
		"json":     func(b *bytes.Buffer) error { return report.JSON(b, hostileReport(), false) },
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			if err := write(&out); err != nil {
				t.Fatal(err)
			}
			if !utf8.Valid(out.Bytes()) {
				t.Error("not UTF-8")
			}
			for _, r := range out.String() {
				if r != '\n' && report.Clean(string(r)) != string(r) {
					t.Fatalf("%U came through", r)
				}
			}
			if name == "json" {
				return
			}
			for line := range strings.Lines(out.String()) {
				if strings.HasPrefix(strings.TrimSpace(line), "::") || name == "text" && strings.Contains(line, "##[") {
					t.Errorf("a command for GitHub's runner: %q", line)
				}
			}
		})
	}
}

func TestJSONKeepsTheTextItself(t *testing.T) {
	var out bytes.Buffer
	_ = report.JSON(&out, hostileReport(), false)
	var r report.Report
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	if want := strings.ToValidUTF8(hostile, "\ufffd"); r.Findings[0].Message != want {
		t.Errorf("got  %q\nwant %q", r.Findings[0].Message, want)
	}
}

func TestLinesFit(t *testing.T) {
	for _, width := range []int{40, 60, 100} {
		var out bytes.Buffer
		_ = report.Text(&out, sample(), report.TextOptions{Width: width, Color: true})
		for line := range strings.Lines(out.String()) {
			longest := 0
			for _, word := range strings.Fields(line) {
				longest = max(longest, ansi.StringWidth(word))
			}
			if n := ansi.StringWidth(strings.TrimSuffix(line, "\n")); n > width && longest < width/4 {
				t.Errorf("%d cells at %d: %s", n, width, line)
			}
		}
	}
}

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"plain":                   "plain",
		"grüße 👩‍💻 日本":            "grüße 👩‍💻 日本",
		"a\tb\nc\r\nd":            "a b c  d",
		"\x1b[31mred\x1b[0m":      "[31mred[0m",
		"\u202eevil\u202c":        "evil",
		"\xff\xfe":                "\ufffd",
		"c1 \u009b31m csi":        "c1 31m csi",
		"\u2028line\u2029":        " line ",
		"tag\U000e0041\U000e007f": "tag",
	} {
		if got := report.Clean(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}

func TestEscape(t *testing.T) {
	for in, want := range map[string]string{
		"plain words":           "plain words",
		"@org/team":             `@&#8203;org/team`,
		"dana@example.com":      `dana@example.com`,
		"see #12 or a/b#12":     `see #&#8203;12 or a/b#&#8203;12`,
		"https://x.example":     `https:&#8203;//x.example`,
		"www.x.example":         `www.&#8203;x.example`,
		"![p](q)":               `!\[p\](q)`,
		"<b>":                   `\<b\>`,
		"`a`|b":                 "\\`a\\`\\|b",
		"a\n# b":                "a # b",
		"# b":                   `\# b`,
		"- b":                   `\- b`,
		"1. b":                  `1\. b`,
		"&lt;":                  `\&lt;`,
		":tada:":                `:&#8203;tada:`,
		"GH-1":                  `GH-&#8203;1`,
		"field_name _emph_ *b*": `field_name \_emph\_ \*b\*`,
		"std::vector":           `std:&#8203;:&#8203;vector`,
	} {
		if got := report.Escape(in); got != want {
			t.Errorf("%q became %s, want %s", in, got, want)
		}
	}
}
