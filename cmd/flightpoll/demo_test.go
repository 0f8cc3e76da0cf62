package main

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"flightpoll/checklist/report"
	"flightpoll/content/demo"
	"flightpoll/detectors"
)

// demoReport makes the sample and checks it through the real command line.
func demoReport(t *testing.T) (report.Report, demo.Repo) {
	t.Helper()
	t.Setenv("GIT_CONFIG_GLOBAL", "/dev/null")
	shop, err := demo.Create(t.Context(), filepath.Join(t.TempDir(), "demo"))
	if err != nil {
		t.Fatal(err)
	}
	var out, errOut bytes.Buffer
	if code := run([]string{"-C", shop.Dir, "check", "--format", "json", "--fail-on", "never"}, strings.NewReader(""), &out, &errOut); code != 0 {
		t.Fatalf("exit status %d: %s", code, errOut.String())
	}
	var r report.Report
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	return r, shop
}

// TestDemo: the sample shows a failure of each pattern with both sides, asks between four and seven questions, and the
// things that it does right raise nothing.
func TestDemo(t *testing.T) {
	r, _ := demoReport(t)
	loud, both := map[detectors.Pattern]int{}, map[detectors.Pattern]int{}
	for _, f := range r.Findings {
		if f.Severity == detectors.Note {
			continue
		}
		loud[f.Pattern]++
		if len(f.Related) > 0 {
			both[f.Pattern]++
		}
		for _, right := range []string{"internal/api/rewards.go", "0004_rewards", "web/src/", "MAIL_FROM"} {
			if strings.Contains(f.Path, right) || f.Symbol == right {
				t.Errorf("%s was done right, and yet: %s %s", right, f.Detector, f.Message)
			}
		}
	}
	for _, p := range detectors.Patterns {
		if loud[p] == 0 || both[p] == 0 {
			t.Errorf("%s: %d findings, %d of them with both sides", p, loud[p], both[p])
		}
	}
	if n := len(r.Items); n < 4 || n > 7 {
		t.Errorf("%d questions, want four to seven", n)
		for _, i := range r.Items {
			t.Log(i.ID, i.RaisedBy)
		}
	}
	if t.Failed() {
		for _, f := range r.Findings {
			t.Logf("%s %s %s:%d [%s] %s %v", f.Severity, f.Detector, f.Path, f.Line, f.Symbol, f.Message, f.Related)
		}
	}
}
