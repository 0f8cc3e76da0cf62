package contracts

import (
	"fmt"
	"go/ast"
	"go/token"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// Expectations of testify name the method by a string (pkg.go.dev/github.com/stretchr/testify/mock), so that no compiler
// follows a rename: the expectation is never met, or the call is not expected.

// expecting maps the calls that take a method's name to the position of the argument.
var expecting = map[string]int{
	"On": 0, "MethodCalled": 0, "AssertCalled": 1, "AssertNotCalled": 1, "AssertNumberOfCalls": 1, "IsMethodCallable": 1,
}

func reportExpectations(pass *detectors.Pass, i goInterface) error {
	removed := i.removed()
	if len(removed) == 0 {
		return nil
	}
	naming, err := pass.Source.Naming(pass.Context, removed...)
	if err != nil {
		return err
	}
	after := side{pass.Branch, pass.Source, false}
	for _, m := range removed {
		to := renamedMethod(i, m)
		for _, p := range naming[m] {
			if !strings.HasSuffix(p, ".go") || !strings.HasSuffix(p, "_test.go") && !mockPath.MatchString(p) {
				continue
			}
			f := after.file(p)
			if f == nil || f.GoFile == nil || !strings.Contains(string(f.Text), "testify") && !strings.HasSuffix(p, "_test.go") {
				continue
			}
			line := expectation(f, m, i)
			if line == 0 || stillMocked(after, naming[m], f, m, i) {
				continue
			}
			fix := "Take the expectation out."
			became := "removed it"
			if to != "" {
				became, fix = "renamed it to "+to, "Expect "+to+" instead."
			}
			pass.Report(detectors.Finding{
				Severity: detectors.Warning, Path: p, Line: line, Symbol: m,
				Message:  fmt.Sprintf("the mock still expects %q; the branch %s in %s.%s", m, became, i.pkg, i.name),
				Why:      "The name is a string that no compiler checks: the expectation is never met, and what the code calls now is not expected.",
				Fix:      fix,
				Related:  []detectors.Related{{Path: i.file.Path, Line: i.line, Message: i.name + " has no " + m + " any more"}},
				Evidence: []string{i.name, m, to},
			})
		}
	}
	return nil
}

// renamedMethod is the method that took the place of a removed one, empty when none or several may have.
func renamedMethod(i goInterface, m string) string {
	alike := slices.DeleteFunc(i.added(), func(n string) bool { return i.after[n] != i.before[m] })
	if len(alike) == 1 {
		return alike[0]
	}
	return ""
}

// expectation is the line at which a file expects a method of the interface by its name, 0 for none.
func expectation(f *source.File, method string, i goInterface) int {
	line := 0
	ast.Inspect(f.GoFile, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || line > 0 {
			return line == 0
		}
		sel, ok := call.Fun.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		at, ok := expecting[sel.Sel.Name]
		if !ok || at >= len(call.Args) {
			return true
		}
		lit, ok := call.Args[at].(*ast.BasicLit)
		if !ok || lit.Kind != token.STRING {
			return true
		}
		if name, err := strconv.Unquote(lit.Value); err == nil && name == method && mocksInterface(f, sel.X, i) {
			line = f.GoSet.Position(call.Pos()).Line
		}
		return true
	})
	return line
}

// mocksInterface says that an expression is a mock of the interface: by the type that it was given, or by its own name.
func mocksInterface(f *source.File, x ast.Expr, i goInterface) bool {
	for {
		call, ok := x.(*ast.CallExpr) // a chain: m.EXPECT().On, m.On(...).Return(...).On
		if !ok {
			break
		}
		sel, ok := call.Fun.(*ast.SelectorExpr)
		if !ok {
			return false
		}
		x = sel.X
	}
	last := ""
	switch x := x.(type) {
	case *ast.Ident:
		last = x.Name
	case *ast.SelectorExpr:
		last = x.Sel.Name
	default:
		return false
	}
	if typ := givenType(f, last); typ != "" {
		return speaksOfType(typ, i.name)
	}
	return speaksOfType(last, i.name)
}

// speaksOfType says that a text holds the whole name of an interface: "mocks.NewUserStore(t)" that of UserStore.
func speaksOfType(text, name string) bool {
	return strings.Contains(strings.ToLower(text), strings.ToLower(name))
}

// givenType is the text of the type or of the value that a variable or a field of the file is declared with.
func givenType(f *source.File, name string) string {
	found := ""
	text := func(n ast.Node) string {
		from, to := f.GoSet.Position(n.Pos()).Offset, f.GoSet.Position(n.End()).Offset
		return string(f.Text[from:min(to, from+120, len(f.Text))])
	}
	ast.Inspect(f.GoFile, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for k, l := range n.Lhs {
				if id, ok := l.(*ast.Ident); ok && id.Name == name && n.Tok == token.DEFINE && k < len(n.Rhs) && found == "" {
					found = text(n.Rhs[k])
				}
			}
		case *ast.ValueSpec:
			for k, id := range n.Names {
				if id.Name == name && found == "" {
					if n.Type != nil {
						found = text(n.Type)
					} else if k < len(n.Values) {
						found = text(n.Values[k])
					}
				}
			}
		case *ast.Field:
			for _, id := range n.Names {
				if id.Name == name && found == "" && n.Type != nil {
					found = text(n.Type)
				}
			}
		}
		return found == ""
	})
	return found
}

// stillMocked says that the mock keeps the method for another reason: it also stands for an interface that has it.
func stillMocked(at side, naming []string, f *source.File, method string, i goInterface) bool {
	for _, p := range naming {
		if !strings.HasSuffix(p, ".go") || strings.HasSuffix(p, "_test.go") || mockPath.MatchString(p) {
			continue
		}
		g := at.file(p)
		if g == nil {
			continue
		}
		for _, d := range g.Decls {
			if d.Kind == source.Interface && (d.Name == i.name || path.Dir(p) == path.Dir(f.Path)) &&
				slices.ContainsFunc(d.Members, func(m *source.Decl) bool { return m.Name == method }) {
				return true
			}
		}
	}
	return false
}

// Queries: sqlmock compares an expected regular expression with the SQL that runs.

// A changedQuery is what the branch did to the SQL of a folder.
type changedQuery struct {
	dir, path string
	line      int
	// gone are the statements that the changed files no longer have.
	gone []string
}

var statement = lazy.New(`(?i)^\s*(select|insert|update|delete|with|create|alter|drop)\s`)

func changedQueries(pass *detectors.Pass) []changedQuery {
	before, after := side{pass.Branch, pass.Source, true}, side{pass.Branch, pass.Source, false}
	var list []changedQuery
	for _, f := range pass.Branch.Files {
		if !strings.HasSuffix(f.Path, ".go") || strings.HasSuffix(f.Path, "_test.go") || f.Generated || f.Vendored || f.TooLarge {
			continue
		}
		now := map[string]bool{}
		for _, q := range statements(after.file(f.Path)) {
			now[q.Value] = true
		}
		c := changedQuery{dir: path.Dir(f.Path), path: f.Path}
		for _, q := range statements(before.file(cmpOr(f.OldPath, f.Path))) {
			if !now[q.Value] && len(c.gone) < 200 {
				c.gone = append(c.gone, q.Value)
				if c.line == 0 {
					c.line = f.NewLine(q.Span.Line)
				}
			}
		}
		if len(c.gone) > 0 {
			list = append(list, c)
		}
	}
	return list
}

func statements(f *source.File) []*source.String {
	if f == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(f.Strings), func(s *source.String) bool { return !statement.MatchString(s.Value) })
}

var blanks = lazy.New(`\s+`)

func collapse(q string) string { return strings.TrimSpace(blanks.ReplaceAllString(q, " ")) }

func reportQueries(pass *detectors.Pass, list []changedQuery) error {
	after := side{pass.Branch, pass.Source, false}
	for _, c := range list {
		if err := pass.Context.Err(); err != nil {
			return err
		}
		var living []string
		var tests []*source.File
		for _, p := range after.below(c.dir) {
			f := after.file(p)
			if f == nil {
				continue
			}
			if strings.HasSuffix(p, "_test.go") {
				if strings.Contains(string(f.Text), "sqlmock") {
					tests = append(tests, f)
				}
				continue
			}
			for _, q := range statements(f) {
				living = append(living, collapse(q.Value))
			}
		}
		for _, f := range tests {
			for _, call := range f.Calls {
				pattern, ok := expectedQuery(call)
				if !ok || slices.ContainsFunc(living, pattern.MatchString) {
					continue
				}
				if !slices.ContainsFunc(c.gone, func(q string) bool { return pattern.MatchString(collapse(q)) }) {
					continue
				}
				pass.Report(detectors.Finding{
					Severity: detectors.Warning, Path: f.Path, Line: call.Span.Line, Symbol: call.Name,
					Message:  "sqlmock still expects " + briefText(pattern.String()) + ", which was the query before the branch",
					Why:      "The test describes a query that the code no longer sends.",
					Fix:      "Expect the new statement, with the columns it names now.",
					Related:  []detectors.Related{{Path: c.path, Line: c.line, Message: "the branch changed the query"}},
					Evidence: []string{pattern.String()},
				})
			}
		}
	}
	return nil
}

var quoteMeta = lazy.New("^regexp\\.QuoteMeta\\(\\s*(\"(?:[^\"\\\\]|\\\\.)*\"|`[^`]*`)\\s*\\)$")

// expectedQuery is the expression that an expectation of sqlmock compares with what runs.
func expectedQuery(call *source.Call) (*regexp.Regexp, bool) {
	if len(call.Args) == 0 || call.Name != "ExpectQuery" && call.Name != "ExpectExec" && call.Name != "ExpectPrepare" {
		return nil, false
	}
	text := call.Args[0].Str
	if m := quoteMeta.FindStringSubmatch(call.Args[0].Text); m != nil {
		plain, err := strconv.Unquote(m[1])
		if err != nil {
			return nil, false
		}
		text = regexp.QuoteMeta(collapse(plain))
	} else if !call.Args[0].IsString {
		return nil, false
	}
	if text = collapse(text); len(text) < 10 || len(text) > 4000 {
		return nil, false
	}
	pattern, err := regexp.Compile(text)
	return pattern, err == nil
}
