package checklist_test

import (
	"strings"
	"testing"
	"time"

	"flightpoll/checklist"
	"flightpoll/detectors"
)

func at(when time.Time) func() time.Time { return func() time.Time { return when } }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestUndoIsReplay plays steps on one item; each leaves the state behind its name. Every other step is made by
// another session of the same branch.
func TestUndoIsReplay(t *testing.T) {
	cases := []struct{ name, steps string }{
		{"undo and redo", "go:go undo:open redo:go"},
		{"nothing to undo", "undo:open redo:open go:go"},
		{"back through all", "go:go no-go:no-go n/a:n/a undo:no-go undo:go undo:open undo:open redo:go redo:no-go redo:n/a redo:n/a"},
		{"a change after undo drops what was undone", "go:go no-go:no-go undo:go n/a:n/a redo:n/a undo:go undo:open"},
		{"a waiver", "go:go waive:waived undo:go redo:waived no-go:no-go undo:waived"},
		{"clear", "go:go clear:open undo:go redo:open undo:go"},
		{"clear takes a waiver too", "waive:waived clear:open undo:waived"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			dir := migration(t)
			two := []*checklist.Session{session(t, dir, detectors.Result{}), session(t, dir, detectors.Result{})}
			for i, step := range strings.Fields(c.steps) {
				do, want, _ := strings.Cut(step, ":")
				s := two[i%2]
				play(t, s, do)
				if item, _ := s.Item(rehearsed); string(item.State) != want {
					t.Fatalf("step %d, %s: the item is %s, want %s", i+1, do, item.State, want)
				}
			}
		})
	}
}

func play(t *testing.T, s *checklist.Session, do string) {
	t.Helper()
	var err error
	switch do {
	case "undo":
		_, err = s.Undo()
	case "redo":
		_, err = s.Redo()
	case "clear":
		err = s.Clear(rehearsed)
	case "waive":
		err = s.Waive(rehearsed, "later", "2026-12-01")
	default:
		err = s.Answer(rehearsed, checklist.State(do), ran, "")
	}
	must(t, err)
}

func TestUndoSaysWhatItTookBack(t *testing.T) {
	s := session(t, migration(t), detectors.Result{})
	if said, err := s.Undo(); said != "" || err != nil {
		t.Errorf("nothing to undo: %q, %v", said, err)
	}
	play(t, s, "go")
	if said, _ := s.Undo(); said != "migration-rehearsed: go" {
		t.Errorf("undo says %q", said)
	}
	if said, _ := s.Redo(); said != "migration-rehearsed: go" {
		t.Errorf("redo says %q", said)
	}
}
