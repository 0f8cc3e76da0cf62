package all_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"flightpoll/detectors"
	"flightpoll/detectors/all"
	"flightpoll/detectors/scenario"
)

var update = flag.Bool("update", false, "write testdata/known.txt anew")

// known lists what we know to be wrong, one line a label: "miss SCENARIO: LABEL" or "alarm SCENARIO: LABEL". A change that
// makes one right, or another wrong, fails until the list says so: go test ./detectors/all -update.
const known = "testdata/known.txt"

// TestScenarios runs every detector over every labelled repository.
func TestScenarios(t *testing.T) {
	paths, err := filepath.Glob("testdata/*/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no scenarios: %v", err)
	}
	var wrong []string
	tally := map[detectors.Pattern]*[4]int{}
	for _, p := range detectors.Patterns {
		tally[p] = &[4]int{}
	}
	for _, path := range paths {
		s, err := scenario.Read(path)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(s.Name, func(t *testing.T) {
			res := detectors.Run(t.Context(), scenario.Open(t, s.Build(t)), all.Detectors, nil)
			missed, broken := s.Judge(res.Findings)
			for _, w := range s.Want {
				tally[w.Pattern][0]++
			}
			for _, c := range s.Clean {
				tally[c.Pattern][2]++
			}
			for _, m := range missed {
				tally[m.Pattern][1]++
				wrong = append(wrong, fmt.Sprintf("miss %s: %s", s.Name, m))
			}
			for c, f := range broken {
				tally[c.Pattern][3]++
				wrong = append(wrong, fmt.Sprintf("alarm %s: %s", s.Name, c))
				t.Logf("alarm %s %s:%d %s", f.Detector, f.Path, f.Line, f.Message)
			}
		})
	}
	for _, p := range detectors.Patterns {
		n := tally[p]
		t.Logf("%-14s %d of %d wants met, %d of %d cleans broken", p, n[0]-n[1], n[0], n[3], n[2])
	}
	slices.Sort(wrong)
	got := strings.Join(wrong, "\n") + "\n"
	if *update {
		if err := os.WriteFile(known, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(known)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is stale.\nnow wrong:\n%s\nlisted:\n%s", known, got, want)
	}
}
