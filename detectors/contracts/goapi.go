package contracts

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
)

// GoAPI finds incompatible changes of what a Go package exports, as apidiff does, by syntax.
var GoAPI = &detectors.Detector{
	ID:    "contracts/go-api",
	Title: "The exported API of a Go package changed incompatibly",
	Run:   runGoAPI,
}

// maxBreaks bounds the findings about one package; a rewrite of it needs no longer list.
const maxBreaks = 8

func runGoAPI(pass *detectors.Pass) error {
	dirs := goFolders(pass.Branch)
	if len(dirs) == 0 {
		return detectors.ErrNotApplicable
	}
	after, before := side{pass.Branch, pass.Source, false}, side{pass.Branch, pass.Source, true}
	modules := goModules(after)
	if len(modules) == 0 {
		modules = goModules(before)
	}
	announced := announcesBreak(pass.Branch) || majorRaised(pass.Branch)
	for _, dir := range dirs {
		if err := pass.Context.Err(); err != nil {
			return err
		}
		old, now := readGo(before, pass.Branch, dir), readGo(after, pass.Branch, dir)
		module := moduleOf(modules, dir+"/x")
		if module == nil || old.name == "" || old.name == "main" || strings.HasSuffix(old.name, "_test") {
			continue
		}
		a := &goAPI{pass: pass, after: after, modules: modules, module: module, dir: dir, pkg: old.name, quiet: announced}
		if err := a.report(old, now); err != nil {
			return err
		}
	}
	return nil
}

// goFolders are the folders of importable packages whose files the branch changed or removed.
func goFolders(b *branch.Branch) []string {
	dirs := map[string]bool{}
	for _, f := range b.Files {
		for _, p := range []string{f.Path, f.OldPath} {
			if f.Status == branch.Added || !strings.HasSuffix(p, ".go") || strings.HasSuffix(p, "_test.go") || f.Vendored {
				continue
			}
			if dir := path.Dir(p); !private(dir) {
				dirs[dir] = true
			}
		}
	}
	return keysOf(dirs)
}

var privateFolder = regexp.MustCompile(`(^|/)(internal|testdata|vendor|third_party|_?examples?|tests?|e2e|hack|docs|mocks?|fakes?)(/|$)|(^|/)[_.]`)

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

var breakingMark = regexp.MustCompile(`(?m)^[a-z]+(\([^)]*\))?!:|^BREAKING[ -]CHANGE`)

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

type goAPI struct {
	pass    *detectors.Pass
	after   side
	modules []goModule
	module  *goModule
	dir     string
	pkg     string
	quiet   bool
}

var unstable = regexp.MustCompile(`(^|/)(v\d+(alpha|beta)\d*|alpha|beta|experimental|exp|unstable)(/|$)`)

func (a *goAPI) report(old, now *goPackage) error {
	breaks := compareGo(old, now)
	importPath := a.module.importPath(a.dir)
	if len(now.files) == 0 && len(breaks) > 0 {
		first := breaks[0].symbol
		breaks = []apiBreak{{symbol: goSymbol{name: a.pkg, what: "package", path: first.path, line: 1}, how: "was removed or moved", arity: true}}
	}
	for i, b := range breaks {
		found, err := a.users(b, importPath)
		if err != nil {
			return err
		}
		if i >= maxBreaks && len(found) == 0 {
			continue
		}
		f := detectors.Finding{
			Severity: a.severity(b, found), Path: b.path, Line: b.line, Symbol: b.symbol.name,
			Message:  fmt.Sprintf("%s %s.%s %s", b.symbol.what, a.pkg, b.symbol.name, b.how),
			Why:      "Who imports " + importPath + " no longer compiles, or no longer gets what was promised.",
			Fix:      "Keep the old form beside the new one and mark it Deprecated, or raise the major version and say so in the change log.",
			Related:  found,
			Evidence: []string{b.symbol.sign, b.how},
		}
		if b.symbol.what == "package" {
			f.Message = fmt.Sprintf("package %s %s", importPath, b.how)
		}
		if f.Path == "" {
			f.Path, f.Line = b.symbol.path, 0
		}
		a.pass.Report(f)
	}
	return nil
}

func (a *goAPI) severity(b apiBreak, found []detectors.Related) detectors.Severity {
	switch {
	case len(found) > 0 && b.arity:
		return detectors.Blocker
	case a.quiet || b.mild || b.symbol.deprecated || !a.module.library || unstable.MatchString(a.dir):
		return detectors.Note
	}
	return detectors.Warning
}
