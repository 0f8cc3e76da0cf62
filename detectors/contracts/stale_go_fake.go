package contracts

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/source"
)

// Hand-written fakes of a Go interface that grew, in files which the module's usual build does not compile: behind build tags,
// or in another module of the repository.

// maxFakeFiles bounds the files that are read for one interface.
const maxFakeFiles = 40

// A fakeSearch is what finding fakes needs of a branch, made for the first interface.
type fakeSearch struct {
	run *goRun
}

func newFakeSearch(pass *detectors.Pass) *fakeSearch {
	r := &goRun{pass: pass, after: side{pass.Branch, pass.Source, false}, before: side{pass.Branch, pass.Source, true}, checked: map[string]brokenFile{}}
	r.modules = goModules(r.after)
	r.loader = newLoader(pass)
	return &fakeSearch{r}
}

func (s *fakeSearch) report(pass *detectors.Pass, i goInterface) error {
	dir := path.Dir(i.file.Path)
	module := moduleOf(s.run.modules, i.file.Path)
	if module == nil || len(i.added()) == 0 && len(i.differing()) == 0 {
		return nil
	}
	a := &goAPI{goRun: s.run, module: module, dir: dir, pkg: i.pkg}
	methods := keysOf(i.before)
	naming, err := pass.Source.Naming(pass.Context, methods...)
	if err != nil {
		return err
	}
	importPath := module.importPath(dir)
	read := 0
	for _, p := range naming[methods[0]] {
		if read >= maxFakeFiles {
			break
		}
		all := !slices.ContainsFunc(methods[1:], func(m string) bool { _, ok := slices.BinarySearch(naming[m], p); return !ok })
		if !all || !strings.HasSuffix(p, ".go") || pass.Branch.File(p) != nil || !a.unseen(p) {
			continue
		}
		read++
		f := s.run.after.file(p)
		if f == nil || f.GoFile == nil || path.Dir(p) == dir || importedAs(f, importPath) == "" {
			continue
		}
		if bytes.Contains(f.Text, []byte(i.pkg+"."+i.name)) {
			continue // go-api looks at the files that name the interface
		}
		fake, lacks, differs := fakeIn(f, i)
		if fake == nil || !s.refused(a, f, fake) {
			continue
		}
		why := "another module's"
		if m := moduleOf(s.run.modules, p); m != nil && m.path == module.path {
			why = "a build tag's"
		}
		pass.Report(detectors.Finding{
			Severity: detectors.Warning, Path: p, Line: fake.line, Symbol: firstOf(lacks, differs),
			Message:  fmt.Sprintf("%s stands in for %s.%s and %s", fake.name, i.pkg, i.name, driftStory(lacks, nil, differs)),
			Why:      "It no longer compiles, and as it is " + why + ", the usual build and the usual tests do not say so.",
			Fix:      "Give the fake the new method, and build this file in CI.",
			Related:  []detectors.Related{{Path: i.file.Path, Line: i.line, Message: "the branch changed " + i.name}},
			Evidence: []string{i.name, fake.name, strings.Join(lacks, ","), strings.Join(differs, ",")},
		})
	}
	return nil
}

// differing are the methods that take or give another number of values.
func (i goInterface) differing() []string {
	return slices.DeleteFunc(keysOf(i.after), func(m string) bool { was, ok := i.before[m]; return !ok || was == i.after[m] })
}

// fakeIn is a type of the file that had every method of the interface before the branch and does not have those of now.
func fakeIn(f *source.File, i goInterface) (fake *mockType, lacks, differs []string) {
	methods, lines := map[string]map[string]string{}, map[string]int{}
	for _, d := range f.Decls {
		switch {
		case d.Kind == source.Method && d.Receiver != "":
			if methods[d.Receiver] == nil {
				methods[d.Receiver] = map[string]string{}
			}
			methods[d.Receiver][d.Name] = arity(d)
		case d.Kind == source.Struct && !slices.ContainsFunc(d.Members, func(m *source.Decl) bool { return m.Embedded }):
			lines[d.Name] = d.Span.Line
		}
	}
	for _, owner := range keysOf(methods) {
		line, ok := lines[owner]
		if !ok || slices.ContainsFunc(keysOf(i.before), func(m string) bool { return methods[owner][m] != i.before[m] }) {
			continue
		}
		if lacks, _, differs = mockDrift(methods[owner], i); len(lacks)+len(differs) > 0 {
			return &mockType{owner, line, methods[owner]}, lacks, differs
		}
	}
	return nil, nil, nil
}

// refused says that the type checker no longer takes the fake; where types cannot be had, that it is called one and has
// more methods than one.
func (s *fakeSearch) refused(a *goAPI, f *source.File, fake *mockType) bool {
	errs, err := a.broken(f.Path)
	if err != nil {
		return len(fake.methods) > 1 && mockWord.MatchString(fake.name)
	}
	return slices.ContainsFunc(errs, func(e brokenUse) bool { return strings.Contains(e.text, fake.name) })
}
