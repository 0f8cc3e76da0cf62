package pyapi

// What a name leads to, through imports, aliases, base classes and submodules.

import (
	"path"
	"strings"
)

// Lookup finds a name in a module's file, through imports, aliases and submodules.
func (t *Tree) Lookup(file, name string) (*Member, State) { return t.lookup(file, name, 0) }

func (t *Tree) lookup(file, name string, depth int) (*Member, State) {
	m := t.Module(file)
	if m == nil || depth > maxDepth {
		return nil, Unknown
	}
	if own := m.Members[name]; own != nil {
		return t.resolve(file, own, depth)
	}
	unknown := m.Dynamic || m.Broken
	for _, star := range m.Stars {
		stems := t.stems(file, star)
		if len(stems) == 0 {
			unknown = true
		}
		for _, stem := range stems {
			p := t.at(stem)
			if p == "" || p == file {
				continue
			}
			if from := t.Module(p); from != nil && (from.HasAll && !contains(from.All, name) || !from.HasAll && strings.HasPrefix(name, "_")) {
				continue
			}
			found, state := t.lookup(p, name, depth+1)
			if state == Found {
				return found, Found
			}
			unknown = unknown || state == Unknown
		}
	}
	if base := path.Base(file); strings.HasPrefix(base, "__init__.") {
		if found := t.submodule(path.Join(path.Dir(file), name)); found != nil {
			return found, Found
		}
	}
	switch name {
	case "__name__", "__file__", "__doc__", "__all__", "__path__", "__dict__", "__package__", "__spec__", "__loader__":
		return &Member{Kind: Attribute, Name: name, File: file}, Found
	}
	if unknown {
		return nil, Unknown
	}
	return nil, Gone
}

func (t *Tree) submodule(stem string) *Member {
	if p := t.at(stem); p != "" {
		return &Member{Kind: Submodule, Name: path.Base(stem), File: p, Line: 1}
	}
	return nil
}

// resolve follows an import or an alias to what it stands for. What comes from outside stays the import.
func (t *Tree) resolve(file string, m *Member, depth int) (*Member, State) {
	if depth > maxDepth {
		return m, Found
	}
	if m.Kind == Attribute && m.Alias != "" && !m.Instance {
		if target, state := t.dotted(file, m.Alias, depth+1); state == Found && target.Kind != Attribute && target.Kind != Import {
			return target, Found
		}
		return m, Found
	}
	if m.Kind != Import {
		return m, Found
	}
	stems := t.stems(file, m.From)
	answer := Unknown
	for _, stem := range stems {
		if m.Target == "" {
			if found := t.submodule(stem); found != nil {
				return found, Found
			}
			continue
		}
		if p := t.at(stem); p != "" && p != file {
			found, state := t.lookup(p, m.Target, depth+1)
			if state == Found {
				return found, Found
			}
			if state == Gone {
				answer = Gone
			}
		}
		if found := t.submodule(path.Join(stem, m.Target)); found != nil {
			return found, Found
		}
	}
	if answer == Gone {
		return nil, Gone
	}
	return m, Found
}

// dotted looks a name like a.b up, seen from inside a module.
func (t *Tree) dotted(file, name string, depth int) (*Member, State) {
	first, rest, more := strings.Cut(name, ".")
	found, state := t.lookup(file, first, depth+1)
	if !more || state != Found {
		return found, state
	}
	return t.inside(found, rest, depth+1)
}

// inside looks a dotted name up in what was found.
func (t *Tree) inside(m *Member, name string, depth int) (*Member, State) {
	first, rest, more := strings.Cut(name, ".")
	var (
		found *Member
		state State
	)
	switch m.Kind {
	case Submodule:
		found, state = t.lookup(m.File, first, depth+1)
	case Class:
		found, state = t.attribute(m, first, depth+1)
	default:
		return nil, Unknown
	}
	if !more || state != Found {
		return found, state
	}
	return t.inside(found, rest, depth+1)
}

// attribute finds a member of a class, its own or an inherited one.
func (t *Tree) attribute(class *Member, name string, depth int) (*Member, State) {
	if m := class.Members[name]; m != nil {
		return m, Found
	}
	if depth > maxDepth {
		return nil, Unknown
	}
	answer := Gone
	if class.Members["__getattr__"] != nil || class.Members["__getattribute__"] != nil {
		answer = Unknown
	}
	for _, base := range class.Bases {
		name0, _, _ := strings.Cut(base, "[")
		if plainBase(name0) {
			continue
		}
		parent, state := t.dotted(class.File, name0, depth+1)
		if state != Found || parent.Kind != Class {
			answer = Unknown
			continue
		}
		found, state := t.attribute(parent, name, depth+1)
		if state == Found {
			return found, Found
		}
		if state == Unknown {
			answer = Unknown
		}
	}
	return nil, answer
}

// plainBase says that a base class brings no members along that anybody would call.
func plainBase(name string) bool {
	switch last(name) {
	case "object", "ABC", "Generic", "Protocol":
		return true
	}
	return false
}

func contains(list []string, name string) bool {
	for _, s := range list {
		if s == name {
			return true
		}
	}
	return false
}

// Resolve finds what a dotted path means as import systems do ("pkg.mod.Class.method"), seen from a file. Parts is how many
// names of the path the module's own name takes; zero when no module of the repository has the path.
func (t *Tree) Resolve(from, dotted string) (m *Member, state State, parts int) {
	names := strings.Split(dotted, ".")
	if len(names) > 12 {
		return nil, Unknown, 0
	}
	answer := Unknown
	for n := len(names); n > 0; n-- {
		for _, stem := range t.stems(from, strings.Join(names[:n], ".")) {
			p := t.at(stem)
			if p == "" {
				continue
			}
			here := &Member{Kind: Submodule, Name: names[n-1], File: p, Line: 1}
			if n == len(names) {
				return here, Found, n
			}
			found, state := t.inside(here, strings.Join(names[n:], "."), 0)
			if state == Found {
				return found, Found, n
			}
			if parts == 0 {
				parts, answer = n, state
			} else if state == Unknown {
				answer = Unknown
			}
		}
		if parts > 0 {
			return nil, answer, parts
		}
	}
	return nil, Unknown, 0
}

// Dotted looks a name like a.b.c up, seen from inside a module's file.
func (t *Tree) Dotted(file, name string) (*Member, State) { return t.dotted(file, name, 0) }

// Attribute finds a member of a class, its own or an inherited one.
func (t *Tree) Attribute(class *Member, name string) (*Member, State) {
	return t.attribute(class, name, 0)
}

// Imported finds what `from module import name` brings into a file. A module that is not of the repository is Unknown.
func (t *Tree) Imported(file, module, name string) (*Member, State) {
	stems := t.stems(file, module)
	if len(stems) == 0 {
		return nil, Unknown
	}
	m, state := t.resolve(file, &Member{Kind: Import, Name: name, From: module, Target: name}, 0)
	if state == Found && m.Kind == Import {
		return nil, Unknown
	}
	return m, state
}

// Follow finds what an import of a file brings in, and then the dotted name inside of it; rest may be empty. A module that
// is not of the repository is Unknown.
func (t *Tree) Follow(file string, imported *Member, rest string) (*Member, State) {
	m, state := t.resolve(file, imported, 0)
	switch {
	case state != Found:
		return nil, state
	case m.Kind == Import:
		return nil, Unknown
	}
	if rest == "" {
		return m, Found
	}
	return t.inside(m, rest, 0)
}

// Knows says whether an imported module is a file or a folder of the repository.
func (t *Tree) Knows(file, module string) bool {
	for _, stem := range t.stems(file, module) {
		if t.at(stem) != "" || t.folder(stem) {
			return true
		}
	}
	return false
}
