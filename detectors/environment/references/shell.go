package references

// References in shell scripts that run the product: entry points, start and deploy scripts. Variables that a script
// gives a value itself are its own.

import (
	"path"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source/languages/shell"
)

var (
	productScript = lazy.New(`(?i)^(docker-)?(entry-?point|start|run|serve|boot(strap)?|launch|release|deploy|rollout|cmd|server|web|worker|init-?container)[\w.-]*$`)
	// shellOwn are variables of the shell itself.
	shellOwn = wordSet(`HOME PATH PWD OLDPWD USER SHELL IFS RANDOM SECONDS LINENO BASH_SOURCE BASH BASH_VERSION HOSTNAME UID EUID OPTARG OPTIND PPID FUNCNAME PIPESTATUS REPLY TERM TMPDIR OSTYPE COLUMNS LINES`)
)

// isShell says whether a path is a shell script whose name says that it runs the product.
func isShell(p string) bool { return Script(p) && productScript.MatchString(path.Base(p)) }

// Script says whether a path may be a shell script.
func Script(p string) bool {
	base := path.Base(p)
	switch path.Ext(base) {
	case ".sh", ".bash":
	case "":
		dir := path.Base(path.Dir(p))
		if dir != "bin" && dir != "docker" && dir != "deploy" && dir != "scripts" && !strings.Contains(base, "entrypoint") {
			return false
		}
	default:
		return false
	}
	return true
}

// shellReader collects the variables of one script.
type shellReader struct {
	own    map[string]bool
	unset  bool // set -u
	refs   map[string]*Reference
	order  []string
	script string
}

func readShell(p string, text []byte) []Reference {
	file := shell.File(p, string(text))
	if file == nil {
		return nil
	}
	s := &shellReader{own: map[string]bool{}, refs: map[string]*Reference{}, script: string(text)}
	syntax.Walk(file, func(n syntax.Node) bool {
		s.assigned(n)
		return true
	})
	s.walk(file)
	var refs []Reference
	for _, name := range s.order {
		r := s.refs[name]
		r.FailFast = (r.FailFast || s.unset) && !r.Optional
		refs = append(refs, *r)
	}
	return refs
}

// assigned keeps what the script gives a value itself: assignments, for, read, local. A default from the variable
// itself (X="${X:-1}") leaves it one of the environment.
func (s *shellReader) assigned(n syntax.Node) {
	switch n := n.(type) {
	case *syntax.Assign:
		if n.Name != nil && n.Value != nil && !mentions(n.Value, n.Name.Value) {
			s.own[n.Name.Value] = true
		}
	case *syntax.WordIter:
		s.own[n.Name.Value] = true
	case *syntax.CallExpr:
		word := ""
		if len(n.Args) > 0 {
			word = n.Args[0].Lit()
		}
		switch word {
		case "read", "getopts", "mapfile", "readarray":
			for _, a := range n.Args[1:] {
				s.own[a.Lit()] = true
			}
		case "set":
			for _, a := range n.Args[1:] {
				if lit := a.Lit(); strings.HasPrefix(lit, "-") && strings.Contains(lit, "u") || lit == "nounset" {
					s.unset = true
				}
			}
		}
	}
}

func mentions(w *syntax.Word, name string) bool {
	found := false
	syntax.Walk(w, func(n syntax.Node) bool {
		if p, ok := n.(*syntax.ParamExp); ok && p.Param != nil && p.Param.Value == name {
			found = true
		}
		return !found
	})
	return found
}

func (s *shellReader) walk(file syntax.Node) {
	syntax.Walk(file, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.IfClause:
			for _, c := range n.Cond {
				s.tested(c, ends(n.Then))
			}
		case *syntax.BinaryCmd:
			if n.Op == syntax.AndStmt || n.Op == syntax.OrStmt {
				s.tested(n.X, ends([]*syntax.Stmt{n.Y}))
			}
		case *syntax.ParamExp:
			s.expanded(n)
		}
		return true
	})
}

// tested keeps the variables that a condition asks for: [ -z "$X" ] before an exit, [ -n "$X" ].
func (s *shellReader) tested(stmt *syntax.Stmt, exits bool) {
	switch stmt.Cmd.(type) {
	case *syntax.CallExpr, *syntax.TestClause:
	default:
		return
	}
	if call, ok := stmt.Cmd.(*syntax.CallExpr); ok && (len(call.Args) == 0 || call.Args[0].Lit() != "[" && call.Args[0].Lit() != "test") {
		return
	}
	syntax.Walk(stmt, func(n syntax.Node) bool {
		if p, ok := n.(*syntax.ParamExp); ok && s.interesting(p) {
			r := s.reference(p)
			r.FailFast = r.FailFast || exits
			r.Optional = r.Optional || !exits
		}
		return true
	})
}

// ends says whether statements leave the script.
func ends(list []*syntax.Stmt) bool {
	found := false
	for _, st := range list {
		syntax.Walk(st, func(n syntax.Node) bool {
			if c, ok := n.(*syntax.CallExpr); ok && len(c.Args) > 0 {
				switch c.Args[0].Lit() {
				case "exit", "return", "die", "fail", "abort":
					found = true
				}
			}
			return !found
		})
	}
	return found
}

func (s *shellReader) interesting(p *syntax.ParamExp) bool {
	return p.Param != nil && upperName.MatchString(p.Param.Value) && !s.own[p.Param.Value] && !shellOwn[p.Param.Value] && !p.Excl
}

func (s *shellReader) reference(p *syntax.ParamExp) *Reference {
	name := p.Param.Value
	r := s.refs[name]
	if r == nil {
		r = &Reference{Name: name, Line: int(p.Pos().Line())} //nolint:gosec // a line number
		s.refs[name] = r
		s.order = append(s.order, name)
	}
	return r
}

// expanded keeps one use: ${X}, ${X:-default}, ${X:?message}.
func (s *shellReader) expanded(p *syntax.ParamExp) {
	if !s.interesting(p) {
		return
	}
	r := s.reference(p)
	if p.Exp == nil {
		return
	}
	switch p.Exp.Op {
	case syntax.DefaultUnset, syntax.DefaultUnsetOrNull, syntax.AssignUnset, syntax.AssignUnsetOrNull:
		r.Optional = true
		if p.Exp.Word != nil {
			r.Default = true
			text := s.script[min(len(s.script), int(p.Exp.Word.Pos().Offset())):min(len(s.script), int(p.Exp.Word.End().Offset()))] //nolint:gosec // offsets of a small file
			r.LocalDefault = r.LocalDefault || Local(text)
			r.Makeshift = r.Makeshift || Makeshift(text)
		}
	case syntax.AlternateUnset, syntax.AlternateUnsetOrNull:
		r.Optional = true
	case syntax.ErrorUnset, syntax.ErrorUnsetOrNull:
		r.FailFast = true
	default:
	}
}
