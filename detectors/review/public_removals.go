package review

// What the branch takes from those who install a package or run a program.

import (
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/contracts/tsapi"
	"flightpoll/detectors/source"
	"flightpoll/detectors/source/options"
)

// publicLoss is one thing that others used and that the branch takes away.
type publicLoss struct {
	kind, name, path string
	line             int
	of               *published
	// entry is the entry point that offered it, in TypeScript and JavaScript.
	entry string
}

// last is the part of a name behind its type.
func (l publicLoss) last() string { return l.name[strings.LastIndexByte(l.name, '.')+1:] }

// publicLosses are the names that published packages no longer offer, and the options that programs no longer take.
func publicLosses(pass *detectors.Pass) ([]publicLoss, error) {
	list, err := source.Shared(pass.Source, lossesKey{}, func() ([]publicLoss, error) { return readPublicLosses(pass) })
	return slices.Clone(list), err
}

type lossesKey struct{}

func readPublicLosses(pass *detectors.Pass) ([]publicLoss, error) {
	var list []publicLoss
	now := map[string]bool{}
	for _, f := range pass.Branch.Files {
		if f.Binary || f.TooLarge || f.Generated || f.Vendored || source.LanguageOf(before(f)) == "" {
			continue
		}
		if f.Status != branch.Deleted {
			if file, err := pass.Source.Head(f.Path); err == nil {
				for name := range offered(file) {
					now[name] = true
				}
			}
		}
		if f.Status == branch.Added {
			continue
		}
		of := publishedOf(pass.Branch, before(f))
		if of == nil {
			continue
		}
		file, err := pass.Source.Base(before(f))
		if err != nil {
			continue
		}
		for name, line := range offered(file) {
			l := publicLoss{kind: "name", name: name, path: f.Path, of: of}
			if f.Status != branch.Deleted {
				l.line = max(1, f.NewLine(line))
			}
			list = append(list, l)
		}
	}
	offers := &scriptOffers{pass: pass}
	lost := map[string]bool{}
	for _, l := range list {
		lost[l.name] = !now[l.name]
	}
	kept := list[:0]
	for _, l := range list {
		owner, _, member := strings.Cut(l.name, ".")
		if !now[l.name] && (!member || !lost[owner]) && offers.lost(&l) {
			kept = append(kept, l)
		}
	}
	list = kept
	gone, err := options.RemovedOn(pass.Branch, pass.Source)
	if err != nil {
		return nil, err
	}
	for _, o := range gone {
		if counts(pass.Branch, o.Path) {
			list = append(list, publicLoss{kind: "option", name: o.Name, path: o.Path, line: max(1, o.NewLine), of: publishedOf(pass.Branch, o.Path)})
		}
	}
	list = append(list, lostParameters(pass)...)
	lostInputs, err := lostDocumentNames(pass)
	if err != nil {
		return nil, err
	}
	list = append(list, lostInputs...)
	slices.SortStableFunc(list, func(a, b publicLoss) int {
		return strings.Compare(a.path+"\x00"+a.name, b.path+"\x00"+b.name)
	})
	return list, nil
}

// scriptOffers knows what the entry points of packages in TypeScript and JavaScript offer on both sides.
type scriptOffers struct {
	pass     *detectors.Pass
	old, now *tsapi.Tree
}

// lost says whether an entry point offered the name and does not any more, and notes which one; other languages offer what is public.
func (s *scriptOffers) lost(l *publicLoss) bool {
	if language := source.LanguageOf(l.path); language != source.TypeScript && language != source.JavaScript {
		return true
	}
	if s.old == nil {
		s.old, s.now = tsapi.NewTree(oneSide{s.pass, true}), tsapi.NewTree(oneSide{s.pass, false})
	}
	name, _, _ := strings.Cut(l.name, ".")
	offers := func(t *tsapi.Tree) string {
		for _, e := range t.Entries(l.of.dir) {
			if slices.Contains(t.Names(e.File), name) {
				return e.File
			}
		}
		return ""
	}
	member := name != l.name
	if l.entry = offers(s.old); l.entry == "" {
		return false
	}
	return member || offers(s.now) == ""
}

// oneSide reads one side of the branch for tsapi.
type oneSide struct {
	pass *detectors.Pass
	base bool
}

// File is a parsed file, nil for what is not there or cannot be read.
func (s oneSide) File(p string) *source.File {
	read := s.pass.Source.Head
	if s.base {
		read = s.pass.Source.Base
	}
	f, err := read(p)
	if err != nil {
		return nil
	}
	return f
}

// Text is a file's content, nil for what is not there.
func (s oneSide) Text(p string) []byte {
	read := s.pass.Branch.ReadHead
	if s.base {
		read = s.pass.Branch.ReadBase
	}
	text, err := read(p)
	if err != nil {
		return nil
	}
	return text
}

// Exists says whether a path is there.
func (s oneSide) Exists(p string) bool {
	_, ok := slices.BinarySearch(s.Paths(), p)
	return ok
}

// Paths are all paths, sorted.
func (s oneSide) Paths() []string {
	read := s.pass.Branch.HeadPaths
	if s.base {
		read = s.pass.Branch.BasePaths
	}
	paths, err := read()
	if err != nil {
		return nil
	}
	return paths
}
