package contracts

// Which Python packages of a repository are made for others to install.

import (
	"path"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// A pythonPackage is a top-level package, or a module alone, that a manifest publishes.
type pythonPackage struct {
	// root is the folder that is on the path, top the package's name, stem both together.
	root, top, stem string
	// version is the manifest's, "" when it is worked out elsewhere.
	version string
}

// holds says whether a file belongs to the package.
func (p pythonPackage) holds(file string) bool {
	return strings.HasPrefix(file, p.stem+"/") || file == p.stem+".py"
}

// dotted is a file's name as a module, "" for one that others are not meant to import.
func (p pythonPackage) dotted(file string) string {
	rel := strings.TrimSuffix(strings.TrimSuffix(file, path.Ext(file)), "/__init__")
	if p.root != "." {
		rel = strings.TrimPrefix(rel, p.root+"/")
	}
	for part := range strings.SplitSeq(rel, "/") {
		if strings.HasPrefix(part, "_") || unofferedModule.MatchString(part) {
			return ""
		}
	}
	return strings.ReplaceAll(rel, "/", ".")
}

// unofferedModule are parts of a package that are there for itself.
var unofferedModule = lazy.New(`^(tests?|testing|conftest|vendor|vendored|extern|migrations|alembic|scripts?|examples?|docs?|benchmarks?|internal|internals|settings|cli|__main__)$|^test_|_test$`)

// pythonManifest is what is read of pyproject.toml (PEP 517, 621) and of Poetry's and uv's own tables.
type pythonManifest struct {
	Project struct {
		Name, Version string
		Classifiers   []string
	}
	BuildSystem struct {
		Requires []string
	} `toml:"build-system"`
	Tool struct {
		Poetry struct {
			Name, Version string
			PackageMode   *bool `toml:"package-mode"`
			Classifiers   []string
		}
		UV struct {
			Package *bool
		}
	}
}

var (
	pythonSetup     = lazy.New(`(?m)^(?:[\w.]+\.)?setup\(`)
	pythonSetupName = lazy.New(`(?m)^\s*name\s*=\s*["']?([\w.-]+)`)
	pythonUploads   = lazy.New(`gh-action-pypi-publish|twine upload|\b(uv|poetry|flit|hatch|pdm|maturin) publish|python-semantic-release`)
	deployed        = lazy.New(`(?i)^(manage\.py|dockerfile.*|.*\.dockerfile|(docker-)?compose.*\.ya?ml|procfile|alembic\.ini|fly\.toml|app\.json|serverless\.ya?ml|render\.yaml)$`)
)

// pythonPackages lists what the manifests of one side publish.
func pythonPackages(at side) []pythonPackage {
	dirs := map[string]bool{}
	for _, p := range at.paths() {
		switch path.Base(p) {
		case "pyproject.toml", "setup.cfg", "setup.py":
			if dir := path.Dir(p); !source.IsTest(p) && !source.IsExample(p) && !source.IsDoc(p) {
				dirs[dir] = true
			}
		}
	}
	var list []pythonPackage
	released := false
	for i, dir := range keysOf(dirs) {
		if i > 200 {
			break
		}
		name, version := manifestOf(at, dir)
		if name == "" {
			continue
		}
		if slices.ContainsFunc(at.below(dir), func(p string) bool { return deployed.MatchString(path.Base(p)) }) {
			if released = released || uploaded(at); !released {
				continue
			}
		}
		list = append(list, topPackages(at, dir, name, version)...)
	}
	return list
}

// manifestOf is the distribution's name and version, "" when the folder's manifests publish none.
func manifestOf(at side, dir string) (name, version string) {
	if text, err := at.text(path.Join(dir, "pyproject.toml")); err == nil {
		var m pythonManifest
		if toml.Unmarshal(text, &m) != nil {
			return "", ""
		}
		poetry := m.Tool.Poetry
		private := func(c string) bool { return strings.HasPrefix(c, "Private ::") }
		if m.Tool.UV.Package != nil && !*m.Tool.UV.Package || poetry.PackageMode != nil && !*poetry.PackageMode ||
			slices.ContainsFunc(m.Project.Classifiers, private) || slices.ContainsFunc(poetry.Classifiers, private) {
			return "", ""
		}
		if len(m.BuildSystem.Requires) > 0 && m.Project.Name != "" {
			return m.Project.Name, m.Project.Version
		}
		if poetry.Name != "" {
			return poetry.Name, poetry.Version
		}
	}
	for _, file := range []string{"setup.cfg", "setup.py"} {
		text, err := at.text(path.Join(dir, file))
		if err != nil || file == "setup.py" && !pythonSetup.Match(text) || strings.Contains(string(text), "Private ::") {
			continue
		}
		if m := pythonSetupName.FindSubmatch(text); m != nil {
			return string(m[1]), ""
		}
	}
	return "", ""
}

// uploaded says that a pipeline pythonUploads a distribution.
func uploaded(at side) bool {
	for _, p := range at.paths() {
		if !pipeline(p) && path.Base(p) != "Makefile" {
			continue
		}
		if text, err := at.text(p); err == nil && pythonUploads.Match(text) {
			return true
		}
	}
	return false
}

// topPackages are the packages and modules that a distribution consists of: the one of its own name, else all beside the
// manifest or below src/ that are not for tests and tools.
func topPackages(at side, dir, name, version string) []pythonPackage {
	var all, named []pythonPackage
	wanted := strings.NewReplacer("-", "_", ".", "_").Replace(strings.ToLower(name))
	add := func(root, top string) {
		p := pythonPackage{root, top, path.Join(root, top), version}
		if strings.EqualFold(top, wanted) {
			named = append(named, p)
		}
		if !unofferedModule.MatchString(top) && !strings.HasPrefix(top, "_") && !sideFolders.MatchString(top) && !source.IsTest(top+"/x.py") {
			all = append(all, p)
		}
	}
	seen := map[string]bool{}
	for _, root := range []string{path.Join(dir, "src"), dir} {
		prefix := root + "/"
		if root == "." {
			prefix = ""
		}
		for _, p := range at.paths() {
			rel, ok := strings.CutPrefix(p, prefix)
			if !ok {
				continue
			}
			if top, file, nested := strings.Cut(rel, "/"); nested && (file == "__init__.py" || file == "py.typed") && !seen[path.Join(root, top)] {
				seen[path.Join(root, top)] = true
				add(root, top)
			} else if stem, isPy := strings.CutSuffix(rel, ".py"); isPy && !nested && strings.EqualFold(stem, wanted) {
				add(root, stem)
			}
		}
	}
	if len(named) > 0 {
		return named
	}
	return all
}
