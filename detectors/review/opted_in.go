package review

// Steps of a shell script that it takes only when it is asked to.

import (
	"bytes"
	"flightpoll/detectors/source/languages/shell"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// lineRange are the first and the last line of a part of a script.
type lineRange struct{ from, to int }

// optedIn are the parts of a script that do not run without an argument that says so: what stands below a comparison of a variable
// with a text, where the variable is an argument of the script or begins with another text. An argument that args holds counts as
// given: where the script knows one of them, nothing is left out.
func optedIn(script []byte, args string) []lineRange {
	file := shell.Read(string(script))
	if file == nil {
		return nil
	}
	for _, arg := range strings.Fields(args) {
		if arg = strings.Trim(arg, `"'`); arg != "" && (strings.ContainsAny(arg, "$`*") || bytes.Contains(script, []byte(arg))) {
			return nil
		}
	}
	first := map[string]string{}
	var list []lineRange
	syntax.Walk(file, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.Assign:
			if n.Name != nil && n.Value != nil {
				if _, known := first[n.Name.Value]; !known {
					first[n.Name.Value] = n.Value.Lit()
				}
			}
		case *syntax.IfClause:
			if name, text, ok := comparedWith(n.Cond); ok && len(n.Then) > 0 {
				begins, known := first[name]
				if name == "1" || known && begins != "" && begins != text {
					list = append(list, lineRange{int(n.Then[0].Pos().Line()), int(n.Then[len(n.Then)-1].End().Line())})
				}
			}
		}
		return true
	})
	return list
}

// comparedWith reads a condition that is one comparison of a variable with a text: [ "$delete" = yes ], [[ $1 == --delete ]].
func comparedWith(cond []*syntax.Stmt) (name, text string, ok bool) {
	if len(cond) != 1 || cond[0].Negated {
		return "", "", false
	}
	var left, right *syntax.Word
	switch c := cond[0].Cmd.(type) {
	case *syntax.CallExpr:
		if len(c.Args) != 5 || c.Args[0].Lit() != "[" || c.Args[2].Lit() != "=" && c.Args[2].Lit() != "==" {
			return "", "", false
		}
		left, right = c.Args[1], c.Args[3]
	case *syntax.TestClause:
		b, isBinary := c.X.(*syntax.BinaryTest)
		if !isBinary || b.Op != syntax.TsMatch && b.Op != syntax.TsMatchShort {
			return "", "", false
		}
		left, _ = b.X.(*syntax.Word)
		right, _ = b.Y.(*syntax.Word)
	}
	if left == nil || right == nil {
		return "", "", false
	}
	name, text = onlyVariable(left.Parts), right.Lit()
	return name, text, name != "" && text != ""
}

// onlyVariable is the variable that a word is made of, empty for any other word; one that stands for a text when it is not set counts
// where that text is empty.
func onlyVariable(parts []syntax.WordPart) string {
	if len(parts) != 1 {
		return ""
	}
	switch p := parts[0].(type) {
	case *syntax.DblQuoted:
		return onlyVariable(p.Parts)
	case *syntax.ParamExp:
		if p.Param != nil && (p.Exp == nil || p.Exp.Word == nil || len(p.Exp.Word.Parts) == 0) {
			return p.Param.Value
		}
	}
	return ""
}
