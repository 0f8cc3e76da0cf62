package pyapi

// What a module offers to others.

import (
	"path"
	"strings"
)

// Public are the names that a module offers to others: those of __all__, else what it declares without a leading underscore,
// and in a package's __init__ what it takes from its own package.
func (t *Tree) Public(file string) []string {
	m := t.Module(file)
	if m == nil {
		return nil
	}
	if m.HasAll {
		return m.All
	}
	var list []string
	for _, name := range sortedKeys(m.Members) {
		own := m.Members[name]
		if strings.HasPrefix(name, "_") || own.Kind == Import && (!strings.HasPrefix(path.Base(file), "__init__.") || !t.inPackage(file, own.From)) {
			continue
		}
		list = append(list, name)
	}
	if strings.HasPrefix(path.Base(file), "__init__.") {
		for _, star := range m.Stars {
			if !t.inPackage(file, star) {
				continue
			}
			for _, stem := range t.stems(file, star) {
				if p := t.at(stem); p != "" && p != file && path.Base(p) != "__init__.py" {
					list = append(list, t.Public(p)...)
				}
			}
		}
	}
	return list
}

// inPackage says that an imported module is one of the file's own package.
func (t *Tree) inPackage(file, imported string) bool {
	if strings.HasPrefix(imported, ".") {
		return true
	}
	top, _, _ := strings.Cut(imported, ".")
	return contains(strings.Split(path.Dir(file), "/"), top)
}
