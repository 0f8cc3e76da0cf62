package pin

import (
	"bytes"
	"embed"
	"fmt"
	"path"
	"slices"
	"strings"
	"text/template"
	"unicode"

	"flightpoll/detectors"
	"flightpoll/detectors/contracts"
	"flightpoll/detectors/source"
)

// File is one file to write: a test, or a schema with its fixture.
type File struct {
	// Path is relative to the repository's root.
	Path string
	Text []byte
	// Pins are the contracts that it pins, "Owner (path:line)"; empty for what several tests share.
	Pins string
	// digest names a file beside it whose first lines hold this one's digest; empty where the file holds its own.
	digest string
	// schema says that it holds its mark inside, since JSON has no comments.
	schema bool
}

// Plan says which files pin the contracts that the branch changed, sorted by path. Nothing is written.
func Plan(pass *detectors.Pass) ([]File, error) {
	shapes, err := contracts.ChangedShapes(pass)
	if err != nil {
		return nil, err
	}
	p := &planner{pass: pass, files: map[string]File{}}
	for _, s := range shapes {
		if err := p.pin(s); err != nil {
			return nil, err
		}
	}
	var list []File
	for _, f := range p.files {
		list = append(list, f)
	}
	slices.SortFunc(list, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	return list, nil
}

type planner struct {
	pass  *detectors.Pass
	files map[string]File
}

// pin plans the test of one shape in the language it is declared in, and a schema where that has no test to write.
func (p *planner) pin(s contracts.Shape) error {
	file, decl := p.declaration(s)
	done := false
	var err error
	switch {
	case decl == nil || !s.Complete:
	case file.Lang == source.Go:
		done, err = p.golang(s, file, decl)
	case file.Lang == source.Python:
		done, err = p.python(s, file, decl)
	case file.Lang == source.TypeScript, file.Lang == source.JavaScript:
		done, err = p.script(s, file, decl)
	}
	if err != nil || done {
		return err
	}
	return p.schema(s)
}

// declaration is the top-level type or value that declares a shape.
func (p *planner) declaration(s contracts.Shape) (*source.File, *source.Decl) {
	if !s.Declared || strings.Contains(s.Owner, ".") {
		return nil, nil
	}
	file, err := p.pass.Source.Head(s.Path)
	if err != nil {
		return nil, nil //nolint:nilerr // a file that has no reader is pinned by a schema
	}
	for _, d := range file.Decls {
		if d.Name == s.Owner && d.Parent == nil {
			return file, d
		}
	}
	return nil, nil
}

//go:embed templates/*.tmpl
var templates embed.FS

var tests = template.Must(template.New("").Funcs(template.FuncMap{"quote": func(s string) string { return fmt.Sprintf("%q", s) }}).ParseFS(templates, "templates/*.tmpl"))

// render fills a template and puts the line before it by which the file is known as our own.
func (p *planner) render(at, comment, name string, data any, pins string) error {
	var body bytes.Buffer
	if err := tests.ExecuteTemplate(&body, name, data); err != nil {
		return fmt.Errorf("%s: %w", at, err)
	}
	p.files[at] = File{Path: at, Text: marked(comment, body.Bytes()), Pins: pins}
	return nil
}

func pins(s contracts.Shape) string { return fmt.Sprintf("%s (%s:%d)", s.Owner, s.Path, s.Line) }

// snake writes a name in lower case with underscores: OrderLine is order_line.
func snake(name string) string {
	var out strings.Builder
	var before rune
	for _, r := range name {
		switch {
		case unicode.IsUpper(r):
			if unicode.IsLower(before) || unicode.IsDigit(before) {
				out.WriteByte('_')
			}
			out.WriteRune(unicode.ToLower(r))
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			out.WriteRune(r)
		default:
			if n := out.Len(); n > 0 && before != '_' {
				out.WriteByte('_')
			}
			r = '_'
		}
		before = r
	}
	return strings.Trim(out.String(), "_")
}

// exists says whether the work tree has a file.
func (p *planner) exists(at string) bool {
	paths, err := p.pass.Branch.HeadPaths()
	if err != nil {
		return false
	}
	_, ok := slices.BinarySearch(paths, at)
	return ok
}

// above gives the folders from one up to the root.
func above(dir string) []string {
	list := []string{dir}
	for dir != "." && dir != "/" {
		dir = path.Dir(dir)
		list = append(list, dir)
	}
	return list
}
