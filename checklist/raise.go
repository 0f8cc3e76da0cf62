package checklist

import (
	"path"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
)

// maxNamed bounds how many paths and names one item lists as what raised it.
const maxNamed = 12

// raise decides which items stand on the branch: the catalogue's and the policy's own by what changed and what was
// found, and one for each thing that could not be decided. In the order of the poll, the catalogue's order within.
func raise(c *change, specs []Spec, r detectors.Result) []Item {
	var items []Item
	for i := range specs {
		if item, ok := raiseSpec(c, &specs[i], r.Findings); ok {
			items = append(items, item)
		}
	}
	items = append(items, raiseUndecided(c, r.Outcomes)...)
	for i := range items {
		items[i].ScopeSHA256 = c.scope(items[i].Covers)
	}
	slices.SortStableFunc(items, func(a, b Item) int {
		return slices.Index(detectors.Patterns, a.Pattern) - slices.Index(detectors.Patterns, b.Pattern)
	})
	return items
}

// raiseSpec is one entry against the branch.
func raiseSpec(c *change, s *Spec, findings []detectors.Finding) (Item, bool) {
	by, covers := map[string]bool{}, map[string]bool{}
	if s.When.onFiles() && (!s.When.AI || c.branch.AI.Commits > 0) {
		for _, f := range c.candidates(s) {
			if names, ok := c.meets(s, f); ok {
				covers[f.Path] = true
				add(by, names...)
				if len(names) == 0 {
					by[f.Path] = true
				}
			}
		}
	}
	if len(c.files) > 0 {
		for _, f := range findings {
			if f.Severity != detectors.Note && matchAny(s.When.Detectors, f.Detector) {
				by[f.Detector] = true
				c.coverFinding(covers, f)
			}
		}
	}
	if s.When.empty() && len(c.files) > 0 {
		by["this branch"] = true
	}
	if len(by) == 0 {
		return Item{}, false
	}
	if len(covers) == 0 {
		c.coverBehaviour(covers)
	}
	return Item{
		ID: s.ID, Pattern: s.Pattern, Question: s.Ask, Short: shortOf(s), RaisedBy: named(by), Evidence: s.Evidence,
		Command: s.Command, Covers: sorted(covers), Guide: s.Guide, State: Open,
	}, true
}

// candidates are the files that an entry's paths are looked for in: the ones that change behaviour, or all where an
// entry of the policy asks for others by name.
func (c *change) candidates(s *Spec) []*branch.File {
	if s.builtIn || len(s.When.Paths) == 0 {
		return c.files
	}
	return c.branch.Files
}

// meets says whether a file meets every condition on files, and which new names its lines bring.
func (c *change) meets(s *Spec, f *branch.File) (names []string, ok bool) {
	w := s.When
	switch {
	case len(w.Paths) > 0 && !matchAny(w.Paths, f.Path),
		matchAny(w.Except, f.Path),
		len(w.Status) > 0 && !slices.Contains(w.Status, f.Status):
		return nil, false
	case len(s.lines) == 0:
		return nil, true
	}
	end := c.endOf(f, s.until)
	for _, line := range c.addedLines(f) {
		for _, re := range s.lines {
			switch m := re.FindStringSubmatch(line.text); {
			case line.number >= end:
			case m == nil:
			case re.NumSubexp() == 0:
				ok = true
			default:
				name := firstOf(m[1:])
				if name != "" && !slices.Contains(names, name) && !c.known(name) && !c.settled(s.When.Settled, name) {
					names, ok = append(names, name), true
				}
			}
		}
	}
	return names, ok
}

// coverFinding takes the changed places of a finding.
func (c *change) coverFinding(covers map[string]bool, f detectors.Finding) {
	if c.all[f.Path] != nil {
		covers[f.Path] = true
	}
	for _, r := range f.Related {
		if c.all[r.Path] != nil {
			covers[r.Path] = true
		}
	}
}

func (c *change) coverBehaviour(covers map[string]bool) {
	for _, f := range c.files {
		covers[f.Path] = true
	}
}

func shortOf(s *Spec) string {
	if s.Short != "" {
		return s.Short
	}
	return s.Ask
}

// matchAny matches a path (or an id) against globs; one without a slash matches the last part of a path.
func matchAny(globs []string, p string) bool {
	return slices.ContainsFunc(globs, func(g string) bool {
		if !strings.Contains(g, "/") && doublestar.MatchUnvalidated(g, path.Base(p)) {
			return true
		}
		return doublestar.MatchUnvalidated(g, p)
	})
}

func firstOf(list []string) string {
	for _, s := range list {
		if s != "" {
			return s
		}
	}
	return ""
}

func add(set map[string]bool, names ...string) {
	for _, n := range names {
		set[n] = true
	}
}

func sorted(set map[string]bool) []string {
	list := make([]string, 0, len(set))
	for s := range set {
		list = append(list, s)
	}
	slices.Sort(list)
	return list
}

// named is what raised an item, sorted and bounded.
func named(set map[string]bool) []string {
	list := sorted(set)
	return list[:min(len(list), maxNamed)]
}
