package scripts

// What the variables of a shell text hold, as far as the text says.

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"flightpoll/detectors/lazy"
)

// freshHole stands for a value that is another one at each run: a temporary name, a date, a process id.
const freshHole = "fresh_"

// shellValues are the variables that a shell text sets to one text.
type shellValues map[string]string

// valuesOf reads the assignments of a shell text in order. What is set twice to different texts is not known.
func valuesOf(file *syntax.File) shellValues {
	v := shellValues{"RANDOM": freshHole, "BASHPID": freshHole, "$": freshHole, "SECONDS": freshHole, "EPOCHSECONDS": freshHole, "TMPDIR": "/tmp"}
	set := map[string]bool{}
	assign := func(a *syntax.Assign) {
		if a == nil || a.Name == nil || a.Append || a.Array != nil {
			return
		}
		text := v.text(a.Value)
		if name := a.Name.Value; set[name] && isFresh(v[name]+text) {
			v[name] = freshHole
		} else if set[name] && v[name] != text {
			v[name] = hole + name
		} else {
			v[name], set[name] = text, true
		}
	}
	syntax.Walk(file, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.CallExpr:
			if len(n.Args) == 0 { // X=1 command sets it for the command alone
				for _, a := range n.Assigns {
					assign(a)
				}
			}
		case *syntax.DeclClause:
			for _, a := range n.Args {
				if a.Value != nil {
					assign(a)
				}
			}
		}
		return true
	})
	return v
}

// text is a word's text with what is known put in: a hole for what is not, freshHole for what differs at each run.
func (v shellValues) text(w *syntax.Word) string {
	if w == nil {
		return ""
	}
	var b strings.Builder
	v.parts(&b, w.Parts, 0)
	return strings.ReplaceAll(b.String(), `\"`, `"`)
}

func (v shellValues) parts(b *strings.Builder, list []syntax.WordPart, depth int) {
	if depth > 20 || b.Len() > maxShell {
		return
	}
	for _, p := range list {
		switch p := p.(type) {
		case *syntax.Lit:
			b.WriteString(p.Value)
		case *syntax.SglQuoted:
			b.WriteString(p.Value)
		case *syntax.DblQuoted:
			v.parts(b, p.Parts, depth+1)
		case *syntax.ParamExp:
			b.WriteString(v.expansion(p, depth))
		case *syntax.CmdSubst:
			if freshCommand(p) {
				b.WriteString(freshHole)
			} else {
				b.WriteString(hole)
			}
		default:
			b.WriteString(hole)
		}
	}
}

func (v shellValues) expansion(p *syntax.ParamExp, depth int) string {
	if p.Param == nil || p.Slice != nil || p.Repl != nil || p.Length || p.Index != nil {
		return hole
	}
	known, ok := v[p.Param.Value]
	if p.Exp == nil {
		if ok {
			return known
		}
		return hole + p.Param.Value
	}
	switch p.Exp.Op {
	case syntax.DefaultUnset, syntax.DefaultUnsetOrNull, syntax.AssignUnset, syntax.AssignUnsetOrNull:
		if ok && known != hole {
			return known
		}
		var b strings.Builder
		if p.Exp.Word != nil {
			v.parts(&b, p.Exp.Word.Parts, depth+1)
		}
		return b.String()
	case syntax.ErrorUnset, syntax.ErrorUnsetOrNull:
		if ok {
			return known
		}
		return hole + p.Param.Value
	default:
		if strings.Contains(known, freshHole) {
			return freshHole
		}
	}
	return hole
}

// freshCommand says whether a substituted command answers something else at each run.
func freshCommand(c *syntax.CmdSubst) bool {
	fresh := false
	syntax.Walk(c, func(n syntax.Node) bool {
		if call, ok := n.(*syntax.CallExpr); ok && len(call.Args) > 0 {
			for _, a := range call.Args { // run mktemp -d
				fresh = fresh || a.Lit() == "mktemp"
			}
			switch call.Args[0].Lit() {
			case "mktemp", "date", "uuidgen", "openssl", "tempfile", "pwgen":
				fresh = true
			case "git":
				fresh = fresh || len(call.Args) > 1 && (call.Args[1].Lit() == "rev-parse" || call.Args[1].Lit() == "describe")
			}
		}
		return !fresh
	})
	return fresh
}

// isFresh says whether a text holds something that differs at each run.
func isFresh(text string) bool { return strings.Contains(text, freshHole) }

// put is a place of a text that is filled at run time, with the variable's name.
var put = lazy.New(hole + `([A-Za-z_][A-Za-z0-9_]*)?|` + freshHole)

// shownShell is a text with the variable, or an ellipsis, for what is put in at run time.
func shownShell(text string) string {
	return put.ReplaceAllStringFunc(text, func(m string) string {
		if name := strings.TrimPrefix(m, hole); name != "" && m != freshHole {
			return "$" + name
		}
		return "…"
	})
}
