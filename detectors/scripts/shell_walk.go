package scripts

// The commands of a shell text in order, each with whether something asks first whether it is done.

import (
	"path"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source/languages/shell"
)

// maxShell bounds the text of one task that is parsed, in bytes.
const maxShell = 64 << 10

// shellCall is one simple command of a shell text.
type shellCall struct {
	// words are its texts without sudo, env and the like: the program's name first, options included.
	words []string
	call  *syntax.CallExpr
	line  int
	// guarded: a test, a condition or || stands before it.
	guarded bool
	// body is the function that it stands in, empty outside of them.
	body string
}

// shellVisitor is told of what a text does, in order.
type shellVisitor struct {
	values  shellValues
	command func(shellCall)
	// writes is told of each redirection into a file: > and >>.
	writes func(target string, appends, guarded bool, line int)
	// acts are the words of a case label or a first argument under which a script works again and again (start, configure);
	// nil takes every case as a guard.
	acts *lazy.Regexp
	// done is set once a statement left the script because the work was done already.
	done bool
	// asked are the functions that are only called behind a test.
	asked map[string]bool
	body  string
	// depth counts the shells inside of shells.
	depth int
}

// walkShell visits the commands of a parsed text.
func (v *shellVisitor) walkShell(file *syntax.File) {
	v.asked = guardedFunctions(file)
	v.walk(file, false)
}

func (v *shellVisitor) walk(node syntax.Node, guarded bool) {
	syntax.Walk(node, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.FuncDecl:
			if n == node {
				return true
			}
			before, done := v.body, v.done
			v.body = n.Name.Value
			v.walk(n.Body, guarded || v.asked[n.Name.Value])
			v.body, v.done = before, done
			return false
		case *syntax.IfClause:
			v.branch(n, guarded)
			return false
		case *syntax.CaseClause:
			for _, item := range n.Items {
				v.statements(item.Stmts, guarded || !v.acting(n, item))
			}
			return false
		case *syntax.BinaryCmd:
			if n.Op == syntax.OrStmt || n.Op == syntax.AndStmt {
				tested := guarded || tests(n.X)
				v.walk(n.X, guarded || n.Op == syntax.OrStmt)
				v.walk(n.Y, tested || n.Op == syntax.OrStmt)
				v.done = v.done || tests(n.X) && leaves(n.Y)
				return false
			}
		case *syntax.Stmt:
			if addsToCrontab(n) {
				v.writes("crontab", true, guarded || v.done, int(n.Pos().Line())) //nolint:gosec // a line number
			}
			v.redirects(n, guarded || v.done)
		case *syntax.CallExpr:
			v.call(n, guarded || v.done)
		}
		return true
	})
}

// addsToCrontab recognises (crontab -l; echo LINE) | crontab - where nothing takes the old line out.
func addsToCrontab(s *syntax.Stmt) bool {
	parts := pipeline(s)
	last, ok := parts[len(parts)-1].Cmd.(*syntax.CallExpr)
	if len(parts) < 2 || !ok || len(last.Args) < 2 || last.Args[0].Lit() != "crontab" || last.Args[len(last.Args)-1].Lit() != "-" {
		return false
	}
	lists, filters := false, false
	syntax.Walk(s, func(n syntax.Node) bool {
		if call, ok := n.(*syntax.CallExpr); ok && len(call.Args) > 0 {
			switch call.Args[0].Lit() {
			case "crontab":
				lists = lists || len(call.Args) > 1 && call.Args[len(call.Args)-1].Lit() == "-l"
			case "grep", "sed", "awk", "sort", "uniq", "egrep", "fgrep":
				filters = true
			}
		}
		return true
	})
	return lists && !filters
}

func (v *shellVisitor) statements(list []*syntax.Stmt, guarded bool) {
	for _, s := range list {
		v.walk(s, guarded)
	}
}

// branch walks an if: what stands below a question about what is there is guarded, as is what comes behind one that leaves.
func (v *shellVisitor) branch(n *syntax.IfClause, guarded bool) {
	v.statements(n.Cond, guarded)
	inside := guarded || !v.actingCondition(n)
	v.statements(n.Then, inside)
	if asksThere(n.Cond) && len(n.Then) > 0 && leaves(n.Then[len(n.Then)-1]) {
		v.done = true
	}
	if n.Else != nil {
		if len(n.Else.Cond) == 0 {
			v.statements(n.Else.Then, inside)
		} else {
			v.branch(n.Else, guarded)
		}
	}
}

// acting says whether a case over the script's argument names an action that is taken again and again.
func (v *shellVisitor) acting(n *syntax.CaseClause, item *syntax.CaseItem) bool {
	if v.acts == nil || !positional(n.Word) {
		return false
	}
	return slices.ContainsFunc(item.Patterns, func(w *syntax.Word) bool { return v.acts.MatchString(wordText(w)) })
}

// actingCondition says the same of an if over the argument: [ "$1" = configure ].
func (v *shellVisitor) actingCondition(n *syntax.IfClause) bool {
	if v.acts == nil || len(n.Cond) != 1 {
		return false
	}
	found, other := false, false
	syntax.Walk(n.Cond[0], func(m syntax.Node) bool {
		switch m := m.(type) {
		case *syntax.CmdSubst:
			other = true
		case *syntax.Word:
			switch {
			case positional(m):
				found = true
			case len(m.Parts) == 1 && m.Lit() == "" && !isQuotedLiteral(m):
				other = true
			case v.acts.MatchString(wordText(m)), slices.Contains([]string{"[", "]", "=", "==", "test", ""}, m.Lit()):
			default:
				other = true
			}
		}
		return !other
	})
	return found && !other
}

func isQuotedLiteral(w *syntax.Word) bool {
	switch p := w.Parts[0].(type) {
	case *syntax.SglQuoted:
		return true
	case *syntax.DblQuoted:
		return len(p.Parts) == 1 && (&syntax.Word{Parts: p.Parts}).Lit() != ""
	}
	return false
}

// positional says whether a word is the script's first argument, perhaps with a default.
func positional(w *syntax.Word) bool {
	if w == nil || len(w.Parts) != 1 {
		return false
	}
	part := w.Parts[0]
	if q, ok := part.(*syntax.DblQuoted); ok && len(q.Parts) == 1 {
		part = q.Parts[0]
	}
	p, ok := part.(*syntax.ParamExp)
	return ok && p.Param != nil && p.Param.Value == "1" && !p.Length
}

// asksThere says whether conditions look at what is there: at a file, at a command's answer.
func asksThere(list []*syntax.Stmt) bool {
	found := false
	for _, s := range list {
		if s.Negated {
			return true
		}
		syntax.Walk(s, func(n syntax.Node) bool {
			switch n := n.(type) {
			case *syntax.UnaryTest:
				switch n.Op {
				case syntax.TsExists, syntax.TsRegFile, syntax.TsDirect, syntax.TsSmbLink, syntax.TsNoEmpty, syntax.TsRead, syntax.TsExec, syntax.TsSocket, syntax.TsBlckSp:
					found = true
				default:
				}
			case *syntax.CmdSubst:
				found = true
			case *syntax.CallExpr:
				if len(n.Args) == 0 {
					return true
				}
				switch name := n.Args[0].Lit(); name {
				case "[", "test":
					for _, a := range n.Args[1:] {
						found = found || slices.Contains([]string{"-e", "-f", "-d", "-L", "-h", "-s", "-r", "-x", "-S", "-b"}, a.Lit())
					}
				default:
					found = true
				}
			}
			return !found
		})
	}
	return found
}

// leaves says whether a statement ends the script, the function or the turn of a loop without an error.
func leaves(s *syntax.Stmt) bool {
	found := false
	syntax.Walk(s, func(n syntax.Node) bool {
		if call, ok := n.(*syntax.CallExpr); ok && len(call.Args) > 0 {
			switch call.Args[0].Lit() {
			case "exit", "return":
				found = found || len(call.Args) == 1 || call.Args[1].Lit() == "0"
			case "continue", "break":
				found = true
			}
		}
		return !found
	})
	return found
}

// questions are programs, and words of other programs, that only ask.
var questions = lazy.New(`^(\[|test|command|which|type|hash|id|getent|stat|ls|diff|cmp|pgrep|e?grep|fgrep|rg|mountpoint|findmnt|lsblk|blkid|dpkg|dpkg-query|rpm|pg_isready|jq|host|dig)$`)

var asksWord = lazy.New(`^(get|describe[\w-]*|list[\w-]*|ls|inspect|show|status|exists?|head-(bucket|object)|info|view|is-\w+|-l|-lqt|--list|-list|-C|--check|-[qt]*c|-[At]+qc|-tAc|-Atc|-l\w*)$`)

// tests says whether a statement only asks something: [ ... ], [[ ... ]], grep, id, kubectl get, a negation ...
func tests(s *syntax.Stmt) bool {
	if s.Negated {
		return true
	}
	switch c := s.Cmd.(type) {
	case *syntax.TestClause, *syntax.ArithmCmd:
		return true
	case *syntax.BinaryCmd:
		if c.Op == syntax.Pipe || c.Op == syntax.PipeAll {
			return tests(c.Y)
		}
		return tests(c.X) || tests(c.Y)
	case *syntax.CallExpr:
		if len(c.Args) == 0 {
			return false
		}
		words := plainWords(c, nil)
		if len(words) == 0 {
			return false
		}
		if questions.MatchString(path.Base(words[0])) {
			return true
		}
		return len(words) > 1 && slices.ContainsFunc(words[1:], asksWord.MatchString)
	}
	return false
}

// guardedFunctions are the functions of a text whose every call stands behind a test or an ||.
func guardedFunctions(file *syntax.File) map[string]bool {
	declared := map[string]bool{}
	syntax.Walk(file, func(n syntax.Node) bool {
		if f, ok := n.(*syntax.FuncDecl); ok {
			declared[f.Name.Value] = true
		}
		return true
	})
	if len(declared) == 0 {
		return nil
	}
	bare, asked := map[string]bool{}, map[string]bool{}
	v := &shellVisitor{command: func(c shellCall) {
		if name := c.words[0]; declared[name] {
			if c.guarded {
				asked[name] = true
			} else {
				bare[name] = true
			}
		}
	}, writes: func(string, bool, bool, int) {}}
	v.walk(file, false)
	for name := range bare {
		delete(asked, name)
	}
	return asked
}

func (v *shellVisitor) redirects(s *syntax.Stmt, guarded bool) {
	if printsNothing(s) {
		return
	}
	for _, r := range s.Redirs {
		switch r.Op {
		case syntax.RdrOut, syntax.RdrClob, syntax.AppOut:
			v.writes(v.values.text(r.Word), r.Op == syntax.AppOut, guarded, int(s.Pos().Line())) //nolint:gosec // a line number
		default:
		}
	}
}

// printsNothing says whether a statement writes an empty line.
func printsNothing(s *syntax.Stmt) bool {
	call, ok := s.Cmd.(*syntax.CallExpr)
	return ok && len(call.Args) > 0 && call.Args[0].Lit() == "echo" && (len(call.Args) == 1 || len(call.Args) == 2 && wordText(call.Args[1]) == "")
}

func (v *shellVisitor) call(call *syntax.CallExpr, guarded bool) {
	words := plainWords(call, v.values)
	if len(words) == 0 {
		return
	}
	if inner := shellArgument(words); inner != "" && v.depth < 3 {
		if file := shell.Read(inner); file != nil {
			v.inner(file, int(call.Pos().Line()), guarded) //nolint:gosec // a line number
			return
		}
	}
	v.command(shellCall{words: words, call: call, line: int(call.Pos().Line()), guarded: guarded, body: v.body}) //nolint:gosec // a line number
}

// inner visits the text that a shell is given by -c; its lines are those of the command.
func (v *shellVisitor) inner(file *syntax.File, line int, guarded bool) {
	within := *v
	within.depth, within.done = v.depth+1, false
	within.command = func(c shellCall) {
		c.line = line
		v.command(c)
	}
	within.writes = func(target string, appends, guarded bool, _ int) { v.writes(target, appends, guarded, line) }
	within.walk(file, guarded)
}

// shellArgument is the text of sh -c TEXT, empty for other commands.
func shellArgument(words []string) string {
	if base := path.Base(words[0]); base != "sh" && base != "bash" && base != "dash" && base != "ash" {
		return ""
	}
	for i, w := range words[1:] {
		if strings.HasPrefix(w, "-") && strings.HasSuffix(w, "c") && i+2 < len(words) {
			return words[i+2]
		}
		if !strings.HasPrefix(w, "-") {
			break
		}
	}
	return ""
}

// wrappers start another command; their options go with them.
var wrappers = []string{"sudo", "env", "command", "exec", "nice", "ionice", "time", "nohup", "doas", "chroot", "timeout", "stdbuf", "setsid", "@", "-"}

// plainWords are the texts of a call without the wrappers before it.
func plainWords(call *syntax.CallExpr, values shellValues) []string {
	args := call.Args
	for len(args) > 0 && slices.Contains(wrappers, args[0].Lit()) {
		wrapper := args[0].Lit()
		args = args[1:]
		for len(args) > 1 && (strings.HasPrefix(args[0].Lit(), "-") || strings.Contains(args[0].Lit(), "=") && wrapper == "env") {
			takes := (args[0].Lit() == "-u" || args[0].Lit() == "-g" || args[0].Lit() == "-n" || args[0].Lit() == "-k") && len(args) > 2
			args = args[1:]
			if takes {
				args = args[1:]
			}
		}
		if (wrapper == "timeout" || wrapper == "chroot") && len(args) > 1 {
			args = args[1:]
		}
	}
	words := make([]string, 0, len(args))
	for _, a := range args {
		words = append(words, values.text(a))
	}
	if len(words) > 0 && words[0] == "" {
		return nil
	}
	return words
}
