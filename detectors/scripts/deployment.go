package scripts

// What each deployment, or each start of a container, runs: release scripts, entrypoints, Procfiles and workflows, with
// the repository's own programs that they start.

import (
	"path"
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
)

// start is one program, or one text of SQL, that is run again and again.
type start struct {
	// program is the file that it is: one that a command starts, or the file of the command itself where the SQL stands
	// in it.
	program string
	// inline are the operations of SQL that stands in the command, nil for programs.
	inline []operation
	// when says how often; via are the places that start it, the outermost first.
	when string
	via  []place
}

// place is a line of a file.
type place struct {
	path string
	line int
}

// maxStarters and maxStarter bound the files that are read for commands: how many, and bytes of one; maxStarts the
// programs that are followed, maxStartDepth how deep scripts start scripts.
const (
	maxStarters   = 120
	maxStarter    = 128 << 10
	maxStarts     = 400
	maxStartDepth = 3
)

var (
	starterName = lazy.New(`(?i)(^|/)(procfile|[\w.-]*entrypoint[\w.-]*|heroku\.yml|fly\.toml|render\.yaml|app\.json|railway\.(json|toml))$|(^|/)[\w.-]*(deploy|release|start|boot|post-?deploy|rollout)[\w.-]*\.(sh|bash|ya?ml)$|(^|/)(deploy|release|start|predeploy|postdeploy)$|(^|/)dockerfile[\w.-]*$|(^|/)(docker-)?compose[\w.-]*\.ya?ml$`)
	// firstOnly are files of a first installation, or of a developer's machine.
	firstOnly   = lazy.New(`(?i)(^|[/._-])(dev|devel|development|local|test|testing|ci|install|setup|init|bootstrap|preview|demo|e2e|staging-reset)([/._-]|$)|initdb\.d|devcontainer`)
	commentLine = lazy.New(`^\s*(#|//)`)
	programFile = lazy.New(`\.([cm]?js|[cm]?ts|py|rb|php|sql|go|kts|exs)$`)
	shellFile   = lazy.New(`\.(sh|bash)$`)
)

// starts lists what runs again and again of the repository's own programs and SQL.
func (c *changes) starts(paths []string) []start {
	r := resolver{changes: c, paths: paths}
	for _, cmd := range c.commands(paths) {
		r.shell(cmd, nil, 0)
	}
	r.chartFiles()
	return r.found
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
	docs := yamlDocuments("package.json", string(c.readHead("package.json")))
	if len(docs) == 0 {
		return nil
	}
	scripts := docs[0].Get("scripts")
	var list []string
	for _, n := range []string{"pre" + name, name, "post" + name} {
		if s := scripts.Text(n); s != "" {
			list = append(list, s)
		}
	}
	return list
}
