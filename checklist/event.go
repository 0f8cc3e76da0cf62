package checklist

import (
	"encoding/json"
	"fmt"
	"time"
)

// eventType is what one line of the log does. A type that a newer version wrote is kept in the file and ignored.
type eventType string

const (
	answerEvent eventType = "answer"
	waiveEvent  eventType = "waive"
	clearEvent  eventType = "clear"
	undoEvent   eventType = "undo"
	redoEvent   eventType = "redo"
)

// event is one line of the log.
type event struct {
	Type eventType `json:"type"`
	// Target is an item's id or a finding's fingerprint; empty for undo and redo.
	Target string    `json:"target,omitempty"`
	By     string    `json:"by"`
	At     time.Time `json:"at"`
	Answer *Answer   `json:"answer,omitempty"`
	Waiver *Waiver   `json:"waiver,omitempty"`
}

// says is the change in a few words, for "undone: ...".
func (e event) says() string {
	switch {
	case e.Type == answerEvent && e.Answer != nil:
		return fmt.Sprintf("%s: %s", e.Target, e.Answer.State)
	case e.Type == waiveEvent:
		return e.Target + ": waived"
	default:
		return e.Target + ": open again"
	}
}

// parseEvent reads one line; false for what is broken or of an unknown type.
func parseEvent(line []byte) (event, bool) {
	var e event
	if json.Unmarshal(line, &e) != nil {
		return event{}, false
	}
	switch e.Type {
	case answerEvent:
		return e, e.Target != "" && e.Answer != nil
	case waiveEvent:
		return e, e.Target != "" && e.Waiver != nil
	case clearEvent:
		return e, e.Target != ""
	case undoEvent, redoEvent:
		return e, true
	}
	return event{}, false
}

// state is what a log amounts to.
type state struct {
	answers map[string]Answer
	waivers map[string]Waiver
	// done are the changes that stand, oldest first; undone the ones that Redo would bring back, next one last.
	done, undone []event
}

// replay runs the log from its start: undo and redo move changes between two stacks, and what stands at the end counts.
func replay(events []event) state {
	s := state{answers: map[string]Answer{}, waivers: map[string]Waiver{}}
	for _, e := range events {
		switch e.Type {
		case undoEvent:
			s.done, s.undone = move(s.done, s.undone)
		case redoEvent:
			s.undone, s.done = move(s.undone, s.done)
		default:
			s.done, s.undone = append(s.done, e), nil
		}
	}
	for _, e := range s.done {
		switch e.Type {
		case answerEvent:
			s.answers[e.Target] = *e.Answer
			delete(s.waivers, e.Target)
		case waiveEvent:
			s.waivers[e.Target] = *e.Waiver
		default:
			delete(s.answers, e.Target)
			delete(s.waivers, e.Target)
		}
	}
	return s
}

// move takes the last of one stack to the other.
func move(from, to []event) (rest, grown []event) {
	if len(from) == 0 {
		return from, to
	}
	last := len(from) - 1
	return from[:last], append(to, from[last])
}
