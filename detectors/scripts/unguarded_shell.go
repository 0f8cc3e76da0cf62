package scripts

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
)

// UnguardedShell reports shell commands that remove by a path which may be empty, and commands that fail or repeat
// themselves on a second start.
var UnguardedShell = &detectors.Detector{
	ID:    "scripts/unguarded-shell",
	Title: "A shell script removes by an unchecked variable, or cannot be started twice",
	Run:   runUnguardedShell,
}

func runUnguardedShell(pass *detectors.Pass) error {
	seen := false
	for _, f := range pass.Branch.Files {
		if f.Status == branch.Deleted || !judged(f) || path.Ext(f.Path) != ".sh" && path.Ext(f.Path) != ".bash" && path.Ext(f.Path) != "" {
			continue
		}
		text, err := f.After()
		if err != nil || text == nil || path.Ext(f.Path) == "" && !strings.HasPrefix(string(text), "#!") {
			continue
		}
		tree := parseShell(f.Path, string(text))
		if tree == nil {
			continue
		}
		seen = true
		j := shellJudge{pass: pass, file: f, sure: sureVariables(tree)}
		j.started = programPath.MatchString(f.Path) || scriptPath(f.Path)
		j.walk(tree, false)
	}
	if !seen {
		return detectors.ErrNotApplicable
	}
	return nil
}

// shellJudge judges the commands of one script.
type shellJudge struct {
	pass *detectors.Pass
	file *branch.File
	// sure are variables that cannot be empty; nil means all of them (set -u).
	sure map[string]bool
	// started: the path is that of a script which people or jobs start, any number of times.
	started bool
	// creators is set once a creator was reported: one a script is enough.
	creators bool
}

func (j *shellJudge) walk(node syntax.Node, guarded bool) {
	syntax.Walk(node, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.IfClause:
			if n == node {
				return true
			}
			if j.sure != nil {
				for _, c := range n.Cond {
					looked(c, j.sure)
				}
			}
			j.walk(n, true)
			return false
		case *syntax.CaseClause:
			if n == node {
				return true
			}
			j.walk(n, true)
			return false
		case *syntax.BinaryCmd:
			if n.Op == syntax.OrStmt || n.Op == syntax.AndStmt {
				if j.sure != nil {
					looked(n.X, j.sure)
				}
				j.walk(n.X, guarded || n.Op == syntax.OrStmt)
				j.walk(n.Y, true)
				return false
			}
		case *syntax.Stmt:
			j.append(n, guarded)
		case *syntax.CallExpr:
			j.command(n, guarded)
		}
		return true
	})
}

func (j *shellJudge) command(call *syntax.CallExpr, guarded bool) {
	args := call.Args
	for len(args) > 0 && slices.Contains([]string{"sudo", "env", "command", "exec", "nice", "time"}, args[0].Lit()) {
		args = args[1:]
	}
	line := int(call.Pos().Line()) //nolint:gosec // a line number
	if len(args) < 2 || !j.file.Touched(line) {
		return
	}
	name := args[0].Lit()
	if name == "rm" {
		j.removal(args[1:], line)
		return
	}
	if guarded || !j.started || j.creators {
		return
	}
	if thing := creates(name, args[1:]); thing != "" {
		j.creators = true
		j.pass.Report(detectors.Finding{
			Severity: detectors.Warning, Path: j.file.Path, Line: line, Symbol: name,
			Message:  fmt.Sprintf("%s %s has no guard: the second start of this script finds it there", name, thing),
			Why:      "With set -e the script stops here on a retry and what follows never happens; without it the failure goes unseen.",
			Fix:      "Use the form that may be repeated (mkdir -p, ln -sfn, createdb only when it is not listed, apply instead of create).",
			Evidence: []string{name, thing},
		})
	}
}

// removal judges rm -r of a path that starts with a variable which may be empty.
func (j *shellJudge) removal(args []*syntax.Word, line int) {
	recursive := false
	for _, a := range args {
		if l := a.Lit(); strings.HasPrefix(l, "-") {
			recursive = recursive || strings.ContainsAny(l, "rR") || l == "--recursive"
			continue
		}
		name, rest := startsWithVariable(a)
		if !recursive || name == "" || j.sure == nil || j.sure[name] || !strings.HasPrefix(rest, "/") {
			continue
		}
		j.pass.Report(detectors.Finding{
			Severity: detectors.Warning, Path: j.file.Path, Line: line, Symbol: name,
			Message:  fmt.Sprintf("rm -r of a path below $%s, which nothing makes sure is set", name),
			Why:      fmt.Sprintf("Where %s is empty the path begins at the root of the file system.", name),
			Fix:      fmt.Sprintf("Write ${%s:?} so that the script stops instead, or start it with set -u.", name),
			Evidence: []string{"rm", name},
		})
		return
	}
}

// startsWithVariable gives the plain variable that a word begins with and the literal text behind it.
func startsWithVariable(w *syntax.Word) (name, rest string) {
	parts := w.Parts
	if len(parts) > 0 {
		if q, ok := parts[0].(*syntax.DblQuoted); ok {
			parts = append(slices.Clone(q.Parts), parts[1:]...)
		}
	}
	if len(parts) < 2 {
		return "", ""
	}
	p, ok := parts[0].(*syntax.ParamExp)
	if !ok || p.Exp != nil || p.Param == nil || p.Slice != nil || p.Repl != nil {
		return "", ""
	}
	if l, ok := parts[1].(*syntax.Lit); ok {
		return p.Param.Value, l.Value
	}
	return "", ""
}

// append judges >> to a file that other programs read at each start: each run of the script adds the line once more.
func (j *shellJudge) append(s *syntax.Stmt, guarded bool) {
	line := int(s.Pos().Line()) //nolint:gosec // a line number
	for _, r := range s.Redirs {
		target := wordText(r.Word)
		if r.Op != syntax.AppOut || guarded || !j.started || !j.file.Touched(line) || !settingsFile.MatchString(target) {
			continue
		}
		j.pass.Report(detectors.Finding{
			Severity: detectors.Warning, Path: j.file.Path, Line: line, Symbol: path.Base(target),
			Message:  fmt.Sprintf("A line is appended to %s without asking whether it is there", strings.ReplaceAll(target, hole, "…")),
			Why:      "Each start of the script adds it once more.",
			Fix:      "Ask first (grep -qxF LINE FILE || ...), or write a file of its own.",
			Evidence: []string{"append", target},
		})
	}
}

var settingsFile = lazy.New(`^/etc/|\.(bashrc|profile|bash_profile|zshrc)$|authorized_keys$|crontab$|\.conf$|/hosts$|\.service$`)

var fixedPlace = lazy.New(`^(/(var|etc|opt|srv|usr|home|data|mnt|root)/|\$?` + hole + `/)`)

// creates is what a command makes that it refuses to make twice, empty for other commands and for repeatable forms.
func creates(name string, args []*syntax.Word) string {
	var words []string
	for _, a := range args {
		words = append(words, wordText(a))
	}
	options := func(list ...string) bool {
		for _, w := range words {
			for _, o := range list {
				if w == o || strings.HasPrefix(w, o+"=") || len(o) == 2 && strings.HasPrefix(w, "-") && !strings.HasPrefix(w, "--") && strings.Contains(w, o[1:]) {
					return true
				}
			}
		}
		return false
	}
	last := words[len(words)-1]
	switch name {
	case "mkdir":
		if !options("-p", "--parents") && fixedPlace.MatchString(last) {
			return last
		}
	case "createdb", "createuser", "useradd", "adduser", "groupadd", "addgroup":
		if name != "useradd" || !options("-o") {
			return strings.ReplaceAll(last, hole, "…")
		}
	case "kubectl":
		if words[0] == "create" && !strings.Contains(strings.Join(words, " "), "--dry-run") && !options("--save-config") {
			return "create " + strings.ReplaceAll(words[min(1, len(words)-1)], hole, "…")
		}
	case "docker":
		if len(words) > 2 && words[1] == "create" && words[0] == "network" {
			return words[0] + " create"
		}
	case "aws":
		if len(words) > 1 && words[0] == "s3" && words[1] == "mb" {
			return "s3 mb"
		}
	case "ln":
		if options("-s") && !options("-f", "--force") && fixedPlace.MatchString(last) {
			return last
		}
	}
	return ""
}
