package detectors

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"flightpoll/detectors/branch"
	"flightpoll/detectors/source"
)

// Outcome is how one detector ended.
type Outcome struct {
	ID string `json:"id"`
	// Outcome is "ran", "not-applicable" or "inconclusive"; Reason is empty only for the first.
	Outcome string `json:"outcome"`
	Reason  string `json:"reason"`
	// Millis is the wall time in milliseconds.
	Millis int64 `json:"ms"`
}

// The outcomes of a detector.
const (
	Ran           = "ran"
	NotApplicable = "not-applicable"
	Undecided     = "inconclusive"
)

// Input is what a run looks at.
type Input struct {
	Branch   *branch.Branch
	Source   *source.Source
	Settings Settings
}

// Done is sent when a detector has ended, with everything that it found.
type Done struct {
	Outcome  Outcome
	Findings []Finding
}

// Result is the whole run: findings in report order and settled, outcomes in the order of the list of detectors.
type Result struct {
	Findings []Finding
	Outcomes []Outcome
}

// maxFindings bounds what one detector may report: past it a human reads no more.
const maxFindings = 1000

// Run runs the detectors in parallel and returns when all have ended or ctx is done. Each end is told to
// onDone (which may be nil) as it comes, one at a time. A panic, a time-out or an error of a detector is that
// detector's inconclusive outcome; it never takes the run down.
func Run(ctx context.Context, in Input, list []*Detector, onDone func(Done)) Result {
	var (
		mu    sync.Mutex
		wg    sync.WaitGroup
		slots = make(chan struct{}, max(2, runtime.GOMAXPROCS(0)))
		res   = Result{Findings: []Finding{}, Outcomes: make([]Outcome, len(list))}
	)
	for i, d := range list {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			done := runOne(ctx, in, d)
			mu.Lock()
			defer mu.Unlock()
			res.Outcomes[i] = done.Outcome
			res.Findings = append(res.Findings, done.Findings...)
			if onDone != nil {
				onDone(done)
			}
		})
	}
	wg.Wait()
	res.Findings = Settle(res.Findings)
	SortFindings(res.Findings)
	return res
}

// runOne runs one detector in a goroutine of its own, so that one that does not heed its context
// is left behind instead of holding the run up.
func runOne(ctx context.Context, in Input, d *Detector) Done {
	limit := d.Timeout
	if limit == 0 {
		limit = DefaultTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()

	start := time.Now()
	c := collector{}
	ended := make(chan error, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil {
				ended <- fmt.Errorf("the detector failed: %v", p)
			}
		}()
		if err := ctx.Err(); err != nil {
			ended <- err
			return
		}
		ended <- d.Run(&Pass{Context: ctx, Branch: in.Branch, Source: in.Source, Settings: in.Settings, Report: c.add})
	}()
	var err error
	select {
	case err = <-ended:
	case <-ctx.Done():
		err = ctx.Err()
	}
	findings := c.take()
	out := outcome(d, limit, err)
	if sev, ok := in.Settings.Severity[d.ID]; ok {
		findings = override(findings, sev)
	}
	seal(d, findings)
	out.Millis = time.Since(start).Milliseconds()
	return Done{Outcome: out, Findings: findings}
}

func outcome(d *Detector, limit time.Duration, err error) Outcome {
	out := Outcome{ID: d.ID, Outcome: Ran}
	var undecided *InconclusiveError
	switch {
	case err == nil:
	case errors.Is(err, ErrNotApplicable):
		out.Outcome, out.Reason = NotApplicable, err.Error()
	case errors.As(err, &undecided):
		out.Outcome, out.Reason = Undecided, undecided.Reason
	case errors.Is(err, context.DeadlineExceeded):
		out.Outcome, out.Reason = Undecided, fmt.Sprintf("took longer than %s", limit)
	case errors.Is(err, context.Canceled):
		out.Outcome, out.Reason = Undecided, "interrupted"
	default:
		out.Outcome, out.Reason = Undecided, err.Error()
	}
	out.Reason = brief(out.Reason)
	return out
}

// maxReason bounds a reason, in characters: it is one line of a report.
const maxReason = 200

// brief puts a text on one line and bounds it.
func brief(text string) string {
	runes := []rune(strings.Join(strings.Fields(text), " "))
	if len(runes) > maxReason {
		return string(runes[:maxReason]) + "…"
	}
	return string(runes)
}

// override applies the policy's severity: "off" drops the findings.
func override(list []Finding, severity string) []Finding {
	if severity == "off" {
		return nil
	}
	for i := range list {
		list[i].Severity = Severity(severity)
	}
	return list
}

// collector takes findings while a detector runs and nothing after it was left behind.
type collector struct {
	mu    sync.Mutex
	list  []Finding
	taken bool
}

func (c *collector) add(f Finding) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.taken && len(c.list) < maxFindings {
		c.list = append(c.list, f)
	}
}

func (c *collector) take() []Finding {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.taken = true
	return slices.Clone(c.list)
}
