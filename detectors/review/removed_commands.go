package review

import (
	"encoding/json"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
	"flightpoll/detectors/source/options"
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
	file  *regexp.Regexp
	names func(p, text string) map[string]int
	// run is a regular expression with %s for the quoted name.
	run string
}

const behind = `(?:$|[^\w:.-]|[.:](?:\s|$))`

var runners = []runner{
	{"rake task", regexp.MustCompile(`(?i)(?:^|/)rakefile$|\.rake$`), rakeTasks, `(?:\b(?:rake|rails)\s(?:[^\n` + "`" + `]*?[\s"'])?%[1]s` + behind + "|`%[1]s(?:\\[[^`]*\\])?`" + `)`},
	{"make target", regexp.MustCompile(`(?i)(?:^|/)(?:gnu)?makefile$|\.mk$`), makeTargets, `\bmake\s+(?:-C\s*\S+\s+|[A-Z_]+=\S*\s+|-\w+\s+)*%s` + behind},
	{"recipe", regexp.MustCompile(`(?i)(?:^|/)\.?justfile$|\.just$`), justRecipes, `\bjust\s+(?:-\S+\s+)*%s` + behind},
	{"task", regexp.MustCompile(`(?i)(?:^|/)taskfile\.(?:dist\.)?ya?ml$`), goTasks, `\b(?:go-)?task\s+(?:-\S+\s+)*%s` + behind},
	{"script", regexp.MustCompile(`(?:^|/)package\.json$`), packageScripts, `\b(?:(?:npm|pnpm|bun)(?:\s+-\S+(?:\s+[\w@/.-]+)?)*\s+run(?:-script)?|(?:yarn|pnpm)(?:\s+(?:--filter|-w|--cwd|-C|workspace)\s+\S+)?(?:\s+run)?)\s+%s` + behind},
	{"script", regexp.MustCompile(`(?:^|/)composer\.json$`), packageScripts, `\bcomposer\s+(?:run(?:-script)?\s+)?%s` + behind},
	{"management command", regexp.MustCompile(`/management/commands/[a-z]\w*\.py$`), fileCommand, `\b(?:manage\.py|django-admin)\s+%s` + behind},
	{"console command", regexp.MustCompile(`\.php$`), consoleCommands, `\b(?:artisan|bin/console|occ|wp)\s+(?:-\S+\s+)*%s` + behind},
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

var (
	rakeLine   = lazy.New(`^(\s*)(namespace|task|multitask)[\s(]+(?::(\w+)|["']([\w:-]+)["']|(\w+):)`)
	makeLine   = lazy.New(`^([A-Za-z0-9][\w./-]*(?:\s+[A-Za-z0-9][\w./-]*)*)\s*::?(?:[^=]|$)`)
	justLine   = lazy.New(`^@?([A-Za-z_][\w-]*)(?:\s+[^:=]*)?:(?:[^=]|$)`)
	goTaskLine = lazy.New(`^(?:  |\t)["']?([\w][\w:.*-]*)["']?:\s*(?:$|[^\s])`)
	console    = lazy.New(`(?:\$signature\s*=\s*|\$defaultName\s*=\s*|AsCommand\(\s*(?:name:\s*)?|->setName\(\s*)["']([\w:.-]+)`)
)

func rakeTasks(_, text string) map[string]int {
	type level struct {
		indent int
		name   string
	}
	found := map[string]int{}
	var open []level
	n := 0
	for line := range strings.Lines(text) {
		n++
		m := rakeLine.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		for len(open) > 0 && open[len(open)-1].indent >= len(m[1]) {
			open = open[:len(open)-1]
		}
		name := m[3] + m[4] + m[5]
		if m[2] == "namespace" {
			open = append(open, level{len(m[1]), name})
			continue
		}
		full := name
		for i := len(open) - 1; i >= 0; i-- {
			full = open[i].name + ":" + full
		}
		found[full] = n
	}
	return found
}

func makeTargets(_, text string) map[string]int {
	return named(text, makeLine, func(m string) []string { return strings.Fields(m) })
}

func justRecipes(_, text string) map[string]int {
	return named(text, justLine, func(m string) []string { return []string{m} })
}

func goTasks(_, text string) map[string]int {
	_, tasks, ok := strings.Cut("\n"+text, "\ntasks:")
	if !ok {
		return nil
	}
	return named(tasks, goTaskLine, func(m string) []string { return []string{m} })
}

func consoleCommands(_, text string) map[string]int {
	return named(text, console, func(m string) []string { return []string{m} })
}

func fileCommand(p, _ string) map[string]int {
	return map[string]int{strings.TrimSuffix(path.Base(p), ".py"): 1}
}

func named(text string, re *lazy.Regexp, split func(string) []string) map[string]int {
	found := map[string]int{}
	n := 0
	for line := range strings.Lines(text) {
		n++
		if m := re.FindStringSubmatch(strings.TrimRight(line, "\r\n")); m != nil {
			for _, name := range split(m[1]) {
				found[name] = n
			}
		}
	}
	return found
}

func packageScripts(_, text string) map[string]int {
	var p struct {
		Scripts map[string]any `json:"scripts"`
	}
	found := map[string]int{}
	if json.Unmarshal([]byte(text), &p) != nil {
		return found
	}
	for name := range p.Scripts {
		at := max(0, strings.Index(text, `"`+name+`"`))
		found[name] = 1 + strings.Count(text[:at], "\n")
	}
	return found
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

// removedSubcommands are commands of the product's own program that changed code declared at the base and no file does now.
func removedSubcommands(pass *detectors.Pass) ([]command, error) {
	var gone []command
	now := map[string]bool{}
	for _, f := range pass.Branch.Files {
		if f.Binary || f.TooLarge || f.Vendored || f.Generated || source.IsTest(f.Path) || source.IsExample(f.Path) || source.LanguageOf(f.Path) == "" {
			continue
		}
		if f.Status != branch.Deleted {
			if file, err := pass.Source.Head(f.Path); err == nil {
				for name := range subcommands(file) {
					now[name] = true
				}
			}
		}
		if f.Status == branch.Added {
			continue
		}
		old := f.Path
		if f.OldPath != "" {
			old = f.OldPath
		}
		file, err := pass.Source.Base(old)
		if err != nil {
			continue
		}
		for name, line := range subcommands(file) {
			c := command{kind: "command", name: name, path: f.Path}
			if f.Status != branch.Deleted {
				c.line = max(1, f.NewLine(line))
			}
			gone = append(gone, c)
		}
	}
	var list []command
	for _, c := range gone {
		if now[c.name] || len(c.name) < 3 {
			continue
		}
		declared, err := declaredElsewhere(pass, c.name)
		if err != nil {
			return nil, err
		}
		programs := options.Programs(pass.Branch.ReadHead, c.path)
		if declared || len(programs) == 0 {
			continue
		}
		for i, p := range programs {
			programs[i] = regexp.QuoteMeta(p)
		}
		c.run = regexp.MustCompile(`(?:^|[\s` + "`" + `/$(])(?:` + strings.Join(programs, "|") + `)(?:\s+-[^\s` + "`" + `]+)*(?:\s+[a-z][\w-]*)?\s+` + regexp.QuoteMeta(c.name) + `(?:$|[^\w.-]|[.](?:\s|$))`)
		list = append(list, c)
	}
	slices.SortFunc(list, func(a, b command) int { return strings.Compare(a.name, b.name) })
	return list, nil
}

func declaredElsewhere(pass *detectors.Pass, name string) (bool, error) {
	naming, err := pass.Source.Naming(pass.Context, name)
	if err != nil {
		return false, err
	}
	for _, p := range naming[name] {
		if source.LanguageOf(p) == "" || source.IsTest(p) {
			continue
		}
		if file, err := pass.Source.Head(p); err == nil {
			if _, ok := subcommands(file)[name]; ok {
				return true, nil
			}
		}
	}
	return false, nil
}

// subcommands are the commands that a file declares for its program: cobra and urfave/cli in Go; argparse, click and typer in
// Python; commander and yargs in TypeScript and JavaScript.
func subcommands(f *source.File) map[string]int {
	found := map[string]int{}
	for _, o := range f.Objects {
		if f.Lang != source.Go || !strings.HasSuffix(o.Type, "cobra.Command") && !strings.HasSuffix(o.Type, "cli.Command") {
			continue
		}
		for _, k := range o.Keys {
			if k.Name == "Use" || k.Name == "Name" {
				if fields := strings.Fields(strings.Trim(k.Value, "\"`")); len(fields) > 0 {
					found[fields[0]] = k.Span.Line
				}
			}
		}
	}
	for _, c := range f.Calls {
		if (c.Name == "add_parser" && f.Lang == source.Python || c.Name == "command" && c.Receiver != "" && f.Lang != source.Go) && len(c.Args) > 0 && c.Args[0].IsString {
			if fields := strings.Fields(c.Args[0].Str); len(fields) > 0 {
				found[fields[0]] = c.Span.Line
			}
		}
	}
	if f.Lang == source.Python {
		for _, d := range f.Decls {
			for _, c := range d.Decorators {
				if c.Name == "command" && c.Receiver != "" && (len(c.Args) == 0 || !c.Args[0].IsString) {
					found[strings.ReplaceAll(d.Name, "_", "-")] = d.Span.Line
				}
			}
		}
	}
	return found
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
