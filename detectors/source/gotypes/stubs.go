package gotypes

import (
	"go/ast"
	"go/token"
	"go/types"
	"path"
	"strconv"
	"strings"

	"flightpoll/detectors/lazy"
)

// stubs stand in for the packages outside of the repository. Each name that code selects from one becomes an opaque type
// where it is used as a type, else a variable of unknown type, which go/types passes over in silence.
type stubs struct {
	packages map[string]*types.Package
	// hidden are the underlying types of opaque ones.
	hidden map[types.Type]bool
}

func newStubs() *stubs {
	return &stubs{packages: map[string]*types.Package{}, hidden: map[types.Type]bool{}}
}

// use says what a name of another package has to be.
type use int

const (
	asType use = iota
	asInterface
	asGeneric
)

func (s *stubs) named(pkg *types.Package, name string, how use, params int) {
	if pkg.Scope().Lookup(name) != nil {
		return
	}
	tn := types.NewTypeName(token.NoPos, pkg, name, nil)
	var under types.Type = types.NewStruct(nil, nil)
	if how == asInterface {
		under = types.NewInterfaceType(nil, nil).Complete()
	}
	s.hidden[under] = true
	named := types.NewNamed(tn, under, nil)
	if how == asGeneric {
		list := make([]*types.TypeParam, params)
		for i := range list {
			p := types.NewTypeName(token.NoPos, pkg, "T"+strconv.Itoa(i), nil)
			list[i] = types.NewTypeParam(p, types.Universe.Lookup("any").Type())
		}
		named.SetTypeParams(list)
	}
	pkg.Scope().Insert(tn)
}

func (s *stubs) value(pkg *types.Package, name string) {
	if pkg.Scope().Lookup(name) == nil {
		pkg.Scope().Insert(types.NewVar(token.NoPos, pkg, name, types.Typ[types.Invalid]))
	}
}

// opaque says that an object belongs to a package that was not read.
func (s *stubs) opaque(pkg *types.Package) bool { return pkg != nil && s.packages[pkg.Path()] == pkg }

// provide makes the stubs that a package's files need. The files are one package's; outside says which imports are not
// read, and the name of a package where it is known.
func (s *stubs) provide(files []*ast.File, outside func(importPath string) (name string, outside bool)) {
	type bound struct {
		file *ast.File
		pkgs map[string]*types.Package
	}
	var all []bound
	for _, f := range files {
		b := bound{f, map[string]*types.Package{}}
		var used map[string]bool
		for _, spec := range f.Imports {
			p, err := strconv.Unquote(spec.Path.Value)
			if err != nil || p == "C" || p == "unsafe" {
				continue
			}
			known, ok := outside(p)
			if !ok {
				continue
			}
			pkg := s.packages[p]
			if pkg == nil {
				if used == nil {
					used = qualifiers(f)
				}
				if known == "" {
					known = packageName(p, used, spec.Name != nil)
				}
				pkg = types.NewPackage(p, known)
				pkg.MarkComplete()
				s.packages[p] = pkg
			}
			name := pkg.Name()
			if spec.Name != nil {
				name = spec.Name.Name
			}
			b.pkgs[name] = pkg
		}
		all = append(all, b)
	}
	for _, how := range []use{asInterface, asGeneric, asType} {
		for _, b := range all {
			m := &marker{stubs: s, pkgs: b.pkgs, how: how}
			ast.Inspect(b.file, m.visit)
		}
	}
	for _, b := range all {
		ast.Inspect(b.file, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok {
				if x, ok := sel.X.(*ast.Ident); ok && b.pkgs[x.Name] != nil {
					s.value(b.pkgs[x.Name], sel.Sel.Name)
				}
			}
			return true
		})
	}
}

// qualifiers are the names that stand before a dot in a file.
func qualifiers(f *ast.File) map[string]bool {
	used := map[string]bool{}
	ast.Inspect(f, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := sel.X.(*ast.Ident); ok {
				used[x.Name] = true
			}
		}
		return true
	})
	return used
}

var (
	majorSuffix = lazy.New(`^v\d+$`)
	dotVersion  = lazy.New(`\.v\d+$`)
)

// packageName guesses the name of a package from its path and from what a file that imports it puts before dots.
func packageName(p string, used map[string]bool, renamed bool) string {
	base := path.Base(p)
	if majorSuffix.MatchString(base) && strings.Contains(p, "/") {
		base = path.Base(path.Dir(p))
	}
	base = dotVersion.ReplaceAllString(base, "")
	plain := strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(base, "go-"), "go."), "-go"), ".go"), "-golang")
	guesses := []string{base, plain, strings.ReplaceAll(plain, "-", "_"), strings.NewReplacer("-", "", "_", "", ".", "").Replace(plain), strings.NewReplacer("-", "", ".", "").Replace(base)}
	if i := strings.LastIndexAny(base, "-."); i >= 0 {
		guesses = append(guesses, base[i+1:], base[:i])
	}
	if !renamed {
		for _, g := range guesses {
			if used[g] && token.IsIdentifier(g) {
				return g
			}
		}
	}
	return guesses[3]
}

// A marker visits the places of a file where only a type can stand.
type marker struct {
	stubs *stubs
	pkgs  map[string]*types.Package
	how   use
}

func (m *marker) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.Field:
		m.mark(n.Type, asType)
	case *ast.InterfaceType:
		for _, f := range n.Methods.List {
			if len(f.Names) == 0 {
				m.mark(f.Type, asInterface)
			}
		}
	case *ast.TypeSpec:
		m.constraints(n.TypeParams)
		m.mark(n.Type, asType)
	case *ast.FuncType:
		m.constraints(n.TypeParams)
	case *ast.ValueSpec:
		m.mark(n.Type, asType)
	case *ast.CompositeLit:
		m.mark(n.Type, asType)
	case *ast.TypeAssertExpr:
		m.mark(n.Type, asType)
	case *ast.ArrayType:
		m.mark(n.Elt, asType)
	case *ast.MapType:
		m.mark(n.Key, asType)
		m.mark(n.Value, asType)
	case *ast.ChanType:
		m.mark(n.Value, asType)
	case *ast.TypeSwitchStmt:
		for _, c := range n.Body.List {
			if c, ok := c.(*ast.CaseClause); ok {
				for _, e := range c.List {
					m.mark(e, asType)
				}
			}
		}
	case *ast.CallExpr:
		switch fun := n.Fun.(type) {
		case *ast.Ident:
			if (fun.Name == "new" || fun.Name == "make") && len(n.Args) > 0 {
				m.mark(n.Args[0], asType)
			}
		case *ast.ParenExpr:
			if star, ok := fun.X.(*ast.StarExpr); ok {
				m.mark(star, asType)
			}
		}
	}
	return true
}

func (m *marker) constraints(list *ast.FieldList) {
	if list != nil {
		for _, f := range list.List {
			m.mark(f.Type, asInterface)
		}
	}
}

// mark makes the opaque types that a type's expression names.
func (m *marker) mark(e ast.Expr, how use) {
	for e != nil {
		switch x := e.(type) {
		case *ast.SelectorExpr:
			if id, ok := x.X.(*ast.Ident); ok && m.pkgs[id.Name] != nil && how == m.how {
				m.stubs.named(m.pkgs[id.Name], x.Sel.Name, how, 0)
			}
			return
		case *ast.StarExpr:
			e, how = x.X, asType
		case *ast.ParenExpr:
			e = x.X
		case *ast.UnaryExpr:
			e, how = x.X, asType
		case *ast.BinaryExpr:
			m.mark(x.X, asType)
			e, how = x.Y, asType
		case *ast.Ellipsis:
			e = x.Elt
		case *ast.IndexExpr:
			m.generic(x.X, 1)
			e, how = x.Index, asType
		case *ast.IndexListExpr:
			m.generic(x.X, len(x.Indices))
			for _, i := range x.Indices {
				m.mark(i, asType)
			}
			return
		default:
			return
		}
	}
}

func (m *marker) generic(e ast.Expr, params int) {
	if x, ok := e.(*ast.SelectorExpr); ok && m.how == asGeneric {
		if id, ok := x.X.(*ast.Ident); ok && m.pkgs[id.Name] != nil {
			m.stubs.named(m.pkgs[id.Name], x.Sel.Name, asGeneric, params)
		}
	}
}
