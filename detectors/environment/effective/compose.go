package effective

// Compose projects: which files make one, and its services in each environment. The rules of merging are those of
// compose-go; files are read from the tree only, so that neither the disk nor the network is reached.

import (
	"context"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors/source/document"
)

// KindCompose is the kind of units that Compose files give.
const KindCompose = "compose service"

// maxProjects bounds the projects of one tree.
const maxProjects = 200

// composeName says whether a file's name is one of Compose, and whether it is the base of a project or what is laid over it
// by custom on a developer's machine.
func composeName(p string) (is, base, override bool) {
	name := strings.ToLower(path.Base(p))
	stem, ok := strings.CutSuffix(name, ".yml")
	if !ok {
		stem, ok = strings.CutSuffix(name, ".yaml")
	}
	if !ok || !strings.Contains(stem, "compose") {
		return false, false, false
	}
	words := strings.FieldsFunc(stem, func(c rune) bool { return c == '.' || c == '-' || c == '_' })
	if !slices.Contains(words, "compose") && !slices.Contains(words, "dockercompose") {
		return false, false, false
	}
	if slices.ContainsFunc(words, func(w string) bool { return w == "example" || w == "sample" || w == "template" }) {
		return false, false, false
	}
	switch stem {
	case "compose", "docker-compose":
		return true, true, false
	case "compose.override", "docker-compose.override":
		return true, false, true
	}
	return true, slices.ContainsFunc(words, func(w string) bool { return slices.Contains(baseWords, w) }), false
}

// project is a list of Compose files that are used together.
type project struct {
	dir, root   string
	environment Environment
	files       []string
}

func loadCompose(ctx context.Context, t *Tree) []Unit {
	byDir := map[string][]string{}
	var dirs []string
	for _, p := range t.paths {
		if is, _, _ := composeName(p); is {
			dir := path.Dir(p)
			if byDir[dir] == nil {
				dirs = append(dirs, dir)
			}
			byDir[dir] = append(byDir[dir], p)
		}
	}
	if len(dirs) == 0 {
		return nil
	}
	together := t.usedTogether()
	// What another file includes is a part of that project.
	for _, dir := range dirs {
		for _, p := range byDir[dir] {
			for _, inc := range t.includedBy(p) {
				if at := path.Dir(inc); inc != p && !slices.Contains(t.includedBy(inc), p) {
					byDir[at] = slices.DeleteFunc(byDir[at], func(f string) bool { return f == inc })
				}
			}
		}
	}
	var units []Unit
	for _, dir := range dirs[:min(len(dirs), maxProjects)] {
		for _, pr := range t.projects(dir, byDir[dir], together) {
			if ctx.Err() != nil {
				return units
			}
			units = append(units, t.composeUnits(pr)...)
		}
	}
	return units
}

// includedBy are the files that a Compose file includes.
func (t *Tree) includedBy(p string) []string {
	var list []string
	for _, doc := range t.nodes(p) {
		for _, inc := range doc.List("include") {
			for _, n := range append([]*document.Node{inc, inc.Get("path")}, inc.List("path")...) {
				if n != nil && n.Scalar() && !remote(n.Value) {
					list = append(list, path.Join(path.Dir(p), n.Value))
				}
			}
		}
	}
	return list
}

// projects sorts the Compose files of one folder: the base alone, and the base with each file of an environment, unless
// that file stands for itself.
func (t *Tree) projects(dir string, files []string, together [][]string) []project {
	var bases, overrides []string
	variants := map[Environment][]string{}
	folder, _, root := InFolder(dir)
	for _, p := range files {
		_, base, override := composeName(p)
		e, word := InName(path.Base(p))
		switch {
		case base && word == "":
			bases = append(bases, p)
		case override:
			overrides = append(overrides, p)
		case word != "":
			variants[e] = append(variants[e], p)
		default:
			// A file of a name of its own (docker-compose.db.yml) is a part that may or may not be used: a project for itself.
			variants["\x00"+Environment(p)] = append(variants["\x00"+Environment(p)], p)
		}
	}
	// compose.yaml wins over docker-compose.yml where both are there.
	slices.SortStableFunc(bases, func(a, b string) int { return rankBase(a) - rankBase(b) })
	var list []project
	environments := 0
	for e, files := range variants {
		if e.Deployed() && !strings.HasPrefix(string(e), "\x00") {
			environments++
		}
		pr := project{dir: dir, root: root, environment: e, files: files}
		if strings.HasPrefix(string(e), "\x00") {
			pr.environment = folder
			if len(bases) > 0 {
				continue // seen where a command names it together with the base
			}
		} else if group := groupOf(together, files[0]); group != nil {
			pr.files = group
		} else if !t.standsAlone(files, bases) {
			pr.files = append(slices.Clone(bases), files...)
		}
		list = append(list, pr)
	}
	if len(bases) > 0 {
		pr := project{dir: dir, root: root, environment: folder, files: append(slices.Clone(bases[:1]), overrides...)}
		if pr.environment == Everywhere && environments > 0 {
			pr.environment = Local
		}
		if len(overrides) > 0 && environments == 0 {
			// What is laid over by custom is for a developer's machine; the base alone is what is deployed.
			list = append(list, project{dir: dir, root: root, environment: folder, files: bases[:1]})
			pr.environment = Local
		}
		if variants[pr.environment] == nil {
			list = append(list, pr)
		}
	}
	slices.SortFunc(list, func(a, b project) int { return a.environment.Compare(b.environment) })
	return list
}

func rankBase(p string) int {
	return slices.Index([]string{"compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"}, path.Base(p)) & 7
}

// standsAlone says whether files of an environment define every service by themselves, as a copy of the base does:
// an overlay leaves image and build to the base in some service.
func (t *Tree) standsAlone(files, bases []string) bool {
	if len(bases) == 0 {
		return true
	}
	own := t.servicesOf(files)
	if len(own) == 0 {
		return false
	}
	for name, complete := range own {
		if !complete {
			return false
		}
		_ = name
	}
	missing := 0
	for name := range t.servicesOf(bases) {
		if _, ok := own[name]; !ok {
			missing++
		}
	}
	return missing == 0
}

// servicesOf are the services of files, and whether each has an image or a build.
func (t *Tree) servicesOf(files []string) map[string]bool {
	list := map[string]bool{}
	for _, p := range files {
		for _, doc := range t.nodes(p) {
			services := doc.Get("services")
			if services == nil {
				continue
			}
			for _, s := range services.Pairs {
				list[s.Key] = list[s.Key] || s.Value.Get("image") != nil || s.Value.Get("build") != nil || s.Value.Get("extends") != nil
			}
		}
	}
	return list
}

// usedTogether are the lists of Compose files that commands in the repository name together: -f a -f b, COMPOSE_FILE=a:b.
func (t *Tree) usedTogether() [][]string {
	var groups [][]string
	seen := 0
	for _, p := range t.paths {
		if !commandFile(p) || seen >= 60 {
			continue
		}
		text, ok := t.peek(p)
		if !ok || !strings.Contains(text, "compose") {
			continue
		}
		seen++
		text = strings.ReplaceAll(text, "\\\n", " ")
		for l := range strings.Lines(text) {
			if !strings.Contains(l, "compose") || len(l) > 2000 {
				continue
			}
			var named []string
			fields := strings.Fields(strings.NewReplacer(`"`, " ", "'", " ", "`", " ", "=", " ", ",", " ").Replace(l))
			for i, f := range fields {
				switch {
				case (f == "-f" || f == "--file" || f == "-c" || f == "--compose-file") && i+1 < len(fields):
					named = append(named, fields[i+1])
				case f == "COMPOSE_FILE" && i+1 < len(fields):
					named = append(named, strings.Split(fields[i+1], ":")...)
				}
			}
			if group := t.located(p, named); len(group) > 0 {
				groups = append(groups, group)
			}
		}
	}
	return groups
}

// commandFile says whether a file holds the commands that deploy.
func commandFile(p string) bool {
	base := strings.ToLower(path.Base(p))
	switch base {
	case "makefile", "justfile", "taskfile.yml", "taskfile.yaml", "package.json", "readme.md", "deploy.md", "deployment.md", "jenkinsfile", ".gitlab-ci.yml", ".env":
		return true
	}
	return path.Ext(base) == ".sh" || path.Ext(base) == ".mk" || strings.HasPrefix(p, ".github/workflows/")
}

// located finds the named Compose files from the folder of the file that names them, or from the root.
func (t *Tree) located(from string, named []string) []string {
	var list []string
	for _, n := range named {
		if is, _, _ := composeName(n); !is {
			continue
		}
		found := ""
		for _, dir := range []string{path.Dir(from), "."} {
			if p := path.Join(dir, n); t.Has(p) {
				found = p
				break
			}
		}
		if found == "" {
			// Named by its base where that is unmistakable.
			for _, p := range t.paths {
				if path.Base(p) == path.Base(n) {
					if found != "" {
						return nil
					}
					found = p
				}
			}
		}
		if found == "" {
			return nil
		}
		list = append(list, found)
	}
	return list
}

// groupOf is the list that ends with or has the file, nil where no command names it.
func groupOf(groups [][]string, p string) []string {
	for _, g := range groups {
		if slices.Contains(g, p) {
			return g
		}
	}
	return nil
}
