package environment

// What a branch newly asks for: references on lines that it wrote, to names that nothing read before.

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/environment/references"
	"flightpoll/detectors/source"
)

// asked is everything the detectors need to know of the code.
type asked struct {
	// introduced are the new references of the branch, the strictest of each name first.
	introduced []Reference
	// head are all references in the files that were read, by name.
	head map[string][]Reference
	// removed are the names that the branch stops to read, by name.
	removed []Reference
	// siblings are the other variables which the code cannot do without.
	siblings []string
	// helpers are the repository's own readers of variables.
	helpers []references.Helper
	// changed counts the code files on the branch.
	changed int
}

type askedKey struct{}

// code gives the branch's references, read once; of a run whose time is up, what was read. changed counts the code files on the branch.
func (l *ledger) code() (a *asked, changed int) {
	a, _ = source.Shared(l.pass.Source, askedKey{}, func() (*asked, error) {
		return l.readCode(), l.pass.Context.Err()
	})
	l.repository = l.lookups(a.helpers)
	return a, a.changed
}

// lookups finds what other files of the repository hold, within the time of the detector that asks.
func (l *ledger) lookups(helpers []references.Helper) *references.Repository {
	ctx := l.pass.Context
	return &references.Repository{
		Helpers:  helpers,
		Constant: func(name string) string { return l.constant(ctx, name) },
		Type:     func(name string) (*source.File, *source.Decl) { return l.typeNamed(ctx, name) },
	}
}

func (l *ledger) readCode() *asked {
	ctx := l.pass.Context
	files := l.readerFiles(ctx)
	helpers := l.helpers(ctx, files)
	files = append(files, l.callers(ctx, helpers, files)...)
	l.repository = l.lookups(helpers)
	a := &asked{head: map[string][]Reference{}, helpers: helpers}
	var fresh []Reference
	before := map[string]bool{}
	// binders are the files which bind a type of another file that the branch changes: the type's fields are their references.
	binders := map[string]bool{}
	for _, p := range files {
		if ctx.Err() != nil {
			break
		}
		for _, r := range l.headReferences(p) {
			a.head[r.Name] = append(a.head[r.Name], r)
			file := l.pass.Branch.File(r.Path)
			if file == nil {
				before[r.Name] = true
				continue
			}
			if r.Path != p {
				binders[p] = true
			}
			if file.Touched(r.Line) {
				fresh = append(fresh, r)
			}
		}
	}
	gone := map[string]Reference{}
	drop := func(r Reference) {
		before[r.Name] = true
		if _, ok := gone[r.Name]; !ok && len(a.head[r.Name]) == 0 {
			gone[r.Name] = r
		}
	}
	for _, p := range slices.Sorted(maps.Keys(binders)) {
		if l.pass.Branch.File(p) == nil {
			for _, r := range l.referencesBefore(p, helpers) {
				drop(r)
			}
		}
	}
	for _, f := range l.pass.Branch.Files {
		if !isCode(f.Path) && !l.reads(f.Path) || aside(f.Path) || f.Binary || f.TooLarge {
			continue
		}
		a.changed++
		if f.Status == branch.Added {
			continue
		}
		for _, r := range l.baseReferences(f, helpers) {
			if r.Path == f.OldPath {
				r.Path = f.Path
			}
			drop(r)
		}
	}
	slices.SortStableFunc(fresh, func(x, y Reference) int {
		return cmp.Or(strings.Compare(x.Name, y.Name), soft(x)-soft(y), strings.Compare(x.Path, y.Path), x.Line-y.Line)
	})
	for _, r := range fresh {
		if before[r.Name] || len(a.introduced) > 0 && a.introduced[len(a.introduced)-1].Name == r.Name {
			continue
		}
		a.introduced = append(a.introduced, r)
	}
	for _, name := range sortedNames(gone) {
		a.removed = append(a.removed, gone[name])
	}
	for name := range before {
		if !platform(name) && upperName.MatchString(name) && slices.ContainsFunc(a.head[name], func(r Reference) bool { return !r.Optional && !r.Key && !r.Binding }) {
			a.siblings = append(a.siblings, name)
		}
	}
	slices.Sort(a.siblings)
	a.siblings = a.siblings[:min(len(a.siblings), 80)]
	return a
}

func sortedNames(set map[string]Reference) []string {
	var list []string
	for k := range set {
		list = append(list, k)
	}
	slices.Sort(list)
	return list
}

// baseReferences are the references of a changed file as it was at the merge base. A helper that the branch renames is
// learnt from its old definition.
func (l *ledger) baseReferences(f *branch.File, helpers []references.Helper) []Reference {
	p := cmp.Or(f.OldPath, f.Path)
	if !references.Parsed(p) {
		text, err := f.Before()
		if err != nil {
			return nil
		}
		return references.ReadText(p, text)
	}
	return l.referencesBefore(p, helpers)
}

// referencesBefore are the references of a parsed file of the base, with the types as they were there.
func (l *ledger) referencesBefore(p string, helpers []references.Helper) []Reference {
	file, err := l.pass.Source.Base(p)
	if err != nil || file == nil {
		return nil
	}
	repo := *l.repository
	repo.Type = l.typeBefore
	repo.Helpers = append(slices.Clone(helpers), references.Learn([]*source.File{file}, repo.Constant)...)
	return l.settled(references.Read(file, &repo))
}

// soft orders references: what fails fast, what is needed, what is optional.
func soft(r Reference) int {
	switch {
	case r.FailFast:
		return 0
	case r.Optional:
		return 2
	}
	return 1
}

// needed says whether any read of the name cannot do without it.
func (a *asked) needed(name string) (Reference, bool) {
	refs := slices.Clone(a.head[name])
	slices.SortStableFunc(refs, func(x, y Reference) int { return cmp.Or(soft(x)-soft(y), strings.Compare(x.Path, y.Path)) })
	if len(refs) > 0 && !refs[0].Optional {
		return refs[0], true
	}
	return Reference{}, false
}

// headReferences are the references of one file at the head; parsed files are shared with the other detectors.
func (l *ledger) headReferences(p string) []Reference {
	if aside(p) || !l.reads(p) {
		return nil
	}
	// A file of developers' own environments asks for nothing of a deployed one.
	if env := l.layout.members[p].environment; references.Placeholders(p) && env != Everywhere && !env.Deployed() {
		return nil
	}
	if references.Parsed(p) {
		f, err := l.pass.Source.Head(p)
		if err != nil || f == nil {
			return nil
		}
		return l.settled(references.Read(f, l.repository))
	}
	text, err := l.pass.Branch.ReadHead(p)
	if err != nil {
		return nil
	}
	return references.ReadText(p, text)
}

// settled makes a variable of each key that no configuration file gives and that the deployments give by its variable
// (viper's AutomaticEnv, Spring's and .NET's names).
func (l *ledger) settled(refs []Reference) []Reference {
	for i, r := range refs {
		if r.Key && r.Variable != "" && l.givenAsVariable(r) {
			refs[i].Name, refs[i].Key = r.Variable, false
		}
	}
	return refs
}

func (l *ledger) givenAsVariable(r Reference) bool {
	last := r.Name[strings.LastIndexAny(r.Name, ".:")+1:]
	naming, err := l.pass.Source.Naming(l.pass.Context, r.Variable, last)
	if err != nil {
		return false
	}
	given := func(p string) bool { k := fileKindOf(p); return k == configFile || k == sampleFile || k == ciFile }
	if !slices.ContainsFunc(naming[r.Variable], given) {
		return false
	}
	key := strings.ReplaceAll(strings.ToLower(r.Name), ":", ".")
	paths := naming[last]
	return !slices.ContainsFunc(paths[:min(len(paths), maxNaming)], func(p string) bool {
		if fileKindOf(p) != configFile || !structured(p) {
			return false
		}
		text, err := l.pass.Branch.ReadHead(p)
		if err != nil {
			return false
		}
		list, err := readTree(p, text)
		return err == nil && slices.ContainsFunc(list, func(e entry) bool { return strings.EqualFold(e.key, key) })
	})
}

// nothingHere is the end of a detector on a branch without anything of its kind.
func nothingHere(changed int) error {
	if changed == 0 {
		return detectors.ErrNotApplicable
	}
	return nil
}
