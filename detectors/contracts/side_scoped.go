package contracts

import (
	"path"
	"slices"
	"strings"

	"flightpoll/detectors/source"
)

// Following a name to its declaration in Ruby (a constant, or a Jbuilder partial), PHP (a namespaced class) and Rust (a path),
// where files are found by their names.

func scoped(lang source.Language) bool {
	return lang == source.Ruby || lang == source.PHP || lang == source.Rust
}

// serialises says that a declaration has a part in a serialised form.
func serialises(d *source.Decl) bool {
	return slices.ContainsFunc(d.Members, func(m *source.Decl) bool {
		return m.Kind == source.Field && (m.Embedded || m.Wire != "" && m.Wire != "-")
	})
}

// lookupScoped is lookup for these languages.
func (s side) lookupScoped(f *source.File, name string) (*source.File, *source.Decl) {
	if strings.HasSuffix(f.Path, ".jbuilder") {
		return s.partial(f, name)
	}
	name = strings.TrimLeft(strings.Trim(name, `&\:`), "*")
	name, _, _ = strings.Cut(name, "<")
	last := name[strings.LastIndexAny(name, `\:.`)+1:]
	if last == "" {
		return nil, nil
	}
	if last == name {
		if d := declaredBelow(f, last); d != nil {
			return f, d
		}
	}
	for _, p := range s.scopedFiles(f, name, last) {
		if p == f.Path {
			continue
		}
		if g := s.file(p); g != nil {
			if d := declaredBelow(g, last); d != nil {
				return g, d
			}
		}
	}
	return nil, nil
}

// declaredBelow is the type of a name that a file declares, in whatever module.
func declaredBelow(f *source.File, name string) *source.Decl {
	for _, d := range f.Decls {
		if d.Name == name && slices.Contains([]source.Kind{source.Struct, source.Interface, source.Class, source.Schema, source.Enum, source.Type}, d.Kind) {
			return d
		}
	}
	return nil
}

// scopedFiles are the files in which a name may be declared, the likeliest first.
func (s side) scopedFiles(f *source.File, name, last string) []string {
	var tails []string
	ext := path.Ext(f.Path)
	switch f.Lang {
	case source.Ruby:
		ext = ".rb"
		tails = append(tails, underscore(name)+ext, underscore(last)+ext)
	case source.PHP:
		for _, imp := range f.Imports {
			for _, n := range imp.Names {
				if n.Name == last || n.Alias == last {
					name = imp.Path
				}
			}
		}
		parts := strings.Split(name, `\`)
		for i := range parts {
			tails = append(tails, strings.Join(parts[i:], "/")+ext)
		}
	case source.Rust:
		for _, imp := range f.Imports {
			for _, n := range imp.Names {
				if n.Name == last || n.Alias == last {
					name = imp.Path + "::" + n.Name
				}
			}
		}
		parts := strings.Split(name, "::")
		for i := len(parts) - 2; i >= 0; i-- {
			tails = append(tails, parts[i]+".rs", parts[i]+"/mod.rs")
		}
	default:
	}
	var list []string
	for _, tail := range tails {
		var found []string
		for _, p := range s.paths() {
			if p == tail || strings.HasSuffix(p, "/"+tail) {
				found = append(found, p)
			}
		}
		slices.SortStableFunc(found, func(a, b string) int { return sharedFolders(b, f.Path) - sharedFolders(a, f.Path) })
		list = append(list, found...)
	}
	if f.Lang == source.Rust {
		for _, p := range s.below(path.Dir(f.Path)) {
			if path.Ext(p) == ext {
				list = append(list, p)
			}
		}
	}
	return list[:min(len(list), 40)]
}

// sharedFolders counts the folders that two paths begin with.
func sharedFolders(a, b string) int {
	x, y := strings.Split(a, "/"), strings.Split(b, "/")
	n := 0
	for n < len(x)-1 && n < len(y)-1 && x[n] == y[n] {
		n++
	}
	return n
}

// underscore is the path of a Ruby constant: Api::V1::OrderSerializer is api/v1/order_serializer.
func underscore(name string) string {
	var b strings.Builder
	runes := []rune(strings.ReplaceAll(name, "::", "/"))
	upper := func(i int) bool { return i >= 0 && i < len(runes) && runes[i] >= 'A' && runes[i] <= 'Z' }
	for i, r := range runes {
		if upper(i) {
			if i > 0 && runes[i-1] != '/' && (!upper(i-1) || i+1 < len(runes) && !upper(i+1) && runes[i+1] != '/') {
				b.WriteByte('_')
			}
			r += 'a' - 'A'
		}
		b.WriteRune(r)
	}
	return b.String()
}

// partial is what a Jbuilder template takes over from the partial that it names.
func (s side) partial(f *source.File, name string) (*source.File, *source.Decl) {
	name = strings.Trim(name, `"'`)
	dir, base := path.Split(name)
	tail := dir + "_" + base + ".json.jbuilder"
	list := []string{path.Join(path.Dir(f.Path), tail)}
	if dir != "" {
		for _, p := range s.paths() {
			if strings.HasSuffix(p, "views/"+tail) {
				list = append(list, p)
			}
		}
	}
	for _, p := range list {
		g := s.file(p)
		if g == nil {
			continue
		}
		for _, d := range g.Decls {
			if d.Kind == source.Struct && d.Parent == nil {
				return g, d
			}
		}
	}
	return nil, nil
}
