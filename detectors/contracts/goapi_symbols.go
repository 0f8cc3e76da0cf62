package contracts

import (
	"go/ast"
	"go/token"
	"slices"
	"strconv"
	"strings"

	"flightpoll/detectors/source"
)

// A goSymbol is one exported name of a Go package: "Client", "Client.Do", "Options.Timeout".
type goSymbol struct {
	name string
	// what is "function", "method", "type", "field", "interface method", "constant" or "variable".
	what string
	// sign is the type in a normal form: no parameter names, aliases of the language folded, imports by path.
	sign string
	// pointer: a method with a pointer receiver.
	pointer    bool
	deprecated bool
	path       string
	line       int
	params     int
	variadic   bool
	// sealed: a method of an interface that nobody outside of its package can implement.
	sealed bool
}

// A goPackage is what one folder exports on one side, as far as the branch changed its files. A name may have several
// declarations where build constraints choose between files.
type goPackage struct {
	name    string
	symbols map[string][]goSymbol
	// embeds are the types embedded in each exported or unexported struct and interface, by the type's name.
	embeds map[string][]string
	// aliases are the type aliases of the package: what each one stands for.
	aliases map[string]ast.Expr
	files   []*source.File
}

func newGoPackage() *goPackage {
	return &goPackage{symbols: map[string][]goSymbol{}, embeds: map[string][]string{}, aliases: map[string]ast.Expr{}}
}

// add reads one file into the package.
func (p *goPackage) add(f *source.File) {
	if f == nil || f.GoFile == nil {
		return
	}
	p.name = f.GoFile.Name.Name
	p.files = append(p.files, f)
	for _, d := range f.GoFile.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.TYPE {
			continue
		}
		for _, s := range g.Specs {
			if t := s.(*ast.TypeSpec); t.Assign.IsValid() && t.TypeParams == nil {
				p.aliases[t.Name.Name] = t.Type
			}
		}
	}
}

// read fills in the symbols once all files are there.
func (p *goPackage) read() {
	for _, f := range p.files {
		r := &goReader{pkg: p, file: f, types: goTypes{imports: importPaths(f.GoFile), aliases: p.aliases}}
		for _, d := range f.GoFile.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				r.function(d)
			case *ast.GenDecl:
				r.group(d)
			}
		}
	}
}

type goReader struct {
	pkg   *goPackage
	file  *source.File
	types goTypes
}

func (r *goReader) put(s goSymbol, at ast.Node, doc ...*ast.CommentGroup) {
	s.path, s.line = r.file.Path, r.file.GoSet.Position(at.Pos()).Line
	for _, d := range doc {
		if d != nil && strings.Contains(d.Text(), "Deprecated:") {
			s.deprecated = true
		}
	}
	r.pkg.symbols[s.name] = append(r.pkg.symbols[s.name], s)
}

func (r *goReader) function(d *ast.FuncDecl) {
	s := goSymbol{name: d.Name.Name, what: "function", sign: r.types.signature(d.Type)}
	s.params, s.variadic = d.Type.Params.NumFields(), isVariadic(d.Type)
	if d.Recv != nil && len(d.Recv.List) > 0 {
		recv, star := receiver(d.Recv.List[0].Type)
		s.name, s.what, s.pointer = recv+"."+d.Name.Name, "method", star
		if !token.IsExported(recv) {
			// Methods of an unexported type reach the outside through what embeds it.
			r.put(s, d.Name, d.Doc)
			return
		}
	}
	if token.IsExported(d.Name.Name) {
		r.put(s, d.Name, d.Doc)
	}
}

func receiver(t ast.Expr) (name string, pointer bool) {
	for {
		switch x := t.(type) {
		case *ast.StarExpr:
			t, pointer = x.X, true
		case *ast.ParenExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.IndexListExpr:
			t = x.X
		case *ast.Ident:
			return x.Name, pointer
		default:
			return "", pointer
		}
	}
}

func (r *goReader) group(d *ast.GenDecl) {
	var typ ast.Expr
	for _, spec := range d.Specs {
		switch s := spec.(type) {
		case *ast.TypeSpec:
			r.typeSpec(s, d.Doc)
		case *ast.ValueSpec:
			what := "variable"
			if d.Tok == token.CONST {
				what = "constant"
				if s.Type != nil || len(s.Values) > 0 {
					typ = s.Type
				}
			} else {
				typ = s.Type
			}
			for _, name := range s.Names {
				if name.IsExported() {
					r.put(goSymbol{name: name.Name, what: what, sign: r.types.text(typ)}, name, d.Doc, s.Doc, s.Comment)
				}
			}
		}
	}
}

func (r *goReader) typeSpec(s *ast.TypeSpec, group *ast.CommentGroup) {
	name := s.Name.Name
	params := r.types.params(s.TypeParams)
	sign := ""
	switch t := s.Type.(type) {
	case *ast.StructType:
		sign = "struct" + params
		r.fields(name, t)
	case *ast.InterfaceType:
		sign = "interface" + params
		r.methods(name, t)
	default:
		if s.Assign.IsValid() {
			sign = "= "
		}
		sign += params + r.types.text(s.Type)
	}
	if s.Name.IsExported() {
		r.put(goSymbol{name: name, what: "type", sign: sign}, s.Name, group, s.Doc)
	}
}

func (r *goReader) fields(owner string, t *ast.StructType) {
	for _, f := range t.Fields.List {
		text := r.types.text(f.Type)
		if len(f.Names) == 0 {
			embedded, _ := receiver(f.Type)
			if sel, ok := f.Type.(*ast.SelectorExpr); ok {
				embedded = sel.Sel.Name
			} else if star, ok := f.Type.(*ast.StarExpr); ok {
				if sel, ok := star.X.(*ast.SelectorExpr); ok {
					embedded = sel.Sel.Name
				}
			}
			r.pkg.embeds[owner] = append(r.pkg.embeds[owner], strings.TrimPrefix(text, "*"))
			if token.IsExported(embedded) {
				r.put(goSymbol{name: owner + "." + embedded, what: "field", sign: text}, f, f.Doc)
			}
		}
		for _, n := range f.Names {
			if n.IsExported() {
				r.put(goSymbol{name: owner + "." + n.Name, what: "field", sign: text}, n, f.Doc, f.Comment)
			}
		}
	}
}

func (r *goReader) methods(owner string, t *ast.InterfaceType) {
	sealed := slices.ContainsFunc(t.Methods.List, func(f *ast.Field) bool { return len(f.Names) > 0 && !f.Names[0].IsExported() })
	for _, f := range t.Methods.List {
		if len(f.Names) == 0 {
			text := r.types.text(f.Type)
			r.pkg.embeds[owner] = append(r.pkg.embeds[owner], text)
			continue
		}
		fn, ok := f.Type.(*ast.FuncType)
		if ok && f.Names[0].IsExported() {
			r.put(goSymbol{
				name: owner + "." + f.Names[0].Name, what: "interface method", sign: r.types.signature(fn), sealed: sealed,
				params: fn.Params.NumFields(), variadic: isVariadic(fn),
			}, f.Names[0], f.Doc)
		}
	}
}

func isVariadic(t *ast.FuncType) bool {
	if n := t.Params.NumFields(); n == 0 {
		return false
	}
	_, ok := t.Params.List[len(t.Params.List)-1].Type.(*ast.Ellipsis)
	return ok
}

// importPaths maps the local name of each import to its path.
func importPaths(f *ast.File) map[string]string {
	m := map[string]string{}
	for _, imp := range f.Imports {
		p, err := strconv.Unquote(imp.Path.Value)
		if err != nil {
			continue
		}
		name := p[strings.LastIndexByte(p, '/')+1:]
		if imp.Name != nil {
			name = imp.Name.Name
		}
		m[name] = p
	}
	return m
}
