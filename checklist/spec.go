package checklist

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/bmatcuk/doublestar/v4"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
)

// Spec is an entry of the item catalogue (content/items.yaml) or of the policy's own items.
type Spec struct {
	ID       string            `yaml:"id"`
	Pattern  detectors.Pattern `yaml:"pattern"`
	Ask      string            `yaml:"ask"`
	Short    string            `yaml:"short"`
	Evidence EvidenceKind      `yaml:"evidence"`
	Command  string            `yaml:"command"`
	// Guide is the id of its guidance, "items/<id>" for the catalogue's own; empty for none.
	Guide string `yaml:"guide"`
	When  When   `yaml:"when"`

	// builtIn says that it is of the catalogue.
	builtIn bool
	lines   []*regexp.Regexp
	until   []*regexp.Regexp
}

// When says what raises an item: a changed file that meets every condition given on files, or a finding of one of
// the detectors. Without any condition each branch that changes behaviour raises it.
type When struct {
	// Paths are globs (doublestar) over changed paths, Except takes some of them out.
	Paths  []string `yaml:"paths"`
	Except []string `yaml:"except"`
	// Status narrows to files that were added, modified, deleted or renamed.
	Status []branch.Status `yaml:"status"`
	// Lines are regular expressions over the lines that the branch added. One with a group names something: it counts
	// only where that name is new, which is that the old side of no changed file has it.
	Lines []string `yaml:"lines"`
	// Until are regular expressions for the line of a file from which on Lines are not looked for: the way back in a
	// migration that holds both.
	Until []string `yaml:"until"`
	// Settled are globs of changed files whose lines settle a name by giving it a value ("NAME=value", "NAME: value").
	Settled []string `yaml:"settled"`
	// AI narrows to branches on which an assistant is known to have written.
	AI bool `yaml:"ai"`
	// Detectors are ids (or globs of ids) whose warnings and blockers raise it.
	Detectors []string `yaml:"detectors"`
}

// onFiles says whether there is a condition on files.
func (w When) onFiles() bool {
	return len(w.Paths)+len(w.Status)+len(w.Lines) > 0 || w.AI
}

// empty says that there is no condition at all.
func (w When) empty() bool { return !w.onFiles() && len(w.Detectors) == 0 }

var specID = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,63}$`)

// Check says what is wrong with an entry, as one clause that names the key; nil when nothing is.
func (s Spec) Check() error { return s.compile() }

// compile checks the entry and prepares its regular expressions.
func (s *Spec) compile() error {
	if !specID.MatchString(s.ID) {
		return fmt.Errorf("id %q: expected small letters, digits and dashes, at most 64", s.ID)
	}
	if !slices.Contains(detectors.Patterns, s.Pattern) {
		return fmt.Errorf("item %s: pattern %q: expected one of %v", s.ID, s.Pattern, detectors.Patterns)
	}
	if s.Ask == "" {
		return fmt.Errorf("item %s: ask is missing: expected the question, one sentence", s.ID)
	}
	if !slices.Contains(evidenceKinds, s.Evidence) {
		return fmt.Errorf("item %s: evidence %q: expected one of %v", s.ID, s.Evidence, evidenceKinds)
	}
	for _, list := range [][]string{s.When.Paths, s.When.Except, s.When.Settled, s.When.Detectors} {
		for _, glob := range list {
			if !doublestar.ValidatePattern(glob) {
				return fmt.Errorf("item %s: %q is no glob", s.ID, glob)
			}
		}
	}
	for _, st := range s.When.Status {
		if !slices.Contains(statuses, st) {
			return fmt.Errorf("item %s: status %q: expected one of %v", s.ID, st, statuses)
		}
	}
	var err error
	if s.lines, err = compileAll(s.When.Lines); err != nil {
		return fmt.Errorf("item %s: lines: %w", s.ID, err)
	}
	if s.until, err = compileAll(s.When.Until); err != nil {
		return fmt.Errorf("item %s: until: %w", s.ID, err)
	}
	return nil
}

func compileAll(exprs []string) ([]*regexp.Regexp, error) {
	list := make([]*regexp.Regexp, 0, len(exprs))
	for _, expr := range exprs {
		re, err := regexp.Compile(expr)
		if err != nil {
			return nil, err
		}
		list = append(list, re)
	}
	return list, nil
}

var (
	evidenceKinds = []EvidenceKind{CommandEvidence, LinkEvidence, TextEvidence, PersonEvidence}
	statuses      = []branch.Status{branch.Added, branch.Modified, branch.Deleted, branch.Renamed}
)
