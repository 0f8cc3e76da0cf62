package gotypes

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
)

// needs are the folders of the repository whose declarations decide what a package declares, on either side: types that it
// embeds, renames or is made of, constants, and packages that the branch changed. All others go by their names alone.
func (l *Loader) needs(dir string) map[string]bool {
	if known, ok := l.needed[dir]; ok {
		return known
	}
	set := map[string]bool{}
	l.needed[dir] = set
	for _, side := range []Side{Base, Head} {
		files, err := l.files(side, dir, Build{}, false)
		if err != nil {
			continue
		}
		for _, f := range files {
			n := needReader{imports: map[string]string{}, found: map[string]bool{}}
			for _, spec := range f.Imports {
				p, err := strconv.Unquote(spec.Path.Value)
				if err != nil {
					continue
				}
				to, ok := l.folder(side, p)
				if !ok {
					continue
				}
				if l.touched(to) {
					set[to] = true
				}
				name := l.name(side, to)
				if spec.Name != nil {
					name = spec.Name.Name
				}
				if name == "." {
					set[to] = true
				}
				n.imports[name] = to
			}
			n.file(f)
			for to := range n.found {
				set[to] = true
			}
		}
	}
	return set
}

// name is the name of the package in a folder.
func (l *Loader) name(side Side, dir string) string {
	for _, p := range l.trees[side].Below(dir) {
		if !strings.HasSuffix(p, ".go") || strings.HasSuffix(p, "_test.go") {
			continue
		}
		at := l.at(side, p)
		if f, ok := l.parsed[at][p]; ok {
			return f.Name.Name
		}
		text, err := l.text(side, p)
		if err != nil || !(Build{}).Matches(p, text) {
			continue
		}
		if f, err := parser.ParseFile(token.NewFileSet(), p, text, parser.PackageClauseOnly); err == nil {
			return f.Name.Name
		}
	}
	return ""
}

// A needReader finds the imports of a file that its declarations depend on.
type needReader struct {
	imports map[string]string
	found   map[string]bool
}

func (n *needReader) file(f *ast.File) {
	for _, d := range f.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, s := range g.Specs {
			switch s := s.(type) {
			case *ast.TypeSpec:
				n.head(s.Type)
				ast.Inspect(s.Type, n.made)
			case *ast.ValueSpec:
				if g.Tok == token.CONST {
					n.head(s.Type)
					for _, v := range s.Values {
						ast.Inspect(v, func(x ast.Node) bool {
							if e, ok := x.(ast.Expr); ok {
								n.head(e)
							}
							return true
						})
					}
				}
			}
		}
	}
}

// made looks for what a type is made of by embedding, and for lengths.
func (n *needReader) made(x ast.Node) bool {
	switch x := x.(type) {
	case *ast.StructType:
		for _, f := range x.Fields.List {
			if len(f.Names) == 0 {
				n.head(f.Type)
			}
		}
	case *ast.InterfaceType:
		for _, f := range x.Methods.List {
			if len(f.Names) == 0 {
				n.head(f.Type)
			}
		}
	case *ast.ArrayType:
		if x.Len != nil {
			n.head(x.Len)
		}
	}
	return true
}

func (n *needReader) head(e ast.Expr) {
	for e != nil {
		switch x := e.(type) {
		case *ast.SelectorExpr:
			if id, ok := x.X.(*ast.Ident); ok && n.imports[id.Name] != "" {
				n.found[n.imports[id.Name]] = true
			}
			return
		case *ast.StarExpr:
			e = x.X
		case *ast.ParenExpr:
			e = x.X
		case *ast.UnaryExpr:
			e = x.X
		case *ast.BinaryExpr:
			n.head(x.X)
			e = x.Y
		case *ast.IndexExpr:
			e = x.X
		case *ast.IndexListExpr:
			e = x.X
		default:
			return
		}
	}
}
