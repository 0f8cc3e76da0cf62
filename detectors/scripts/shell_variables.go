package scripts

// Which variables of a shell script cannot be empty.

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"flightpoll/detectors/lazy"
)

// sureVariables are those that the script gives a value which is not empty: a literal, mktemp, ${X:?}, a default, a loop.
// With set -u no other is used unset.
func sureVariables(tree *syntax.File) map[string]bool {
	sure := map[string]bool{"PWD": true, "HOME": true, "TMPDIR": true, "@": true, "*": true, "RANDOM": true, "GITHUB_WORKSPACE": true}
	all := false
	syntax.Walk(tree, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.CallExpr:
			if len(n.Args) > 1 && n.Args[0].Lit() == "set" {
				for _, a := range n.Args[1:] {
					all = all || strings.HasPrefix(a.Lit(), "-") && strings.Contains(a.Lit(), "u") || a.Lit() == "nounset"
				}
			}
			for _, a := range n.Assigns {
				if a.Value != nil && (solid(a.Value) || sure["#"] && ownArgument(a.Value)) {
					sure[a.Name.Value] = true
				}
			}
		case *syntax.DeclClause:
			for _, a := range n.Args {
				if a.Name != nil && a.Value != nil && solid(a.Value) {
					sure[a.Name.Value] = true
				}
			}
		case *syntax.ForClause:
			if w, ok := n.Loop.(*syntax.WordIter); ok {
				sure[w.Name.Value] = true
			}
		case *syntax.ParamExp:
			if n.Exp != nil && (n.Exp.Op == syntax.ErrorUnsetOrNull || n.Exp.Op == syntax.AssignUnsetOrNull) {
				sure[n.Param.Value] = true
			}
		case *syntax.TestClause:
			looked(n, sure)
		}
		return true
	})
	if all {
		return nil
	}
	return sure
}

// ownArgument says whether a value is one of the script's own arguments.
func ownArgument(w *syntax.Word) bool {
	v := variablesOf(w)
	return len(v) == 1 && v[0] != "" && v[0][0] >= '1' && v[0][0] <= '9' && alone(w)
}

// solid says that a value is never empty: it holds a literal, a command's output or a default.
func solid(w *syntax.Word) bool {
	for _, p := range w.Parts {
		switch p := p.(type) {
		case *syntax.Lit:
			if strings.Trim(p.Value, "/") != "" {
				return true
			}
		case *syntax.SglQuoted:
			if p.Value != "" {
				return true
			}
		case *syntax.DblQuoted:
			if solid(&syntax.Word{Parts: p.Parts}) {
				return true
			}
		case *syntax.CmdSubst:
			return true
		case *syntax.ParamExp:
			if p.Exp != nil && p.Exp.Op != syntax.AlternateUnset && p.Exp.Op != syntax.AlternateUnsetOrNull && p.Exp.Word != nil && (p.Exp.Op == syntax.ErrorUnsetOrNull || solid(p.Exp.Word)) {
				return true
			}
		}
	}
	return false
}

// looked marks the variables of a test ([[ -z $X ]], [ "$X" = a ], case of a command's words) as looked at. A test of a path
// that a variable is only part of ([ -s "/srv/$X.gz" ]) says nothing of the variable.
func looked(n syntax.Node, sure map[string]bool) {
	paths := false
	syntax.Walk(n, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.CallExpr:
			if len(n.Args) > 0 && (n.Args[0].Lit() == "[" || n.Args[0].Lit() == "test") {
				paths = true
			}
		case *syntax.TestClause:
			paths = true
		case *syntax.Word:
			if paths && len(variablesOf(n)) > 0 && !alone(n) {
				return false
			}
		case *syntax.ParamExp:
			sure[n.Param.Value] = true
		}
		return true
	})
}

// inquiries are commands and functions by whose answer a script goes on or stops.
var inquiries = lazy.New(`(?i)^(\[|test|grep|egrep|expr|command|type|which|(\w*[_-])?(require\w*|check\w*|valid\w*|assert\w*|ensure\w*|is_\w+|has_\w+))$`)

// looksAt says whether a statement is a question, and not work that may fail.
func looksAt(s *syntax.Stmt) bool {
	switch c := s.Cmd.(type) {
	case *syntax.CallExpr:
		return len(c.Args) > 0 && inquiries.MatchString(c.Args[0].Lit())
	case *syntax.BinaryCmd:
		return looksAt(c.X) || looksAt(c.Y)
	}
	return true
}

func variablesOf(w *syntax.Word) []string {
	var list []string
	syntax.Walk(w, func(n syntax.Node) bool {
		if p, ok := n.(*syntax.ParamExp); ok {
			list = append(list, p.Param.Value)
		}
		return true
	})
	return list
}

// alone says whether a word is one variable and nothing that could make a path of an empty one.
func alone(w *syntax.Word) bool {
	slash := false
	syntax.Walk(w, func(n syntax.Node) bool {
		if l, ok := n.(*syntax.Lit); ok {
			slash = slash || strings.ContainsAny(l.Value, "/.")
		}
		return true
	})
	return !slash
}
