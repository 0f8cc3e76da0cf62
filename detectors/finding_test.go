package detectors_test

import (
	"context"
	"testing"

	"flightpoll/detectors"
)

// fingerprints runs one detector that reports the list.
func fingerprints(id string, list ...detectors.Finding) []string {
	res := detectors.Run(context.Background(), detectors.Input{}, []*detectors.Detector{detector(id, func(p *detectors.Pass) error {
		for _, f := range list {
			p.Report(f)
		}
		return nil
	})}, nil)
	var prints []string
	for _, f := range res.Findings {
		prints = append(prints, f.Fingerprint)
	}
	return prints
}

func sampleFinding() detectors.Finding {
	return detectors.Finding{
		Path: "api/user.go", Line: 12, EndLine: 14, Severity: detectors.Warning, Symbol: "full_name", Message: "m", Why: "w", Fix: "f",
		Evidence: []string{"full_name string", "display_name string"}, Related: []detectors.Related{{Path: "web/mock.json", Line: 7, Message: "r"}},
	}
}

func TestAFingerprintSurvivesARebaseAndOtherWords(t *testing.T) {
	cases := []struct {
		name   string
		change func(*detectors.Finding)
		same   bool
	}{
		{"other lines", func(f *detectors.Finding) { f.Line, f.EndLine, f.Related[0].Line = 40, 44, 90 }, true},
		{"other words", func(f *detectors.Finding) { f.Message, f.Why, f.Fix, f.Related[0].Message = "a", "b", "c", "d" }, true},
		{"another severity", func(f *detectors.Finding) { f.Severity = detectors.Note }, true},
		{"another indent of the evidence", func(f *detectors.Finding) { f.Evidence[0] = "\tfull_name   string" }, true},
		{"another path", func(f *detectors.Finding) { f.Path = "api/users.go" }, false},
		{"another symbol", func(f *detectors.Finding) { f.Symbol = "email" }, false},
		{"other evidence", func(f *detectors.Finding) { f.Evidence[1] = "nick_name string" }, false},
		{"another consumer", func(f *detectors.Finding) { f.Related[0].Path = "web/other.json" }, false},
	}
	want := fingerprints("contracts/a", sampleFinding())[0]
	if len(want) != 16 {
		t.Fatalf("the fingerprint is %q", want)
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			f := sampleFinding()
			c.change(&f)
			if got := fingerprints("contracts/a", f)[0]; (got == want) != c.same {
				t.Errorf("got %s, the first was %s", got, want)
			}
		})
	}
	if got := fingerprints("contracts/b", sampleFinding())[0]; got == want {
		t.Error("another detector has the same fingerprint")
	}
}

func TestEqualFindingsHaveFingerprintsOfTheirOwn(t *testing.T) {
	first, second := sampleFinding(), sampleFinding()
	second.Line = 99
	a := fingerprints("contracts/a", first, second)
	b := fingerprints("contracts/a", second, first)
	if a[0] == a[1] {
		t.Error("both have the same")
	}
	if a[0] != b[0] || a[1] != b[1] {
		t.Errorf("reported the other way round they are %v, not %v", b, a)
	}
}

// TestTheFingerprintItself fails when the recipe changes, which would lose every waiver that was ever given.
func TestTheFingerprintItself(t *testing.T) {
	if got := fingerprints("contracts/a", sampleFinding())[0]; got != "3ce03a8aa7481b49" {
		t.Errorf("got %s", got)
	}
}

func TestARunnersShareOfAFinding(t *testing.T) {
	f := detectors.Finding{Path: "a.go", Line: 3, Detector: "somebody/else", Pattern: "somebody"}
	res := detectors.Run(context.Background(), detectors.Input{}, []*detectors.Detector{detector("scripts/a", func(p *detectors.Pass) error {
		p.Report(f)
		return nil
	})}, nil)
	got := res.Findings[0]
	if got.Detector != "scripts/a" || got.Pattern != detectors.Scripts || got.EndLine != 3 || got.Related == nil {
		t.Errorf("got %+v", got)
	}
}
