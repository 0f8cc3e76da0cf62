package options

import (
	"slices"

	"flightpoll/detectors/branch"
	"flightpoll/detectors/source"
)

// Removed is an option that product code of the branch declared at the base and does not declare any more.
type Removed struct {
	Option
	// To is the one new option of the same file, empty when there is none or several.
	To string
	// NewLine is where it went away, on the new side; 0 when the file is gone.
	NewLine int
}

type removedKey struct{}

// RemovedOn are the options that the branch takes away, found once. Only changed files are asked: whether something else still
// declares one is for who reports it to look up.
func RemovedOn(b *branch.Branch, s *source.Source) ([]Removed, error) {
	return source.Shared(s, removedKey{}, func() ([]Removed, error) { return removedOn(b, s) })
}

func removedOn(b *branch.Branch, s *source.Source) ([]Removed, error) {
	var old, now []Option
	for _, f := range b.Files {
		if f.Binary || f.TooLarge || f.Vendored || f.Generated || source.IsTest(f.Path) || source.IsDoc(f.Path) {
			continue
		}
		if f.Status != branch.Added {
			before := f.OldPath
			if before == "" {
				before = f.Path
			}
			text, err := f.Before()
			if err != nil {
				return nil, err
			}
			for _, o := range In(before, text, func() (*source.File, error) { return s.Base(before) }) {
				o.Path = f.Path
				old = append(old, o)
			}
		}
		if f.Status != branch.Deleted {
			text, err := f.After()
			if err != nil {
				return nil, err
			}
			now = append(now, In(f.Path, text, func() (*source.File, error) { return s.Head(f.Path) })...)
		}
	}
	var list []Removed
	for _, o := range old {
		same := func(other Option) bool { return other.Name == o.Name }
		if slices.ContainsFunc(now, same) || slices.ContainsFunc(list, func(r Removed) bool { return r.Name == o.Name }) {
			continue
		}
		r := Removed{Option: o, To: renamedTo(o, old, now)}
		if f := b.File(o.Path); f != nil && f.Status != branch.Deleted {
			r.NewLine = f.NewLine(o.Line)
		}
		list = append(list, r)
	}
	return list, nil
}

func renamedTo(gone Option, old, now []Option) string {
	var added []string
	for _, n := range now {
		if n.Path == gone.Path && !slices.ContainsFunc(old, func(o Option) bool { return o.Name == n.Name }) {
			added = append(added, n.Name)
		}
	}
	if len(added) == 1 {
		return added[0]
	}
	return ""
}
