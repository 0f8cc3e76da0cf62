package references

// How the value of a read is used in Go.

import (
	"go/ast"
	"go/token"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// goTree finds what is around a place of a Go file.
type goTree struct{ *source.File }

func (t goTree) offset(p token.Pos) int { return t.GoSet.Position(p).Offset }

func (t goTree) text(n ast.Node) string {
	start, end := t.offset(n.Pos()), t.offset(n.End())
	if start < 0 || end > len(t.Text) || start > end {
		return ""
	}
	return string(t.Text[start:end])
}

// path are the nodes around a span, the file first and the node at the span last.
func (t goTree) path(s source.Span) []ast.Node {
	if t.GoFile == nil {
		return nil
	}
	var path []ast.Node
	done := false
	ast.Inspect(t.GoFile, func(n ast.Node) bool {
		if n == nil || done || t.offset(n.Pos()) > s.Start || t.offset(n.End()) < s.End {
			return false
		}
		path = append(path, n)
		done = t.offset(n.Pos()) == s.Start && t.offset(n.End()) == s.End
		return !done
	})
	return path
}

var (
	goChooses = lazy.New(`(?i)(^cmp\.Or|firstNonEmpty|coalesce|default\w*|fallback\w*|orElse|\bor)$`)
	goFatal   = lazy.New(`^(panic|os\.Exit|log\.(Fatal|Panic)\w*|\w+\.(Fatal|Panic|Exit)\w*|\w*[fF]atal\w*|\w*[dD]ie|must\w*|\w+\.Must\w*)$`)
	goLoader  = lazy.New(`(?i)(^main$|^init$|^new|load|config|env|setup|validate|^run$|^open|^start|^must|^from|^init|connect|^build|settings|^read|^parse)`)
	goTypes   = map[string]Type{
		"strconv.Atoi": Int, "strconv.ParseInt": Int, "strconv.ParseUint": Int, "strconv.ParseBool": Bool, "strconv.ParseFloat": Float,
		"time.ParseDuration": Duration, "url.Parse": URL, "url.ParseRequestURI": URL, "json.Unmarshal": JSON, "strings.Split": List, "strings.Fields": List,
	}
	goPasses = wordSet(`strings.TrimSpace strings.ToLower strings.ToUpper strings.TrimSuffix strings.TrimPrefix strings.TrimRight strings.TrimLeft
		strings.Trim string []byte filepath.Clean strings.ReplaceAll os.ExpandEnv strings.Replace strings.HasPrefix strings.HasSuffix strings.Contains`)
)

// useInGo looks at the code around a read in Go.
func (r *reader) useInGo(span source.Span, _ form) (u use) {
	t := goTree{r.File}
	path := t.path(span)
	if len(path) < 2 {
		return u
	}
	w := &goWalk{goTree: t, path: path}
	w.climb(len(path) - 1)
	return w.use
}

// goWalk climbs from a read.
type goWalk struct {
	goTree
	use
	path []ast.Node
}

func (w *goWalk) climb(i int) {
	for ; i > 0; i-- {
		n := w.path[i]
		switch p := w.path[i-1].(type) {
		case *ast.ParenExpr, *ast.SliceExpr, *ast.IndexExpr:
		case *ast.BinaryExpr:
			w.compared(p, n, i-1)
			return
		case *ast.UnaryExpr:
			w.branch(w.path[:i], p)
			return
		case *ast.CallExpr:
			if !w.argument(p, i-1) {
				return
			}
		case *ast.AssignStmt:
			w.assigned(p, i-1)
			return
		case *ast.ValueSpec:
			var names []string
			for _, name := range p.Names {
				names = append(names, name.Name)
			}
			w.taker = names[0]
			w.follow(names, i-1)
			return
		case *ast.KeyValueExpr:
			if p.Value == n {
				w.taker = w.text(p.Key)
				w.follow([]string{"." + w.taker}, i-1)
			}
			return
		case *ast.IfStmt:
			w.branch(w.path[:i+1], n)
			return
		case *ast.SwitchStmt:
			w.optional = true
			return
		default:
			return
		}
	}
}

// argument looks at the function that is given the value.
func (w *goWalk) argument(call *ast.CallExpr, i int) bool {
	fun := w.text(call.Fun)
	switch {
	case goTypes[fun] != Raw:
		if w.typ == Raw {
			w.typ = goTypes[fun]
		}
		return true
	case goPasses[fun]:
		return true
	case fun == "len":
		return true
	case fun == "strings.EqualFold":
		w.optional, w.typ = true, Bool
	case goChooses.MatchString(fun) && len(call.Args) > 1:
		w.given, w.fallback = true, w.text(call.Args[len(call.Args)-1])
		w.takerAbove(i)
	case strings.HasPrefix(strings.ToLower(lastWord(fun)), "must") || strings.HasPrefix(strings.ToLower(lastWord(fun)), "require"):
		w.fails = true
		w.takerAbove(i)
	}
	return false
}

// takerAbove finds what takes a value that is decided already.
func (w *goWalk) takerAbove(i int) {
	for ; i > 0; i-- {
		switch p := w.path[i-1].(type) {
		case *ast.AssignStmt:
			if w.taker == "" {
				w.taker = w.text(p.Lhs[0])
			}
			return
		case *ast.KeyValueExpr:
			if w.taker == "" {
				w.taker = w.text(p.Key)
			}
			return
		case *ast.ValueSpec:
			w.taker = p.Names[0].Name
			return
		case ast.Stmt:
			return
		case *ast.CallExpr:
			if t := goTypes[w.text(p.Fun)]; t != Raw {
				w.typ = t
			}
		}
	}
}

func (w *goWalk) compared(p *ast.BinaryExpr, n ast.Node, i int) {
	other := p.Y
	if ast.Node(p.Y) == n {
		other = p.X
	}
	text := w.text(other)
	switch p.Op {
	case token.EQL, token.NEQ, token.GTR:
		if text == `""` || text == "nil" || text == "0" {
			w.branch(w.path[:i+1], p)
			return
		}
		w.optional = true
		if text == `"true"` || text == `"1"` || text == `"false"` {
			w.typ = Bool
		}
	case token.LAND, token.LOR:
		w.branch(w.path[:i+1], p)
	default:
	}
}

// assigned follows the variables that take the value.
func (w *goWalk) assigned(p *ast.AssignStmt, i int) {
	var names []string
	for _, l := range p.Lhs {
		if name := w.text(l); name != "_" {
			if w.taker == "" {
				w.taker = name
			}
			if k := strings.LastIndexByte(name, '.'); k >= 0 {
				name = name[k:]
			}
			names = append(names, name)
		}
	}
	if i > 0 {
		if branch, ok := w.path[i-1].(*ast.IfStmt); ok && branch.Init == p {
			w.judge(branch, names)
			if w.optional || w.given || w.fails || w.handled {
				return
			}
			w.optional = true
			return
		}
	}
	w.follow(names, i)
}

// follow looks at the statements behind the one at path[i].
func (w *goWalk) follow(names []string, i int) {
	for ; i > 0; i-- {
		block, ok := w.path[i-1].(*ast.BlockStmt)
		if !ok {
			continue
		}
		seen := 0
		for _, s := range block.List {
			if s.Pos() <= w.path[i].Pos() {
				continue
			}
			if seen++; seen > 20 || w.optional || w.given || w.fails {
				return
			}
			ast.Inspect(s, func(n ast.Node) bool {
				branch, ok := n.(*ast.IfStmt)
				if ok && !w.decided() && w.names(branch.Cond, names) {
					w.judge(branch, names)
				}
				return !w.decided()
			})
			w.converted(s, names)
		}
		return
	}
}

// converted keeps what a statement makes of the variable.
func (w *goWalk) converted(s ast.Stmt, names []string) {
	if w.typ != Raw {
		return
	}
	ast.Inspect(s, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok && len(call.Args) > 0 && w.names(call.Args[0], names) {
			if t := goTypes[w.text(call.Fun)]; t != Raw {
				w.typ = t
			}
		}
		return w.typ == Raw
	})
}

// names says whether an expression names one of the variables; ".Name" stands for a field.
func (w *goWalk) names(e ast.Expr, names []string) bool {
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			for _, name := range names {
				found = found || name == "."+n.Sel.Name
			}
		case *ast.Ident:
			for _, name := range names {
				found = found || name == n.Name
			}
		}
		return !found
	})
	return found
}

// branch judges the if statement whose condition holds the value.
func (w *goWalk) branch(path []ast.Node, _ ast.Node) {
	for i := len(path) - 1; i >= 0; i-- {
		if s, ok := path[i].(*ast.IfStmt); ok {
			w.judge(s, nil)
			return
		}
		if _, ok := path[i].(ast.Stmt); ok {
			break
		}
	}
	w.optional = true
}

func (w *goWalk) judge(s *ast.IfStmt, names []string) {
	cond := w.text(s.Cond)
	absent := strings.Contains(cond, `== ""`) || strings.Contains(cond, "== 0") || strings.Contains(cond, "!ok") || strings.Contains(cond, "!found") || strings.Contains(cond, "!exists") ||
		strings.Contains(cond, "== nil") || strings.HasPrefix(cond, "!")
	present := strings.Contains(cond, `!= ""`) || strings.Contains(cond, "> 0") || strings.Contains(cond, "!= 0") || !absent && !strings.Contains(cond, " ")
	if strings.Contains(cond, "err != nil") {
		present, absent = false, true
	}
	if !absent && !present {
		w.optional = len(names) == 0 || strings.ContainsAny(cond, `"`)
		return
	}
	body := s.Body
	if present && !absent {
		if other, ok := s.Else.(*ast.BlockStmt); ok {
			body = other
		} else {
			w.optional = true
			return
		}
	}
	fails, answers := w.ends(body)
	switch {
	case fails:
		w.fails = true
	case answers:
		w.handled = true
	default:
		w.optional = true
		ast.Inspect(body, func(n ast.Node) bool {
			if a, ok := n.(*ast.AssignStmt); ok && len(a.Rhs) == 1 && (w.names(a.Lhs[0], names) || len(names) == 0) {
				w.given, w.fallback = true, w.text(a.Rhs[0])
			}
			if ret, ok := n.(*ast.ReturnStmt); ok && len(ret.Results) > 0 && !w.given {
				w.given, w.fallback = true, w.text(ret.Results[0])
			}
			return true
		})
	}
}

// ends says whether a block stops the program, or returns an error from what loads a configuration; answers that it
// returns an error elsewhere.
func (w *goWalk) ends(body *ast.BlockStmt) (fails, answers bool) {
	loader := false
	for _, n := range w.path {
		if f, ok := n.(*ast.FuncDecl); ok {
			loader = goLoader.MatchString(f.Name.Name)
		}
	}
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.CallExpr:
			fails = fails || goFatal.MatchString(w.text(n.Fun))
			answers = answers || w.text(n.Fun) == "http.Error" || w.text(n.Fun) == "append" && complaint.MatchString(w.text(n))
		case *ast.ReturnStmt:
			if len(n.Results) > 0 {
				last := w.text(n.Results[len(n.Results)-1])
				if last != "nil" && (strings.Contains(last, "err") || strings.Contains(last, "Err") || strings.HasPrefix(last, "fmt.")) {
					fails, answers = fails || loader, true
				}
			}
		}
		return true
	})
	return fails, answers
}
