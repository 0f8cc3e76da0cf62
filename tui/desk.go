package tui

// The desk serialises what commands do to the session and hands out snapshots for drawing.

import (
	"context"
	"errors"
	"slices"
	"sync"

	"flightpoll/checklist"
	"flightpoll/detectors"
	"flightpoll/detectors/branch"
)

// desk holds the session and what the detectors found so far. Commands call it from many goroutines.
type desk struct {
	mu       sync.Mutex
	seq      int
	branch   *branch.Branch
	session  *checklist.Session
	outcomes []detectors.Outcome
	findings map[string][]detectors.Finding
}

// snapshot is the poll at one moment; nothing in it is changed afterwards. A later one has a higher seq.
type snapshot struct {
	seq    int
	branch *branch.Branch
	board  checklist.Board
	result detectors.Result
}

var errNotOpen = errors.New("the branch is still being read")

// open reads the branch, anew when it was read before: what was found so far stands until it is found again.
func (d *desk) open(ctx context.Context, b Backend) (snapshot, error) {
	br, s, err := b.Open(ctx)
	if err != nil {
		return snapshot{}, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.branch, d.session = br, s
	if d.findings == nil {
		d.findings = map[string][]detectors.Finding{}
	}
	return d.take(), nil
}

// add takes the ends of some detectors.
func (d *desk) add(ended []detectors.Done) snapshot {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, e := range ended {
		d.findings[e.Outcome.ID] = e.Findings
		if i := d.index(e.Outcome.ID); i >= 0 {
			d.outcomes[i] = e.Outcome
		} else {
			d.outcomes = append(d.outcomes, e.Outcome)
		}
	}
	return d.take()
}

// finish takes the end of a whole run: detectors that it does not name are gone.
func (d *desk) finish(r detectors.Result) snapshot {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.outcomes = slices.Clone(r.Outcomes)
	for id := range d.findings {
		if d.index(id) < 0 {
			delete(d.findings, id)
		}
	}
	return d.take()
}

// change does something to the session.
func (d *desk) change(f func(*checklist.Session) error) (snapshot, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.session == nil {
		return snapshot{}, errNotOpen
	}
	err := f(d.session)
	return d.take(), err
}

func (d *desk) index(id string) int {
	return slices.IndexFunc(d.outcomes, func(o detectors.Outcome) bool { return o.ID == id })
}

func (d *desk) take() snapshot {
	r := detectors.Result{Findings: []detectors.Finding{}, Outcomes: slices.Clone(d.outcomes)}
	for _, list := range d.findings {
		r.Findings = append(r.Findings, list...)
	}
	r.Findings = detectors.Settle(r.Findings)
	detectors.SortFindings(r.Findings)
	d.session.Update(r)
	d.seq++
	return snapshot{seq: d.seq, branch: d.branch, board: d.session.Board(), result: r}
}

// current is the session; callers that run long use it without the lock.
func (d *desk) current() (*checklist.Session, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.session == nil {
		return nil, errNotOpen
	}
	return d.session, nil
}
