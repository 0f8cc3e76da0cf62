package review

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// command is something that people run by name and that the branch took away: a task, a target, a script, a subcommand.
type command struct {
	// kind is the field's word for it, name as people type it, to what the branch put in its place, empty when unknown.
	kind, name, to string
	path           string
	line           int
	// run recognises the command in a line.
	run *regexp.Regexp
}

// last is the part of the name that every mention holds.
func (c command) last() string { return c.name[strings.LastIndexAny(c.name, ": /")+1:] }

// runner is one tool that runs tasks by name: which files declare them, and how a line runs one.
type runner struct {
	kind  string
	file  *lazy.Regexp
	names func(p, text string) map[string]int
	// run is a regular expression with %s for the quoted name.
	run string
}

const behind = `(?:$|[^\w:.-]|[.:](?:\s|$))`

var runners = []runner{
	{"rake task", lazy.New(`(?i)(?:^|/)rakefile$|\.rake$`), rakeTasks, `(?:\b(?:rake|rails)\s(?:[^\n` + "`" + `]*?[\s"'])?%[1]s` + behind + "|`%[1]s(?:\\[[^`]*\\])?`" + `)`},
	{"make target", lazy.New(`(?i)(?:^|/)(?:gnu)?makefile$|\.mk$`), makeTargets, `\bmake\s+(?:-C\s*\S+\s+|[A-Z_]+=\S*\s+|-\w+\s+)*%s` + behind},
	{"recipe", lazy.New(`(?i)(?:^|/)\.?justfile$|\.just$`), justRecipes, `\bjust\s+(?:-\S+\s+)*%s` + behind},
	{"task", lazy.New(`(?i)(?:^|/)taskfile\.(?:dist\.)?ya?ml$`), goTasks, `\b(?:go-)?task\s+(?:-\S+\s+)*%s` + behind},
	{"script", lazy.New(`(?:^|/)package\.json$`), packageScripts, `\b(?:(?:npm|pnpm|bun)(?:\s+-\S+(?:\s+[\w@/.-]+)?)*\s+run(?:-script)?|(?:yarn|pnpm)(?:\s+(?:--filter|-w|--cwd|-C|workspace)\s+\S+)?(?:\s+run)?)\s+%s` + behind},
	{"script", lazy.New(`(?:^|/)composer\.json$`), packageScripts, `\bcomposer\s+(?:run(?:-script)?\s+)?%s` + behind},
	{"service", lazy.New(`(?:^|/)(?:docker-)?compose[\w.-]*\.ya?ml$`), serviceNames, `\bdocker[- ]compose\b[^\n` + "`" + `]*[\s]%s(?:=\d+)?` + behind},
	{"unit", lazy.New(`\.(?:service|timer)$`), systemdUnit, `\b(?:systemctl|journalctl)\b[^\n` + "`" + `]*\s%s(?:\.service|\.timer)?` + behind},
	{"process", lazy.New(`(?:^|/)Procfile(?:\.\w+)?$`), func(_, text string) map[string]int { return linesOf(process, text) }, `\b(?:heroku|foreman|honcho|overmind|hivemind|dokku)\b[^\n` + "`" + `]*\s%s(?:[.=]\d+)?` + behind},
	{"program", lazy.New(`(?:^|/)supervisord?(?:/|\b)[\w./-]*\.(?:conf|ini)$|(?:^|/)supervisord?\.conf$`), func(_, text string) map[string]int { return linesOf(supervised, text) }, `\bsupervisorctl\b[^\n` + "`" + `]*\s%s(?::\*?)?` + behind},
	{"object", lazy.New(`(?:^|/)(?:k8s|kubernetes|deploy|deployments?|manifests?|overlays?|base|kustomize|charts?|helm|infra|ops)/.*\.ya?ml$`), objectsOfCluster, `\bkubectl\b[^\n` + "`" + `]*(?:/|\s)%s` + behind},
	{"management command", lazy.New(`/management/commands/[a-z]\w*\.py$`), fileCommand, `\b(?:manage\.py|django-admin)\s+%s` + behind},
	{"console command", lazy.New(`\.php$`), consoleCommands, `\b(?:artisan|bin/console|occ|wp)\s+(?:-\S+\s+)*%s` + behind},
}

// removedCommands are what no file of the head declares any more, but a changed file did at the base.
func removedCommands(pass *detectors.Pass) ([]command, error) {
	var list []command
	for _, r := range runners {
		found, err := r.removed(pass)
		if err != nil {
			return nil, err
		}
		list = append(list, found...)
	}
	list = append(list, removedScripts(pass.Branch)...)
	found, err := removedSubcommands(pass)
	return append(list, found...), err
}

func (r runner) removed(pass *detectors.Pass) ([]command, error) {
	var list []command
	was, added := map[string]command{}, map[string]string{}
	for _, f := range pass.Branch.Files {
		old := f.Path
		if f.OldPath != "" {
			old = f.OldPath
		}
		if f.Binary || f.TooLarge || f.Vendored || source.IsTest(f.Path) || source.IsExample(f.Path) || !r.file.MatchString(f.Path) && !r.file.MatchString(old) {
			continue
		}
		before, err := f.Before()
		if err != nil {
			return nil, err
		}
		after, err := f.After()
		if err != nil {
			return nil, err
		}
		now := map[string]int{}
		if f.Status != branch.Deleted && r.file.MatchString(f.Path) {
			now = r.names(f.Path, string(after))
		}
		var fresh []string
		old0 := map[string]int{}
		if f.Status != branch.Added && r.file.MatchString(old) {
			old0 = r.names(old, string(before))
		}
		for name := range now {
			if _, ok := old0[name]; !ok {
				fresh = append(fresh, name)
			}
		}
		gone := 0
		for name, line := range old0 {
			if _, ok := now[name]; ok || len(name) < 3 {
				continue
			}
			gone++
			c := command{kind: r.kind, name: name, path: f.Path}
			if f.Status != branch.Deleted {
				c.line = max(1, f.NewLine(line))
			}
			was[name] = c
		}
		if gone == 1 && len(fresh) == 1 {
			for name, c := range was {
				if c.path == f.Path {
					added[name] = fresh[0]
				}
			}
		}
	}
	if len(was) == 0 {
		return nil, nil
	}
	paths, err := pass.Branch.HeadPaths()
	if err != nil {
		return nil, err
	}
	for _, p := range paths {
		if !r.file.MatchString(p) || strings.Contains("/"+p, "/node_modules/") || strings.Contains("/"+p, "/vendor/") {
			continue
		}
		if text, err := pass.Branch.ReadHead(p); err == nil {
			for name := range r.names(p, string(text)) {
				delete(was, name)
			}
		}
	}
	for name, c := range was {
		c.to = added[name]
		c.run = regexp.MustCompile(fmt.Sprintf(r.run, regexp.QuoteMeta(name)))
		list = append(list, c)
	}
	slices.SortFunc(list, func(a, b command) int { return strings.Compare(a.name, b.name) })
	return list, nil
}

var scriptEnding = lazy.New(`\.(?:sh|bash|zsh|ps1|py|rb|pl|js|mjs|ts|php|sql|bat|cmd)$`)

// removedScripts are files that a person runs by their path and that are gone or elsewhere.
func removedScripts(b *branch.Branch) []command {
	var list []command
	for _, f := range b.Files {
		old := f.OldPath
		if f.Status == branch.Deleted {
			old = f.Path
		}
		if old == "" || old == f.Path && f.Status != branch.Deleted || !strings.Contains(old, "/") || f.Vendored || source.IsTest(old) || source.IsDoc(old) {
			continue
		}
		if f.OldMode&0o111 == 0 && !scriptEnding.MatchString(old) {
			continue
		}
		c := command{kind: "script", name: old, path: f.Path}
		if f.Status == branch.Renamed {
			c.to = f.Path
		}
		quoted := regexp.QuoteMeta(old)
		runs := `(?:^|[\s` + "`" + `"'(=;&|$])(?:\./)?` + quoted + `(?:[\s` + "`" + `"';&|)]|$)`
		if f.OldMode&0o111 == 0 && !strings.HasSuffix(old, ".sh") {
			runs = `\b(?:bash|sh|python3?|node|ruby|perl|php|psql|tsx|ts-node|npx|source|run|exec|runner)\b[^\n` + "`" + `]*[\s<](?:\./)?` + quoted + `(?:[\s` + "`" + `"';&|)]|$)`
		}
		c.run = regexp.MustCompile(runs)
		list = append(list, c)
	}
	return list[:min(len(list), 100)]
}

// reportCommands reports the first line of a document that runs each removed command.
func reportCommands(pass *detectors.Pass, d document, commands []command) {
	for _, c := range commands {
		if d.path == c.path {
			continue
		}
		for _, p := range d.passages {
			m := c.run.FindStringIndex(p.text)
			if p.past || m == nil || formerly.MatchString(lineAround(p.text, m[0])) {
				continue
			}
			at := m[0] + max(0, strings.Index(p.text[m[0]:m[1]], c.name))
			fix := "Take it out of the document, and say what to do instead."
			if c.to != "" {
				fix = fmt.Sprintf("Write %s instead.", c.to)
			}
			pass.Report(detectors.Finding{
				Severity: detectors.Warning, Path: d.path, Line: p.lineAt(at), Symbol: c.name,
				Message:  fmt.Sprintf("the document still runs the %s %s, which the branch %s", c.kind, c.name, removed{to: c.to}.story()),
				Why:      "Whoever follows the document, perhaps at night, gets an error in place of the step.",
				Fix:      fix,
				Related:  []detectors.Related{{Path: c.path, Line: c.line, Message: "the branch " + removed{to: c.to}.change() + " here"}},
				Evidence: []string{c.kind, c.name, c.to},
			})
			break
		}
	}
}
