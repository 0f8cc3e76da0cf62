package checklist

import (
	"time"

	"flightpoll/detectors"
)

// State is where an item stands.
type State string

// The states of an item.
const (
	Open   State = "open"
	Go     State = "go"
	NoGo   State = "no-go"
	NA     State = "n/a"
	Waived State = "waived"
)

// EvidenceKind is what an item asks for.
type EvidenceKind string

// The kinds of evidence.
const (
	CommandEvidence EvidenceKind = "command"
	LinkEvidence    EvidenceKind = "link"
	TextEvidence    EvidenceKind = "text"
	PersonEvidence  EvidenceKind = "person"
)

// Item is one question for a human, raised by what is on this branch.
type Item struct {
	// ID is stable for the same reason on the same branch: "consumers-told", "inconclusive-environment-undeclared-variable".
	ID       string            `json:"id"`
	Pattern  detectors.Pattern `json:"pattern"`
	Question string            `json:"question"`
	// Short is a few words for the list, e.g. "consumers told?".
	Short string `json:"-"`
	// RaisedBy names what raised it: paths, detector ids, symbols.
	RaisedBy []string     `json:"raised_by"`
	Evidence EvidenceKind `json:"evidence"`
	// Command is the suggested command of a command item, from the catalogue or the base's policy; never from the branch.
	Command string `json:"-"`
	// Covers are the changed paths that an answer speaks for, sorted; ScopeSHA256 digests their content on both sides,
	// so that an answer is open again when one of them changed.
	Covers      []string `json:"-"`
	ScopeSHA256 string   `json:"-"`
	// Guide is the id of its guidance in content.
	Guide string `json:"-"`

	State State `json:"state"`
	// Answer is nil while open. Stale is the answer that stood before what it covers changed.
	Answer *Answer `json:"answer"`
	Stale  *Answer `json:"-"`
}

// Answer is an item's state with its evidence, who gave it and when.
type Answer struct {
	State    State    `json:"state"`
	Evidence Evidence `json:"evidence"`
	Note     string   `json:"note,omitempty"`
	By       string   `json:"by"`
	// At is in UTC, to the second.
	At          time.Time `json:"at"`
	Covers      []string  `json:"covers"`
	ScopeSHA256 string    `json:"scopeSha256"`
	// Reason and Until stand on a waiver only; Until is a date, 2006-01-02.
	Reason string `json:"reason,omitempty"`
	Until  string `json:"until,omitempty"`
}

// Evidence is one of four kinds, the others empty.
type Evidence struct {
	Kind    EvidenceKind   `json:"kind"`
	Text    string         `json:"text,omitempty"`
	Link    string         `json:"link,omitempty"`
	Person  string         `json:"person,omitempty"`
	Command *CommandResult `json:"command,omitempty"`
}

// CommandResult is a command that was run in the repository's root and what came of it.
type CommandResult struct {
	Line string `json:"line"`
	// Exit is the exit status, -1 when it was ended by a signal or the time-out.
	Exit int `json:"exit"`
	// Millis is the wall time in milliseconds; OutputSHA256 digests standard output and error as they came; Bytes counts them.
	Millis       int64  `json:"durationMs"`
	OutputSHA256 string `json:"outputSha256"`
	Bytes        int64  `json:"outputBytes"`
	// Tree is the git tree that it ran on; Dirty says that the work tree differed from it.
	Tree  string `json:"tree"`
	Dirty bool   `json:"dirty"`
}

// Waiver lets a finding or an item pass until a date, for a reason.
type Waiver struct {
	// Target is a finding's fingerprint or an item's id.
	Target string    `json:"target"`
	By     string    `json:"by"`
	Reason string    `json:"reason"`
	Until  string    `json:"until"`
	At     time.Time `json:"at"`
}

// Station is one pattern of the poll with what stands on it.
type Station struct {
	Pattern  detectors.Pattern
	Weight   int
	Verdict  Verdict
	Findings []detectors.Finding
	Items    []Item
	// Nothing says that no detector found anything of its kind on the branch and nothing is asked.
	Nothing bool
}

// Verdict is the answer of a station, or of the branch.
type Verdict string

// The verdicts.
const (
	VerdictGo   Verdict = "go"
	VerdictHold Verdict = "hold"
	VerdictNoGo Verdict = "no-go"
)

// Board is the poll at one moment.
type Board struct {
	Stations []Station
	Verdict  Verdict
	// Score is 0 to 100.
	Score int
	// Waivers by fingerprint or item id, the active ones only.
	Waivers map[string]Waiver
}
