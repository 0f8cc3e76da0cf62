package environment

// Files that hold several environments as sections: wrangler.toml, netlify.toml.

import (
	"path"
	"strings"

	"flightpoll/detectors/environment/effective"
	"flightpoll/detectors/lazy"
)

// sectioned is one such file: the environment and the table of each line.
type sectioned struct {
	path string
	// inherits: what stands outside of all sections holds inside of each.
	inherits bool
	lines    []sectionLine
	// present are the environments that have a section.
	present []Environment
	words   map[Environment]string
}

type sectionLine struct {
	environment Environment
	text        string
	variables   bool
}

var (
	tomlTable   = lazy.New(`^\s*\[\[?\s*([^\]]+?)\s*\]\]?`)
	wranglerEnv = lazy.New(`^env\.["']?([\w-]+)["']?(?:\.(.*))?$`)
	netlifyEnv  = lazy.New(`^context\.["']?([\w-]+)["']?(?:\.(.*))?$`)
	netlifyMap  = map[string]Environment{"production": Production, "deploy-preview": Preview, "branch-deploy": Preview, "dev": Development, "staging": Staging}
)

// section reads a file as sections, nil when its name is none of those that have them.
func (l *ledger) section(p string) *sectioned {
	if s, ok := l.sections[p]; ok {
		return s
	}
	var s *sectioned
	switch base := path.Base(p); {
	case strings.HasPrefix(base, "wrangler") && strings.HasSuffix(base, ".toml"):
		s = readSections(p, l.text(p), wranglerEnv, false)
	case base == "netlify.toml":
		s = readSections(p, l.text(p), netlifyEnv, true)
	}
	l.sections[p] = s
	return s
}

func readSections(p string, lines []string, table *lazy.Regexp, inherits bool) *sectioned {
	s := &sectioned{path: p, inherits: inherits, words: map[Environment]string{}}
	env, variables := Everywhere, false
	for _, line := range lines {
		if m := tomlTable.FindStringSubmatch(line); m != nil {
			env, variables = Everywhere, m[1] == "vars" || strings.HasSuffix(m[1], "environment")
			if e := table.FindStringSubmatch(m[1]); e != nil {
				env = environmentOf(e[1])
				variables = e[2] == "vars" || e[2] == "environment"
				if s.words[env] == "" {
					s.words[env] = e[1]
					s.present = append(s.present, env)
				}
			}
		}
		s.lines = append(s.lines, sectionLine{environment: env, text: line, variables: variables || strings.Contains(line, "vars")})
	}
	return s
}

// environmentOf is the canonical environment of a word, or the word itself.
func environmentOf(word string) Environment {
	if e, ok := netlifyMap[word]; ok {
		return e
	}
	return effective.EnvironmentOf(word)
}

// evidence gives one piece for each section that names the variable. What stands outside of the sections is the local
// environment's where sections do not inherit it.
func (s *sectioned) evidence(e evidence, name string) []evidence {
	var list []evidence
	seen := map[Environment]bool{}
	for i, line := range s.lines {
		if !strings.Contains(line.text, name) || !wordIn(line.text, name) {
			continue
		}
		g := givingOf(line.text, name, "")
		env := line.environment
		if env == Everywhere && !s.inherits && len(s.present) > 0 && line.variables {
			env = Local
		}
		if g == named || seen[env] {
			continue
		}
		seen[env] = true
		e.line, e.giving, e.environment, e.family = i+1, g, env, s.path
		list = append(list, e)
	}
	return list
}
