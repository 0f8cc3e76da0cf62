package checklist

import (
	"context"
	"sync"
	"time"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
)

// Session is the answers given for one branch: an append-only log of events, one JSON object a line, in
// <common git directory>/flightpoll/<id>.jsonl. Every change is on the disk before its call returns. All methods may be
// called from several goroutines, and several programs may hold the same session.
type Session struct {
	branch *branch.Branch
	opts   SessionOptions
	specs  []Spec

	mu     sync.Mutex
	log    *eventLog
	state  state
	result detectors.Result
	raised []Item
	change *change
}

// SessionOptions are what a session needs besides the branch.
type SessionOptions struct {
	// By is who answers: "Name <address>", from git's configuration.
	By string
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Weights by pattern; missing ones have the default weight.
	Weights map[detectors.Pattern]int
	// Extra are the policy's own items.
	Extra []Spec
	// Ignore says which findings the policy lets pass, by its own waiver; nil means none.
	Ignore func(detectors.Finding) (Waiver, bool)
	// Standing are waivers that hold beside the session's own: the ones of a valid record at HEAD.
	Standing []Waiver
}

// OpenSession reads the branch's log, or starts one at the first answer.
func OpenSession(b *branch.Branch, o SessionOptions) (*Session, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	specs, err := Catalogue()
	if err != nil {
		return nil, err
	}
	for _, extra := range o.Extra {
		if err := extra.compile(); err != nil {
			return nil, err
		}
		specs = append(specs, extra)
	}
	log, err := openLog(b)
	if err != nil {
		return nil, err
	}
	s := &Session{branch: b, opts: o, specs: specs, log: log, change: newChange(b)}
	if _, err := s.Reload(); err != nil {
		return nil, err
	}
	return s, nil
}

// Update says what the detectors found (so far): it decides which items are raised. It writes nothing.
func (s *Session) Update(r detectors.Result) {
	raised := raise(s.change, s.specs, r)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.result, s.raised = r, raised
}

// Board is the poll as it stands: after Update, answers and waivers.
func (s *Session) Board() Board {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.board()
}

// Item is one item by id; false when nothing raises it.
func (s *Session) Item(id string) (Item, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.item(id)
}

// Answer gives an item's answer. The evidence's form is checked (a link is an absolute http(s) URL, a person is
// "NAME <ADDRESS>", go needs the item's evidence, a failed command can never be go); the error says what is wrong.
// Where an item asks for a command's run, a link to the run will do.
func (s *Session) Answer(id string, state State, e Evidence, note string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.answer(id, state, e, note)
}

// Waive lets a finding (by fingerprint, or a unique prefix of at least 6 digits) or an item pass; reason and until
// (2006-01-02, today or later) are both required.
func (s *Session) Waive(target, reason, until string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.waive(target, reason, until)
}

// Clear opens an item again, or takes a finding's waiver back.
func (s *Session) Clear(target string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.clear(target)
}

// Undo takes the newest change that was not undone back and says what it was, "" when there is none. Redo is its inverse.
func (s *Session) Undo() (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.step(undoEvent)
}

// Redo takes the newest undo back.
func (s *Session) Redo() (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.step(redoEvent)
}

// Reload reads what another program wrote since; true when there was something.
func (s *Session) Reload() (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	events, changed, err := s.log.read()
	if err != nil || !changed {
		return false, err
	}
	s.state = replay(events)
	return true, nil
}

// RunCommand runs line by `sh -c` in the repository's root and says what came of it; output goes to out as it comes
// (bounded). It fails only when the command could not be started. ctx ends it with its whole process group.
// A timeout of zero means DefaultCommandTimeout.
func (s *Session) RunCommand(ctx context.Context, line string, timeout time.Duration, out func([]byte)) (CommandResult, error) {
	return runCommand(ctx, s.branch, line, timeout, out)
}
