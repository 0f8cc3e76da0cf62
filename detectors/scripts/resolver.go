package scripts

// From command lines to the programs of the repository that they start.

import (
	"path"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
	"mvdan.cc/sh/v3/syntax"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source/languages/shell"
)

// resolver follows command lines.
type resolver struct {
	*changes
	paths []string
	found []start
}

// shell reads a command text and follows what it starts. via are the places that led here.
func (r *resolver) shell(cmd command, via []place, depth int) {
	if len(cmd.text) > maxStarter || depth > maxStartDepth || len(r.found) > maxStarts {
		return
	}
	for _, s := range shellRuns(cmd.text) {
		at := append(slices.Clone(via), place{cmd.path, cmd.line + s.line - 1})
		if len(s.sql) > 0 {
			r.found = append(r.found, start{program: cmd.path, inline: shifted(s.sql, cmd.line-1), when: cmd.when, via: at})
		}
		for _, p := range r.programs(cmd.path, s, cmd.when, at, depth) {
			if p == "" || len(r.found) > maxStarts {
				continue
			}
			if shellFile.MatchString(p) || path.Ext(p) == "" {
				if text := string(r.readHead(p)); shell.File(p, text) != nil && !slices.ContainsFunc(at, func(v place) bool { return v.path == p }) {
					r.shell(command{p, 1, text, cmd.when}, at, depth+1)
				}
				continue
			}
			r.found = append(r.found, start{program: p, when: cmd.when, via: at})
			for _, inner := range r.seeders(p, 0) {
				r.found = append(r.found, start{program: inner, when: cmd.when, via: append(slices.Clone(at), place{p, r.lineOf(p, strings.TrimSuffix(path.Base(inner), path.Ext(inner)))})})
			}
		}
	}
}

func shifted(ops []operation, by int) []operation {
	for i := range ops {
		ops[i].line, ops[i].last = ops[i].line+by, ops[i].last+by
	}
	return ops
}

// shellRun is one command that a shell text runs without a condition.
type shellRun struct {
	words []string
	line  int
	// files are what it reads from by < ; sql what it is told by options, here-documents and pipes.
	files []string
	sql   []operation
}

// shellRuns are the commands of a shell text that run without a condition. Variables that the text sets to a literal and
// those of a loop are filled in, others are holes.
func shellRuns(text string) []shellRun {
	file := shell.Read(text)
	if file == nil {
		return wordsOnly(text)
	}
	w := runWalk{vars: map[string][]string{}}
	w.walk(file)
	return w.runs
}

// wordsOnly cuts a text that is no shell into words, line by line.
func wordsOnly(text string) []shellRun {
	var list []shellRun
	for i, line := range strings.Split(text, "\n") {
		for _, part := range strings.FieldsFunc(line, func(c rune) bool { return c == ';' || c == '|' || c == '&' }) {
			if words := strings.Fields(strings.NewReplacer(`"`, " ", "'", " ", "[", " ", "]", " ", ",", " ").Replace(part)); len(words) > 0 {
				list = append(list, shellRun{words: words, line: i + 1})
			}
		}
	}
	return list
}

type runWalk struct {
	vars map[string][]string
	runs []shellRun
	// piped is the SQL that stands before a pipe into a client.
	piped []operation
}

func (w *runWalk) walk(node syntax.Node) {
	syntax.Walk(node, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.IfClause, *syntax.CaseClause, *syntax.FuncDecl:
			return false
		case *syntax.ForClause:
			if it, ok := n.Loop.(*syntax.WordIter); ok {
				var items []string
				for _, i := range it.Items {
					items = append(items, w.values(i)...)
				}
				w.vars[it.Name.Value] = items
			}
		case *syntax.BinaryCmd:
			switch n.Op {
			case syntax.OrStmt:
				if !tests(n.X) && !asks(n.X) {
					w.walk(n.X)
				}
				return false
			case syntax.AndStmt:
				w.walk(n.X)
				if !tests(n.X) && !asks(n.X) {
					w.walk(n.Y)
				}
				return false
			case syntax.Pipe, syntax.PipeAll:
				if clientOf(n.Y) != "" {
					if sql, line := echoed(n.X); sql != "" {
						w.piped, _ = readSQL(sql, int(line)) //nolint:gosec // a line number
					} else if call, ok := n.X.Cmd.(*syntax.CallExpr); ok && len(call.Args) > 1 && call.Args[0].Lit() == "cat" {
						run := shellRun{words: []string{clientOf(n.Y)}, line: int(n.Pos().Line())} //nolint:gosec // a line number
						for _, a := range call.Args[1:] {
							run.files = append(run.files, w.values(a)...)
						}
						w.runs = append(w.runs, run)
					}
				}
			}
		case *syntax.Stmt:
			w.statement(n)
		}
		return true
	})
}

// asks says whether a statement only looks something up: grep -q, a client that selects.
func asks(s *syntax.Stmt) bool {
	found := false
	syntax.Walk(s, func(n syntax.Node) bool {
		if call, ok := n.(*syntax.CallExpr); ok && len(call.Args) > 0 && slices.Contains([]string{"grep", "egrep", "curl", "pg_isready"}, call.Args[0].Lit()) {
			found = true
		}
		return !found
	})
	return found
}

func (w *runWalk) statement(s *syntax.Stmt) {
	call, ok := s.Cmd.(*syntax.CallExpr)
	if !ok {
		return
	}
	for _, a := range call.Assigns {
		if a.Value != nil && len(call.Args) == 0 {
			w.vars[a.Name.Value] = w.values(a.Value)
		}
	}
	if len(call.Args) == 0 {
		return
	}
	run := shellRun{line: int(call.Pos().Line())} //nolint:gosec // a line number
	for _, a := range call.Args {
		run.words = append(run.words, w.values(a)...)
	}
	if client := clientOf(s); client != "" {
		for _, r := range s.Redirs {
			switch {
			case r.Hdoc != nil:
				ops, _ := readSQL(wordText(r.Hdoc), int(r.Hdoc.Pos().Line())) //nolint:gosec // a line number
				run.sql = append(run.sql, ops...)
			case r.Op == syntax.WordHdoc:
				ops, _ := readSQL(wordText(r.Word), int(r.Word.Pos().Line())) //nolint:gosec // a line number
				run.sql = append(run.sql, ops...)
			}
		}
		for _, word := range statementsOf(s, client) {
			ops, _ := readSQL(wordText(word), int(word.Pos().Line())) //nolint:gosec // a line number
			run.sql = append(run.sql, ops...)
		}
		run.sql, w.piped = append(run.sql, w.piped...), nil
	}
	for _, r := range s.Redirs {
		if r.Op == syntax.RdrIn {
			run.files = append(run.files, w.values(r.Word)...)
		}
	}
	w.runs = append(w.runs, run)
}

// maxValues bounds how many values a word may stand for.
const maxValues = 50

// values are what a word may stand for: its text with the variables that are known, a hole for others.
func (w *runWalk) values(word *syntax.Word) []string {
	list := []string{""}
	add := func(more []string) {
		if len(more)*len(list) > maxValues {
			more = more[:1]
		}
		var all []string
		for _, a := range list {
			for _, b := range more {
				all = append(all, a+b)
			}
		}
		list = all
	}
	var parts func([]syntax.WordPart)
	parts = func(ps []syntax.WordPart) {
		for _, p := range ps {
			switch p := p.(type) {
			case *syntax.Lit:
				add([]string{p.Value})
			case *syntax.SglQuoted:
				add([]string{p.Value})
			case *syntax.DblQuoted:
				parts(p.Parts)
			case *syntax.ParamExp:
				if v := w.vars[p.Param.Value]; len(v) > 0 && p.Exp == nil && p.Repl == nil && p.Slice == nil {
					add(v)
				} else {
					add([]string{hole})
				}
			default:
				add([]string{hole})
			}
		}
	}
	parts(word.Parts)
	return list
}

// compiled is the place of a program that a build makes of a source beside it: dist/pay.js of src/pay.ts.
var compiled = lazy.New(`^(?:\./)?((?:[\w.-]+/)*?)(?:dist|build|lib|out)/(?:src/)?((?:[\w.-]+/)*[\w.-]+)\.[cm]?js$`)

// matching are the files of the repository that a path or a pattern in a command means, seen from the file from.
func (r *resolver) matching(from, arg string) []string {
	arg = strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(arg, "--file="), "-f"), "<")
	if i := strings.LastIndex(arg, hole); i >= 0 {
		arg = strings.TrimLeft(arg[i+len(hole):], "/")
		for strings.HasPrefix(arg, "../") || strings.HasPrefix(arg, "./") {
			_, arg, _ = strings.Cut(arg, "/")
		}
	}
	if !strings.ContainsAny(arg, "*?[{") {
		if p := r.locate(r.paths, from, arg); p != "" {
			return []string{p}
		}
		if m := compiled.FindStringSubmatch(arg); m != nil {
			for _, ext := range []string{".ts", ".mts", ".cts"} {
				if p := r.locate(r.paths, from, path.Join(m[1], "src", m[2]+ext)); p != "" {
					return []string{p}
				}
			}
		}
		return nil
	}
	var list []string
	clean := strings.TrimPrefix(path.Clean(arg), "/")
	for _, pattern := range []string{clean, path.Join(path.Dir(from), clean)} {
		for _, p := range r.paths {
			if ok, err := doublestar.Match(pattern, p); err == nil && ok {
				list = append(list, p)
			}
		}
		if len(list) > 0 {
			return list[:min(len(list), maxValues)]
		}
	}
	if strings.Contains(clean, "/") {
		_, rest, _ := strings.Cut(clean, "/")
		for _, p := range r.paths {
			if ok, err := doublestar.Match("**/"+rest, p); err == nil && ok {
				list = append(list, p)
			}
		}
	}
	return list[:min(len(list), maxValues)]
}
