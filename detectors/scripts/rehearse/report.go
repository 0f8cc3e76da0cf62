package rehearse

// What a rehearsal says.

import (
	"strings"
	"time"
)

// Verdict is the outcome of one step.
type Verdict string

// The verdicts. Noted is worth knowing and no failure; skipped says why there was nothing to run.
const (
	OK      Verdict = "ok"
	Failed  Verdict = "failed"
	Noted   Verdict = "noted"
	Skipped Verdict = "skipped"
)

// Step is one thing that was run: what ("base", "rows", "up", "again", "retry", "down", "up anew"), on which file, and
// what was seen, in plain words.
type Step struct {
	What, Path string
	Verdict    Verdict
	Says       []string
	Took       time.Duration
}

// Report is one rehearsal.
type Report struct {
	// Title names what was rehearsed, Engine the database with its version.
	Title, Engine string
	Steps         []Step
}

// Failed counts the steps that failed.
func (r Report) Failed() int {
	n := 0
	for _, s := range r.Steps {
		if s.Verdict == Failed {
			n++
		}
	}
	return n
}

// String is the step on one line.
func (s Step) String() string {
	parts := []string{s.What}
	if s.Path != "" {
		parts = append(parts, s.Path)
	}
	return strings.Join(parts, " ") + ": " + strings.Join(append([]string{string(s.Verdict)}, s.Says...), "; ")
}
