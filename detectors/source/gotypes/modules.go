package gotypes

// Folders and import paths, and what of them the branch reaches.

import (
	"path"
	"slices"
	"strings"
)

// Own says that an import path is one of the repository's at the head.
func (l *Loader) Own(importPath string) bool {
	_, ok := l.folder(Head, importPath)
	return ok
}

// affected says whether the branch changed a package or one that it takes declarations from, however far down.
func (l *Loader) affected(dir string, path map[string]bool) bool {
	if v, ok := l.reached[dir]; ok {
		return v
	}
	if path[dir] || len(path) > 200 {
		return false
	}
	path[dir] = true
	defer delete(path, dir)
	result := l.touched(dir)
	for to := range l.needs(dir) {
		result = result || l.affected(to, path)
	}
	l.reached[dir] = result
	return result
}

// touched says whether the branch changed a file of a package.
func (l *Loader) touched(dir string) bool {
	for side := range l.trees {
		for _, p := range l.trees[side].Below(dir) {
			if strings.HasSuffix(p, ".go") && !strings.HasSuffix(p, "_test.go") && l.changed(p) {
				return true
			}
		}
	}
	return false
}

// importPath is the import path of a folder.
func (l *Loader) importPath(side Side, dir string) string {
	var best *Module
	for i, m := range l.modules[side] {
		inside := m.Dir == "." || m.Dir == dir || strings.HasPrefix(dir, m.Dir+"/")
		if inside && (best == nil || best.Dir == "." || len(m.Dir) > len(best.Dir) && m.Dir != ".") {
			best = &l.modules[side][i]
		}
	}
	if best == nil {
		return dir
	}
	rel := dir
	if best.Dir != "." {
		rel = strings.TrimPrefix(strings.TrimPrefix(dir, best.Dir), "/")
	}
	if rel == "." || rel == "" {
		return best.Path
	}
	return best.Path + "/" + rel
}

// folder is where the package of an import path lies in the repository.
func (l *Loader) folder(side Side, importPath string) (string, bool) {
	for _, m := range l.modules[side] {
		if importPath != m.Path && !strings.HasPrefix(importPath, m.Path+"/") {
			continue
		}
		dir := path.Join(m.Dir, strings.TrimPrefix(strings.TrimPrefix(importPath, m.Path), "/"))
		if slices.ContainsFunc(l.trees[side].Below(dir), func(p string) bool { return strings.HasSuffix(p, ".go") && !strings.HasSuffix(p, "_test.go") }) {
			return dir, true
		}
		return "", false
	}
	return "", false
}
