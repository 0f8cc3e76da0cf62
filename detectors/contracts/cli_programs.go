package contracts

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source/options"
)

var (
	ownName    = lazy.New(`#\[(?:command|clap)\([^\]]*\bname\s*=\s*"([\w.-]+)"|\bprog(?:_name)?\s*=\s*["']([\w.-]+)["']|scriptName\(\s*["']([\w.-]+)["']|&cli\.App\{\s*Name:\s*"([\w.-]+)"|cobra\.Command\{\s*Use:\s*"([\w.-]+)"|\.name\(\s*["']([\w.-]+)["']`)
	cargoName  = lazy.New(`(?m)^\s*name\s*=\s*"([\w.-]+)"`)
	assembly   = lazy.New(`<(?:AssemblyName|ToolCommandName)>([\w.-]+)<`)
	entrypoint = lazy.New(`(?m)^\s*ENTRYPOINT\s+(?:\[\s*"([^"]+)"|([^\s\["]+))`)
)

// runnerWords are the words by which the programs of runners are called.
var runnerWords = map[string][]string{
	"artisan": {"artisan"}, "console": {"console", "bin/console"}, "rake": {"rake", "rails"}, "manage.py": {"manage.py", "django-admin"}, "make": {"make", "gmake"},
}

// programsOf are the names by which the program of a command is called: those of its manifests, folder and file, and the
// one that it gives itself, in this file or, for a command below a root, in a neighbour.
func programsOf(at side, c options.RemovedCommand) []string {
	if c.Runner != "" {
		return runnerWords[c.Runner]
	}
	names := options.Programs(at.text, c.Path)
	neighbours := at.below(path.Dir(c.Path))
	for i, p := range neighbours {
		text, err := at.text(p)
		if err != nil || i > 60 || len(text) > 200_000 {
			continue
		}
		for _, m := range ownName.FindAllSubmatch(text, 20) {
			for _, n := range m[1:] {
				if len(n) > 1 && (p == c.Path || strings.HasPrefix(path.Base(p), "root.") || strings.HasPrefix(path.Base(p), "main.")) && string(n) != c.Name {
					names = append(names, string(n))
				}
			}
		}
	}
	for dir := path.Dir(c.Path); ; dir = path.Dir(dir) {
		if text, err := at.text(path.Join(dir, "Cargo.toml")); err == nil {
			for _, m := range cargoName.FindAllSubmatch(text, 10) {
				names = append(names, string(m[1]))
			}
		}
		if dir == "." || dir == "/" {
			break
		}
		for _, p := range at.below(dir) {
			if strings.HasSuffix(p, ".csproj") {
				names = append(names, strings.TrimSuffix(path.Base(p), ".csproj"))
				if text, err := at.text(p); err == nil {
					for _, m := range assembly.FindAllSubmatch(text, 3) {
						names = append(names, string(m[1]))
					}
				}
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// onlyImage says that the one image that the repository builds starts one of the programs: what a container is given as
// arguments goes to it.
func onlyImage(at side, programs []string) bool {
	starts := 0
	for _, p := range at.paths() {
		if base := path.Base(p); !strings.HasPrefix(base, "Dockerfile") && !strings.HasSuffix(base, ".Dockerfile") {
			continue
		}
		text, err := at.text(p)
		if err != nil {
			return false
		}
		all := entrypoint.FindAllSubmatch(text, 10)
		if len(all) == 0 {
			continue
		}
		m := all[len(all)-1]
		if starts++; starts > 1 || !slices.Contains(programs, path.Base(string(m[1])+string(m[2]))) {
			return false
		}
	}
	return starts == 1
}

// programWord matches one of the programs where a command line starts it, by its path or by its name.
func programWord(programs []string) *regexp.Regexp {
	quoted := make([]string, len(programs))
	for i, n := range programs {
		quoted[i] = regexp.QuoteMeta(n)
	}
	return regexp.MustCompile(`^(?:\S*/)?(?:` + strings.Join(quoted, "|") + `)$`)
}
