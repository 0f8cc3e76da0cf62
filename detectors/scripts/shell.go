package scripts

// SQL inside of shell scripts: psql -c, mysql -e, here-documents, here-strings and pipes.

import (
	"flightpoll/detectors/source/languages/shell"
	"path"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// clients are database clients, with the options that carry SQL.
var clients = map[string][]string{
	"psql": {"-c", "--command"}, "mysql": {"-e", "--execute"}, "mariadb": {"-e", "--execute"}, "sqlite3": {""}, "cockroach": {"-e", "--execute"},
	"usql": {"-c", "--command"}, "sqlcmd": {"-Q", "-q"}, "duckdb": {"-c"},
}

// readShell reads the SQL that a shell script sends, nil when it sends none or is no shell script.
func readShell(p, text string) *script {
	file := shell.File(p, text)
	if file == nil {
		return nil
	}
	s := &script{path: p, text: text, downPath: p, runner: runner{name: "no runner: a shell script"}}
	var walk func(node syntax.Node, guarded bool)
	take := func(sql string, line uint, guarded bool) {
		ops, unread := readSQL(sql, int(line)) //nolint:gosec // a line number
		s.unread += unread
		for _, o := range ops {
			o.guarded = o.guarded || guarded && (o.do == makes || o.do == inserts)
			s.up = append(s.up, o)
		}
	}
	walk = func(node syntax.Node, guarded bool) {
		syntax.Walk(node, func(n syntax.Node) bool {
			switch n := n.(type) {
			case *syntax.IfClause:
				if n == node {
					return true
				}
				walk(n, true)
				return false
			case *syntax.BinaryCmd:
				switch n.Op {
				case syntax.OrStmt, syntax.AndStmt:
					walk(n.X, guarded || n.Op == syntax.OrStmt)
					walk(n.Y, true)
					return false
				case syntax.Pipe, syntax.PipeAll:
					if sql, line := echoed(n.X); sql != "" && clientOf(n.Y) != "" {
						take(sql, line, guarded)
					}
				}
			case *syntax.Stmt:
				client := clientOf(n)
				if client == "" {
					return true
				}
				for _, r := range n.Redirs {
					switch {
					case r.Hdoc != nil:
						take(wordText(r.Hdoc), r.Hdoc.Pos().Line(), guarded)
					case r.Op == syntax.WordHdoc:
						take(wordText(r.Word), r.Word.Pos().Line(), guarded)
					}
				}
				for _, w := range statementsOf(n, client) {
					take(wordText(w), w.Pos().Line(), guarded)
				}
			}
			return true
		})
	}
	walk(file, false)
	if len(s.up) == 0 {
		return nil
	}
	return s
}

// clientOf is the database client that a statement calls, perhaps through sudo, docker exec or kubectl exec.
func clientOf(s *syntax.Stmt) string {
	call, ok := s.Cmd.(*syntax.CallExpr)
	if !ok {
		return ""
	}
	for i, w := range call.Args {
		name := path.Base(w.Lit())
		if _, ok := clients[name]; ok && (i == 0 || !strings.HasPrefix(call.Args[0].Lit(), "echo")) {
			return name
		}
	}
	return ""
}

// statementsOf are the words of a client call that hold SQL.
func statementsOf(s *syntax.Stmt, client string) []*syntax.Word {
	call, ok := s.Cmd.(*syntax.CallExpr)
	if !ok {
		return nil
	}
	var words []*syntax.Word
	seen := false
	for i, w := range call.Args {
		text := wordText(w)
		if path.Base(text) == client {
			seen = true
			continue
		}
		if !seen {
			continue
		}
		for _, option := range clients[client] {
			switch {
			case option == "" && strings.Contains(text, " "):
				words = append(words, w)
			case option != "" && (text == option || isShortGroup(text, option)) && i+1 < len(call.Args):
				words = append(words, call.Args[i+1])
			case strings.HasPrefix(option, "--") && strings.HasPrefix(text, option+"="):
				words = append(words, w)
			}
		}
	}
	return words
}

// isShortGroup recognises grouped short options whose last one is option: -qAtc.
func isShortGroup(text, option string) bool {
	return len(option) == 2 && len(text) > 2 && len(text) < 8 && text[0] == '-' && text[1] != '-' && text[len(text)-1] == option[1] && !strings.ContainsAny(text, "= /.")
}

// echoed is the text that a command prints: echo and printf of one word, cat of a here-document.
func echoed(s *syntax.Stmt) (string, uint) {
	for _, r := range s.Redirs {
		if r.Hdoc != nil {
			return wordText(r.Hdoc), r.Hdoc.Pos().Line()
		}
	}
	call, ok := s.Cmd.(*syntax.CallExpr)
	if !ok || len(call.Args) < 2 {
		return "", 0
	}
	if name := call.Args[0].Lit(); name != "echo" && name != "printf" {
		return "", 0
	}
	last := call.Args[len(call.Args)-1]
	return wordText(last), last.Pos().Line()
}

// wordText is a word's text, with a hole for what is expanded at run time.
func wordText(w *syntax.Word) string {
	return strings.ReplaceAll(shell.Text(w, hole), `\"`, `"`)
}
