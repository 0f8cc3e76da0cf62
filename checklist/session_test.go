package checklist_test

import (
	"fmt"
	"strings"
	"testing"

	"flightpoll/checklist"
	"flightpoll/detectors"
)

const rehearsed = "migration-rehearsed"

func TestAnAnswerIsThereInTheNextSession(t *testing.T) {
	dir := migration(t)
	must(t, session(t, dir, detectors.Result{}).Answer(rehearsed, checklist.Go, ran, "on Tuesday's copy"))
	item, _ := session(t, dir, detectors.Result{}).Item(rehearsed)
	if item.State != checklist.Go || item.Answer == nil {
		t.Fatalf("the item is %s", item.State)
	}
	a := *item.Answer
	if a.By != me || !a.At.Equal(noon) || a.Note != "on Tuesday's copy" || a.Evidence.Kind != checklist.CommandEvidence || a.ScopeSHA256 != item.ScopeSHA256 {
		t.Errorf("the answer is %+v", a)
	}
}

func TestWhatIsNoAnswer(t *testing.T) {
	link := func(s string) checklist.Evidence { return checklist.Evidence{Link: s} }
	failed := ran
	failed.Command = &checklist.CommandResult{Line: "make rehearse", Exit: 2}
	cases := []struct {
		name     string
		id       string
		state    checklist.State
		evidence checklist.Evidence
		want     string
	}{
		{"no such item", "dashboard", checklist.Go, ran, `nothing on this branch raises "dashboard"; its items: migration-rehearsed`},
		{"go without evidence", rehearsed, checklist.Go, checklist.Evidence{}, "go needs evidence: a command"},
		{"go after a failed command", rehearsed, checklist.Go, failed, "ended with status 2: a command that failed can never be go"},
		{"go by another kind", rehearsed, checklist.Go, checklist.Evidence{Text: "trust me"}, "a text is not what this question asks for"},
		{"two kinds", rehearsed, checklist.Go, checklist.Evidence{Text: "a", Link: "https://a.example"}, "give one kind of evidence, not link and text"},
		{"a link without a host", rehearsed, checklist.Go, link("https:///a"), "is no link"},
		{"a link of another kind", rehearsed, checklist.Go, link("javascript:alert(1)"), "is no link"},
		{"a link with a password", rehearsed, checklist.Go, link("https://me:secret@a.example/"), "leave it out"},
		{"a person without an address", rehearsed, checklist.NoGo, checklist.Evidence{Person: "Dana"}, "is no person"},
		{"a person without a name", rehearsed, checklist.NoGo, checklist.Evidence{Person: "<dana@example.com>"}, "is no person"},
		{"control characters", rehearsed, checklist.NoGo, checklist.Evidence{Text: "a\x1b[2J"}, "control characters"},
		{"too long", rehearsed, checklist.NoGo, checklist.Evidence{Text: strings.Repeat("a", 9000)}, "longer than 8 KB"},
		{"a waiver", rehearsed, checklist.Waived, checklist.Evidence{}, "flightpoll waive migration-rehearsed --reason TEXT --until DATE"},
		{"open", rehearsed, checklist.Open, checklist.Evidence{}, "expected go, no-go or n/a"},
	}
	s := session(t, migration(t), detectors.Result{})
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			err := s.Answer(c.id, c.state, c.evidence, "")
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want ... %s ...", err, c.want)
			}
		})
	}
	if item, _ := s.Item(rehearsed); item.State != checklist.Open {
		t.Errorf("the item is %s", item.State)
	}
}

func TestWhatIsAnAnswer(t *testing.T) {
	failed := checklist.Evidence{Command: &checklist.CommandResult{Line: "make rehearse", Exit: 2}}
	cases := []struct {
		name     string
		state    checklist.State
		evidence checklist.Evidence
	}{
		{"go by a command", checklist.Go, ran},
		{"go by a link to the command's run", checklist.Go, checklist.Evidence{Link: "https://ci.example/runs/7"}},
		{"no-go by a failed command", checklist.NoGo, failed},
		{"no-go by a word", checklist.NoGo, checklist.Evidence{Text: "locks for an hour"}},
		{"no-go by nothing", checklist.NoGo, checklist.Evidence{}},
		{"n/a", checklist.NA, checklist.Evidence{}},
	}
	s := session(t, migration(t), detectors.Result{})
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			must(t, s.Answer(rehearsed, c.state, c.evidence, ""))
			if item, _ := s.Item(rehearsed); item.State != c.state {
				t.Errorf("the item is %s", item.State)
			}
		})
	}
}

func TestAnAnswerIsOpenAgainWhenWhatItCoversChanged(t *testing.T) {
	dir := migration(t)
	must(t, session(t, dir, detectors.Result{}).Answer(rehearsed, checklist.Go, ran, ""))
	states := func() string {
		item, _ := session(t, dir, detectors.Result{}).Item(rehearsed)
		return fmt.Sprint(item.State, " stale ", item.Stale != nil)
	}
	commit(t, dir, "elsewhere", files{"a.go": "package a\n"})
	if got := states(); got != "go stale false" {
		t.Errorf("after another file changed: %s", got)
	}
	commit(t, dir, "there", files{"db/migrations/0001_points.up.sql": "ALTER TABLE customers ADD COLUMN points bigint;\n"})
	if got := states(); got != "open stale true" {
		t.Errorf("after its file changed: %s", got)
	}
	commit(t, dir, "back", files{"db/migrations/0001_points.up.sql": "ALTER TABLE customers ADD COLUMN points integer;\n"})
	if got := states(); got != "go stale false" {
		t.Errorf("after its file changed back: %s", got)
	}
}

func TestAnItemThatNothingRaisesAnyMoreIsKeptAndNotCounted(t *testing.T) {
	dir := repository(t, files{}, files{"a.go": "package a\n"})
	r := found(finding("contracts/stale-mock", "a.go", detectors.Warning, "aaaaaaaaaaaaaaaa"))
	s := session(t, dir, r)
	must(t, s.Answer("real-downstream", checklist.NoGo, checklist.Evidence{Text: "not yet"}, ""))
	if v := s.Board().Verdict; v != checklist.VerdictNoGo {
		t.Fatalf("verdict %s", v)
	}
	s.Update(detectors.Result{})
	if b := s.Board(); b.Verdict != checklist.VerdictGo || len(ids(b)) != 0 {
		t.Errorf("verdict %s with %v", b.Verdict, ids(b))
	}
	s.Update(r)
	if item, _ := s.Item("real-downstream"); item.State != checklist.NoGo {
		t.Errorf("raised again it is %s", item.State)
	}
}

func TestWaivers(t *testing.T) {
	blocker := finding("contracts/stale-mock", "a.go", detectors.Blocker, "abcdef0123456789")
	other := finding("contracts/stale-mock", "a.go", detectors.Note, "abcdef9999999999")
	dir := repository(t, files{}, files{"a.go": "package a\n"})
	cases := []struct {
		name, target, reason, until, want string
	}{
		{"no reason", "abcdef0123456789", " ", "2026-12-01", "needs a reason"},
		{"no date", "abcdef0123456789", "known", "", "expected a date"},
		{"no such date", "abcdef0123456789", "known", "2026-02-30", "expected a date"},
		{"a date that is over", "abcdef0123456789", "known", "2026-11-22", "is over"},
		{"few digits", "abcde", "known", "2026-12-01", "nothing on this branch raises"},
		{"two findings", "abcdef", "known", "2026-12-01", "begins 2 fingerprints"},
		{"today", "abcdef01", "known", "2026-11-23", ""},
		{"an item", "real-downstream", "no such system yet", "2026-12-01", ""},
	}
	s := session(t, dir, found(blocker, other))
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			err := s.Waive(c.target, c.reason, c.until)
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
	b := s.Board()
	if b.Verdict != checklist.VerdictGo || len(b.Waivers) != 2 || b.Waivers["abcdef0123456789"].Reason != "known" {
		t.Errorf("verdict %s, waivers %v", b.Verdict, b.Waivers)
	}
	item, _ := s.Item("real-downstream")
	if item.State != checklist.Waived || item.Answer == nil || item.Answer.Until != "2026-12-01" {
		t.Errorf("the waived item is %+v", item)
	}

	later := session(t, dir, found(blocker), func(o *checklist.SessionOptions) { o.Now = at(noon.AddDate(0, 1, 0)) })
	if b := later.Board(); b.Verdict != checklist.VerdictNoGo || len(b.Waivers) != 0 {
		t.Errorf("after they lapsed: verdict %s, waivers %v", b.Verdict, b.Waivers)
	}
}

func TestWaiversOfThePolicyAndOfARecord(t *testing.T) {
	dir := repository(t, files{}, files{"a.go": "package a\n"})
	r := found(finding("contracts/openapi", "a.go", detectors.Blocker, "aaaaaaaaaaaaaaaa"), finding("contracts/openapi", "a.go", detectors.Blocker, "bbbbbbbbbbbbbbbb"))
	b := session(t, dir, r, func(o *checklist.SessionOptions) {
		o.Ignore = func(f detectors.Finding) (checklist.Waiver, bool) {
			return checklist.Waiver{Target: f.Fingerprint, By: "policy"}, f.Fingerprint == "aaaaaaaaaaaaaaaa"
		}
		o.Standing = []checklist.Waiver{{Target: "bbbbbbbbbbbbbbbb", By: "a record", Until: "2026-11-23"}}
	}).Board()
	if b.Verdict != checklist.VerdictGo || b.Waivers["aaaaaaaaaaaaaaaa"].By != "policy" || b.Waivers["bbbbbbbbbbbbbbbb"].By != "a record" {
		t.Errorf("verdict %s, waivers %v", b.Verdict, b.Waivers)
	}
}

func TestNobodyAnswersAnonymously(t *testing.T) {
	s := session(t, migration(t), detectors.Result{}, func(o *checklist.SessionOptions) { o.By = "" })
	if err := s.Answer(rehearsed, checklist.NA, checklist.Evidence{}, ""); err == nil || !strings.Contains(err.Error(), "git config --global user.name") {
		t.Errorf("got %v", err)
	}
}
