package observability

import (
	_ "embed"
	"fmt"
	"go/ast"
	"slices"
	"strings"
	"sync"

	"github.com/goccy/go-yaml"

	"flightpoll/detectors"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// ContextNotPropagated reports code of the branch that starts over with an empty context where the request's one is at hand, and
// messages, calls and tasks that leave out what their siblings send along.
//
//	func (s *Server) Quote(ctx context.Context, in *pb.Request) (*pb.Quote, error) {
//		return s.store.Find(context.Background(), in.Id)      // no deadline, no trace
var ContextNotPropagated = &detectors.Detector{
	ID:    "observability/context-not-propagated",
	Title: "The request's context is not handed on: trace, deadline and correlation id end here",
	Run:   runContextNotPropagated,
}

//go:embed context.yaml
var contextYAML []byte

// carrying is context.yaml, which explains the keys.
type carrying struct {
	Sends    pattern  `yaml:"sends"`
	Carriers pattern  `yaml:"carriers"`
	Carries  pattern  `yaml:"carries"`
	After    pattern  `yaml:"after"`
	Clients  []client `yaml:"clients"`
}

var contextTable = sync.OnceValues(func() (*carrying, error) {
	t := &carrying{}
	if err := yaml.Unmarshal(contextYAML, t); err != nil {
		return nil, fmt.Errorf("context.yaml: %w", err)
	}
	return t, nil
})

func runContextNotPropagated(pass *detectors.Pass) error {
	table, err := contextTable()
	if err != nil {
		return err
	}
	return overSides(pass, func(l *lookup, c side) error {
		if browser(c.head) {
			return nil
		}
		if c.head.Lang == source.Go {
			l.contextInGo(table, c)
		}
		l.lonelyMessages(table, c)
		l.lonelyClients(table, c)
		return nil
	})
}

// contextInGo reports the calls of a Go file that start over with an empty context.
func (l *lookup) contextInGo(table *carrying, c side) {
	told := map[string]bool{}
	for _, call := range c.head.Calls {
		if !c.change.Touched(call.Span.Line) || call.In == nil || told[call.In.Name] || table.After.match(call.In.Name) {
			continue
		}
		what := ""
		switch {
		case call.Receiver == "context" && (call.Name == "Background" || call.Name == "TODO") && len(call.Args) == 0:
			what = "context." + call.Name + "()"
		case call.Receiver == "http" && netHTTP.MatchString(call.Name) && importsAs(c.head, "net/http", "http"):
			what = "http." + call.Name
		default:
			continue
		}
		at := call.Span
		name := contextAround(c.head, at.Start)
		if remarked(c.head, at) || c.base != nil && wasInFunction(c.base, call) {
			continue
		}
		if name == "" {
			if from, ctx := l.contextOfCaller(c.head, call); ctx != "" && what != "http."+call.Name && handedToWork(c.head, at.Start) {
				told[call.In.Name] = true
				l.pass.Report(detectors.Finding{
					Severity: detectors.Warning, Path: c.head.Path, Line: at.Line, EndLine: at.EndLine, Symbol: what,
					Message:  fmt.Sprintf("%s uses %s, and its caller has the context of a request (%s)", call.In.Name, what, ctx),
					Why:      "Trace and correlation id end here, and the work goes on after the caller has given up.",
					Fix:      "Let " + call.In.Name + " take a context.Context, and hand " + ctx + " on.",
					Evidence: []string{call.In.Name, what},
					Related:  []detectors.Related{from},
				})
			}
			continue
		}
		if call.Receiver == "http" {
			if strings.Contains(piece(c.head, call.In.Span), ".WithContext(") || strings.Contains(piece(c.head, call.In.Span), ".Clone(") {
				continue
			}
		} else if !handedToWork(c.head, at.Start) {
			continue
		}
		told[call.In.Name] = true
		l.pass.Report(detectors.Finding{
			Severity: detectors.Warning, Path: c.head.Path, Line: at.Line, EndLine: at.EndLine, Symbol: call.In.Name,
			Message:  fmt.Sprintf("%s uses %s where the context of the request (%s) is at hand", call.In.Name, what, name),
			Why:      "Trace and correlation id end here, and the work goes on after the caller has given up.",
			Fix:      "Hand on " + name + " (for requests with http.NewRequestWithContext); where the work must outlive the request, context.WithoutCancel(" + name + ") keeps its values.",
			Evidence: []string{call.In.Name, what},
		})
	}
}

var netHTTP = lazy.New(`^(?:NewRequest|Get|Post|PostForm|Head)$`)

// wasInFunction says whether the base made the same call in the function of that name.
func wasInFunction(base *source.File, call *source.Call) bool {
	return slices.ContainsFunc(base.Calls, func(c *source.Call) bool {
		return c.In != nil && c.In.Name == call.In.Name && c.Full() == call.Full()
	})
}

// remarked says whether a comment on the line or right above it says something of it.
func remarked(f *source.File, at source.Span) bool {
	return slices.ContainsFunc(f.Comments, func(m *source.Comment) bool {
		return (m.Span.Line == at.Line || m.Span.EndLine == at.Line-1) && len(strings.Fields(m.Text)) >= 3
	})
}

// contextAround is the expression of the context that the function around an offset receives, empty without one, in code
// that is deferred or runs in a goroutine of its own, or that waits for the end of the context.
func contextAround(f *source.File, offset int) string {
	name := ""
	inspectAround(f, offset, func(n ast.Node) {
		switch n := n.(type) {
		case *ast.FuncDecl:
			name = contextParameter(f, n.Type)
		case *ast.FuncLit:
			if own := contextParameter(f, n.Type); own != "" {
				name = own
			}
		case *ast.GoStmt, *ast.DeferStmt:
			name = ""
		case *ast.IfStmt:
			if condition := nodeText(f, n.Cond); strings.Contains(condition, "nil") && strings.Contains(strings.ToLower(condition), "ctx") {
				name = ""
			}
		case *ast.CommClause:
			if n.Comm != nil && strings.Contains(nodeText(f, n.Comm), "Done()") {
				name = ""
			}
		}
	})
	return name
}

// contextParameter is how a function gets at its request's context.
func contextParameter(f *source.File, t *ast.FuncType) string {
	for _, p := range t.Params.List {
		if len(p.Names) == 0 || p.Names[0].Name == "_" {
			continue
		}
		switch n := p.Names[0].Name; nodeText(f, p.Type) {
		case "context.Context":
			return n
		case "*http.Request":
			return n + ".Context()"
		case "*gin.Context":
			return n + ".Request.Context()"
		case "echo.Context", "*echo.Context":
			return n + ".Request().Context()"
		case "*fiber.Ctx":
			return n + ".UserContext()"
		}
	}
	return ""
}

func nodeText(f *source.File, n ast.Node) string {
	return piece(f, spanOf(f, n))
}

// handedToWork says whether a context made at an offset is an argument of a call, maybe by a variable or a deadline, other
// than one that keeps it for later.
func handedToWork(f *source.File, offset int) bool {
	ok := false
	inspectAround(f, offset, func(n ast.Node) {
		switch n := n.(type) {
		case *ast.CallExpr:
			if s, isSelector := n.Fun.(*ast.SelectorExpr); isSelector && offset > f.GoSet.Position(n.Lparen).Offset {
				ok = !tidying.MatchString(s.Sel.Name)
			}
		case *ast.AssignStmt:
			if len(n.Lhs) > 0 {
				if id, isName := n.Lhs[0].(*ast.Ident); isName {
					ok = !tidying.MatchString(id.Name)
				}
			}
		case *ast.KeyValueExpr, *ast.FuncLit:
			ok = false
		}
	})
	return ok
}

var tidying = lazy.New(`(?i)rollback|close|shut|stop|clean|release|unlock|flush|drain|detach|background|base|root|logger|revoke|cancelAll`)
