package scripts

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
	"flightpoll/detectors/source/languages/shell"
)

// MissingDryRun reports a new script that removes or changes at once, beside scripts that can be tried without effect.
var MissingDryRun = &detectors.Detector{
	ID:    "scripts/missing-dry-run",
	Title: "A script has no dry run, though those beside it have one",
	Run:   quoting(runMissingDryRun),
}

var (
	// removesCall are calls that remove something that is kept elsewhere than in memory.
	removesCall = lazy.New(`(?i)^(delete_?(object|objects|blob|file|many|one|all|item|user|bucket|message|document|index|by_query)s?|deleteMany|deleteOne|remove_?(object|file|user)s?|unlink(Sync)?|rmtree|rm(Sync|dir|_rf|_r)?|destroy(_all|!)?|purge\w*|truncate|RemoveAll|DeleteObject|DeleteMany|DeleteOne|RemoveRange|ExecuteDelete(Async)?|update_all|delete_all|delete_many|update_many|updateMany|cancel\w*|deactivate\w*|drop_?(collection|table|index)|batch_write|bulk_write|archive\w*|delete|remove|Delete(Async)?|Remove(Async)?)$`)
	removesNew  = lazy.New(`(?i)\bnew\s+(Delete\w*Command|BatchWrite\w*Command|Delete\w*Request|AdminDelete\w*Command)\b|method\s*:\s*["']DELETE|\.delete\(\s*(f?["'` + "`" + `][^"'` + "`" + `]*/|url|endpoint)`)
)

// maxHabit is how many scripts beside a new one are read for their habit.
const maxHabit = 20

func runMissingDryRun(pass *detectors.Pass) error {
	c := &changes{pass: pass}
	seen := false
	for _, file := range pass.Branch.Files {
		if err := pass.Context.Err(); err != nil {
			return err
		}
		if file.Status != branch.Added || !judged(file) || toy.MatchString(file.Path) || migrationDir.MatchString(path.Dir(file.Path)) {
			continue
		}
		raw, err := file.After()
		if err != nil || len(raw) > maxStarter || !runnable(file.Path, string(raw)) {
			continue
		}
		seen = true
		text := withoutComments(file.Path, string(raw))
		if canBeTried(text) || c.triedElsewhere(file.Path, string(raw)) {
			continue
		}
		what, line := c.removesAtOnce(file.Path, string(raw))
		if what == "" {
			continue
		}
		other := c.triesBeside(file.Path)
		if other == "" {
			other = c.promised(file.Path, text)
		}
		if other != "" {
			pass.Report(detectors.Finding{
				Severity: detectors.Warning, Path: file.Path, Line: line, Symbol: what,
				Message:  fmt.Sprintf("%s is done at once: this script has no dry run, which %s gives", what, other),
				Why:      "Who is used to try a script first passes the option here as well, and it does the work.",
				Fix:      "Take the option that the other scripts take, and print what would be done.",
				Evidence: []string{what},
			})
		}
	}
	if !seen {
		return detectors.ErrNotApplicable
	}
	return nil
}

// runnable says whether a file is a script that people start.
func runnable(p, text string) bool {
	if shell.File(p, text) != nil {
		return scriptPath(p)
	}
	lang := source.LanguageOf(p)
	if lang == source.Go && isProgram(lang, p, text) {
		return true
	}
	if lang == "" || !scriptPath(p) && !programPath.MatchString(p) && !adminDir.MatchString(p) && !strings.Contains(text, "CommandLineRunner") {
		return false
	}
	if lang == source.TypeScript || lang == source.JavaScript || lang == source.Ruby || lang == source.Python || lang == source.PHP {
		return isProgram(lang, p, text) || startsItself.MatchString(text) || strings.HasSuffix(p, ".rake")
	}
	return isProgram(lang, p, text) || mainFunction.MatchString(text) || strings.Contains(text, "package main")
}

// startsItself is what a script of its own has at its end or its top.
var startsItself = lazy.New(`(?m)^(await\s|main\(|void main|process\.argv|require\.main|if __name__|#!/|run\w*\(|\(async)|process\.argv|process\.exit|OptionParser|ARGV|sys\.argv|argparse|click\.command`)

// removesAtOnce is what a script removes or changes, with the line; empty for one that only reads or makes.
func (c *changes) removesAtOnce(p, text string) (string, int) {
	if tree := shell.File(p, text); tree != nil {
		for _, s := range stepsOf(tree) {
			for _, words := range s.commands {
				if targets, ok := removesFor(words); ok && !slices.ContainsFunc(targets, func(t string) bool { return tempPath.MatchString(t) || isFresh(t) }) {
					return name(words), s.line
				}
				if (name(words) == "kubectl" || name(words) == "aws" || name(words) == "gcloud" || name(words) == "docker") && slices.ContainsFunc(words[1:min(4, len(words))], func(w string) bool { return w == "delete" || strings.HasPrefix(w, "delete-") }) {
					return name(words) + " delete", s.line
				}
			}
			for _, o := range firstOps(s.sql) {
				if o.do == deletes || o.do == updates || o.do == truncate {
					return o.what(), s.line
				}
			}
		}
		return "", 0
	}
	f, err := c.pass.Source.Head(p)
	if err != nil || f == nil {
		return "", 0
	}
	for _, found := range sqlStrings(f) {
		for _, o := range found.ops {
			if o.do == deletes || o.do == updates || o.do == truncate {
				return o.what(), o.line
			}
		}
	}
	if s := programOf(p, text); s != nil {
		for _, o := range s.up {
			if o.do == deletes || o.do == updates || o.do == truncate {
				return o.what(), o.line
			}
		}
	}
	for _, call := range f.Calls {
		if removesCall.MatchString(call.Name) && call.Receiver != "" && !inMemory.MatchString(call.Receiver) || removesNew.Match(f.Text[call.Span.Start:min(call.Span.End, len(f.Text))]) && call.New {
			return call.Name, call.Span.Line
		}
	}
	return "", 0
}

// inMemory are receivers of a removal that is forgotten with the program.
var inMemory = lazy.New(`(?i)(map|set|cache|list|dict|params|headers|env|seen|index|result\w*|tmp\w*|temp\w*|q|query|values|url\w*|searchParams|classList|form\w*|keys|items|rows|args|attrs|node|el|parent|stack|queue|registry|sessionStorage|localStorage|self|this)$`)
