package observability

import (
	"cmp"
	"errors"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/source"
)

// side is a changed source file in any language, read on both sides; head is nil for a deleted file, base for a new one.
type side struct {
	change     *branch.File
	base, head *source.File
}

// bothSides reads the changed source files that run in production, deleted ones too. The error says why some could not be read;
// the list is good all the same.
func bothSides(pass *detectors.Pass) ([]side, error) {
	var (
		list   []side
		unread error
	)
	for _, f := range pass.Branch.Files {
		if err := pass.Context.Err(); err != nil {
			return nil, err
		}
		if f.Binary || f.Generated || f.Vendored || f.TooLarge || source.LanguageOf(f.Path) == "" || !deployed(f.Path) {
			continue
		}
		s := side{change: f}
		var err error
		if f.Status != branch.Deleted {
			if s.head, err = pass.Source.Head(f.Path); errors.Is(err, source.ErrNoGrammar) {
				unread = detectors.Inconclusive("built without cgo: only Go was read")
			}
		}
		if f.Status != branch.Added {
			s.base, _ = pass.Source.Base(cmp.Or(f.OldPath, f.Path))
		}
		if s.head != nil || s.base != nil {
			list = append(list, s)
		}
	}
	return list, unread
}

// deployed says whether the code at a path runs for somebody: no test, example, document or tool.
func deployed(p string) bool {
	return !source.IsTest(p) && !source.IsExample(p) && !source.IsDoc(p) && !isOffline(p)
}

// new says whether the branch wrote the line of a file's new side.
func (s side) new(line int) bool { return s.base == nil || s.change.Touched(line) }

// overSides runs a detector over the changed source files that run for somebody and are still there; it says that nothing
// of its kind is on the branch when there is none, and at the end why some could not be read.
func overSides(pass *detectors.Pass, visit func(l *lookup, s side) error) error {
	l, err := newLookup(pass)
	if err != nil {
		return err
	}
	changed, unread := bothSides(pass)
	if len(changed) == 0 {
		return cmpErr(unread, detectors.ErrNotApplicable)
	}
	for _, s := range changed {
		if s.head == nil {
			continue
		}
		if err := visit(l, s); err != nil {
			return err
		}
	}
	return cmpErr(pass.Context.Err(), unread)
}
