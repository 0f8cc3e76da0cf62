package contracts

import (
	"bytes"
	"context"
	"go/ast"
	"go/token"
	"go/types"
	"path"
	"regexp"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
	"flightpoll/detectors/source/gotypes"
)

// Files that compiled before the branch and no longer do, although nobody builds them as usual: found by type-checking them
// with their bodies against both sides.

// maxChecked bounds the files that are type-checked with their bodies.
const maxChecked = 30

// A brokenUse is a place that the type checker refuses now and did not refuse before.
type brokenUse struct {
	line  int
	text  string
	build gotypes.Build
	// names are the objects of other packages that the place named, as "import path name".
	names map[string]bool
}

// about says that a place broke because of a name of a package.
func (u brokenUse) about(word, importPath string) bool {
	return u.names[importPath+" "+word] || regexp.MustCompile(`\b`+regexp.QuoteMeta(word)+`\b`).MatchString(u.text)
}

func (u brokenUse) how() string {
	if s := u.build.String(); s != "" {
		return " with " + s
	}
	return ""
}

// leftOut reports the files of the package itself that the default build leaves out and that no longer compile.
func (a *goAPI) leftOut() error {
	lost := a.lostNames()
	if len(lost) == 0 {
		return nil
	}
	for _, p := range a.after.below(a.dir) {
		if !strings.HasSuffix(p, ".go") || !a.unseen(p) {
			continue
		}
		if text, err := a.after.text(p); err != nil || !lost.MatchAny(text) {
			continue
		}
		errs, err := a.broken(p)
		if err != nil {
			if a.pass.Context.Err() != nil {
				return err
			}
			continue
		}
		for i, e := range errs {
			name := lost.in(e)
			if name == "" || i > 3 {
				continue
			}
			a.pass.Report(detectors.Finding{
				Severity: detectors.Blocker, Path: p, Line: e.line, Symbol: name,
				Message:  "no longer compiles" + e.how() + ": " + e.text,
				Why:      "The usual build leaves this file out, so that nothing fails until somebody builds it.",
				Fix:      "Let it follow the change of " + name + ", and build it in CI.",
				Related:  []detectors.Related{{Path: lost[name].Path, Line: lost[name].Line, Message: "here the branch changed " + name}},
				Evidence: []string{e.text},
			})
		}
	}
	return nil
}

// lostNames are the names of a package's own declarations that the branch took away or declared differently, with the
// place of the change.
type lostNames map[string]detectors.Related

// MatchAny says that a text has one of the names.
func (l lostNames) MatchAny(text []byte) bool {
	for name := range l {
		if bytes.Contains(text, []byte(name)) {
			return true
		}
	}
	return false
}

// in is the name that a place broke because of, empty for none.
func (l lostNames) in(e brokenUse) string {
	for _, name := range keysOf(l) {
		for named := range e.names {
			if strings.HasSuffix(named, " "+name) {
				return name
			}
		}
		if regexp.MustCompile(`\b` + regexp.QuoteMeta(name) + `\b`).MatchString(e.text) {
			return name
		}
	}
	return ""
}

func (a *goAPI) lostNames() lostNames {
	old, now := map[string]string{}, map[string]string{}
	places := map[string]detectors.Related{}
	for _, f := range a.pass.Branch.Files {
		for i, p := range []string{cmpOr(f.OldPath, f.Path), f.Path} {
			if path.Dir(p) != a.dir || !strings.HasSuffix(p, ".go") || f.TooLarge || f.Binary {
				continue
			}
			at, into := a.before, old
			if i == 1 {
				at, into = a.after, now
			}
			if g := at.file(p); g != nil {
				for _, d := range g.Decls {
					signature(d, into)
					if at.base {
						places[d.Name] = detectors.Related{Path: f.Path, Line: f.NewLine(d.Span.Line)}
					}
				}
			}
		}
	}
	lost := lostNames{}
	for name, sign := range old {
		if now[name] != sign && len(name) > 1 {
			lost[name] = places[name]
		}
	}
	return lost
}

// signature adds what a declaration looks like to those who use it, by its name.
func signature(d *source.Decl, into map[string]string) {
	text := string(d.Kind) + d.Type + strings.Join(d.Results, ",")
	for _, p := range d.Params {
		text += "," + p.Type
	}
	into[d.Name] += text + ";"
}

// hasUnseenUsers says that a file which nobody compiles as usual names the package.
func (a *goAPI) hasUnseenUsers() bool {
	naming, err := a.pass.Source.Naming(a.pass.Context, a.pkg)
	if err != nil {
		return false
	}
	importPath := a.module.importPath(a.dir)
	for _, p := range naming[a.pkg] {
		if strings.HasSuffix(p, ".go") && path.Dir(p) != a.dir && a.unseen(p) {
			if text, err := a.after.text(p); err == nil && bytes.Contains(text, []byte(`"`+importPath+`"`)) {
				return true
			}
		}
	}
	return false
}

type brokenFile struct {
	uses []brokenUse
	err  error
}

// broken are the places of a file that no longer compile.
func (r *goRun) broken(p string) ([]brokenUse, error) {
	if known, ok := r.checked[p]; ok {
		return known.uses, known.err
	}
	known := brokenFile{err: r.untyped}
	if known.err == nil && len(r.checked) >= maxChecked {
		known.err = gotypes.ErrTooMuch
	}
	if known.err == nil {
		known.uses, known.err = watched(r.pass.Context, typedLimits.Time, func(ctx context.Context) ([]brokenUse, error) { return r.compile(ctx, p) })
	}
	r.checked[p] = known
	return known.uses, known.err
}

func (r *goRun) compile(ctx context.Context, p string) ([]brokenUse, error) {
	text, err := r.after.text(p)
	if err != nil {
		return nil, err
	}
	build, constrained := gotypes.BuildFor(p, text)
	if !constrained && !build.Matches(p, text) {
		return nil, gotypes.ErrNone
	}
	old, err := r.loader.Bodies(ctx, gotypes.Base, p, build)
	if err != nil {
		return nil, err
	}
	now, err := r.loader.Bodies(ctx, gotypes.Head, p, build)
	if err != nil {
		return nil, err
	}
	unchanged := r.pass.Branch.File(p) == nil
	var list []brokenUse
	for _, e := range now.Errors {
		at := r.loader.Fset.Position(e.Pos)
		known := slices.ContainsFunc(old.Errors, func(o types.Error) bool {
			return o.Pos == e.Pos || !unchanged && o.Msg == e.Msg && r.loader.Fset.Position(o.Pos).Filename == p
		})
		if at.Filename != p || known || !r.sure(now, e) {
			continue
		}
		list = append(list, brokenUse{line: at.Line, text: firstLine(e.Msg), build: build, names: r.named(old, e.Pos)})
	}
	return list, nil
}

func firstLine(text string) string {
	text, _, _ = strings.Cut(text, "\n")
	return text
}

var (
	// countError is about how many there are, whatever their types.
	countError = lazy.New(`^(not enough arguments|too many arguments|assignment mismatch)`)
	// nameError is about a name that its type or package does not have.
	nameError = lazy.New(`^undefined: |undefined \(type |^unknown field `)
	// kindError is about two types that both have to be known.
	kindError = lazy.New(`^cannot use |^invalid operation: .*mismatched types|^impossible type`)
)

// sure says that an error is the code's and none that the stand-ins for packages outside of the repository cause.
func (r *goRun) sure(p *gotypes.Package, e types.Error) bool {
	path := enclosing(p.Files, e.Pos)
	known := func(x ast.Expr) bool {
		t, ok := p.Info.Types[x]
		return !ok || t.Type == nil || !r.loader.Opaque(t.Type)
	}
	switch {
	case countError.MatchString(e.Msg):
		return true
	case nameError.MatchString(e.Msg):
		for _, n := range path {
			switch n := n.(type) {
			case *ast.SelectorExpr:
				if id, ok := n.X.(*ast.Ident); ok {
					if pkg, ok := p.Info.Uses[id].(*types.PkgName); ok {
						return !r.loader.Outside(pkg.Imported())
					}
				}
				return known(n.X)
			case *ast.CompositeLit:
				return known(n)
			}
		}
		return strings.HasPrefix(e.Msg, "undefined: ")
	case kindError.MatchString(e.Msg):
		for _, n := range path {
			if x, ok := n.(ast.Expr); ok && !known(x) {
				return false
			}
			if _, ok := n.(ast.Stmt); ok {
				break
			}
		}
		return !r.loader.NamesOutside(e.Msg)
	}
	return false
}

// enclosing are the nodes around a position, innermost first.
func enclosing(files []*ast.File, pos token.Pos) []ast.Node {
	var path []ast.Node
	for _, f := range files {
		if pos < f.FileStart || pos > f.FileEnd {
			continue
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if n == nil || pos < n.Pos() || pos > n.End() {
				return false
			}
			path = append(path, n)
			return true
		})
	}
	slices.Reverse(path)
	return path
}

// named are the objects of other packages that the statement at a position named before.
func (r *goRun) named(p *gotypes.Package, pos token.Pos) map[string]bool {
	names := map[string]bool{}
	for _, n := range enclosing(p.Files, pos) {
		_, isStmt := n.(ast.Stmt)
		_, isSpec := n.(ast.Spec)
		_, isField := n.(*ast.Field)
		if !isStmt && !isSpec && !isField {
			continue
		}
		ast.Inspect(n, func(x ast.Node) bool {
			if id, ok := x.(*ast.Ident); ok {
				if o := p.Info.Uses[id]; o != nil && o.Pkg() != nil {
					names[o.Pkg().Path()+" "+o.Name()] = true
				}
			}
			return len(names) < 200
		})
		break
	}
	return names
}
