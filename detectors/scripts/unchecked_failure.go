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

// UncheckedFailure reports a shell script that goes on after a copy or a migration failed, and removes what the copy was to
// save or starts the release.
var UncheckedFailure = &detectors.Detector{
	ID:    "scripts/unchecked-failure",
	Title: "A shell script goes on after a step that failed, to what cannot be taken back",
	Run:   quoting(runUncheckedFailure),
}

func runUncheckedFailure(pass *detectors.Pass) error {
	c := &changes{pass: pass}
	return c.eachShell(func(f *branch.File, tree *syntax.File, text string) {
		strict := c.strictness(f.Path, tree, text, 0)
		if strict.errexit && strict.pipefail {
			return
		}
		steps := stepsOf(tree)
		if !strict.errexit && deployedBy.MatchString(f.Path) {
			if first, later, ok := goesLive(steps, f); ok {
				c.pass.Report(wentLive(f.Path, first, later))
				return
			}
		}
		for i, first := range steps {
			if first.checked {
				continue
			}
			for _, later := range steps[i+1:] {
				if later.behind && !first.behind || later.body != first.body || !f.Touched(first.line) && !f.Touched(later.line) {
					continue
				}
				program, lost := loses(first, later)
				if !lost || strict.errexit && !pipedAway(first, program) {
					continue
				}
				pass.Report(unchecked(f.Path, program, first, later, strict))
				return // one a script is enough
			}
		}
	})
}

// eachShell visits the changed shell scripts of the branch.
func (c *changes) eachShell(visit func(f *branch.File, tree *syntax.File, text string)) error {
	seen := false
	for _, f := range c.pass.Branch.Files {
		if err := c.pass.Context.Err(); err != nil {
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
			visit(f, tree, string(text))
		}
	}
	if !seen {
		return detectors.ErrNotApplicable
	}
	return nil
}

// strictness is what a script does about failures.
type strictness struct {
	// errexit: it stops at a failing command (set -e, a trap on ERR that exits); pipefail: a pipeline fails with any part.
	errexit, pipefail bool
}

var shebangExit = lazy.New(`^#!.*sh\s+-\w*e`)

// strictness reads the options that a script, and what it sources, sets for itself.
func (c *changes) strictness(p string, tree *syntax.File, text string, depth int) strictness {
	s := strictness{errexit: shebangExit.MatchString(text)}
	syntax.Walk(tree, func(n syntax.Node) bool {
		call, ok := n.(*syntax.CallExpr)
		if !ok || len(call.Args) < 2 {
			return true
		}
		switch call.Args[0].Lit() {
		case "set":
			for _, a := range call.Args[1:] {
				l := a.Lit()
				s.errexit = s.errexit || strings.HasPrefix(l, "-") && strings.Contains(l, "e") || l == "errexit"
				s.pipefail = s.pipefail || l == "pipefail"
			}
		case "trap":
			for _, a := range call.Args[2:] {
				s.errexit = s.errexit || a.Lit() == "ERR" && strings.Contains(wordText(call.Args[1]), "exit")
			}
		case ".", "source":
			if depth > 2 {
				return true
			}
			if q, lib := c.sourced(p, wordText(call.Args[1])); lib != "" {
				if t := shell.File(q+".sh", lib); t != nil {
					more := c.strictness(q, t, lib, depth+1)
					s.errexit, s.pipefail = s.errexit || more.errexit, s.pipefail || more.pipefail
				}
			} else if wordText(call.Args[1]) != "" && !strings.HasPrefix(wordText(call.Args[1]), "/etc/") {
				s.errexit, s.pipefail = s.errexit || strings.Contains(q, "strict"), s.pipefail || strings.Contains(q, "strict")
			}
		}
		return true
	})
	return s
}

// sourced is the file of the repository that a script takes in, and its text.
func (c *changes) sourced(p, word string) (string, string) {
	if i := strings.LastIndex(word, hole); i >= 0 {
		word = word[i+len(hole):]
	}
	word = strings.TrimLeft(word, "/")
	if word == "" {
		return "", ""
	}
	for _, q := range []string{path.Join(path.Dir(p), word), path.Clean(word)} {
		if text := c.readHead(q); text != nil && len(text) < maxStarter {
			return q, string(text)
		}
	}
	paths, err := c.pass.Branch.HeadPaths()
	if err != nil {
		return word, ""
	}
	if q := ending(paths, word); q != "" {
		return q, string(c.readHead(q))
	}
	return word, ""
}

// loses says whether a later step removes for good what the first one was to save, and names the first one's program.
func loses(first, later shellStep) (string, bool) {
	for _, words := range first.commands {
		program := name(words)
		for _, removing := range later.commands {
			targets, ok := removesFor(removing)
			switch {
			case program == "cd" && ok && (name(removing) == "rm" || name(removing) == "find"):
				if slices.ContainsFunc(targets, func(t string) bool { return t == "*" || t == "./*" || t == "." || t == "./" }) {
					return "cd", true
				}
			case copiesAll(words):
				if !ok && (later.sql == "" || !losesSQL.MatchString(later.sql)) {
					continue
				}
				own := slices.ContainsFunc(targets, func(t string) bool {
					return tempPath.MatchString(t) || isFresh(t) && t == freshHole || t != "" && t != hole && (t == first.output || slices.Contains(words, t))
				})
				if !own {
					return program, true
				}
			case ok && slices.Contains([]string{"rm", "find", "shred", "aws", "gsutil"}, name(removing)):
				for _, source := range carried(words) {
					if slices.ContainsFunc(targets, func(t string) bool { return sameFile(t, source) && !tempPath.MatchString(t) && !isFresh(t) }) {
						return program, true
					}
				}
			}
		}
	}
	if first.sql != "" && copiesSQL.MatchString(first.sql) && losesSQL.MatchString(later.sql) && !losesSQL.MatchString(first.sql) {
		return name(first.commands[0]), true
	}
	return "", false
}

// pipedAway says whether the program's failure is hidden by the pipeline that it stands in.
func pipedAway(s shellStep, program string) bool {
	return len(s.commands) > 1 && name(s.commands[len(s.commands)-1]) != program
}

func unchecked(p, program string, first, later shellStep, strict strictness) detectors.Finding {
	gone := name(later.commands[len(later.commands)-1])
	f := detectors.Finding{
		Severity: detectors.Warning, Path: p, Line: first.line, Symbol: program,
		Message:  fmt.Sprintf("When %s fails the script goes on, and %s in line %d removes what was to be saved", program, gone, later.line),
		Why:      "Without set -e a failing command is passed over: the new copy is empty or missing, and the old data is gone.",
		Fix:      "Start with set -euo pipefail, or write || exit 1 behind the step, and remove only after looking at the copy.",
		Evidence: []string{program, gone},
		Related:  []detectors.Related{{Path: p, Line: later.line, Message: "removes"}},
	}
	if pipedAway(first, program) {
		f.Why = "A pipeline ends as its last command does: when " + program + " fails the rest writes an empty file, and the old data is gone."
		if strict.errexit {
			f.Fix = "Add set -o pipefail (in sh: write to a file first and compress it in a second step)."
		}
	}
	if program == "cd" {
		f.Message = fmt.Sprintf("When cd fails, line %d removes the files of whatever folder the script was started in", later.line)
		f.Why = "cd fails for a missing folder or an empty variable, and a relative rm -r then works where it stands."
		f.Fix = "Write cd ... || exit 1 (or set -e), or name the folder in the rm itself."
	}
	return f
}
