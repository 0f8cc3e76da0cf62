package checklist

import (
	"context"
	"errors"
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
	log    *eventLog
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
}

// OpenSession reads the branch's log, or starts one at the first answer.
func OpenSession(b *branch.Branch, o SessionOptions) (*Session, error) { return openSession(b, o) }

// Update says what the detectors found (so far): it decides which items are raised. It writes nothing.
func (s *Session) Update(r detectors.Result) { s.update(r) }

// Board is the poll as it stands: after Update, answers and waivers.
func (s *Session) Board() Board { return s.board() }

// Item is one item by id; false when nothing raises it.
func (s *Session) Item(id string) (Item, bool) { return s.item(id) }

// Answer gives an item's answer. The evidence's form is checked (a link is an absolute http(s) URL, a person is
// "NAME <ADDRESS>", go needs the item's evidence, a failed command can never be go); the error says what is wrong.
func (s *Session) Answer(id string, state State, e Evidence, note string) error {
	return s.answer(id, state, e, note)
}

// Waive lets a finding (by fingerprint, or a unique prefix of at least 6 digits) or an item pass; reason and until
// (2006-01-02, today or later) are both required.
func (s *Session) Waive(target, reason, until string) error { return s.waive(target, reason, until) }

// Undo takes the newest change that was not undone back and says what it was, "" when there is none. Redo is its inverse.
func (s *Session) Undo() (string, error) { return s.undo() }

// Redo takes the newest undo back.
func (s *Session) Redo() (string, error) { return s.redo() }

// Reload reads what another program wrote since; true when there was something.
func (s *Session) Reload() (bool, error) { return s.reload() }

// RunCommand runs line by `sh -c` in the repository's root and says what came of it; output goes to out as it comes
// (bounded). It fails only when the command could not be started. ctx ends it with its whole process group.
func (s *Session) RunCommand(ctx context.Context, line string, timeout time.Duration, out func([]byte)) (CommandResult, error) {
	return s.runCommand(ctx, line, timeout, out)
}

// Spec is an entry of the item catalogue (content/items.yaml) or of the policy's own items.
type Spec struct {
	ID       string            `yaml:"id"`
	Pattern  detectors.Pattern `yaml:"pattern"`
	Ask      string            `yaml:"ask"`
	Short    string            `yaml:"short"`
	Evidence EvidenceKind      `yaml:"evidence"`
	Command  string            `yaml:"command"`
	When     When              `yaml:"when"`
}

// When says what raises an item.
type When struct {
	// Paths are globs (doublestar) over changed paths; Detectors are ids whose findings raise it.
	Paths     []string `yaml:"paths"`
	Detectors []string `yaml:"detectors"`
}

type eventLog struct{}

var errNotBuilt = errors.New("not built yet")

func openSession(b *branch.Branch, o SessionOptions) (*Session, error) {
	return &Session{branch: b, opts: o}, nil
}
func (s *Session) update(detectors.Result)                      {}
func (s *Session) board() Board                                 { return Board{} }
func (s *Session) item(string) (Item, bool)                     { return Item{}, false }
func (s *Session) answer(string, State, Evidence, string) error { return errNotBuilt }
func (s *Session) waive(string, string, string) error           { return errNotBuilt }
func (s *Session) undo() (string, error)                        { return "", errNotBuilt }
func (s *Session) redo() (string, error)                        { return "", errNotBuilt }
func (s *Session) reload() (bool, error)                        { return false, errNotBuilt }
func (s *Session) runCommand(context.Context, string, time.Duration, func([]byte)) (CommandResult, error) {
	return CommandResult{}, errNotBuilt
}
