package contracts

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

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/source/gotypes"
)

// How the type checker is put to work on a branch, and how what it found becomes symbols with places.

// typedLimits bound the type-checking of one branch.
var typedLimits = gotypes.Limits{Packages: 400, Bytes: 32 << 20, Time: 5 * time.Second}

// Below and Text make a side a tree of gotypes.
func (s side) Below(dir string) []string { return s.below(dir) }

// Text is a file's content.
func (s side) Text(p string) ([]byte, error) { return s.text(p) }

func newLoader(pass *detectors.Pass) *gotypes.Loader {
	before, after := side{pass.Branch, pass.Source, true}, side{pass.Branch, pass.Source, false}
	old := map[string]bool{}
	for _, f := range pass.Branch.Files {
		old[f.OldPath] = true
	}
	changed := func(p string) bool { return pass.Branch.File(p) != nil || old[p] }
	return gotypes.New(before, after, plainModules(goModules(before)), plainModules(goModules(after)), changed, typedLimits)
}

func plainModules(list []goModule) []gotypes.Module {
	var plain []gotypes.Module
	for _, m := range list {
		plain = append(plain, gotypes.Module{Dir: m.dir, Path: m.path})
	}
	return plain
}

// typedBreaks compares a package by its types. The error says why only its syntax can be compared.
func typedBreaks(ctx context.Context, loader *gotypes.Loader, dir string) ([]apiBreak, error) {
	old, err := loader.Package(ctx, gotypes.Base, dir)
	if err != nil {
		return nil, err
	}
	now, err := loader.Package(ctx, gotypes.Head, dir)
	if err != nil {
		return nil, err
	}
	if old.Types.Name() != now.Types.Name() {
		return nil, fmt.Errorf("the package was called %s and is called %s now", old.Types.Name(), now.Types.Name())
	}
	if old == now {
		return nil, nil
	}
	return compareTyped(ctx, loader, old, now)
}

var errTooLong = errors.New("type-checking took too long")

// watched runs work that hostile code may keep from ending; what was begun is left behind when the time is up.
func watched[T any](ctx context.Context, limit time.Duration, work func(context.Context) (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	done := make(chan result, 1)
	go func() {
		var r result
		defer func() {
			if p := recover(); p != nil {
				r.err = fmt.Errorf("the type checker gave up: %v", p)
			}
			done <- r
		}()
		r.value, r.err = work(ctx)
	}()
	select {
	case r := <-done:
		return r.value, r.err
	case <-ctx.Done():
		var none T
		return none, errTooLong
	}
}

func (d *apiDiff) gone(name string, old types.Object, how string) {
	d.add(apiBreak{how: how, arity: true}, name, old, nil)
}

// add completes a break with its symbol: what it is, where it was declared and where it is now.
func (d *apiDiff) add(b apiBreak, name string, old, now types.Object) {
	if d.seen[name+"\x00"+b.how] || len(d.list) > 400 {
		return
	}
	d.seen[name+"\x00"+b.how] = true
	if now != nil && now.Pkg() == d.now.Types {
		at := d.loader.Fset.Position(now.Pos())
		b.path, b.line = at.Filename, at.Line
	}
	described, in := old, d.old
	if old == nil {
		described, in = now, d.now
	}
	b.symbol = goSymbol{name: name, what: kindName(described)}
	if inner := declaredAs(described); inner != "" && inner != name && inner != typeOfMember(name) && kindName(described) != "field" {
		b.how += " (declared as " + inner + ")"
	}
	if described.Type() != nil {
		b.symbol.sign = d.write(described.Type())
	}
	if pos := described.Pos(); pos.IsValid() {
		at := d.loader.Fset.Position(pos)
		b.symbol.path, b.symbol.line = at.Filename, at.Line
		b.symbol.deprecated = deprecatedAt(in.Files, pos)
	}
	if f, ok := described.(*types.Func); ok {
		b.symbol.params, b.symbol.variadic = f.Signature().Params().Len(), f.Signature().Variadic()
	}
	d.list = append(d.list, b)
}

// declaredAs is the name that the code gives to a type or to a method, "t.M".
func declaredAs(o types.Object) string {
	f, ok := o.(*types.Func)
	if !ok || f.Signature().Recv() == nil {
		return o.Name()
	}
	t := f.Signature().Recv().Type()
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	if n, ok := types.Unalias(t).(*types.Named); ok && !types.IsInterface(n) {
		return n.Obj().Name() + "." + f.Name()
	}
	return ""
}

// deprecatedAt says that the declaration at a position, or the one around it, is marked "Deprecated:".
func deprecatedAt(files []*ast.File, pos token.Pos) bool {
	marked := func(groups ...*ast.CommentGroup) bool {
		return slices.ContainsFunc(groups, func(g *ast.CommentGroup) bool { return g != nil && strings.Contains(g.Text(), "Deprecated:") })
	}
	for _, f := range files {
		if pos < f.FileStart || pos > f.FileEnd {
			continue
		}
		found := false
		ast.Inspect(f, func(n ast.Node) bool {
			if n == nil || pos < n.Pos() || pos > n.End() {
				return n == ast.Node(f)
			}
			switch n := n.(type) {
			case *ast.FuncDecl:
				found = found || marked(n.Doc)
			case *ast.GenDecl:
				found = found || marked(n.Doc)
			case *ast.TypeSpec:
				found = found || marked(n.Doc, n.Comment)
			case *ast.ValueSpec:
				found = found || marked(n.Doc, n.Comment)
			case *ast.Field:
				found = found || marked(n.Doc, n.Comment)
			}
			return true
		})
		return found
	}
	return false
}

// elsewhereBreaks are what syntax finds in the files that the default build leaves out.
func elsewhereBreaks(before, after side, b *branch.Branch, dir string) []apiBreak {
	aside := func(p string) bool {
		for _, s := range []side{before, after} {
			if text, err := s.text(p); err == nil && (gotypes.Build{}).Matches(p, text) {
				return false
			}
		}
		return true
	}
	touched := slices.ContainsFunc(b.Files, func(f *branch.File) bool {
		return slices.ContainsFunc([]string{f.Path, f.OldPath}, func(p string) bool {
			return strings.HasSuffix(p, ".go") && !strings.HasSuffix(p, "_test.go") && path.Dir(p) == dir && f.Status != branch.Added && aside(p)
		})
	})
	if !touched {
		return nil
	}
	old, now := readGo(before, b, dir), readGo(after, b, dir)
	return slices.DeleteFunc(compareGo(old, now), func(x apiBreak) bool {
		return slices.ContainsFunc(old.symbols[x.symbol.name], func(s goSymbol) bool { return !aside(s.path) }) || !aside(x.symbol.path)
	})
}
