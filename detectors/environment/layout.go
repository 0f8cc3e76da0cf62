package environment

// Which files configure which environment, told by their paths alone.

import (
	"path"
	"slices"
	"strings"

	"flightpoll/detectors/environment/effective"
	"flightpoll/detectors/lazy"
)

// Environment is the canonical name of an environment.
type Environment = effective.Environment

// The environments that layouts commonly know. Everywhere is what holds for all of them.
const (
	Everywhere  = effective.Everywhere
	Production  = effective.Production
	Staging     = effective.Staging
	Preview     = effective.Preview
	Development = effective.Development
	Testing     = effective.Testing
	Local       = effective.Local
)

// member is a file's place in a family: its environment and the path with the environment's word replaced by "*".
type member struct {
	path        string
	environment Environment
	// word is the environment as the path has it.
	word string
	// family is the path with the word replaced; for a word that is a folder, kind of file and folder only, as the files
	// below it are read together.
	family string
}

// layout is every environment's files of a repository.
type layout struct {
	members  map[string]member
	families map[string][]member
	// bases are the files that hold below all environments of a family.
	bases map[string][]string
	all   map[string]bool
	// candidates are the files that may configure an environment, by their names.
	candidates []string
}

// environmentFile is the name of a file that may configure an environment.
var environmentFile = lazy.New(`(?i)^(\.env[\w.\-]*|[\w.\-]*\.env(\.[\w.\-]+)?|env\.[\w.\-]+|[\w.\-]+\.(ya?ml|json|jsonc|json5|toml|tfvars|properties|ini|conf|cfg|vars|hcl|tpl|tmpl|gotmpl|j2|cue|jsonnet|libsonnet|bicepparam))$`)

// configLike says whether a file's name is one that may configure an environment.
func configLike(p string) bool { return environmentFile.MatchString(path.Base(p)) }

// readLayout sorts paths into families. settings, when given, name the files of each environment themselves.
func readLayout(paths []string, settings map[string][]string) *layout {
	l := &layout{members: map[string]member{}, families: map[string][]member{}, bases: map[string][]string{}, all: map[string]bool{}}
	for _, p := range paths {
		l.all[p] = true
	}
	if len(settings) > 0 {
		l.fromSettings(settings)
		return l
	}
	for _, p := range paths {
		if !configLike(p) || aside(p) {
			continue
		}
		l.candidates = append(l.candidates, p)
		if sampleName.MatchString(path.Base(p)) {
			continue
		}
		if m, ok := placeOf(p); ok {
			l.members[p] = m
			l.families[m.family] = append(l.families[m.family], m)
		}
	}
	for family := range l.families {
		l.bases[family] = l.findBases(family)
	}
	return l
}

// fromSettings takes what the policy says: files of one environment only are overlays, files of all are the base.
func (l *layout) fromSettings(settings map[string][]string) {
	uses := map[string]int{}
	for _, files := range settings {
		for _, p := range files {
			uses[p]++
		}
	}
	for name, files := range settings {
		env := effective.EnvironmentOf(name)
		for _, p := range files {
			if len(settings) > 1 && uses[p] == len(settings) {
				if !slices.Contains(l.bases["policy"], p) {
					l.bases["policy"] = append(l.bases["policy"], p)
				}
				continue
			}
			m := member{path: p, environment: env, word: name, family: "policy"}
			l.members[p] = m
			l.families["policy"] = append(l.families["policy"], m)
		}
	}
	for _, list := range l.families {
		slices.SortFunc(list, func(a, b member) int { return strings.Compare(a.path+a.word, b.path+b.word) })
	}
}

// placeOf finds the environment's word in a path: in the file's name first, else in the innermost folder that is one.
func placeOf(p string) (member, bool) {
	dir, base := path.Split(p)
	for i, piece := range pieces(base) {
		word := strings.ToLower(piece)
		env, ok := effective.Known(word)
		if !ok || i == 0 && strings.HasPrefix(base, ".") && word == "env" {
			continue
		}
		return member{path: p, environment: env, word: piece, family: dir + replaceWord(base, piece)}, true
	}
	folders := strings.Split(strings.TrimSuffix(dir, "/"), "/")
	for i := len(folders) - 1; i >= 0; i-- {
		word := strings.ToLower(folders[i])
		env, ok := effective.Known(word)
		if !ok || env == Testing {
			continue
		}
		return member{path: p, environment: env, word: folders[i], family: strings.Join(folders[:i], "/") + "/*/" + kindOf(p)}, true
	}
	return member{}, false
}

// kindOf keeps files of different formats in one folder apart.
func kindOf(p string) string {
	base := path.Base(p)
	switch ext := strings.ToLower(path.Ext(base)); {
	case strings.HasSuffix(base, ".tfvars") || strings.HasSuffix(base, ".tfvars.json"):
		return "tfvars"
	case strings.HasPrefix(base, ".env") || ext == ".env":
		return "env"
	case ext == ".yaml" || ext == ".yml":
		if strings.HasPrefix(base, "values") {
			return "values"
		}
		return "yaml"
	default:
		return base
	}
}

// pieces are the words of a file's name between dots, dashes and underscores.
func pieces(base string) []string {
	return strings.FieldsFunc(base, func(c rune) bool { return c == '.' || c == '-' || c == '_' })
}

func replaceWord(base, word string) string {
	i := strings.Index(base, word)
	return base[:i] + "*" + base[i+len(word):]
}

var baseWords = []string{"base", "common", "default", "defaults", "shared", "global", "all", "main", "_default"}

// findBases are the files of a family without an environment: the name without the word, or a base word in its place.
func (l *layout) findBases(family string) []string {
	var list []string
	if dir, rest, ok := strings.Cut(family, "/*/"); ok || strings.HasPrefix(family, "*/") {
		if !ok {
			dir, rest = "", strings.TrimPrefix(family, "*/")
		}
		parents := []string{dir, path.Dir(dir)}
		for _, p := range l.candidates {
			if kindOf(p) != rest {
				continue
			}
			for i, parent := range parents {
				below, in := strings.CutPrefix(p, strings.TrimPrefix(parent+"/", "/"))
				first, _, nested := strings.Cut(below, "/")
				if in && (nested && slices.Contains(baseWords, strings.ToLower(first)) || !nested && i == 0) {
					list = append(list, p)
					break
				}
			}
		}
		slices.Sort(list)
		return list
	}
	for _, sep := range []string{".*", "-*", "_*", "*.", "*-", "*_"} {
		if strings.Contains(family, sep) {
			if p := strings.Replace(family, sep, "", 1); l.all[p] {
				list = append(list, p)
			}
		}
	}
	for _, w := range baseWords {
		if p := strings.Replace(family, "*", w, 1); l.all[p] {
			list = append(list, p)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// environments are those of a family, production first.
func (l *layout) environments(family string) []Environment {
	var list []Environment
	for _, m := range l.families[family] {
		if !slices.Contains(list, m.environment) {
			list = append(list, m.environment)
		}
	}
	slices.SortFunc(list, Environment.Compare)
	return list
}

// files are a family's files of one environment.
func (l *layout) files(family string, env Environment) []string {
	var list []string
	for _, m := range l.families[family] {
		if m.environment == env {
			list = append(list, m.path)
		}
	}
	return list
}
