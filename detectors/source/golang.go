package source

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"strconv"
)

// goReader reads one Go file. Positions are offsets of its own file set.
type goReader struct {
	*File
	text string
	tok  *token.File
	// decls are the functions by their syntax, types the named types by name.
	types map[string]*Decl
}

// parseGo reads what go/parser could make of the text, broken or not.
func parseGo(path string, text []byte) (*File, error) {
	f := &File{Path: path, Lang: Go, Text: text, GoSet: token.NewFileSet()}
	parsed, err := parser.ParseFile(f.GoSet, path, text, parser.ParseComments|parser.SkipObjectResolution)
	var broken scanner.ErrorList
	if errors.As(err, &broken) {
		f.Errors = len(broken)
	} else if err != nil {
		f.Errors = 1
	}
	if parsed == nil || !parsed.FileStart.IsValid() {
		return f, nil
	}
	f.GoFile = parsed
	if parsed.Name != nil {
		f.Package = parsed.Name.Name
	}
	r := &goReader{File: f, text: string(text), tok: f.GoSet.File(parsed.FileStart), types: map[string]*Decl{}}
	r.imports()
	r.declarations()
	r.enums()
	r.bodies()
	for _, group := range parsed.Comments {
		for _, c := range group.List {
			f.Comments = append(f.Comments, &Comment{Text: uncomment(c.Text), Span: r.span(c)})
		}
	}
	sortFacts(f)
	for _, c := range f.Catches {
		if c.Kind == "check" {
			c.Calls = callsIn(f, c.Body)
		}
	}
	return f, nil
}

func (r *goReader) offset(p token.Pos) int {
	if !p.IsValid() {
		return 0
	}
	return min(max(int(p)-r.tok.Base(), 0), len(r.text))
}

func (r *goReader) span(n ast.Node) Span {
	start, end := r.offset(n.Pos()), r.offset(n.End())
	end = max(start, end)
	p := r.tok.PositionFor(r.tok.Pos(start), false)
	q := r.tok.PositionFor(r.tok.Pos(max(start, end-1)), false)
	return Span{Line: p.Line, EndLine: q.Line, Column: p.Column - 1, Start: start, End: end}
}

func (r *goReader) source(n ast.Node) string {
	start, end := r.offset(n.Pos()), r.offset(n.End())
	return fold(r.text[start:max(start, end)])
}

func (r *goReader) imports() {
	for _, spec := range r.GoFile.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue
		}
		i := &Import{Path: path, Span: r.span(spec)}
		if spec.Name != nil {
			i.Alias = spec.Name.Name
		}
		r.Imports = append(r.Imports, i)
	}
}

// stringLit is the value of a string literal.
func stringLit(e ast.Expr) (string, bool) {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	value, err := strconv.Unquote(lit.Value)
	return value, err == nil
}
