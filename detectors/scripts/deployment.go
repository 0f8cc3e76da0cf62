package scripts

// What each deployment, or each start of a container, runs: release scripts, entrypoints, Procfiles and workflows, with
// the repository's own programs that they start.

import (
	"path"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"flightpoll/detectors/lazy"
)

// start is one command line that starts a program of the repository at each deployment.
type start struct {
	path    string
	line    int
	command string
	// program is the file that it starts.
	program string
}

// maxStarters and maxStarter bound the files that are read for commands: how many, and bytes of one.
const (
	maxStarters = 60
	maxStarter  = 128 << 10
)

var (
	starterName = lazy.New(`(?i)(^|/)(procfile|[\w.-]*entrypoint[\w.-]*|heroku\.yml|fly\.toml|render\.yaml|app\.json|railway\.(json|toml))$|(^|/)[\w.-]*(deploy|release|start|boot|post-?deploy|rollout)[\w.-]*\.(sh|bash|ya?ml)$|(^|/)(deploy|release|start|predeploy|postdeploy)$|(^|/)dockerfile[\w.-]*$|(^|/)(docker-)?compose[\w.-]*\.ya?ml$`)
	// firstOnly are files of a first installation, or of a developer's machine.
	firstOnly    = lazy.New(`(?i)(^|[/._-])(dev|devel|development|local|test|testing|ci|install|setup|init|bootstrap|preview|demo|e2e|staging-reset)([/._-]|$)|initdb\.d|devcontainer`)
	dockerRuns   = lazy.New(`(?i)^\s*(cmd|entrypoint)\b`)
	composeRuns  = lazy.New(`(?i)^\s*(command|entrypoint)\s*:|^\s*-\s`)
	commentLine  = lazy.New(`^\s*(#|//)`)
	programFile  = lazy.New(`\.([cm]?js|ts|py|rb|php|sql)$`)
	commandWords = strings.NewReplacer(`"`, " ", `'`, " ", "[", " ", "]", " ", ",", " ", ";", " ; ", "&&", " ; ", "|", " ; ")
)

// starts lists what the deployment starts of the repository's own programs.
func (c *changes) starts(paths []string) []start {
	var list []start
	read := 0
	for _, p := range paths {
		if !starterName.MatchString(p) || firstOnly.MatchString(p) || testish.MatchString(p) {
			continue
		}
		text := string(c.readHead(p))
		if text == "" || len(text) > maxStarter {
			continue
		}
		if read++; read > maxStarters || c.pass.Context.Err() != nil {
			break
		}
		skip := conditional(p, text)
		for i, line := range strings.Split(text, "\n") {
			base := strings.ToLower(path.Base(p))
			if commentLine.MatchString(line) || skip[i+1] || strings.HasPrefix(base, "dockerfile") && !dockerRuns.MatchString(line) || strings.Contains(base, "compose") && !composeRuns.MatchString(line) {
				continue
			}
			for _, s := range c.programsIn(p, line, paths, 0) {
				s.path, s.line, s.command = p, i+1, strings.TrimSpace(line)
				list = append(list, s)
			}
		}
	}
	return list
}

// conditional are the lines of a shell script that run under a condition.
func conditional(p, text string) map[int]bool {
	file := parseShell(p, text)
	if file == nil {
		return nil
	}
	lines := map[int]bool{}
	syntax.Walk(file, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.IfClause, *syntax.CaseClause:
			for l := n.Pos().Line(); l <= n.End().Line(); l++ {
				lines[int(l)] = true //nolint:gosec // a line number
			}
		case *syntax.BinaryCmd:
			if n.Op == syntax.OrStmt || n.Op == syntax.AndStmt && tests(n.X) {
				for l := n.Pos().Line(); l <= n.End().Line(); l++ {
					lines[int(l)] = true //nolint:gosec // a line number
				}
			}
		}
		return true
	})
	return lines
}

// programsIn are the programs of the repository that a command line starts.
func (c *changes) programsIn(from, line string, paths []string, depth int) []start {
	var list []start
	add := func(program string) {
		if program != "" {
			list = append(list, start{program: program})
		}
	}
	words := strings.Fields(commandWords.Replace(line))
	for i, w := range words {
		next := ""
		if i+1 < len(words) {
			next = words[i+1]
		}
		switch base := path.Base(w); {
		case base == "artisan" && next == "db:seed", base == "artisan" && strings.HasPrefix(next, "migrate") && slices.Contains(words[i:], "--seed"):
			add(ending(paths, "database/seeders/"+seederClass(words[i:])+".php"))
		case base == "artisan" && next != "":
			add(c.artisan(paths, next))
		case base == "manage.py" && next != "":
			add(ending(paths, "/management/commands/"+next+".py"))
		case (base == "rails" || base == "rake") && next == "db:seed":
			add(ending(paths, "db/seeds.rb"))
		case (base == "rails" || base == "rake") && strings.Contains(next, ":"):
			add(c.rake(paths, next))
		case base == "prisma" && next == "db" && i+2 < len(words) && words[i+2] == "seed":
			add(ending(paths, "prisma/seed.ts"))
			add(ending(paths, "prisma/seed.js"))
		case slices.Contains([]string{"node", "tsx", "ts-node", "bun", "python", "python3", "ruby", "php", "psql", "mysql", "sqlite3", "mariadb"}, base):
			for _, arg := range words[i+1:] {
				if arg == ";" {
					break
				}
				arg = strings.TrimPrefix(strings.TrimPrefix(arg, "--file="), "<")
				if programFile.MatchString(arg) {
					add(c.locate(paths, from, arg))
				}
			}
		case (base == "npm" || base == "pnpm" || base == "yarn") && depth == 0 && next != "":
			if next == "run" && i+2 < len(words) {
				next = words[i+2]
			}
			for _, command := range c.packageScript(next) {
				list = append(list, c.programsIn("package.json", command, paths, 1)...)
			}
		}
	}
	return list
}

func seederClass(words []string) string {
	for i, w := range words {
		if name, ok := strings.CutPrefix(w, "--class="); ok {
			return name[strings.LastIndexByte(name, '\\')+1:]
		}
		if w == "--class" && i+1 < len(words) {
			return words[i+1]
		}
	}
	return "DatabaseSeeder"
}

// ending is the only path with that end, empty without one.
func ending(paths []string, end string) string {
	found := ""
	for _, p := range paths {
		if p == strings.TrimPrefix(end, "/") || strings.HasSuffix(p, "/"+strings.TrimPrefix(end, "/")) {
			if found != "" {
				return ""
			}
			found = p
		}
	}
	return found
}

// locate is the file that a path in a command means: from the root, from the file's own folder, or from the image's.
func (c *changes) locate(paths []string, from, arg string) string {
	arg = strings.TrimPrefix(path.Clean(arg), "/")
	for _, p := range []string{arg, path.Join(path.Dir(from), arg)} {
		if _, ok := slices.BinarySearch(paths, p); ok {
			return p
		}
	}
	if _, rest, ok := strings.Cut(arg, "/"); ok { // app/scripts/x.py of an image whose root is app
		return ending(paths, rest)
	}
	return ""
}

var (
	artisanName = lazy.New(`\$signature\s*=\s*['"]([\w:.-]+)`)
	rakeTask    = lazy.New(`(?m)^\s*task\s+:?["']?(\w+)`)
)

// artisan is the file of the command class with that name.
func (c *changes) artisan(paths []string, name string) string {
	for _, p := range paths {
		if !strings.Contains(p, "Console/Commands/") || path.Ext(p) != ".php" {
			continue
		}
		if m := artisanName.FindSubmatch(c.readHead(p)); m != nil && string(m[1]) == name {
			return p
		}
	}
	return ""
}

// rake is the file of the task "namespace:name".
func (c *changes) rake(paths []string, name string) string {
	space, task, _ := strings.Cut(name, ":")
	for _, p := range paths {
		if path.Ext(p) != ".rake" {
			continue
		}
		text := string(c.readHead(p))
		if !strings.Contains(text, "namespace :"+space) {
			continue
		}
		for _, m := range rakeTask.FindAllStringSubmatch(text, 50) {
			if m[1] == task {
				return p
			}
		}
	}
	return ""
}

// packageScript is the command of a script of the manifest at the root, with those that npm runs before and after it.
func (c *changes) packageScript(name string) []string {
	docs := readYAML(string(c.readHead("package.json"))) // JSON is YAML
	if len(docs) == 0 {
		return nil
	}
	scripts := docs[0].get("scripts")
	var list []string
	for _, n := range []string{"pre" + name, name, "post" + name} {
		if s := scripts.get(n); s != nil {
			list = append(list, s.text)
		}
	}
	return list
}
