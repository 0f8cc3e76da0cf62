package effective

// .env files: a family of them is one unit, .env and .env.local below .env.production, as dotenv-flow, Vite and Next read
// them.

import (
	"context"
	"errors"
	"maps"
	"path"
	"slices"
	"strings"
)

// line is one KEY=value of an env file.
type line struct {
	name, value string
	line        int
	// bare: the name stands alone and takes its value from the shell.
	bare bool
}

const maxLines = 5000

// parseDotenv reads KEY=value lines: export prefixes, quotes over several lines and comments behind a value as the
// dotenv libraries agree on them. The error says where a line is none; the other lines are given all the same.
func parseDotenv(text []byte) (list []line, err error) {
	lines := strings.Split(strings.TrimPrefix(string(text), "\ufeff"), "\n")
	for i := 0; i < len(lines); i++ {
		if len(list) >= maxLines {
			return list, errors.New("has too many lines to be read as an env file")
		}
		at := i + 1
		text := strings.TrimSpace(lines[i])
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		text = strings.TrimSpace(strings.TrimPrefix(text, "export "))
		name, value, ok := strings.Cut(text, "=")
		if !ok {
			if n, v, colon := strings.Cut(text, ":"); colon && envName(strings.TrimSpace(n)) {
				name, value, ok = n, v, true
			}
		}
		name = strings.TrimSpace(name)
		if !envName(name) {
			if err == nil {
				err = errors.New("has lines that are not KEY=value")
			}
			continue
		}
		if !ok {
			list = append(list, line{name: name, line: at, bare: true})
			continue
		}
		value = strings.TrimSpace(value)
		if value != "" && strings.ContainsRune(`"'`+"`", rune(value[0])) {
			q := value[:1]
			rest := value[1:]
			for !closes(rest, q) && i+1 < len(lines) && i+1-at < 200 {
				i++
				rest += "\n" + lines[i]
			}
			if end := closing(rest, q); end >= 0 {
				value = rest[:end]
			} else {
				// An open quote holds for its own line only.
				i = at - 1
				value, _, _ = strings.Cut(rest, "\n")
				if err == nil {
					err = errors.New("has a quote that does not end")
				}
			}
		} else if j := strings.Index(value, " #"); j >= 0 {
			value = strings.TrimSpace(value[:j])
		} else if strings.HasPrefix(value, "#") {
			value = ""
		}
		list = append(list, line{name: name, value: value, line: at})
	}
	return list, err
}

func closes(rest, q string) bool { return closing(rest, q) >= 0 }

// closing is where the quote ends, -1 when it does not.
func closing(rest, q string) int {
	for i := 0; i < len(rest); i++ {
		if rest[i] == '\\' && q == `"` {
			i++
		} else if rest[i] == q[0] {
			return i
		}
	}
	return -1
}

// envName says whether a text can be the name of a variable.
func envName(s string) bool {
	if s == "" || len(s) > 200 || s[0] >= '0' && s[0] <= '9' {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if c != '_' && c != '.' && c != '-' && (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') {
			return false
		}
	}
	return true
}

// envFile are the variables of one env file, a Problem for what cannot be read; ok is false where the file is not there.
func (t *Tree) envFile(p string) (list []line, ok bool) {
	if !t.Has(p) {
		return nil, false
	}
	text, err := t.Read(p)
	if err != nil {
		return nil, false
	}
	list, err = parseDotenv(text)
	if err != nil {
		t.problem(p, err.Error())
	}
	return list, true
}

// sampleWords mark files that show what to set and set nothing.
var sampleWords = []string{"example", "sample", "template", "dist", "tpl", "tmpl", "default", "defaults", "schema", "vault"}

// baseWords stand for "all environments" where others name one.
var baseWords = []string{"base", "common", "default", "defaults", "shared", "global", "all", "main"}

// dotenvName says whether a path is an env file, and whether it is a sample of one.
func dotenvName(p string) (is, sample bool) {
	base := strings.ToLower(path.Base(p))
	switch {
	case base == ".envrc", strings.HasSuffix(base, ".env.ts"), strings.HasSuffix(base, ".env.js"):
		return false, false
	case base == ".env", strings.HasPrefix(base, ".env."), strings.HasPrefix(base, ".env-"), strings.HasPrefix(base, ".env_"), strings.HasSuffix(base, ".env"), strings.HasPrefix(base, "env.") && path.Ext(base) != ".ts" && path.Ext(base) != ".js":
	case strings.Contains(base, ".env."):
	default:
		return false, false
	}
	switch path.Ext(base) {
	case ".ts", ".js", ".mjs", ".py", ".go", ".rb", ".rs", ".sh", ".md", ".json", ".yaml", ".yml", ".toml", ".php", ".kt", ".java", ".cs", ".enc", ".gpg", ".age", ".tsx", ".jsx", ".d", ".j2", ".erb", ".ctmpl", ".config", ".service", ".hcl", ".html", ".swift", ".dart":
		return false, false
	}
	return true, slices.ContainsFunc(strings.FieldsFunc(base, func(c rune) bool { return c == '.' || c == '-' || c == '_' }), func(w string) bool { return slices.Contains(sampleWords, w) })
}

// envFamily are the env files that differ in the environment's word only.
type envFamily struct {
	root, name string
	base       []string
	members    map[Environment][]string
}

func loadDotenv(ctx context.Context, t *Tree) []Unit {
	families := map[string]*envFamily{}
	var plain, samples []string
	for _, p := range t.paths {
		is, sample := dotenvName(p)
		switch {
		case !is, sample && t.filledIn(p):
		case sample:
			samples = append(samples, p)
		default:
			e, word, root := InPath(p)
			if word == "" {
				plain = append(plain, p)
				continue
			}
			name := path.Base(p)
			if _, inName := InName(name); inName != "" {
				name = strings.Replace(name, inName, "*", 1)
			}
			// .env.production.local is .env.production on one machine.
			name = strings.TrimSuffix(name, ".local")
			key := root + "\x00" + name
			if families[key] == nil {
				families[key] = &envFamily{root: root, name: name, members: map[Environment][]string{}}
			}
			families[key].members[e] = append(families[key].members[e], p)
		}
	}
	taken := map[string]bool{}
	var units []Unit
	for _, key := range slices.Sorted(maps.Keys(families)) {
		f := families[key]
		for _, p := range plain {
			if f.isBase(p) {
				f.base = append(f.base, p)
				taken[p] = true
			}
		}
		for e, files := range f.members {
			if ctx.Err() != nil {
				return units
			}
			units = append(units, t.dotenvUnit(f.root, f.name, e, append(slices.Clone(f.base), files...)))
		}
	}
	for _, p := range plain {
		if !taken[p] {
			units = append(units, t.dotenvUnit(path.Dir(p), path.Base(p), Everywhere, []string{p}))
		}
	}
	for _, p := range samples {
		u := t.dotenvUnit(path.Dir(p), path.Base(p), Everywhere, []string{p})
		u.Kind = KindExample
		units = append(units, u)
	}
	return units
}

// filledIn says whether a file that is named like an example is a template which a roll-out fills in.
func (t *Tree) filledIn(p string) bool {
	if !envTemplate(p) {
		return false
	}
	text, ok := t.peek(p)
	return ok && placeholder.MatchString(text)
}

// The kinds of units that loaders of env files give. An example shows what to set; nothing runs with it.
const (
	KindDotenv  = "env file"
	KindExample = "env example"
)

// isBase says whether a file without an environment holds for all of a family: .env below .env.*, common.env beside
// staging.env, or the same name in a folder above or in a folder of a base word.
func (f *envFamily) isBase(p string) bool {
	dir, base := path.Dir(p), path.Base(p)
	if strings.Contains(f.name, "*") {
		if dir != f.root {
			return false
		}
		for _, sep := range []string{".*", "-*", "_*", "*.", "*-", "*_"} {
			if strings.Replace(f.name, sep, "", 1) == base && strings.Contains(f.name, sep) {
				return true
			}
		}
		return slices.ContainsFunc(baseWords, func(w string) bool { return strings.Replace(f.name, "*", w, 1) == base })
	}
	if base != f.name {
		return false
	}
	for _, w := range append([]string{""}, baseWords...) {
		if dir == path.Clean(strings.Replace(f.root, "*", w, 1)) {
			return true
		}
	}
	return false
}

func (t *Tree) dotenvUnit(root, name string, e Environment, files []string) Unit {
	u := Unit{Name: name, Kind: KindDotenv, Environment: e, Root: root, Files: files, Variables: map[string]Variable{}, At: Place{Path: files[len(files)-1]}}
	for _, p := range files {
		lines, ok := t.envFile(p)
		if !ok {
			u.open(p + " could not be read")
		}
		lookup := func(name string) (Variable, bool) { v, ok := u.Variables[name]; return v, ok }
		for _, l := range lines {
			if l.bare {
				u.Variables[l.name] = passed(Place{p, l.line}, l.name)
				continue
			}
			u.Variables[l.name] = interpolate(l.value, Place{p, l.line}, lookup)
		}
	}
	return u
}
