package contracts

import (
	"path"
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
)

// A goModule is one go.mod of the work tree.
type goModule struct {
	// dir is the folder, "." for the root; path is the module path.
	dir, path string
	// library: made to be imported; a module with programs and no package at its root is an application.
	library bool
	text    string
}

var moduleLine = lazy.New(`(?m)^module\s+"?([^\s"]+)`)

// goModules lists the modules of one side, innermost first.
func goModules(at side) []goModule {
	var list []goModule
	for _, p := range at.paths() {
		if path.Base(p) != "go.mod" || strings.Contains(p, "testdata/") || strings.Contains(p, "vendor/") {
			continue
		}
		text, err := at.text(p)
		if err != nil {
			continue
		}
		if m := moduleLine.FindSubmatch(text); m != nil {
			list = append(list, goModule{dir: path.Dir(p), path: string(m[1]), text: string(text)})
		}
	}
	slices.SortFunc(list, func(a, b goModule) int { return len(b.dir) - len(a.dir) })
	for i := range list {
		list[i].library = isLibrary(at, &list[i])
	}
	return list
}

func (m *goModule) holds(p string) bool {
	return m.dir == "." || strings.HasPrefix(p, m.dir+"/")
}

// moduleOf is the innermost module around a path, nil for none.
func moduleOf(list []goModule, p string) *goModule {
	for i := range list {
		if list[i].holds(p) {
			return &list[i]
		}
	}
	return nil
}

// importPath is the import path of a folder of the module.
func (m *goModule) importPath(dir string) string {
	rel := dir
	if m.dir != "." {
		rel = strings.TrimPrefix(strings.TrimPrefix(dir, m.dir), "/")
	}
	if rel == "." || rel == "" {
		return m.path
	}
	return m.path + "/" + rel
}

var sideFolders = lazy.New(`(^|/)(internal|examples?|_?examples|tools?|hack|scripts?|testdata|docs?|benchmarks?|bench|misc|contrib|website|e2e|tests?|integration|vendor|third_party)(/|$)`)

// isLibrary says that a module is there for others to import: it is the whole repository with an importable package at its
// root, or it has no program and says that it may be used (a licence) or how (its import path in a README or a document).
func isLibrary(at side, m *goModule) bool {
	for _, p := range at.below(m.dir) {
		if strings.HasSuffix(p, ".go") && !strings.HasSuffix(p, "_test.go") {
			if f := at.file(p); f != nil && f.GoFile != nil && !ignoredBuild(f.Text) {
				if name := f.GoFile.Name.Name; name == "main" || m.dir == "." {
					return name != "main"
				}
				break
			}
		}
	}
	for _, p := range at.paths() {
		if path.Base(p) == "main.go" && m.holds(p) && !sideFolders.MatchString(path.Dir(p)) {
			return false
		}
	}
	return published(at, m)
}

var licenceFile = lazy.New(`(?i)^(?:licen[cs]e|copying|unlicense)`)

func published(at side, m *goModule) bool {
	for _, dir := range []string{m.dir, "."} {
		for _, p := range at.below(dir) {
			base := path.Base(p)
			if licenceFile.MatchString(base) {
				return true
			}
			if strings.HasPrefix(strings.ToLower(base), "readme") || base == "doc.go" {
				if text, err := at.text(p); err == nil && (strings.Contains(string(text), "go get ") || strings.Contains(string(text), m.path)) {
					return true
				}
			}
		}
	}
	return false
}

var constraint = lazy.New(`(?m)^//\s?(?:go:build|\+build)\s+(.+)$`)

func ignoredBuild(text []byte) bool {
	m := constraint.FindSubmatch(text[:min(len(text), 2000)])
	return m != nil && strings.Contains(string(m[1]), "ignore")
}
