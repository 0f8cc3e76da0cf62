package pyapi

// Where modules stand on one side of a repository.

import (
	"path"
	"sort"
	"strings"

	"flightpoll/detectors/source"
)

// Files reads one side of a repository. File is nil for what is not there or cannot be read; Paths are all paths, sorted.
type Files interface {
	File(path string) *source.File
	Exists(path string) bool
	Paths() []string
}

// State is the answer to whether a name is there.
type State int

// The answers. Unknown: names come and go at run time, or come from outside of the repository.
const (
	Gone State = iota
	Found
	Unknown
)

// Tree resolves names on one side of a repository. It is not safe for concurrent use.
type Tree struct {
	files   Files
	modules map[string]*Module
	roots   map[string][]string
}

// NewTree reads nothing yet.
func NewTree(files Files) *Tree { return &Tree{files: files, modules: map[string]*Module{}} }

// Module is what a file offers, nil when it cannot be read.
func (t *Tree) Module(p string) *Module {
	m, known := t.modules[p]
	if !known {
		if f := t.files.File(p); f != nil && f.Lang == source.Python {
			m = Read(f)
		}
		t.modules[p] = m
	}
	return m
}

// at is the file of a module whose path without ending is stem, "" for none.
func (t *Tree) at(stem string) string {
	for _, tail := range []string{".py", "/__init__.py", ".pyi", "/__init__.pyi"} {
		if t.files.Exists(stem + tail) {
			return stem + tail
		}
	}
	return ""
}

// folder says whether there is any file below a folder.
func (t *Tree) folder(dir string) bool {
	paths := t.files.Paths()
	i := sort.SearchStrings(paths, dir+"/")
	return i < len(paths) && strings.HasPrefix(paths[i], dir+"/")
}

// stems are the paths, without ending, that an imported module may have, seen from a file: one for a relative import.
func (t *Tree) stems(from, imported string) []string {
	rel := strings.TrimLeft(imported, ".")
	at := strings.ReplaceAll(rel, ".", "/")
	if ups := len(imported) - len(rel); ups > 0 {
		dir := path.Dir(from)
		for range ups - 1 {
			dir = path.Dir(dir)
		}
		return []string{path.Join(dir, at)}
	}
	var list []string
	add := func(stem string) {
		for _, s := range list {
			if s == stem {
				return
			}
		}
		if t.at(stem) != "" || t.folder(stem) {
			list = append(list, stem)
		}
	}
	for dir := path.Dir(from); ; dir = path.Dir(dir) {
		if !t.files.Exists(path.Join(dir, "__init__.py")) { // a package's folder is on nobody's path
			add(path.Join(dir, at))
			add(path.Join(dir, "src", at))
		}
		if len(list) > 0 || dir == "." || dir == "/" {
			break
		}
	}
	if len(list) > 0 {
		return list[:1]
	}
	top, _, _ := strings.Cut(rel, ".")
	for _, root := range t.rootsOf(top) {
		add(path.Join(root, at))
	}
	return list
}

// maxRoots bounds the folders that a top-level name may stand in; past it nobody can say which one is meant.
const maxRoots = 4

// rootsOf are the folders in which a top-level package or module of that name stands, outermost first.
func (t *Tree) rootsOf(top string) []string {
	if t.roots == nil {
		t.roots = map[string][]string{}
		seen := map[string]bool{}
		add := func(name, root string) {
			if key := name + "\x00" + root; !seen[key] {
				seen[key] = true
				t.roots[name] = append(t.roots[name], root)
			}
		}
		for _, p := range t.files.Paths() {
			if path.Ext(p) != ".py" {
				continue
			}
			if dir := path.Dir(p); path.Base(p) != "__init__.py" && !t.files.Exists(path.Join(dir, "__init__.py")) {
				add(strings.TrimSuffix(path.Base(p), ".py"), dir)
			}
			for dir := path.Dir(p); dir != "."; dir = path.Dir(dir) {
				if root := path.Dir(dir); !t.files.Exists(path.Join(root, "__init__.py")) {
					add(path.Base(dir), root)
				}
			}
		}
	}
	if list := t.roots[top]; len(list) <= maxRoots {
		return list
	}
	return nil
}

// File is the file of a module whose path without ending is stem, "" for none.
func (t *Tree) File(stem string) string { return t.at(stem) }
