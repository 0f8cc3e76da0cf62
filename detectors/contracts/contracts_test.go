package contracts_test

import (
	"path/filepath"
	"testing"

	"flightpoll/detectors"
	"flightpoll/detectors/all"
	"flightpoll/detectors/scenario"
)

// station is every detector of this package; the cases are judged by all of them together, as people see them.
var station = func() (list []*detectors.Detector) {
	for _, d := range all.Detectors {
		if d.Pattern() == detectors.Contracts {
			list = append(list, d)
		}
	}
	return list
}()

// TestCases judges the labelled repositories of testdata: what has to be found, and what has to be left alone.
func TestCases(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join("testdata", "*", "*.txtar"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, path := range paths {
		s, err := scenario.Read(path)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(filepath.Base(filepath.Dir(path))+"/"+s.Name, func(t *testing.T) {
			res := detectors.Run(t.Context(), scenario.Open(t, s.Build(t)), station, nil)
			missed, broken := s.Judge(res.Findings)
			for _, m := range missed {
				t.Errorf("missed %s (%s)", m, s.Why)
			}
			for c, f := range broken {
				t.Errorf("broke clean %s: %s %s:%d %s", c, f.Detector, f.Path, f.Line, f.Message)
			}
			for _, o := range res.Outcomes {
				if o.Outcome == detectors.Undecided && s.Outcome != o.Outcome {
					t.Errorf("%s ended %s: %s", o.ID, o.Outcome, o.Reason)
				}
			}
			for _, f := range res.Findings {
				if f.Path == "" || f.Message == "" || f.Why == "" || f.Fix == "" {
					t.Errorf("incomplete finding: %+v", f)
				}
				if t.Failed() {
					t.Logf("%s %s %s:%d [%s] %s %v", f.Severity, f.Detector, f.Path, f.Line, f.Symbol, f.Message, f.Related)
				}
			}
		})
	}
}
