package scripts

// Which program of the repository a command starts, by the tool that it names.

import (
	"path"
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
)

var (
	interpreters = []string{"node", "tsx", "ts-node", "bun", "deno", "python", "python3", "ruby", "php", "psql", "mysql", "sqlite3", "mariadb", "cat", "sqlcmd", "usql", "elixir", "bash", "sh", "source", "."}
	symfonyName  = lazy.New(`(?:name:\s*|\$defaultName\s*=\s*|setName\(\s*)['"]([\w:.-]+)['"]`)
	flaskCommand = lazy.New(`(?:cli|app)\.command\(\s*["']([\w-]+)["']`)
)

// programs are the files that one command starts.
func (r *resolver) programs(from string, run shellRun, when string, via []place, depth int) []string {
	var list []string
	words := run.words
	for i, w := range words {
		next, third := "", ""
		if i+1 < len(words) {
			next = words[i+1]
		}
		if i+2 < len(words) {
			third = words[i+2]
		}
		switch base := path.Base(w); {
		case base == "artisan" && next == "db:seed", base == "artisan" && strings.HasPrefix(next, "migrate") && slices.Contains(words[i:], "--seed"):
			list = append(list, ending(r.paths, "database/seeders/"+seederClass(words[i:])+".php"))
		case base == "artisan" && next != "":
			list = append(list, r.artisan(r.paths, next))
		case base == "console" && strings.Contains(next, ":"):
			list = append(list, r.declaring(".php", symfonyName, next))
		case base == "flask" && next != "":
			list = append(list, r.declaring(".py", flaskCommand, next))
		case base == "manage.py" && next != "":
			list = append(list, ending(r.paths, "/management/commands/"+next+".py"))
		case (base == "rails" || base == "rake") && next == "db:seed":
			list = append(list, ending(r.paths, "db/seeds.rb"))
		case (base == "rails" || base == "rake") && strings.Contains(next, ":"):
			list = append(list, r.rake(r.paths, next))
		case base == "rails" && next == "runner":
			list = append(list, r.matching(from, third)...)
		case base == "prisma" && next == "db" && third == "seed":
			list = append(list, ending(r.paths, "prisma/seed.ts"), ending(r.paths, "prisma/seed.js"))
		case base == "go" && next == "run":
			list = append(list, r.goMain(third)...)
		case base == "cargo" && slices.Contains(words[i:], "--bin"):
			if at := slices.Index(words, "--bin"); at+1 < len(words) {
				list = append(list, ending(r.paths, "src/bin/"+words[at+1]+".rs"))
			}
		case base == "make" && i == 0:
			list = append(list, r.make(from, words[1:], when, via, depth)...)
		case (strings.HasPrefix(base, "python")) && next == "-m":
			module := strings.ReplaceAll(third, ".", "/")
			list = append(list, ending(r.paths, module+".py"), ending(r.paths, module+"/__main__.py"))
		case slices.Contains(interpreters, base) && (i == 0 || !slices.Contains([]string{"sh", "bash", ".", "cat", "source"}, base)):
			for _, arg := range append(slices.Clone(words[i+1:]), run.files...) {
				if programFile.MatchString(strings.TrimRight(arg, "*?")) || shellFile.MatchString(arg) || strings.HasSuffix(arg, ".sql") {
					list = append(list, r.matching(from, arg)...)
				}
			}
			if slices.Contains([]string{"sh", "bash", ".", "source"}, base) {
				return list
			}
		case (base == "npm" || base == "pnpm" || base == "yarn" || base == "bun") && next != "":
			if next == "run" && third != "" {
				next = third
			}
			for _, text := range r.packageScript(next) {
				r.shell(command{path: "package.json", line: r.lineOf("package.json", text), text: text, when: when}, via, depth+1)
			}
		case i == 0 && (strings.HasPrefix(w, "./") || strings.HasPrefix(w, "/") || shellFile.MatchString(w) || strings.HasPrefix(w, hole+"/") || strings.HasPrefix(w, "bin/") || strings.HasPrefix(w, "scripts/")):
			found := r.matching(from, w)
			if len(found) == 0 {
				found = r.goMain("cmd/" + base)
				if p := ending(r.paths, "src/bin/"+base+".rs"); p != "" {
					found = append(found, p)
				}
			}
			list = append(list, found...)
		}
	}
	return list
}

// goMain are the files of a main package.
func (r *resolver) goMain(dir string) []string {
	dir = strings.TrimPrefix(path.Clean(strings.ReplaceAll(dir, hole, "")), "/")
	if strings.HasSuffix(dir, ".go") {
		dir = path.Dir(dir)
	}
	main := ending(r.paths, path.Join(dir, "main.go"))
	if main == "" || dir == "." {
		return nil
	}
	var list []string
	for _, p := range below(r.paths, path.Dir(main)) {
		if path.Dir(p) == path.Dir(main) && path.Ext(p) == ".go" && !strings.HasSuffix(p, "_test.go") {
			list = append(list, p)
		}
	}
	return list
}

// make follows the targets of a Makefile.
func (r *resolver) make(from string, words []string, when string, via []place, depth int) []string {
	dir := ""
	var targets []string
	for i := 0; i < len(words); i++ {
		switch w := words[i]; {
		case w == "-C" && i+1 < len(words):
			dir = words[i+1]
			i++
		case strings.HasPrefix(w, "-") || strings.Contains(w, "="):
		default:
			targets = append(targets, w)
		}
	}
	file := r.locate(r.paths, from, path.Join(dir, "Makefile"))
	if file == "" || depth > maxStartDepth {
		return nil
	}
	text := string(r.readHead(file))
	for _, t := range targets {
		for _, cmd := range makeTarget(file, text, t, 0) {
			cmd.when = when
			r.shell(cmd, via, depth+1)
		}
	}
	return nil
}

// declaring is the file in which a command of that name is declared.
func (r *resolver) declaring(ext string, mark *lazy.Regexp, name string) string {
	read := 0
	for _, p := range r.paths {
		if path.Ext(p) != ext || aside(p) || !strings.Contains(strings.ToLower(p), "command") && !strings.Contains(p, "cli") && !strings.Contains(p, "app") {
			continue
		}
		if read++; read > 300 || r.pass.Context.Err() != nil {
			return ""
		}
		for _, m := range mark.FindAllSubmatch(r.readHead(p), 20) {
			if string(m[1]) == name {
				return p
			}
		}
	}
	return ""
}
