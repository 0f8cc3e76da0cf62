package detectors_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"flightpoll/detectors"
)

// detector makes one that does what run says.
func detector(id string, run func(*detectors.Pass) error) *detectors.Detector {
	return &detectors.Detector{ID: id, Title: id, Run: run, Timeout: 200 * time.Millisecond}
}

func report(path string, line int, sev detectors.Severity) func(*detectors.Pass) error {
	return func(p *detectors.Pass) error {
		p.Report(detectors.Finding{Path: path, Line: line, Severity: sev, Message: "m"})
		return nil
	}
}

func TestHowADetectorEnds(t *testing.T) {
	hang := make(chan struct{})
	t.Cleanup(func() { close(hang) })
	cases := []struct {
		name   string
		run    func(*detectors.Pass) error
		want   string
		reason string
		found  int
	}{
		{"ran", report("a.go", 1, detectors.Note), detectors.Ran, "", 1},
		{"found nothing", func(*detectors.Pass) error { return nil }, detectors.Ran, "", 0},
		{"not applicable", func(*detectors.Pass) error { return detectors.ErrNotApplicable }, detectors.NotApplicable, "nothing of its kind on this branch", 0},
		{"inconclusive", func(*detectors.Pass) error { return detectors.Inconclusive("no manifest in %s", "here") }, detectors.Undecided, "no manifest in here", 0},
		{"inconclusive, wrapped", func(*detectors.Pass) error { return fmt.Errorf("flags: %w", detectors.Inconclusive("no manifest")) }, detectors.Undecided, "no manifest", 0},
		{"another error", func(*detectors.Pass) error { return errors.New("cannot read a.go") }, detectors.Undecided, "cannot read a.go", 0},
		{"a panic", func(p *detectors.Pass) error {
			p.Report(detectors.Finding{Path: "a.go", Severity: detectors.Note})
			panic("index out of range")
		}, detectors.Undecided, "the detector failed: index out of range", 1},
		{"a panic with a long text", func(*detectors.Pass) error { panic("a\nb" + strings.Repeat("c", 9000)) }, detectors.Undecided, "the detector failed: a b" + strings.Repeat("c", 176) + "…", 0},
		{"too slow, and heeds its context", func(p *detectors.Pass) error { <-p.Context.Done(); return p.Context.Err() }, detectors.Undecided, "took longer than 200ms", 0},
		{"too slow, and heeds nothing", func(*detectors.Pass) error { <-hang; return nil }, detectors.Undecided, "took longer than 200ms", 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			beside := detector("review/beside", report("b.go", 1, detectors.Note))
			res := detectors.Run(context.Background(), detectors.Input{}, []*detectors.Detector{detector("contracts/judged", c.run), beside}, nil)
			got := res.Outcomes[0]
			if got.ID != "contracts/judged" || got.Outcome != c.want || got.Reason != c.reason {
				t.Errorf("got %+v", got)
			}
			if n := len(res.Findings); n != c.found+1 {
				t.Errorf("%d findings", n)
			}
			if res.Outcomes[1].Outcome != detectors.Ran {
				t.Errorf("the one beside it: %+v", res.Outcomes[1])
			}
		})
	}
}

func TestACancelledRunEndsAtOnce(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	hang := make(chan struct{})
	defer close(hang)
	list := []*detectors.Detector{detector("contracts/first", func(*detectors.Pass) error { cancel(); <-hang; return nil })}
	for i := range 50 {
		list = append(list, detector(fmt.Sprintf("review/next-%d", i), func(*detectors.Pass) error { <-hang; return nil }))
	}
	for _, d := range list {
		d.Timeout = time.Minute
	}
	start := time.Now()
	res := detectors.Run(ctx, detectors.Input{}, list, nil)
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("took %s", took)
	}
	for _, o := range res.Outcomes {
		if o.Outcome != detectors.Undecided || o.Reason != "interrupted" {
			t.Fatalf("got %+v", o)
		}
	}
}

func TestEndsAreToldOneAtATime(t *testing.T) {
	var list []*detectors.Detector
	for i := range 40 {
		list = append(list, detector(fmt.Sprintf("contracts/d%d", i), report("a.go", i+1, detectors.Warning)))
	}
	told := map[string]int{}
	var inside sync.Mutex
	res := detectors.Run(context.Background(), detectors.Input{}, list, func(d detectors.Done) {
		if !inside.TryLock() {
			t.Error("two ends at once")
			return
		}
		defer inside.Unlock()
		told[d.Outcome.ID] = len(d.Findings)
		if d.Findings[0].Fingerprint == "" || d.Findings[0].Detector != d.Outcome.ID {
			t.Errorf("not sealed: %+v", d.Findings[0])
		}
	})
	if len(told) != 40 || len(res.Findings) != 40 || len(res.Outcomes) != 40 {
		t.Errorf("%d told, %d findings, %d outcomes", len(told), len(res.Findings), len(res.Outcomes))
	}
}

func TestWhatIsReportedLateIsNotTaken(t *testing.T) {
	late, done := make(chan struct{}), make(chan struct{})
	d := detector("contracts/late", func(p *detectors.Pass) error {
		defer close(done)
		<-late
		p.Report(detectors.Finding{Path: "a.go"})
		return nil
	})
	res := detectors.Run(context.Background(), detectors.Input{}, []*detectors.Detector{d}, nil)
	close(late)
	<-done
	if len(res.Findings) != 0 {
		t.Errorf("got %v", res.Findings)
	}
}

func TestOneDetectorsFindingsAreBounded(t *testing.T) {
	d := detector("contracts/chatty", func(p *detectors.Pass) error {
		for i := range 100_000 {
			p.Report(detectors.Finding{Path: "a.go", Line: i})
		}
		return nil
	})
	if n := len(detectors.Run(context.Background(), detectors.Input{}, []*detectors.Detector{d}, nil).Findings); n != 1000 {
		t.Errorf("%d findings", n)
	}
}

// TestTheSameRunGivesTheSameList: whatever ends first, and whatever a detector reports first.
func TestTheSameRunGivesTheSameList(t *testing.T) {
	list := []*detectors.Detector{
		detector("review/c", report("a.go", 1, detectors.Blocker)),
		detector("contracts/b", func(p *detectors.Pass) error {
			for _, line := range []int{30, 10, 20} {
				p.Report(detectors.Finding{Path: "b.go", Line: line, Severity: detectors.Warning, Message: fmt.Sprint(line)})
			}
			p.Report(detectors.Finding{Path: "a.go", Line: 5, Severity: detectors.Note})
			p.Report(detectors.Finding{Path: "z.go", Line: 5, Severity: detectors.Blocker})
			return nil
		}),
		detector("contracts/a", report("b.go", 10, detectors.Warning)),
	}
	var first []detectors.Finding
	for range 20 {
		got := detectors.Run(context.Background(), detectors.Input{}, list, nil).Findings
		if first == nil {
			first = got
			var order []string
			for _, f := range got {
				order = append(order, fmt.Sprintf("%s %s:%d", f.Detector, f.Path, f.Line))
			}
			want := []string{"contracts/b z.go:5", "contracts/a b.go:10", "contracts/b b.go:10", "contracts/b b.go:20", "contracts/b b.go:30", "contracts/b a.go:5", "review/c a.go:1"}
			if diff := cmp.Diff(want, order); diff != "" {
				t.Fatal(diff)
			}
		}
		if diff := cmp.Diff(first, got); diff != "" {
			t.Fatal(diff)
		}
	}
}

func TestThePolicysSeverities(t *testing.T) {
	list := []*detectors.Detector{detector("contracts/off", report("a.go", 1, detectors.Blocker)), detector("contracts/low", report("a.go", 1, detectors.Blocker))}
	in := detectors.Input{Settings: detectors.Settings{Severity: map[string]string{"contracts/off": "off", "contracts/low": "note"}}}
	res := detectors.Run(context.Background(), in, list, nil)
	if len(res.Findings) != 1 || res.Findings[0].Detector != "contracts/low" || res.Findings[0].Severity != detectors.Note {
		t.Errorf("got %+v", res.Findings)
	}
}
