package contracts

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source/gotypes"
)

// GoAPI finds incompatible changes of what a Go package exports, as apidiff does: by types, or by syntax where types cannot be had.
var GoAPI = &detectors.Detector{
	ID:    "contracts/go-api",
	Title: "The exported API of a Go package changed incompatibly",
	Run:   runGoAPI,
}

// maxBreaks bounds the findings about one package; a rewrite of it needs no longer list.
const maxBreaks = 12

func runGoAPI(pass *detectors.Pass) error {
	dirs := goFolders(pass.Branch)
	if len(dirs) == 0 {
		return detectors.ErrNotApplicable
	}
	r := &goRun{pass: pass, after: side{pass.Branch, pass.Source, false}, before: side{pass.Branch, pass.Source, true}, checked: map[string]brokenFile{}}
	if r.modules = goModules(r.after); len(r.modules) == 0 {
		r.modules = goModules(r.before)
	}
	r.loader = newLoader(pass)
	r.quiet = announcesBreak(pass.Branch) || majorRaised(pass.Branch)
	for _, dir := range dirs {
		if err := pass.Context.Err(); err != nil {
			return err
		}
		if err := r.folder(dir); err != nil {
			return err
		}
	}
	return nil
}

// A goRun is the comparison of one branch.
type goRun struct {
	pass          *detectors.Pass
	before, after side
	modules       []goModule
	loader        *gotypes.Loader
	// quiet: the branch says that it breaks.
	quiet bool
	// checked are the files that were type-checked with their bodies.
	checked map[string]brokenFile
	// untyped is why types are not looked at any more.
	untyped error
}

// folder compares the package of one folder.
func (r *goRun) folder(dir string) error {
	module := moduleOf(r.modules, dir+"/x")
	if module == nil {
		return nil
	}
	a := &goAPI{goRun: r, module: module, dir: dir}
	if a.pkg = packageIn(r.before, dir); a.pkg == "" || strings.HasSuffix(a.pkg, "_test") {
		return nil
	}
	if err := a.leftOut(); err != nil {
		return err
	}
	unseen := a.hasUnseenUsers()
	if private(dir) && !unseen {
		return nil
	}
	if packageIn(r.after, dir) == "" {
		old := readGo(r.before, r.pass.Branch, dir)
		if old.name == "main" || len(compareGo(old, newGoPackage())) == 0 {
			return nil
		}
		first := old.files[0].Path
		return a.report([]apiBreak{{symbol: goSymbol{name: a.pkg, what: "package", path: first, line: 1}, how: "was removed or moved", arity: true}})
	}
	if a.pkg == "main" {
		return nil
	}
	if !module.library && !unseen { // nothing of it weighs enough to look at types
		return a.report(compareGo(readGo(r.before, r.pass.Branch, dir), readGo(r.after, r.pass.Branch, dir)))
	}
	breaks, err := []apiBreak(nil), r.untyped
	if err == nil {
		breaks, err = watched(r.pass.Context, typedLimits.Time, func(ctx context.Context) ([]apiBreak, error) {
			return typedBreaks(ctx, r.loader, dir)
		})
	}
	if err == nil {
		return a.report(append(breaks, elsewhereBreaks(r.before, r.after, r.pass.Branch, dir)...))
	}
	if errors.Is(err, gotypes.ErrTooMuch) || errors.Is(err, errTooLong) {
		r.untyped = err
	}
	a.why = err
	return a.report(compareGo(readGo(r.before, r.pass.Branch, dir), readGo(r.after, r.pass.Branch, dir)))
}

var packageClause = lazy.New(`(?m)^package\s+(\w+)`)

// packageIn is the name of the package in a folder on one side, empty for none.
func packageIn(at side, dir string) string {
	for _, p := range at.below(dir) {
		if !strings.HasSuffix(p, ".go") || strings.HasSuffix(p, "_test.go") {
			continue
		}
		if text, err := at.text(p); err == nil && !ignoredBuild(text) {
			if m := packageClause.FindSubmatch(text); m != nil {
				return string(m[1])
			}
		}
	}
	return ""
}

// goFolders are the folders of packages whose files the branch changed or removed.
func goFolders(b *branch.Branch) []string {
	dirs := map[string]bool{}
	for _, f := range b.Files {
		for _, p := range []string{f.Path, f.OldPath} {
			if f.Status == branch.Added || !strings.HasSuffix(p, ".go") || strings.HasSuffix(p, "_test.go") || f.Vendored {
				continue
			}
			dirs[path.Dir(p)] = true
		}
	}
	return keysOf(dirs)
}

var privateFolder = lazy.New(`(^|/)(internal|testdata|vendor|third_party|_?examples?|tests?|e2e|hack|docs|mocks?|fakes?)(/|$)|(^|/)[_.]`)

// private says that nobody outside of the module imports a folder.
func private(dir string) bool { return dir != "." && privateFolder.MatchString(dir) }

// readGo reads the package of a folder on one side. Files that the branch did not change are read as they are now.
func readGo(at side, b *branch.Branch, dir string) *goPackage {
	pkg := newGoPackage()
	now := side{at.branch, at.source, false}
	for i, p := range at.below(dir) {
		if !strings.HasSuffix(p, ".go") || strings.HasSuffix(p, "_test.go") || i > 400 {
			continue
		}
		from := at
		if at.base && b.File(p) == nil && !renamedFrom(b, p) {
			from = now
		}
		if f := from.file(p); f != nil && !ignoredBuild(f.Text) {
			pkg.add(f)
		}
	}
	pkg.read()
	return pkg
}

func renamedFrom(b *branch.Branch, p string) bool {
	return slices.ContainsFunc(b.Files, func(f *branch.File) bool { return f.OldPath == p })
}

var breakingMark = lazy.New(`(?m)^[a-z]+(\([^)]*\))?!:|^BREAKING[ -]CHANGE`)

// announcesBreak says that a commit of the branch declares a breaking change (Conventional Commits 1.0.0), or that the whole
// branch reverts something.
func announcesBreak(b *branch.Branch) bool {
	if len(b.Commits) > 0 && !slices.ContainsFunc(b.Commits, func(c branch.Commit) bool { return !strings.HasPrefix(c.Subject, "Revert ") }) {
		return true // the branch takes back what was not to be
	}
	return slices.ContainsFunc(b.Commits, func(c branch.Commit) bool { return breakingMark.MatchString(c.Message) })
}

// majorRaised says that a go.mod changed its module path on the branch, as a new major version does.
func majorRaised(b *branch.Branch) bool {
	f := b.File("go.mod")
	if f == nil || f.Status != branch.Modified {
		return false
	}
	before, err := f.Before()
	if err != nil {
		return false
	}
	after, err := f.After()
	if err != nil {
		return false
	}
	x, y := moduleLine.FindSubmatch(before), moduleLine.FindSubmatch(after)
	return x != nil && y != nil && string(x[1]) != string(y[1])
}

// A goAPI is the comparison of one package.
type goAPI struct {
	*goRun
	module *goModule
	dir    string
	pkg    string
	// why says what kept its types from being compared.
	why error
}

var unstable = lazy.New(`(^|/)(v\d+(alpha|beta)\d*|alpha|beta|experimental|exp|unstable)(/|$)`)

func (a *goAPI) report(breaks []apiBreak) error {
	importPath := a.module.importPath(a.dir)
	told := 0
	var rest []apiBreak
	for _, b := range breaks {
		found, err := a.users(b, importPath)
		if err != nil {
			return err
		}
		severity := a.severity(b, found)
		if len(found) == 0 {
			if private(a.dir) {
				continue
			}
			if told++; told > maxBreaks {
				if severity == detectors.Warning {
					rest = append(rest, b)
				}
				continue
			}
		}
		f := detectors.Finding{
			Severity: severity, Path: b.path, Line: b.line, Symbol: b.symbol.name,
			Message:  fmt.Sprintf("%s %s.%s %s", b.symbol.what, a.pkg, b.symbol.name, b.how),
			Why:      "Who imports " + importPath + " no longer compiles, or no longer gets what was promised.",
			Fix:      "Keep the old form beside the new one and mark it Deprecated, or raise the major version and say so in the change log.",
			Related:  found,
			Evidence: []string{b.symbol.sign, b.how},
		}
		if b.symbol.what == "package" {
			f.Message = fmt.Sprintf("package %s %s", importPath, b.how)
		}
		if a.why != nil {
			f.Why += " (Compared by syntax alone: " + a.why.Error() + ".)"
		}
		if f.Path == "" {
			f.Path, f.Line = b.symbol.path, 0
		}
		a.pass.Report(f)
	}
	if len(rest) > 0 {
		a.summary(importPath, rest)
	}
	return nil
}

// summary tells in one finding what would make a list that nobody reads.
func (a *goAPI) summary(importPath string, rest []apiBreak) {
	var names, signs []string
	for _, b := range rest {
		names, signs = append(names, b.symbol.name), append(signs, b.symbol.name+" "+b.how)
	}
	list := strings.Join(names[:min(len(names), 60)], ", ")
	if len(names) > 60 {
		list += " ..."
	}
	a.pass.Report(detectors.Finding{
		Severity: detectors.Warning, Path: rest[0].symbol.path, Symbol: a.pkg,
		Message:  fmt.Sprintf("%d more exported names of package %s were removed or changed incompatibly: %s", len(rest), a.pkg, list),
		Why:      "Who imports " + importPath + " no longer compiles, or no longer gets what was promised.",
		Fix:      "Keep the old forms beside the new ones and mark them Deprecated, or raise the major version and say so in the change log.",
		Evidence: signs,
	})
}

// meant are constants that are there to be raised.
var meant = lazy.New(`(?i)version|revision|build|release|default|limit|max|min|timeout|interval|size|user_?agent|date`)

func (a *goAPI) severity(b apiBreak, found []detectors.Related) detectors.Severity {
	switch {
	case len(found) > 0:
		return detectors.Blocker
	case a.quiet || b.mild || b.symbol.deprecated || !a.module.library || unstable.MatchString(a.dir):
		return detectors.Note
	case b.value && meant.MatchString(b.symbol.name):
		return detectors.Note
	}
	return detectors.Warning
}
