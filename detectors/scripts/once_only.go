package scripts

// Commands of a shell text that cannot be given twice: what they make is there already, or what they add is added again.

import (
	"path"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"flightpoll/detectors/lazy"
)

// once is a command that does not bear a second run.
type once struct {
	// name is the command, thing what it makes or the file that it appends to.
	name, thing string
	// line counts from 1 inside of the text.
	line    int
	appends bool
}

// maxShell bounds the text of one task that is parsed, in bytes.
const maxShell = 64 << 10

var (
	jinja    = lazy.New(`(?s)\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}`)
	terraVar = lazy.New(`\$\{[^}]*\}`)
	asksAt   = lazy.New(`(?i)\b(already|exist\w*|grep|is-active|--if-not-exists|if not exists|on conflict|not exists)\b`)
)

// onceOnly finds the commands of a text that are not guarded by a test, by || or by their own options. A text whose
// templates leave no shell, or that asks anywhere what is there already, has none.
func onceOnly(text string) []once {
	if len(text) > maxShell {
		return nil
	}
	text = terraVar.ReplaceAllString(jinja.ReplaceAllString(text, hole), hole)
	file, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(strings.NewReader(text), "")
	if err != nil || asksAt.MatchString(text) {
		return nil
	}
	w := onceWalk{made: map[string]bool{}}
	w.walk(file, false)
	return w.found
}

type onceWalk struct {
	found []once
	// made are the paths that the text itself removes, or writes with >, before it goes on.
	made map[string]bool
}

func (w *onceWalk) walk(node syntax.Node, guarded bool) {
	syntax.Walk(node, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.IfClause, *syntax.CaseClause:
			return false
		case *syntax.BinaryCmd:
			if n.Op == syntax.OrStmt || n.Op == syntax.AndStmt {
				tested := guarded || n.Op == syntax.OrStmt || tests(n.X)
				w.walk(n.X, tested)
				w.walk(n.Y, tested || n.Op == syntax.OrStmt)
				return false
			}
		case *syntax.Stmt:
			w.redirects(n, guarded)
		case *syntax.CallExpr:
			w.command(n, guarded)
		}
		return true
	})
}

// tests says whether a statement only asks something: [ ... ], [[ ... ]], test, command -v, id, getent ...
func tests(s *syntax.Stmt) bool {
	if s.Negated {
		return true
	}
	switch c := s.Cmd.(type) {
	case *syntax.TestClause:
		return true
	case *syntax.CallExpr:
		return len(c.Args) > 0 && slices.Contains([]string{"[", "test", "command", "which", "id", "getent", "stat", "ls", "diff", "cmp", "pgrep"}, c.Args[0].Lit())
	}
	return false
}

func (w *onceWalk) redirects(s *syntax.Stmt, guarded bool) {
	for _, r := range s.Redirs {
		target := wordText(r.Word)
		switch r.Op {
		case syntax.RdrOut, syntax.RdrClob:
			w.made[target] = true
		case syntax.AppOut:
			if !guarded {
				w.append(target, s.Pos())
			}
		default:
		}
	}
}

func (w *onceWalk) append(target string, at syntax.Pos) {
	if w.made[target] || passingFile.MatchString(target) || target == hole {
		return
	}
	w.found = append(w.found, once{name: ">>", thing: target, line: int(at.Line()), appends: true}) //nolint:gosec // a line number
}

// passingFile is one to which lines are added on purpose.
var passingFile = lazy.New(`(?i)\.(log|out|err|txt|csv|jsonl|md)$|^/dev/|^/tmp/|/logs?/|/tmp/|GITHUB_(ENV|OUTPUT|PATH|STEP_SUMMARY)|^&`)

func (w *onceWalk) command(call *syntax.CallExpr, guarded bool) {
	args := call.Args
	for len(args) > 0 && slices.Contains([]string{"sudo", "env", "command", "exec", "nice", "time", "nohup"}, args[0].Lit()) {
		args = args[1:]
		for len(args) > 1 && strings.HasPrefix(args[0].Lit(), "-") {
			args = args[1:]
			if args[0].Lit() != "" && !strings.HasPrefix(args[0].Lit(), "-") && len(args) > 1 && !strings.Contains(args[0].Lit(), "/") {
				args = args[1:]
			}
		}
	}
	if len(args) == 0 {
		return
	}
	line := int(call.Pos().Line()) //nolint:gosec // a line number
	name := path.Base(wordText(args[0]))
	if name == "rm" || name == "git" && len(args) > 1 && args[1].Lit() == "init" {
		for _, a := range args[1:] {
			w.made[wordText(a)] = true
		}
		return
	}
	if name == "tee" && !guarded && len(args) > 2 && (args[1].Lit() == "-a" || args[1].Lit() == "--append") {
		w.append(wordText(args[2]), call.Pos())
		return
	}
	if guarded || len(args) < 2 {
		return
	}
	thing := creates(name, args[1:])
	if thing == "" {
		thing = setsUp(name, args[1:], w.made)
	}
	if thing != "" {
		w.found = append(w.found, once{name: name, thing: strings.ReplaceAll(thing, hole, "…"), line: line})
	}
}

// setsUp is what a command sets up that stands for good and refuses (or destroys) when it is there, empty for others.
func setsUp(name string, args []*syntax.Word, made map[string]bool) string {
	var words []string
	for _, a := range args {
		if t := wordText(a); !strings.HasPrefix(t, "-") {
			words = append(words, t)
		}
	}
	has := func(list ...string) bool {
		return len(words) >= len(list) && slices.Equal(words[:len(list)], list)
	}
	flag := func(list ...string) bool {
		return slices.ContainsFunc(args, func(a *syntax.Word) bool { return slices.Contains(list, wordText(a)) })
	}
	last := ""
	if len(words) > 0 {
		last = words[len(words)-1]
	}
	switch {
	case name == "initdb", name == "pg_createcluster", name == "mysql_install_db", strings.HasPrefix(name, "mkfs"):
		return "a new cluster or file system"
	case name == "kubeadm" && has("init"), name == "docker" && has("swarm", "init"), name == "vault" && has("operator", "init"), name == "consul" && has("acl", "bootstrap"):
		return strings.Join(words, " ")
	case name == "rabbitmqctl" && (has("add_user") || has("add_vhost")), name == "helm" && has("install"):
		return strings.Join(words[:min(2, len(words))], " ")
	case name == "docker" && has("run") && slices.ContainsFunc(args, func(a *syntax.Word) bool { return strings.HasPrefix(wordText(a), "--name") }) && !flag("--rm"):
		return "run --name"
	case name == "git" && has("clone") && len(words) > 2 && !made[last]:
		return "clone into " + last
	case name == "htpasswd" && flag("-c"), name == "ssh-keygen" && flag("-f") && !flag("-y", "-R", "-F", "-l"):
		return last
	case name == "openssl" && (has("genrsa") || has("req") && flag("-newkey")):
		return "a new key"
	}
	return ""
}

// shown is the thing with an ellipsis for what is put in at run time.
func (o once) shown() string { return strings.ReplaceAll(o.thing, hole, "…") }
