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
	tryRun = lazy.New(`(?i)dry[-_ ]?run|\bdryrun|--?(apply|execute|commit|really|confirm|no-act|simulate|whatif|noop|go|live|write)\b|["'](apply|execute|simulate|whatif|noop)["']|DRY\b|\bwhat_if\b|-WhatIf|\bforReal\b`)
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
		if tryRun.MatchString(text) || c.triedElsewhere(file.Path, string(raw)) {
			continue
		}
		what, line := c.removesAtOnce(file.Path, string(raw))
		if what == "" {
			continue
		}
		other := c.triesBeside(file.Path)
		if other == "" {
			other = c.promised(file.Path)
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

// ownFolder are the names of files whose folder is the name of the program.
var ownFolder = lazy.New(`^(main\.(go|rs|py|ts|js|kt)|index\.(ts|js|mjs)|Program\.cs|Main\.(java|kt)|__main__\.py)$`)

// triesBeside is a script beside p, or two, that can be tried: most of those that change something have to.
func (c *changes) triesBeside(p string) string {
	paths, err := c.pass.Branch.BasePaths()
	if err != nil {
		return ""
	}
	found, with, without, read := "", 0, 0, 0
	dir, own := path.Dir(p), ownFolder.MatchString(path.Base(p))
	if own { // cmd/prune-uploads/main.go beside cmd/prune-accounts/main.go
		dir = path.Dir(dir)
	}
	for _, other := range below(paths, dir) {
		if !own && path.Dir(other) != dir || own && (path.Base(other) != path.Base(p) || path.Dir(path.Dir(other)) != dir) || other == p || path.Ext(other) != path.Ext(p) || aside(other) {
			continue
		}
		if read++; read > maxHabit || c.pass.Context.Err() != nil {
			break
		}
		text := string(c.readBase(other))
		if tryRun.MatchString(withoutComments(other, text)) {
			found = other
			with++
		} else if what, _ := c.removesAtOnce(other, text); what != "" {
			without++
		}
	}
	if with == 0 || without >= with {
		return ""
	}
	return found
}

// promises is a sentence of a document by which scripts can be tried.
var promises = lazy.New(`(?i)dry[- ]?run|--(apply|execute|commit|confirm|write|yes)\b|-apply\b|\bAPPLY=|\bDRY=|\bCONFIRM=|only (lists?|prints?|reports?|counts?|shows?)|writes? nothing|nothing is (written|changed|deleted|removed)|without (flags?|options?|--\w+)`)

// promised is the document that says of the scripts in this place that they can be tried, empty without one.
func (c *changes) promised(p string) string {
	dir := path.Dir(p)
	if ownFolder.MatchString(path.Base(p)) {
		dir = path.Dir(dir)
	}
	if dir == "." {
		return ""
	}
	for _, doc := range []string{"README.md", "CONTRIBUTING.md", "docs/README.md", "docs/operations.md", "docs/runbook.md", "docs/scripts.md", "AGENTS.md", "CLAUDE.md", dir + "/README.md", "docs/maintenance.md", "docs/ops.md", "RUNBOOK.md", "docs/backfills.md", "docs/development.md"} {
		text := string(c.readHead(doc))
		if text == "" || len(text) > maxStarter {
			continue
		}
		for _, paragraph := range strings.Split(text, "\n\n") {
			if flat := strings.Join(strings.Fields(paragraph), " "); promises.MatchString(flat) && (strings.Contains(flat, dir+"/") || strings.Contains(flat, "`"+dir+"/`") || strings.Contains(flat, "`"+dir+"`") || strings.HasPrefix(doc, dir+"/") && allOf.MatchString(flat)) {
				return doc
			}
		}
	}
	return ""
}

// allOf is what a document says of every script in its folder.
var allOf = lazy.New(`(?i)\b(all|every|each|any)\b[^.]{0,40}\b(scripts?|tasks?|commands?|jobs?|tools?)\b|\b(scripts?|tasks?|commands?|tools?)\b[^.]{0,30}\b(must|have to|always|by default)\b`)

// triedElsewhere says whether a module of the repository that the script takes in does the trying for it.
func (c *changes) triedElsewhere(p, text string) bool {
	f, err := c.pass.Source.Head(p)
	if err != nil || f == nil {
		if tree := shell.File(p, text); tree != nil {
			return strings.Contains(text, "source ") && c.sourcesTry(p, text)
		}
		return false
	}
	paths, err := c.pass.Branch.HeadPaths()
	if err != nil {
		return false
	}
	for _, i := range f.Imports {
		base := strings.TrimSuffix(path.Base(strings.ReplaceAll(i.Path, ".", "/")), "/js")
		if strings.HasPrefix(i.Path, ".") && (f.Lang == source.TypeScript || f.Lang == source.JavaScript) {
			base = strings.TrimSuffix(path.Base(i.Path), path.Ext(i.Path))
		}
		if len(base) < 2 {
			continue
		}
		for _, q := range below(paths, path.Dir(p)) {
			if q != p && strings.TrimSuffix(path.Base(q), path.Ext(q)) == base && path.Ext(q) == path.Ext(p) && tryRun.Match(c.readHead(q)) {
				return true
			}
		}
	}
	return false
}

func (c *changes) sourcesTry(p, text string) bool {
	for _, line := range strings.Split(text, "\n") {
		if rest, ok := strings.CutPrefix(strings.TrimSpace(line), "source "); ok {
			if _, lib := c.sourced(p, strings.Trim(rest, `"'`)); tryRun.MatchString(lib) {
				return true
			}
		}
	}
	return false
}
