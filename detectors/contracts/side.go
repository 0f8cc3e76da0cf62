package contracts

import (
	"path"
	"slices"
	"sort"
	"strings"

	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// A side is the repository before or after the branch, with what is needed to follow a type's name to its declaration.
type side struct {
	branch *branch.Branch
	source *source.Source
	base   bool
}

func (s side) file(p string) *source.File {
	read := s.source.Head
	if s.base {
		read = s.source.Base
	}
	f, err := read(p)
	if err != nil {
		return nil
	}
	return f
}

func (s side) text(p string) ([]byte, error) {
	if s.base {
		return s.branch.ReadBase(p)
	}
	return s.branch.ReadHead(p)
}

func (s side) paths() []string {
	list := s.branch.HeadPaths
	if s.base {
		list = s.branch.BasePaths
	}
	paths, err := list()
	if err != nil {
		return nil
	}
	return paths
}

func (s side) exists(p string) bool {
	_, ok := slices.BinarySearch(s.paths(), p)
	return ok
}

// below lists the files right inside a folder.
func (s side) below(dir string) []string {
	prefix := dir + "/"
	if dir == "." || dir == "" {
		prefix = ""
	}
	paths := s.paths()
	var list []string
	for i := sort.SearchStrings(paths, prefix); i < len(paths) && strings.HasPrefix(paths[i], prefix); i++ {
		if !strings.Contains(paths[i][len(prefix):], "/") {
			list = append(list, paths[i])
		}
	}
	return list
}

// shapes are those that a file declares, with the fields that embedded and base types bring along.
func (s side) shapes(f *source.File) []*shape {
	return declaredShapes(f, func(d *source.Decl) ([]field, []string) {
		if scoped(f.Lang) && !serialises(d) {
			return nil, nil
		}
		return s.inherited(f, d, 0)
	})
}

// inherited are the fields that a declaration takes over, and the names of the types that could not be read.
func (s side) inherited(f *source.File, d *source.Decl, depth int) (fields []field, unread []string) {
	if depth > 5 {
		return nil, nil
	}
	for _, name := range parents(d) {
		if i := strings.IndexAny(name, "<("); i > 0 && family(f.Path) != "" { // Base<T>, Base(id)
			name = name[:i]
		}
		from, parent := s.lookup(f, name)
		if parent == nil {
			unread = append(unread, name)
			continue
		}
		fields = append(fields, ownFields(parent)...)
		more, missing := s.inherited(from, parent, depth+1)
		fields, unread = append(fields, more...), append(unread, missing...)
	}
	return fields, unread
}

var braces = lazy.New(`\{[^{}]*\}`)

// parents names the types whose fields a declaration has as its own.
func parents(d *source.Decl) []string {
	names := slices.Clone(d.Bases)
	if d.Kind == source.Struct {
		names = nil // what a struct implements brings no fields along
	}
	for _, m := range d.Members {
		if m.Embedded && !m.WireSet {
			names = append(names, m.Type)
		}
	}
	if d.Kind == source.Type && strings.ContainsAny(d.Type, "&<") {
		for part := range strings.SplitSeq(braces.ReplaceAllString(d.Type, ""), "&") {
			if part = strings.TrimSpace(part); part != "" {
				names = append(names, part)
			}
		}
	}
	for i, n := range names {
		n, _, _ = strings.Cut(n, "[")
		names[i] = strings.TrimSpace(strings.TrimLeft(n, "*"))
	}
	return names
}

// lookup finds the declaration that a type's name means in a file: its own, its package's, or an imported one.
func (s side) lookup(f *source.File, name string) (*source.File, *source.Decl) {
	if f == nil || name == "" {
		return nil, nil
	}
	if scoped(f.Lang) {
		return s.lookupScoped(f, name)
	}
	qualifier, last := "", name
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		qualifier, last = name[:i], name[i+1:]
	}
	if qualifier == "" {
		if d := declared(f, last); d != nil {
			return f, d
		}
	}
	for _, p := range s.sources(f, qualifier, &last) {
		if g := s.file(p); g != nil && g.Path != f.Path {
			if d := declared(g, last); d != nil {
				return g, d
			}
		}
	}
	return nil, nil
}

func declared(f *source.File, name string) *source.Decl {
	for _, d := range f.Decls {
		if d.Name == name && d.Parent == nil && slices.Contains([]source.Kind{source.Struct, source.Interface, source.Class, source.Schema, source.Type}, d.Kind) {
			return d
		}
	}
	if family(f.Path) != "" { // types stand inside of others
		for _, d := range f.Decls {
			if d.Name == name && slices.Contains([]source.Kind{source.Struct, source.Interface, source.Class}, d.Kind) {
				return d
			}
		}
	}
	return nil
}

// sources are the files in which a name of f may be declared; name is corrected where an import gave it an alias.
func (s side) sources(f *source.File, qualifier string, name *string) []string {
	dir := path.Dir(f.Path)
	if f.Lang == source.Go {
		if qualifier != "" {
			dir = s.goFolder(f, qualifier)
		}
		if dir == "" {
			return nil
		}
		list := slices.DeleteFunc(s.below(dir), func(p string) bool {
			return !strings.HasSuffix(p, ".go") || strings.HasSuffix(p, "_test.go") != strings.HasSuffix(f.Path, "_test.go")
		})
		return list[:min(len(list), 80)]
	}
	if family(f.Path) != "" {
		return s.typeFiles(f, *name)
	}
	var list []string
	for _, imp := range f.Imports {
		match := qualifier != "" && (imp.Alias == qualifier || imp.Path == qualifier)
		for _, n := range imp.Names {
			if n.Alias == *name && n.Alias != "" {
				match, *name = true, n.Name
			} else if n.Name == *name {
				match = true
			}
		}
		if match {
			list = append(list, s.module(f, imp.Path)...)
		}
	}
	return list
}

// goFolder is the folder of the package that a qualifier means: the longest suffix of its import path that is there.
func (s side) goFolder(f *source.File, qualifier string) string {
	for _, imp := range f.Imports {
		if imp.Alias != qualifier && (imp.Alias != "" || path.Base(imp.Path) != qualifier) {
			continue
		}
		for rest := imp.Path; rest != ""; {
			if len(s.below(rest)) > 0 {
				return rest
			}
			_, tail, ok := strings.Cut(rest, "/")
			if !ok {
				break
			}
			rest = tail
		}
	}
	return ""
}

// module lists the files that an import path of TypeScript, JavaScript or Python may mean.
func (s side) module(f *source.File, imported string) []string {
	var stems []string
	if f.Lang == source.Python {
		rel := strings.TrimLeft(imported, ".")
		at := strings.ReplaceAll(rel, ".", "/")
		if ups := len(imported) - len(rel); ups > 0 {
			dir := path.Dir(f.Path)
			for range ups - 1 {
				dir = path.Dir(dir)
			}
			stems = append(stems, path.Join(dir, at))
		} else {
			for dir := path.Dir(f.Path); ; dir = path.Dir(dir) {
				stems = append(stems, path.Join(dir, at), path.Join(dir, "src", at))
				if dir == "." || dir == "/" {
					break
				}
			}
		}
	} else {
		if !strings.HasPrefix(imported, ".") {
			return nil
		}
		stem := path.Join(path.Dir(f.Path), imported)
		for _, ext := range []string{".js", ".mjs", ".ts", ".jsx", ".tsx"} {
			stem = strings.TrimSuffix(stem, ext)
		}
		stems = append(stems, stem)
	}
	var list []string
	for _, stem := range stems {
		for _, tail := range []string{".py", "/__init__.py", ".ts", ".tsx", ".d.ts", ".js", ".mjs", ".jsx", "/index.ts", "/index.tsx", "/index.js"} {
			if s.exists(stem + tail) {
				list = append(list, stem+tail)
			}
		}
	}
	return list
}
