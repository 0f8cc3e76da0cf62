package record

// The signed document: an in-toto Statement v1 about the code of a branch
// (https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md).

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"flightpoll/checklist"
	"flightpoll/detectors"
)

// The types that a statement names.
const (
	StatementType = "https://in-toto.io/Statement/v1"
	PredicateType = "urn:flightpoll:launch-readiness:v1"
)

// maxStatement is the largest readiness.json in bytes; maxBeside that of a file beside it, maxSignature of a signature.
const (
	maxStatement = 10 << 20
	maxBeside    = 64 << 20
	maxSignature = 64 << 10
)

// Statement is readiness.json. It is written in exactly one way: fields in this order, two spaces of indent, one line
// break at the end, nothing escaped that JSON does not ask for.
type Statement struct {
	Type          string    `json:"_type"`
	Subject       []Subject `json:"subject"`
	PredicateType string    `json:"predicateType"`
	Predicate     Predicate `json:"predicate"`
}

// Subject is the git tree of HEAD without .readiness/records.
type Subject struct {
	Name   string  `json:"name"`
	Digest Digests `json:"digest"`
}

// Digests are by algorithm; gitTree is in-toto's name for the id of a git tree.
type Digests struct {
	GitTree string `json:"gitTree"`
}

// Predicate is what is stated of the subject.
type Predicate struct {
	// Repository is the policy's repository id, or the first commit.
	Repository string `json:"repository"`
	Branch     string `json:"branch"`
	Target     string `json:"target"`
	// Base and Head are commit ids; Commits counts the branch's own.
	Base    string `json:"base"`
	Head    string `json:"head"`
	Commits int    `json:"commits"`
	Delta   Delta  `json:"delta"`

	Verdict checklist.Verdict `json:"verdict"`
	Score   int               `json:"score"`
	Answers []Answer          `json:"answers"`
	Waivers []Waiver          `json:"waivers"`

	// IssuedAt and ExpiresAt are in UTC, to the second.
	IssuedAt  time.Time `json:"issuedAt"`
	ExpiresAt time.Time `json:"expiresAt"`

	// Report and Markdown are the sha256 of report.json and readiness.md.
	Report   FileDigest `json:"report"`
	Markdown FileDigest `json:"markdown"`
	Tool     Tool       `json:"tool"`
}

// FileDigest is the sha256 of a file beside the statement.
type FileDigest struct {
	SHA256 string `json:"sha256"`
}

// Tool is the program that put the statement together.
type Tool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// Answer is one answered item.
type Answer struct {
	ID       string            `json:"id"`
	Pattern  detectors.Pattern `json:"pattern"`
	Question string            `json:"question"`
	State    checklist.State   `json:"state"`
	Evidence Evidence          `json:"evidence"`
	Note     string            `json:"note,omitempty"`
	By       string            `json:"by"`
	At       time.Time         `json:"at"`
	// Covers are the changed paths that the answer speaks for; ScopeSHA256 digests their content.
	Covers      []string `json:"covers"`
	ScopeSHA256 string   `json:"scopeSha256"`
	// Reason and Until stand on a waived item.
	Reason string `json:"reason,omitempty"`
	Until  string `json:"until,omitempty"`
}

// Evidence is one of four kinds, the others empty.
type Evidence struct {
	Kind    checklist.EvidenceKind `json:"kind"`
	Text    string                 `json:"text,omitempty"`
	Link    string                 `json:"link,omitempty"`
	Person  string                 `json:"person,omitempty"`
	Command *Command               `json:"command,omitempty"`
}

// Command is a command that was run, and what came of it.
type Command struct {
	Line         string `json:"line"`
	Exit         int    `json:"exit"`
	Millis       int64  `json:"durationMs"`
	OutputSHA256 string `json:"outputSha256"`
	OutputBytes  int64  `json:"outputBytes"`
	Tree         string `json:"tree"`
	Dirty        bool   `json:"dirty"`
}

// Waiver lets a finding (by fingerprint) or an item (by id) pass.
type Waiver struct {
	Target string    `json:"target"`
	By     string    `json:"by"`
	Reason string    `json:"reason"`
	Until  string    `json:"until"`
	At     time.Time `json:"at"`
}

// encode writes a statement in its one way.
func encode(s Statement) ([]byte, error) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(s); err != nil {
		return nil, fmt.Errorf("readiness.json cannot be written: %w", err)
	}
	return out.Bytes(), nil
}

// decode reads a statement and refuses every other way of writing it, and whatever it does not know.
func decode(text []byte) (Statement, error) {
	var s Statement
	if err := checkJSON(text); err != nil {
		return s, err
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil {
		return s, refuse(Malformed, "readiness.json: %s", clean(err.Error()))
	}
	if err := s.check(); err != nil {
		return s, err
	}
	again, err := encode(s)
	if err != nil {
		return s, err
	}
	if !bytes.Equal(again, text) {
		return s, refuse(Malformed, "readiness.json is not written the one way that flightpoll writes it (from byte %d on)", firstDifference(again, text))
	}
	return s, nil
}

// check looks at what the fields say.
func (s Statement) check() error {
	p := s.Predicate
	switch {
	case s.Type != StatementType:
		return refuse(Malformed, "readiness.json is of type %s, not %s", clean(s.Type), StatementType)
	case s.PredicateType != PredicateType:
		return refuse(Malformed, "readiness.json states %s, not %s", clean(s.PredicateType), PredicateType)
	case len(s.Subject) != 1 || s.Subject[0].Digest.GitTree == "":
		return refuse(Malformed, "readiness.json must name exactly one subject by its gitTree")
	case p.Commits < 0 || p.Score < 0 || p.Score > 100:
		return refuse(Malformed, "readiness.json counts %d commits and a score of %d", p.Commits, p.Score)
	case !p.ExpiresAt.After(p.IssuedAt):
		return refuse(Malformed, "readiness.json expires before it is issued")
	}
	sum, err := sumEntries(p.Delta.Entries)
	if err != nil {
		return refuse(Malformed, "readiness.json: %s", clean(err.Error()))
	}
	if sum != p.Delta.SHA256 {
		return refuse(Malformed, "readiness.json: the delta's sha256 is not that of its entries")
	}
	return s.checkAnswers()
}

// checkAnswers looks for answers that cannot stand under a verdict.
func (s Statement) checkAnswers() error {
	seen := map[string]bool{}
	for _, a := range s.Predicate.Answers {
		if seen[a.ID] {
			return refuse(Malformed, "readiness.json answers %s twice", clean(a.ID))
		}
		seen[a.ID] = true
		failed := a.Evidence.Command != nil && a.Evidence.Command.Exit != 0
		switch a.State {
		case checklist.Go:
			if failed {
				return refuse(Refused, "%s is answered go by a command that failed", clean(a.ID))
			}
		case checklist.NA, checklist.Waived:
		case checklist.Open, checklist.NoGo:
			if s.Predicate.Verdict == checklist.VerdictGo {
				return refuse(Refused, "%s is %s, and yet the verdict is go", clean(a.ID), a.State)
			}
		default:
			return refuse(Malformed, "readiness.json answers %s with %s", clean(a.ID), clean(string(a.State)))
		}
	}
	return nil
}

// waives says whether anything was let pass.
func (s Statement) waives() bool {
	for _, a := range s.Predicate.Answers {
		if a.State == checklist.Waived {
			return true
		}
	}
	return len(s.Predicate.Waivers) > 0
}

func firstDifference(a, b []byte) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}
