package scripts

// Which variables of a shell script cannot be empty.

import (
	"mvdan.cc/sh/v3/syntax"
	"strings"
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
				if a.Value != nil && solid(a.Value) {
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

// looked marks the variables of a test ([[ -z $X ]], [[ -n $X ]]) as looked at.
func looked(n syntax.Node, sure map[string]bool) {
	syntax.Walk(n, func(n syntax.Node) bool {
		if p, ok := n.(*syntax.ParamExp); ok {
			sure[p.Param.Value] = true
		}
		return true
	})
}
