package tsapi

// Where modules stand on one side of a repository, and what a name leads to.

import (
	"encoding/json"
	"path"
	"sort"
	"strings"

	"flightpoll/detectors/source"
)

// Files reads one side of a repository. File is nil for what is not there or cannot be read; Paths are all paths, sorted.
type Files interface {
	File(path string) *source.File
	Text(path string) []byte
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

// Symbol is what an exported name leads to.
type Symbol struct {
	Name string
	// File and Line are where it is declared; Decls are the declarations, empty for a namespace or a value without one.
	File  string
	Line  int
	Decls []*source.Decl
	// Namespace is the file of the module that `* as name` stands for.
	Namespace string
	Module    *Module
}

// Tree resolves names on one side of a repository. It is not safe for concurrent use.
type Tree struct {
	files    Files
	modules  map[string]*Module
	aliases  map[string]*tsconfig
	packages map[string]string
}

// NewTree reads nothing yet.
func NewTree(files Files) *Tree {
	return &Tree{files: files, modules: map[string]*Module{}, aliases: map[string]*tsconfig{}}
}

// maxDepth bounds re-exports of re-exports, and bases of bases.
const maxDepth = 24

// Module is one file, nil when it cannot be read.
func (t *Tree) Module(p string) *Module {
	m, known := t.modules[p]
	if !known {
		if f := t.files.File(p); f != nil && (f.Lang == source.TypeScript || f.Lang == source.JavaScript) {
			m = Read(f)
		}
		t.modules[p] = m
	}
	return m
}

var endings = []string{".ts", ".tsx", ".mts", ".cts", ".d.ts", ".js", ".jsx", ".mjs", ".cjs", ".vue", ".svelte"}

// At is the file of a module whose path, with or without ending, is stem, "" for none.
func (t *Tree) At(stem string) string {
	if path.Ext(stem) != "" && t.files.Exists(stem) {
		return stem
	}
	plain := stem
	for _, ext := range []string{".js", ".mjs", ".cjs", ".jsx"} {
		plain = strings.TrimSuffix(plain, ext)
	}
	for _, s := range []string{stem, plain} {
		for _, ext := range endings {
			if t.files.Exists(s + ext) {
				return s + ext
			}
		}
		for _, ext := range endings[:9] {
			if t.files.Exists(s + "/index" + ext) {
				return s + "/index" + ext
			}
		}
	}
	return ""
}

// Resolve is the file that an import of a module means, seen from a file; "" for one that is not of the repository.
// Inside says that the specifier names a place in the repository, whether or not there is a file.
func (t *Tree) Resolve(from, specifier string) (file string, inside bool) {
	specifier, _, _ = strings.Cut(specifier, "?")
	if strings.HasPrefix(specifier, ".") {
		return t.At(path.Join(path.Dir(from), specifier)), true
	}
	for dir := path.Dir(from); ; dir = path.Dir(dir) {
		if c := t.config(dir); c != nil && (len(c.Options.Paths) > 0 || c.Options.BaseURL != "") {
			if p, ok := t.aliased(dir, c, specifier); ok {
				return p, true
			}
			break
		}
		if dir == "." || dir == "/" {
			break
		}
	}
	name, rest := packageName(specifier)
	if dir, ok := t.workspace()[name]; ok {
		if rest == "" {
			for _, e := range t.Entries(dir) {
				if e.Sub == "." {
					return e.File, true
				}
			}
			return "", true
		}
		for _, e := range t.Entries(dir) {
			if e.Sub == "./"+rest {
				return e.File, true
			}
		}
		if p := t.At(path.Join(dir, rest)); p != "" {
			return p, true
		}
		return t.At(path.Join(dir, "src", rest)), true
	}
	return "", false
}

func packageName(specifier string) (name, rest string) {
	parts := strings.SplitN(specifier, "/", 3)
	n := 1
	if strings.HasPrefix(specifier, "@") && len(parts) > 1 {
		n = 2
	}
	return strings.Join(parts[:n], "/"), strings.Join(parts[n:], "/")
}

// tsconfig is what is read of tsconfig.json and jsconfig.json (typescriptlang.org/tsconfig).
type tsconfig struct {
	Options struct {
		BaseURL string              `json:"baseUrl"`
		Paths   map[string][]string `json:"paths"`
		CheckJS bool                `json:"checkJs"`
	} `json:"compilerOptions"`
}

func (t *Tree) config(dir string) *tsconfig {
	c, known := t.aliases[dir]
	if !known {
		for _, name := range []string{"tsconfig.json", "jsconfig.json", "tsconfig.base.json"} {
			if text := t.files.Text(path.Join(dir, name)); text != nil {
				c = &tsconfig{}
				if json.Unmarshal(plainJSON(text), c) != nil {
					c = nil
				}
				if c != nil && len(c.Options.Paths) > 0 {
					break
				}
			}
		}
		t.aliases[dir] = c
	}
	return c
}

// ChecksJS says that the nearest configuration has JavaScript checked.
func (t *Tree) ChecksJS(file string) bool {
	for dir := path.Dir(file); ; dir = path.Dir(dir) {
		if c := t.config(dir); c != nil {
			return c.Options.CheckJS
		}
		if dir == "." || dir == "/" {
			return false
		}
	}
}

func (t *Tree) aliased(dir string, c *tsconfig, specifier string) (string, bool) {
	base := path.Join(dir, c.Options.BaseURL)
	var patterns []string
	for pattern := range c.Options.Paths {
		patterns = append(patterns, pattern)
	}
	sort.Slice(patterns, func(i, j int) bool { return len(patterns[i]) > len(patterns[j]) })
	for _, pattern := range patterns {
		head, tail, star := strings.Cut(pattern, "*")
		if !star && specifier != pattern || !strings.HasPrefix(specifier, head) || !strings.HasSuffix(specifier, tail) || len(specifier) < len(head)+len(tail) {
			continue
		}
		filled := specifier[len(head) : len(specifier)-len(tail)]
		for _, target := range c.Options.Paths[pattern] {
			if p := t.At(path.Join(base, strings.Replace(target, "*", filled, 1))); p != "" {
				return p, true
			}
		}
		if head != "" {
			return "", true
		}
	}
	if c.Options.BaseURL != "" {
		if p := t.At(path.Join(base, specifier)); p != "" {
			return p, true
		}
	}
	return "", false
}

// plainJSON takes comments and trailing commas out of JSON with comments.
func plainJSON(text []byte) []byte {
	var out []byte
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '"':
			start := i
			for i++; i < len(text) && text[i] != '"'; i++ {
				if text[i] == '\\' {
					i++
				}
			}
			out = append(out, text[start:min(i+1, len(text))]...)
		case c == '/' && i+1 < len(text) && text[i+1] == '/':
			for i < len(text) && text[i] != '\n' {
				i++
			}
		case c == '/' && i+1 < len(text) && text[i+1] == '*':
			end := strings.Index(string(text[i:]), "*/")
			if end < 0 {
				return out
			}
			i += end + 1
		case c == '}' || c == ']':
			for len(out) > 0 && strings.ContainsRune(" \t\r\n,", rune(out[len(out)-1])) {
				out = out[:len(out)-1]
			}
			out = append(out, c)
		default:
			out = append(out, c)
		}
	}
	return out
}

// Lookup finds what a module exports by a name.
func (t *Tree) Lookup(file, name string) (*Symbol, State) { return t.lookup(file, name, 0) }

func (t *Tree) lookup(file, name string, depth int) (*Symbol, State) {
	m := t.Module(file)
	if m == nil || depth > maxDepth {
		return nil, Unknown
	}
	if e, ok := m.Exports[name]; ok {
		return t.follow(m, name, e, depth)
	}
	unknown := m.Dynamic || m.File.Errors > 0
	for _, star := range m.Stars {
		if name == "default" {
			break
		}
		p, inside := t.Resolve(file, star)
		if p == "" {
			unknown = unknown || !inside
			continue
		}
		s, state := t.lookup(p, name, depth+1)
		if state == Found {
			return s, Found
		}
		unknown = unknown || state == Unknown
	}
	if unknown {
		return nil, Unknown
	}
	return nil, Gone
}

// follow finds the declaration behind an export or an import of a module.
func (t *Tree) follow(m *Module, name string, e Export, depth int) (*Symbol, State) {
	file := m.File.Path
	if e.From == "" {
		if decls := m.Decls[e.Local]; len(decls) > 0 {
			return &Symbol{Name: name, File: file, Line: decls[0].Span.Line, Decls: decls, Module: m}, Found
		}
		if imported, ok := m.Imports[e.Local]; ok && depth < maxDepth {
			return t.follow(m, name, imported, depth+1)
		}
		return &Symbol{Name: name, File: file, Line: e.Line, Module: m}, Found
	}
	p, inside := t.Resolve(file, e.From)
	switch {
	case p == "" && inside:
		return nil, Gone
	case p == "":
		return &Symbol{Name: name, File: file, Line: e.Line, Module: m}, Found
	case e.Target == "*":
		return &Symbol{Name: name, File: p, Line: 1, Namespace: p}, Found
	}
	return t.lookup(p, e.Target, depth+1)
}

// Names are what a module exports by name, those of its `export *` included. Dynamic ones are not known.
func (t *Tree) Names(file string) []string {
	seen := map[string]bool{}
	t.names(file, seen, map[string]bool{}, 0)
	var list []string
	for name := range seen {
		list = append(list, name)
	}
	sort.Strings(list)
	return list
}

func (t *Tree) names(file string, into, visited map[string]bool, depth int) {
	m := t.Module(file)
	if m == nil || visited[file] || depth > maxDepth || len(visited) > 3000 {
		return
	}
	visited[file] = true
	for name := range m.Exports {
		if depth == 0 || name != "default" {
			into[name] = true
		}
	}
	for _, star := range m.Stars {
		if p, _ := t.Resolve(file, star); p != "" {
			t.names(p, into, visited, depth+1)
		}
	}
}
