package contracts

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/source"
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

// users are the places that name the symbol where the module's own compiler does not look: other modules of the
// repository and files behind a build constraint. Files that the branch touched count as looked at.
func (a *goAPI) users(b apiBreak, importPath string) ([]detectors.Related, error) {
	word := b.symbol.name[strings.LastIndexByte(b.symbol.name, '.')+1:]
	naming, err := a.pass.Source.Naming(a.pass.Context, word)
	if err != nil {
		return nil, err
	}
	var found []detectors.Related
	for _, p := range naming[word] {
		if !strings.HasSuffix(p, ".go") || path.Dir(p) == a.dir || a.pass.Branch.File(p) != nil || len(found) >= 5 {
			continue
		}
		f := a.after.file(p)
		if f == nil || f.GoFile == nil {
			continue
		}
		other := moduleOf(a.modules, p)
		hidden := other != nil && other.path != a.module.path && !pinned(other, a.module)
		if !hidden && !constrained(f.Text) {
			continue
		}
		if line := uses(f, importPath, b.symbol); line > 0 {
			found = append(found, detectors.Related{Path: p, Line: line, Message: "still uses " + a.pkg + "." + b.symbol.name})
		}
	}
	return found, nil
}

// pinned says that a module uses a released version of another one, so that this branch does not reach it yet.
func pinned(user, used *goModule) bool {
	return !strings.Contains(user.text, used.path+" =>") && !regexp.MustCompile(`(?m)^\s*(replace\s+)?`+regexp.QuoteMeta(used.path)+`(\s+v\S+)?\s+=>`).MatchString(user.text) &&
		strings.Contains(user.text, used.path+" v") && !strings.Contains(user.text, used.path+" v0.0.0")
}

// constrained says that a plain build leaves a file out.
func constrained(text []byte) bool {
	m := constraint.FindSubmatch(text[:min(len(text), 2000)])
	return m != nil && regexp.MustCompile(`\b(integration|e2e|tools?|wireinject|acceptance|manual|smoke|contract|functional|system)\b`).Match(m[1])
}

// uses is the line at which a file names an exported symbol of the imported package, 0 for none.
func uses(f *source.File, importPath string, s goSymbol) int {
	name := ""
	line := 0
	for _, imp := range f.Imports {
		if imp.Path == importPath {
			name, line = imp.Alias, imp.Span.Line
			if name == "" {
				name = path.Base(importPath)
				if regexp.MustCompile(`^v\d+$`).MatchString(name) {
					name = path.Base(path.Dir(importPath))
				}
			}
		}
	}
	if name == "" {
		return 0
	}
	if s.what == "package" {
		return line
	}
	owner, member, isMember := strings.Cut(s.name, ".")
	for _, c := range f.Calls {
		if !isMember && c.Receiver == name && c.Name == s.name || isMember && c.Name == member {
			return c.Span.Line
		}
	}
	for _, acc := range f.Accesses {
		if !isMember && acc.Receiver == name && acc.Name == s.name || isMember && acc.Name == member {
			return acc.Span.Line
		}
	}
	if isMember {
		for _, o := range f.Objects {
			if strings.HasSuffix(o.Type, name+"."+owner) && keyOf(o, member) != nil {
				return o.Span.Line
			}
		}
		return 0
	}
	if i := strings.Index(string(f.Text), name+"."+s.name); i >= 0 {
		return 1 + strings.Count(string(f.Text[:i]), "\n")
	}
	return 0
}
