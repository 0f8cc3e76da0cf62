package scripts

// The steps of a shell script one after the other, with whether anybody looks at how each ended.

import (
	"path"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// shellStep is one statement: a command, or a pipeline of them.
type shellStep struct {
	// commands are the words of each command of the pipeline.
	commands [][]string
	// sql is what a database client in it is given.
	sql string
	// output is the file that the last command's output goes to.
	output string
	line   int
	// checked: a failure is looked at, or ends the script.
	checked bool
	// behind: it stands behind a question (an if, a case, &&), so it may not run at all.
	behind bool
	// body is the function that it stands in.
	body string
}

// stepReader flattens a script into steps.
type stepReader struct {
	values shellValues
	steps  []shellStep
	body   string
}

func stepsOf(file *syntax.File) []shellStep {
	r := &stepReader{values: valuesOf(file)}
	r.list(file.Stmts, false, false)
	return r.steps
}

func (r *stepReader) list(list []*syntax.Stmt, checked, behind bool) {
	for i, s := range list {
		next := checked || s.Negated || i+1 < len(list) && readsStatus(list[i+1])
		r.statement(s, next, behind)
	}
}

// readsStatus says whether a statement looks at $? of the one before it.
func readsStatus(s *syntax.Stmt) bool {
	found := false
	syntax.Walk(s, func(n syntax.Node) bool {
		if p, ok := n.(*syntax.ParamExp); ok && p.Param != nil && (p.Param.Value == "?" || p.Param.Value == "PIPESTATUS") {
			found = true
		}
		return !found
	})
	return found
}

func (r *stepReader) statement(s *syntax.Stmt, checked, behind bool) {
	switch c := s.Cmd.(type) {
	case *syntax.CallExpr, *syntax.DeclClause:
		r.step(s, []*syntax.Stmt{s}, checked, behind)
	case *syntax.BinaryCmd:
		switch c.Op {
		case syntax.Pipe, syntax.PipeAll:
			r.step(s, pipeline(s), checked, behind)
		case syntax.OrStmt:
			ends := endsBadly(c.Y)
			r.statement(c.X, checked || ends, behind)
			if !ends {
				r.statement(c.Y, checked, true)
			}
		case syntax.AndStmt:
			r.statement(c.X, checked, behind)
			r.statement(c.Y, checked, true)
		}
	case *syntax.IfClause:
		r.clause(c, checked, behind)
	case *syntax.CaseClause:
		for _, item := range c.Items {
			r.list(item.Stmts, checked, behind)
		}
	case *syntax.WhileClause:
		r.list(c.Cond, true, behind)
		r.list(c.Do, checked, behind)
	case *syntax.ForClause:
		r.list(c.Do, checked, behind)
	case *syntax.Block:
		r.list(c.Stmts, checked, behind)
	case *syntax.Subshell:
		r.list(c.Stmts, checked, behind)
	case *syntax.TimeClause:
		if c.Stmt != nil {
			r.statement(c.Stmt, checked, behind)
		}
	case *syntax.FuncDecl:
		before := r.body
		r.body = c.Name.Value
		r.statement(c.Body, checked, behind)
		r.body = before
	}
}

func (r *stepReader) clause(c *syntax.IfClause, checked, behind bool) {
	r.list(c.Cond, true, behind)
	asks := behind || asksThere(c.Cond) || slices.ContainsFunc(c.Cond, readsStatus)
	r.list(c.Then, checked, asks)
	if c.Else != nil {
		if len(c.Else.Cond) > 0 {
			r.clause(c.Else, checked, asks)
		} else {
			r.list(c.Else.Then, checked, asks)
		}
	}
}

// endsBadly says whether a statement ends the script or the turn: exit, return, die, a block with one of them.
func endsBadly(s *syntax.Stmt) bool {
	found := false
	syntax.Walk(s, func(n syntax.Node) bool {
		if call, ok := n.(*syntax.CallExpr); ok && len(call.Args) > 0 {
			switch call.Args[0].Lit() {
			case "exit", "return", "die", "fail", "fatal", "abort", "error", "continue", "break", "err", "panic", "bail":
				found = true
			}
		}
		return !found
	})
	return found
}

func pipeline(s *syntax.Stmt) []*syntax.Stmt {
	if b, ok := s.Cmd.(*syntax.BinaryCmd); ok && (b.Op == syntax.Pipe || b.Op == syntax.PipeAll) {
		return append(pipeline(b.X), pipeline(b.Y)...)
	}
	return []*syntax.Stmt{s}
}

func (r *stepReader) step(s *syntax.Stmt, parts []*syntax.Stmt, checked, behind bool) {
	step := shellStep{line: int(s.Pos().Line()), checked: checked, behind: behind, body: r.body} //nolint:gosec // a line number
	for _, p := range parts {
		call, ok := p.Cmd.(*syntax.CallExpr)
		if !ok || len(call.Args) == 0 {
			continue
		}
		if words := plainWords(call, r.values); len(words) > 0 {
			step.commands = append(step.commands, words)
		}
		if client := clientOf(p); client != "" {
			for _, w := range statementsOf(p, client) {
				step.sql += r.values.text(w) + ";\n"
			}
			for _, d := range p.Redirs {
				if d.Hdoc != nil {
					step.sql += r.values.text(d.Hdoc) + ";\n"
				}
			}
		}
		for _, d := range p.Redirs {
			if d.Op == syntax.RdrOut || d.Op == syntax.RdrClob || d.Op == syntax.AppOut {
				step.output = r.values.text(d.Word)
			}
		}
	}
	if len(step.commands) > 0 {
		r.steps = append(r.steps, step)
	}
}

// name is the program that a step's command is.
func name(words []string) string { return path.Base(words[0]) }

// operands are the words of a command that are no options, without its name.
func operands(words []string) []string {
	var list []string
	for _, w := range words[1:] {
		if !strings.HasPrefix(w, "-") {
			list = append(list, w)
		}
	}
	return list
}
