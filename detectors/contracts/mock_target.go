package contracts

import (
	"path"
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// A replacement is a function of the repository that a test puts something else in the place of.
type replacement struct {
	// path is the file that declares it, name its name there; all says that every export of the file is replaced.
	// In Ruby the class in the name says which it is, path is empty, and span is all in which it is replaced.
	path, name string
	all        bool
	line       int
	span       source.Span
}

// of says that a replacement is that of a function.
func (r replacement) of(fn changedFunction) bool {
	if r.path == "" {
		return r.name == fn.name && source.LanguageOf(fn.path) == source.Ruby
	}
	return r.path == fn.path && (r.all || r.name == fn.name)
}

// replacements are those of one test file. What does not resolve to a file of the repository is left out.
func (s side) replacements(f *source.File) []replacement {
	switch f.Lang {
	case source.Python:
		return s.pythonReplacements(f)
	case source.TypeScript, source.JavaScript:
		return s.scriptReplacements(f)
	case source.Ruby:
		return rubyReplacements(f)
	default:
		return nil
	}
}

var (
	pyPatch  = lazy.New(`^(?:(?:unittest\.)?mock\.|mocker\.)?patch$`)
	pyObject = lazy.New(`^(?:(?:unittest\.)?mock\.|mocker\.)?patch\.object$|^monkeypatch\.setattr$`)
)

// pythonReplacements reads patch("app.mod.name"), patch.object(mod, "name") and monkeypatch.setattr in both forms.
func (s side) pythonReplacements(f *source.File) []replacement {
	calls := slices.Clone(f.Calls)
	for _, d := range f.Decls {
		calls = append(calls, d.Decorators...)
	}
	var list []replacement
	seen := map[int]bool{}
	for _, c := range calls {
		if seen[c.Span.Start] || len(c.Args) == 0 {
			continue
		}
		target := ""
		switch full := c.Full(); {
		case (pyPatch.MatchString(full) || full == "monkeypatch.setattr") && c.Args[0].IsString:
			target = c.Args[0].Str
		case pyObject.MatchString(full) && len(c.Args) > 1 && c.Args[1].IsString:
			target = dotted(f, c.Args[0].Text) + "." + c.Args[1].Str
		}
		if strings.HasPrefix(target, ".") || !strings.Contains(target, ".") {
			continue
		}
		if p, name := s.pythonTarget(f, target, 0); p != "" {
			seen[c.Span.Start] = true
			list = append(list, replacement{path: p, name: name, line: c.Span.Line, span: c.Span})
		}
	}
	return list
}

// dotted is the full name of what an imported name stands for.
func dotted(f *source.File, name string) string {
	for _, imp := range f.Imports {
		if imp.Alias == name || len(imp.Names) == 0 && imp.Path == name {
			return imp.Path
		}
		for _, n := range imp.Names {
			if n.Alias == name || n.Alias == "" && n.Name == name {
				return imp.Path + "." + n.Name
			}
		}
	}
	return ""
}

// pythonTarget finds the file and the name that a dotted name ends at, through the import of the module that uses it.
func (s side) pythonTarget(f *source.File, target string, depth int) (file, name string) {
	parts := strings.Split(target, ".")
	for i := len(parts) - 1; i > 0; i-- {
		for _, p := range s.module(f, strings.Join(parts[:i], ".")) {
			g := s.file(p)
			if g == nil {
				continue
			}
			rest := strings.Join(parts[i:], ".")
			if functionNamed(g, rest) != nil {
				return p, rest
			}
			if from := dotted(g, parts[i]); from != "" && depth < 4 {
				if strings.HasPrefix(from, ".") {
					from = absolute(p, from)
				}
				if q, n := s.pythonTarget(g, strings.Join(append([]string{from}, parts[i+1:]...), "."), depth+1); q != "" {
					return q, n
				}
			}
		}
	}
	return "", ""
}

// absolute turns a relative import of a file into one from the repository's root.
func absolute(file, imported string) string {
	rel := strings.TrimLeft(imported, ".")
	dir := path.Dir(file)
	for range len(imported) - len(rel) - 1 {
		dir = path.Dir(dir)
	}
	return strings.Trim(strings.ReplaceAll(dir, "/", ".")+"."+rel, ".")
}

// functionNamed is the function "name" or the method "Class.name" of a file.
func functionNamed(f *source.File, name string) *source.Decl {
	owner, last := "", name
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		owner, last = name[:i], name[i+1:]
	}
	for _, d := range f.Decls {
		if d.Name != last || d.Kind != source.Function && d.Kind != source.Method && !givenFunction(d) {
			continue
		}
		if d.Parent == nil && owner == "" || d.Parent != nil && d.Parent.Name == owner && d.Parent.Kind == source.Class {
			return d
		}
	}
	return nil
}

// givenFunction says whether a constant or variable holds a function.
func givenFunction(d *source.Decl) bool {
	return (d.Kind == source.Const || d.Kind == source.Var) && d.Body.End > d.Body.Start
}

var (
	jsMock = lazy.New(`^(?:jest|vi)\.(?:mock|doMock|unstable_mockModule)$`)
	jsSpy  = lazy.New(`^(?:jest|vi)\.spyOn\(\s*([\w$]+)\s*,\s*["'\x60](\w+)["'\x60]`)
	// jsStub are the calls after which a spy no longer passes through to the real function.
	jsStub = lazy.New(`^mock(?:Return|Resolved|Rejected)Value(?:Once)?$|^mockImplementation(?:Once)?$`)
)

// scriptReplacements reads jest.mock and vi.mock of a module of the repository, and spies that are given an answer.
func (s side) scriptReplacements(f *source.File) []replacement {
	var list []replacement
	for _, c := range f.Calls {
		switch {
		case jsMock.MatchString(c.Full()) && len(c.Args) > 0 && c.Args[0].IsString:
			for _, p := range s.module(f, c.Args[0].Str) {
				r := replacement{path: p, line: c.Span.Line, span: c.Span}
				if len(c.Args) == 1 {
					r.all = true
					list = append(list, r)
					continue
				}
				for _, o := range f.Objects {
					if o.Span.Start < c.Span.Start || o.Span.End > c.Span.End {
						continue
					}
					for _, k := range o.Keys {
						r.name, r.line = k.Name, k.Span.Line
						list = append(list, r)
					}
					break // the factory's own object: those inside it are values
				}
			}
		case jsStub.MatchString(c.Name):
			m := jsSpy.FindStringSubmatch(strings.TrimSpace(c.Receiver))
			if m == nil {
				continue
			}
			for _, imp := range f.Imports {
				if imp.Alias == m[1] {
					for _, p := range s.module(f, imp.Path) {
						list = append(list, replacement{path: p, name: m[2], line: c.Span.Line, span: c.Span})
					}
				}
			}
		}
	}
	return list
}
