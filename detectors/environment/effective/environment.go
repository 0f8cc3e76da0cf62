package effective

// The names of environments, and how paths tell them.

import (
	"path"
	"slices"
	"strings"
)

// Environment is the canonical name of an environment.
type Environment string

// The environments that layouts commonly know. Everywhere is what holds for all of them.
const (
	Everywhere  Environment = ""
	Production  Environment = "production"
	Staging     Environment = "staging"
	Preview     Environment = "preview"
	Development Environment = "development"
	Testing     Environment = "testing"
	Local       Environment = "local"
)

// words are the words in paths that name an environment.
var words = map[string]Environment{
	"production": Production, "prod": Production, "prd": Production, "live": Production,
	"staging": Staging, "stage": Staging, "stg": Staging, "preprod": Staging, "preproduction": Staging, "uat": Staging, "acceptance": Staging, "acc": Staging,
	"preview": Preview, "sandbox": Preview, "canary": Preview, "demo": Preview, "qa": Preview, "beta": Preview,
	"development": Development, "dev": Development, "develop": Development,
	"test": Testing, "testing": Testing, "ci": Testing, "e2e": Testing,
	"local": Local, "localhost": Local,
}

// order is that of reports: production first.
var order = []Environment{Production, Staging, Preview, Development, Testing, Local}

// Compare orders environments: production first, those of other names last, by name.
func (e Environment) Compare(other Environment) int {
	rank := func(e Environment) int {
		if i := slices.Index(order, e); i >= 0 {
			return i
		}
		return len(order)
	}
	if d := rank(e) - rank(other); d != 0 {
		return d
	}
	return strings.Compare(string(e), string(other))
}

// Deployed says that people other than developers use the environment; so do those of names of one's own.
func (e Environment) Deployed() bool {
	switch e {
	case Everywhere, Development, Testing, Local:
		return false
	case Production, Staging, Preview:
	}
	return true
}

// Known is the environment that a word commonly names.
func Known(word string) (Environment, bool) {
	e, ok := words[strings.ToLower(word)]
	return e, ok
}

// EnvironmentOf is the environment that a word names, or the word itself as a name of one's own.
func EnvironmentOf(word string) Environment {
	if e, ok := Known(word); ok {
		return e
	}
	return Environment(strings.ToLower(word))
}

// InName finds the environment's word in a file's or an object's name, between dots, dashes and underscores.
func InName(name string) (e Environment, word string) {
	for i, piece := range strings.FieldsFunc(name, func(c rune) bool { return c == '.' || c == '-' || c == '_' }) {
		if i == 0 && strings.HasPrefix(name, ".") && strings.EqualFold(piece, "env") {
			continue
		}
		if e, ok := Known(piece); ok {
			return e, piece
		}
	}
	return Everywhere, ""
}

// InPath finds the environment of a file: by its name first, else by the innermost folder that is one. word is as the path
// has it; root is the path of the file's folder with "*" for that folder.
func InPath(p string) (e Environment, word, root string) {
	dir, base := path.Dir(p), path.Base(p)
	if e, word := InName(base); word != "" {
		return e, word, dir
	}
	return InFolder(dir)
}

// InFolder finds the environment of a folder: by the innermost part that is an environment's whole name, else by a word in
// one ("env-prod"). root is the folder with "*" in that place, the folder itself where there is none.
func InFolder(dir string) (e Environment, word, root string) {
	folders := strings.Split(path.Clean(dir), "/")
	starred := func(i int, part string) string {
		list := slices.Clone(folders)
		list[i] = part
		return path.Join(list...)
	}
	for i := len(folders) - 1; i >= 0; i-- {
		if e, ok := Known(folders[i]); ok && e != Testing {
			return e, folders[i], starred(i, "*")
		}
	}
	for i := len(folders) - 1; i >= 0; i-- {
		if e, word := InName(folders[i]); word != "" && e != Testing && e != Preview {
			return e, word, starred(i, strings.Replace(folders[i], word, "*", 1))
		}
	}
	return Everywhere, "", path.Clean(dir)
}
