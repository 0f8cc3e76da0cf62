package tui

// A poll that never changes: findings of all five patterns on the shop's own lines, so that views do not depend on what
// the detectors learn next.

import (
	"context"
	"regexp"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"flightpoll/checklist"
	"flightpoll/checklist/record"
	"flightpoll/checklist/report"
	"flightpoll/detectors"
)

// fixedFindings are written by hand, in report order.
func fixedFindings() []detectors.Finding {
	list := []detectors.Finding{
		{
			Detector: "contracts/openapi-breaking", Severity: detectors.Warning, Path: "api/openapi.yaml", Line: 22,
			Symbol: "full_name", Message: "GET /customers/{id} no longer answers with full_name",
			Why: "Clients built against the document as it was expect it.", Fix: "Keep it beside display_name, marked deprecated.",
		},
		{
			Detector: "contracts/stale-mock", Severity: detectors.Warning, Path: "web/test/mocks/customer.json", Line: 3,
			Symbol: "full_name", Message: "the mock still has full_name, which the branch renamed to display_name",
			Why:     "Tests on it stay green although the real thing looks different.",
			Fix:     "Give customer.json the new shape of Customer, best generated from it.",
			Related: []detectors.Related{{Path: "api/openapi.yaml", Line: 25, Message: "renamed to display_name here"}},
		},
		{
			Detector: "environment/missing-in-environment", Severity: detectors.Blocker, Path: "internal/config/config.go", Line: 21,
			Symbol: "LOYALTY_URL", Message: "LOYALTY_URL is set for staging and absent for production",
			Why: "The code needs it and has no default, so production does not start.",
			Fix: "Set it in deploy/env/production.env, or give the code a default that is right there.",
			Related: []detectors.Related{
				{Path: "deploy/env/staging.env", Line: 3, Message: "sets it for staging"},
				{Path: "deploy/env/production.env", Message: "production lacks it"},
			},
		},
		{
			Detector: "scripts/missing-rollback", Severity: detectors.Warning, Path: "db/migrations/0003_points.up.sql", Line: 1,
			Symbol: "customers.points", Message: "add column customers.points has no way back",
			Why: "Whoever takes the release back finds no migration to undo this one.", Fix: "Write the inverse of each step.",
		},
		{
			Detector: "scripts/unguarded-statement", Severity: detectors.Blocker, Path: "scripts/backfill_points.sh", Line: 6,
			Symbol: "customers", Message: "a second run of UPDATE customers adds the points again",
			Why: "Each run adds once more.", Fix: "Set and test a marker column in the same statement.",
		},
		{
			Detector: "observability/swallowed-error", Severity: detectors.Warning, Path: "internal/jobs/points.go", Line: 20,
			Symbol: "LapsePoints", Message: "the nightly job drops the error of loyalty.Lapse",
			Why: "Nobody learns that points no longer lapse.", Fix: "Log it, and count it.",
		},
		{
			Detector: "review/weakened-tests", Severity: detectors.Warning, Path: "internal/orders/orders_test.go", Line: 15,
			Symbol: "TestReleaseStopsAtTheLimit", Message: "TestReleaseStopsAtTheLimit is skipped now",
			Why: "A test that does not run says nothing.", Fix: "Mend the code or the test.",
		},
		{
			Detector: "review/ai-authorship", Severity: detectors.Note, Path: "cmd/shopctl/main.go",
			Symbol: "claude, cursor", Message: "3 of 4 commits name an assistant (claude, cursor)",
		},
	}
	for i := range list {
		f := &list[i]
		pattern, _, _ := strings.Cut(f.Detector, "/")
		f.Pattern, f.EndLine = detectors.Pattern(pattern), f.Line
		f.Fingerprint = strings.Repeat(itoa(i+1), 16)
		if f.Related == nil {
			f.Related = []detectors.Related{}
		}
	}
	return list
}

// fixedEnds are the ends of the detectors that found these, and of some that found nothing.
func fixedEnds() []detectors.Done {
	var ends []detectors.Done
	at := map[string]int{}
	for _, f := range fixedFindings() {
		i, ok := at[f.Detector]
		if !ok {
			i = len(ends)
			at[f.Detector] = i
			ends = append(ends, detectors.Done{Outcome: detectors.Outcome{ID: f.Detector, Outcome: detectors.Ran, Millis: 3}})
		}
		ends[i].Findings = append(ends[i].Findings, f)
	}
	return append(ends,
		detectors.Done{Outcome: detectors.Outcome{ID: "contracts/route-removed", Outcome: detectors.Ran}},
		detectors.Done{Outcome: detectors.Outcome{ID: "contracts/protobuf-breaking", Outcome: detectors.NotApplicable,
			Reason: "nothing of its kind on this branch"}},
		detectors.Done{Outcome: detectors.Outcome{ID: "scripts/not-null-without-default", Outcome: detectors.Undecided,
			Reason: "the migration's dialect is not known"}})
}

const fixedGuide = "# Why it breaks\n\nThe other side still expects **the old shape**. It fails in production, not in the tests.\n\n" +
	"## How to find out\n\n- read the access log\n- ask who owns the callers\n\n```sh\ngit grep\tfull_name\n```\n\n" +
	"| side | expects |\n| --- | --- |\n| mobile app | full_name |\n\nAnswer with `NAME <ADDRESS>`, or n/a and a note.\n"

// fixedBackend has the shop's branch and session, the fixed findings, one guide and a key that is always the same.
func (s *shop) fixedBackend(findings ...detectors.Done) Backend {
	b := s.backend()
	if findings == nil {
		findings = fixedEnds()
	}
	b.Detect = func(_ context.Context, only []string, onDone func(detectors.Done)) detectors.Result {
		var r detectors.Result
		for _, e := range findings {
			if len(only) > 0 && only[0] != e.Outcome.ID {
				continue
			}
			onDone(e)
			r.Findings, r.Outcomes = append(r.Findings, e.Findings...), append(r.Outcomes, e.Outcome)
		}
		return r
	}
	draft := b.Draft
	b.Draft = func(board checklist.Board, r report.Report) (*record.Draft, error) {
		d, err := draft(board, r)
		if err == nil { // commit ids follow from the shop's random key
			d.Markdown = regexp.MustCompile(`\b[0-9a-f]{12,64}\b`).ReplaceAllFunc(d.Markdown, func(id []byte) []byte {
				return []byte(strings.Repeat("0", len(id)))
			})
		}
		return d, err
	}
	key := record.KeyInfo{Source: "file", Path: "/home/dana/.ssh/id_ed25519", Type: "ssh-ed25519", Comment: "dana@lantern.example",
		Fingerprint: "SHA256:Zk0gZmluZ2VycHJpbnQgb2YgdGhlIHRlc3RzLCBub3Qg"}
	b.Key = func(context.Context) (record.KeyInfo, error) { return key, nil }
	b.Sign = func(_ context.Context, d *record.Draft, o record.SignOptions) (record.Signed, error) {
		done := record.Signed{Folder: d.Folder, Signature: d.Folder + "/author-dana@lantern.example.sig", Principal: "dana@lantern.example",
			Role: o.Role, Fingerprint: key.Fingerprint,
			VerifyCommand: "git show main:.readiness/allowed_signers > /tmp/signers && ssh-keygen -Y verify -f /tmp/signers -n flightpoll/author"}
		if o.Commit {
			done.Commit = strings.Repeat("0", 40)
		}
		return done, nil
	}
	b.Guide = func(id string) (string, bool) { return fixedGuide, id != "observability/swallowed-error" }
	return b
}

// polledModel is a model that has polled the fixed findings.
func polledModel(t testing.TB, b Backend, o Options, w, h int) *model {
	t.Helper()
	m := newTestModel(t, b, o)
	m.Update(tea.WindowSizeMsg{Width: w, Height: h})
	drive(m, m.Init())
	if m.failed != nil || !m.polled {
		t.Fatalf("not polled: %v", m.failed)
	}
	return m
}
