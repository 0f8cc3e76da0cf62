package gotypes

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"path"
	"slices"
	"strings"
	"time"
)

// A Tree is one side of a repository. Paths are relative to its root, with forward slashes.
type Tree interface {
	// Below lists the files right inside a folder ("." for the root), sorted.
	Below(dir string) []string
	// Text is a file's content.
	Text(path string) ([]byte, error)
}

// A Module is one go.mod of a tree: its folder ("." for the root) and its module path.
type Module struct{ Dir, Path string }

// Side is before or after the branch.
type Side int

// The two sides.
const (
	Base Side = iota
	Head
)

// Limits bound one loader.
type Limits struct {
	Packages int
	Bytes    int
	Time     time.Duration
}

// Errors that end a loader's work; what was compared until then stands.
var (
	ErrTooMuch = errors.New("too many packages to type-check")
	ErrTooDeep = errors.New("nested too deeply to type-check")
	ErrNone    = errors.New("no Go files for this build")
)

// A Package is one type-checked package.
type Package struct {
	Types *types.Package
	Files []*ast.File
	// Info is filled for packages that were checked with their bodies.
	Info *types.Info
	// Errors are those of the type checker, also the ones that only the stand-ins cause.
	Errors []types.Error
}

// A Loader reads and type-checks packages of both sides; it is not safe for use by several goroutines at once. What the
// branch does not reach is read once, for both sides. Of the repository's own packages only those are read whose declarations make
// a difference.
type Loader struct {
	Fset *token.FileSet

	trees   [2]Tree
	modules [2][]Module
	// changed says that a file is not the same on both sides.
	changed func(path string) bool
	limits  Limits
	start   time.Time
	count   int
	bytes   int

	texts    [2]map[string][]byte
	parsed   [2]map[string]*ast.File
	packages map[key]*Package
	loading  map[key]bool
	reached  map[string]bool
	needed   map[string]map[string]bool
	stubs    *stubs
}

type key struct {
	side  Side
	dir   string
	build Build
}

// New makes a loader for both sides of a branch.
func New(base, head Tree, baseModules, headModules []Module, changed func(path string) bool, limits Limits) *Loader {
	l := &Loader{
		Fset: token.NewFileSet(), trees: [2]Tree{base, head}, changed: changed, limits: limits, start: time.Now(),
		packages: map[key]*Package{}, loading: map[key]bool{}, reached: map[string]bool{}, needed: map[string]map[string]bool{}, stubs: newStubs(),
	}
	for i, list := range [][]Module{baseModules, headModules} {
		l.modules[i] = slices.Clone(list)
		slices.SortFunc(l.modules[i], func(a, b Module) int { return len(b.Path) - len(a.Path) })
		l.texts[i], l.parsed[i] = map[string][]byte{}, map[string]*ast.File{}
	}
	return l
}

// Opaque says that a type stands in for one of a package that was not read, or that its fields and methods may come from one.
func (l *Loader) Opaque(t types.Type) bool { return l.opaque(t, 0) }

func (l *Loader) opaque(t types.Type, depth int) bool {
	t = types.Unalias(t)
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	if depth > 8 || t == types.Typ[types.Invalid] {
		return true
	}
	if n, ok := t.(*types.Named); ok && l.stubs.opaque(n.Obj().Pkg()) {
		return true
	}
	switch u := t.Underlying().(type) {
	case *types.Struct:
		if l.stubs.hidden[u] {
			return true
		}
		for f := range u.Fields() {
			if f.Embedded() && l.opaque(f.Type(), depth+1) {
				return true
			}
		}
	case *types.Interface:
		if l.stubs.hidden[u] {
			return true
		}
		for e := range u.EmbeddedTypes() {
			if l.opaque(e, depth+1) {
				return true
			}
		}
	case *types.Basic:
		return u.Kind() == types.Invalid
	}
	return false
}

// Hidden says that a type is what an opaque one is made of, which nobody knows.
func (l *Loader) Hidden(underlying types.Type) bool { return l.stubs.hidden[underlying] }

// Outside says that a package was not read.
func (l *Loader) Outside(pkg *types.Package) bool { return l.stubs.opaque(pkg) }

// Package type-checks what the package in a folder declares, without function bodies, for the default build.
func (l *Loader) Package(ctx context.Context, side Side, dir string) (*Package, error) {
	return l.declarations(ctx, key{side, dir, Build{}})
}

func (l *Loader) declarations(ctx context.Context, k key) (*Package, error) {
	if k.side == Base && k.build == (Build{}) && !l.affected(k.dir, map[string]bool{}) {
		k.side = Head
	}
	if p, ok := l.packages[k]; ok {
		return p, nil
	}
	if l.loading[k] {
		return nil, fmt.Errorf("%s imports itself", k.dir)
	}
	l.loading[k] = true
	defer delete(l.loading, k)
	files, err := l.files(k.side, k.dir, k.build, false)
	if err != nil {
		return nil, err
	}
	p, err := l.check(ctx, k, l.importPath(k.side, k.dir), files, false)
	if err != nil {
		return nil, err
	}
	l.packages[k] = p
	return p, nil
}

// Import is the package of an import path as one side has it, nil when it is not of this repository or cannot be read.
func (l *Loader) Import(ctx context.Context, side Side, importPath string) *types.Package {
	dir, ok := l.folder(side, importPath)
	if !ok {
		return nil
	}
	p, err := l.declarations(ctx, key{side, dir, Build{}})
	if err != nil {
		return nil
	}
	return p.Types
}

// Bodies type-checks the package that holds a file, with its function bodies, for a build that compiles the file. A file
// whose package has another name than its neighbours is checked with those that share it.
func (l *Loader) Bodies(ctx context.Context, side Side, file string, build Build) (*Package, error) {
	dir := path.Dir(file)
	f, err := l.parse(side, file)
	if err != nil {
		return nil, err
	}
	all, err := l.files(side, dir, build, true)
	if err != nil {
		return nil, err
	}
	name := f.Name.Name
	files := slices.DeleteFunc(all, func(g *ast.File) bool { return g.Name.Name != name })
	importPath := l.importPath(side, dir)
	if strings.HasSuffix(name, "_test") {
		importPath += "_test"
	}
	return l.check(ctx, key{side, dir, build}, importPath, files, true)
}

func (l *Loader) check(ctx context.Context, k key, importPath string, files []*ast.File, bodies bool) (*Package, error) {
	if err := l.within(ctx); err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, ErrNone
	}
	l.count++
	imp := &importer{loader: l, ctx: ctx, key: k, bodies: bodies}
	l.stubs.provide(files, func(p string) (name string, outside bool) {
		if _, ok := imp.inside(p); ok {
			return "", false
		}
		if dir, ok := l.folder(k.side, p); ok {
			return l.name(k.side, dir), true
		}
		return "", true
	})
	p := &Package{Files: files}
	conf := types.Config{
		IgnoreFuncBodies: !bodies, FakeImportC: true, DisableUnusedImportCheck: true, Importer: imp, Sizes: types.SizesFor("gc", "amd64"),
		Error: func(err error) {
			var e types.Error
			if errors.As(err, &e) && len(p.Errors) < 500 {
				p.Errors = append(p.Errors, e)
			}
		},
	}
	if bodies {
		p.Info = &types.Info{Uses: map[*ast.Ident]types.Object{}, Types: map[ast.Expr]types.TypeAndValue{}}
	}
	p.Types, _ = conf.Check(importPath, l.Fset, files, p.Info) // every error went to conf.Error
	if imp.err != nil {
		return nil, imp.err
	}
	return p, nil
}

func (l *Loader) within(ctx context.Context) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case l.count >= l.limits.Packages, l.bytes > l.limits.Bytes, time.Since(l.start) > l.limits.Time:
		return ErrTooMuch
	}
	return nil
}
