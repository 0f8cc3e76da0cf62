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
	"flightpoll/detectors/source/languages/shell"
)

// UnguardedShell reports shell commands that remove by a path which may be empty, and commands that fail or repeat
// themselves on a second start.
var UnguardedShell = &detectors.Detector{
	ID:    "scripts/unguarded-shell",
	Title: "A shell script removes by an unchecked variable, or cannot be started twice",
	Run:   quoting(runUnguardedShell),
}

func runUnguardedShell(pass *detectors.Pass) error {
	seen := false
	c := &changes{pass: pass}
	for _, f := range pass.Branch.Files {
		if err := pass.Context.Err(); err != nil {
			return err
		}
		if f.Status == branch.Deleted || !judged(f) {
			continue
		}
		text, err := f.After()
		if err != nil || text == nil || len(text) > maxStarter {
			continue
		}
		if tree := shell.File(f.Path, string(text)); tree != nil {
			seen = true
			j := shellJudge{pass: pass, file: f, sure: sureVariables(tree), empty: c.emptyDefaults(tree)}
			j.removals(tree)
			j.repeats(tree, c.occasionOf(f.Path))
			continue
		}
		for _, p := range shellPieces(f.Path, string(text)) {
			seen = true
			j := shellJudge{pass: pass, file: f}
			j.piece(p)
		}
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
	// empty are variables that the settings which the script takes in leave empty, with the place; set -u does not see them.
	empty map[string]place
}

// repeats judges what a script does not bear to do twice, where it is started again.
func (j *shellJudge) repeats(tree *syntax.File, o occasion) {
	if o.how == runsOnce {
		return
	}
	w := onceWalk{made: map[string]bool{}}
	if o.how == runsAgain {
		w.acts = repeatedActs
	}
	creators := false
	for _, found := range w.run(tree) {
		if !j.file.Touched(found.line) || found.appends && !settingsFile.MatchString(found.thing) || !found.appends && creators {
			continue
		}
		creators = creators || !found.appends // one a script is enough
		j.pass.Report(j.finding(found, found.line, o))
	}
}

// piece judges the shell text inside of another file: a step of a workflow, a recipe, a unit's command line.
func (j *shellJudge) piece(p shellPiece) {
	file := shell.Read(p.text)
	if file == nil {
		return
	}
	w := onceWalk{made: map[string]bool{}}
	for _, found := range w.run(file) {
		line := p.line + found.line - 1
		if !j.file.Touched(line) || p.freshMachine && found.local || found.appends && !settingsFile.MatchString(found.thing) {
			continue
		}
		j.pass.Report(j.finding(found, line, p.occasion))
		return // one a piece is enough
	}
}

func (j *shellJudge) finding(o once, line int, when occasion) detectors.Finding {
	starts := "the second start of this script"
	if when.why != "" {
		starts = "the second run (" + when.why + ")"
	}
	f := detectors.Finding{
		Severity: detectors.Warning, Path: j.file.Path, Line: line, Symbol: o.name + " " + o.shown(),
		Message:  fmt.Sprintf("%s %s has no guard: %s finds it there", o.name, o.shown(), starts),
		Why:      "With set -e the script stops here on a retry and what follows never happens; without it the failure goes unseen.",
		Fix:      "Use the form that may be repeated (mkdir -p, ln -sfn, apply instead of create, an option like --if-not-exists), or ask first.",
		Evidence: []string{o.name, o.thing},
		Related:  when.related,
	}
	if o.doubles {
		f.Message = fmt.Sprintf("%s %s has no guard: %s does it once more", o.name, o.shown(), starts)
		f.Why = "Each run leaves one more of them behind, and nobody sees an error."
		f.Fix = "Ask first whether it is there (iptables -C, a look-up by name), or give the request a token of its own."
	}
	if o.appends {
		f.Symbol = path.Base(o.shown())
		f.Message = fmt.Sprintf("A line is appended to %s without asking whether it is there", o.shown())
		f.Why = "Each start of the script adds it once more."
		if when.why != "" {
			f.Why = "Each run (" + when.why + ") adds it once more."
		}
		f.Fix = "Ask first (grep -qxF LINE FILE || ...), or write a file of its own."
		f.Evidence = []string{"append", o.thing}
	}
	return f
}

var settingsFile = lazy.New(`^/etc/|^/boot/|\.(bashrc|profile|bash_profile|zshrc|zprofile|zshenv|env|ini|cnf)$|authorized_keys$|known_hosts$|crontab$|\.conf$|/hosts$|/fstab$|\.service$|/sudoers`)

// removals judges what a script deletes below a variable that may be empty.
func (j *shellJudge) removals(tree *syntax.File) {
	syntax.Walk(tree, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.IfClause:
			if j.sure != nil {
				for _, c := range n.Cond {
					looked(c, j.sure)
				}
			}
		case *syntax.BinaryCmd:
			if j.sure != nil && (n.Op == syntax.OrStmt || n.Op == syntax.AndStmt) && looksAt(n.X) {
				looked(n.X, j.sure)
			}
		case *syntax.CallExpr:
			args := n.Args
			for len(args) > 0 && slices.Contains(wrappers, args[0].Lit()) {
				args = args[1:]
			}
			line := int(n.Pos().Line()) //nolint:gosec // a line number
			if len(args) > 1 && j.file.Touched(line) {
				j.removal(args, line)
			}
		}
		return true
	})
}

// removal judges rm -r and find -delete of a path that starts with a variable which may be empty.
func (j *shellJudge) removal(args []*syntax.Word, line int) {
	name := args[0].Lit()
	deletes := func(list ...string) bool {
		return slices.ContainsFunc(args[1:], func(a *syntax.Word) bool { return slices.Contains(list, a.Lit()) })
	}
	recursive := name == "find" && (deletes("-delete") || deletes("-exec", "-execdir", "-ok") && deletes("rm"))
	if name != "rm" && !recursive {
		return
	}
	for _, a := range args[1:] {
		if l := a.Lit(); strings.HasPrefix(l, "-") {
			if name == "find" {
				return // the paths stand before the tests
			}
			recursive = recursive || strings.ContainsAny(l, "rR") || l == "--recursive"
			continue
		}
		variable, rest := startsWithVariable(a)
		at, empty := j.empty[variable]
		if !recursive || variable == "" || !empty && (j.sure == nil || j.sure[variable]) || !strings.HasPrefix(rest, "/") {
			continue
		}
		f := detectors.Finding{
			Severity: detectors.Warning, Path: j.file.Path, Line: line, Symbol: variable,
			Message:  fmt.Sprintf("%s removes a path below $%s, which nothing makes sure is set", name, variable),
			Why:      fmt.Sprintf("Where %s is empty the path begins at the root of the file system.", variable),
			Fix:      fmt.Sprintf("Write ${%s:?} so that the script stops instead, or start it with set -u.", variable),
			Evidence: []string{name, variable},
		}
		if empty {
			f.Message = fmt.Sprintf("%s removes a path below $%s, which the settings leave empty", name, variable)
			f.Fix = fmt.Sprintf("Write ${%s:?} so that the script stops instead: set -u does not mind an empty variable.", variable)
			f.Related = []detectors.Related{{Path: at.path, Line: at.line, Message: "leaves it empty"}}
		} else if more := j.unsureBehind(a, variable); len(more) > 0 {
			f.Message = fmt.Sprintf("%s removes a path of $%s and $%s, which nothing makes sure are set", name, variable, strings.Join(more, " and $"))
			f.Why += fmt.Sprintf(" An empty %s removes more than was meant.", strings.Join(more, " or "))
			f.Fix = fmt.Sprintf("Write ${%s:?} and ${%s:?} so that the script stops instead, or start it with set -u.", variable, strings.Join(more, ":?} and ${"))
		}
		j.pass.Report(f)
		return
	}
}

// unsureBehind are the other plain variables of a path that may be empty.
func (j *shellJudge) unsureBehind(w *syntax.Word, first string) []string {
	var more []string
	syntax.Walk(w, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.CmdSubst:
			return false
		case *syntax.ParamExp:
			if n.Param != nil && n.Exp == nil && !n.Length && !slices.Contains([]string{"?", "#", "$", "!", "-", "0"}, n.Param.Value) && n.Param.Value != first && !j.sure[n.Param.Value] && !slices.Contains(more, n.Param.Value) {
				more = append(more, n.Param.Value)
			}
		}
		return true
	})
	return more
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
