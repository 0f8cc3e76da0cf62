package tsapi

// The entry points of a package, as its package.json names them (nodejs.org/api/packages.html), led back to the source.

import (
	"encoding/json"
	"path"
	"slices"
	"sort"
	"strings"
)

// Entry is one entry point: the subpath by which it is imported ("." or "./sub") and its file in the repository.
type Entry struct{ Sub, File string }

// Manifest is what is read of a package.json.
type Manifest struct {
	Name          string          `json:"name"`
	Version       string          `json:"version"`
	Private       bool            `json:"private"`
	Main          string          `json:"main"`
	ModuleFile    string          `json:"module"`
	Types         string          `json:"types"`
	Typings       string          `json:"typings"`
	Exports       json.RawMessage `json:"exports"`
	Files         []string        `json:"files"`
	PublishConfig json.RawMessage `json:"publishConfig"`
	License       string          `json:"license"`
	Repository    json.RawMessage `json:"repository"`
}

// Published says that the package is made to be installed from a registry.
func (m *Manifest) Published() bool {
	return !m.Private && m.Name != "" && m.Version != "" && (m.Main != "" || m.ModuleFile != "" || m.Types != "" || m.Typings != "" || len(m.Exports) > 0 || len(m.Files) > 0 || len(m.PublishConfig) > 0)
}

// Manifest reads the package.json of a folder, nil for none.
func (t *Tree) Manifest(dir string) *Manifest {
	text := t.files.Text(path.Join(dir, "package.json"))
	if text == nil {
		return nil
	}
	var m Manifest
	if json.Unmarshal(text, &m) != nil {
		return nil
	}
	return &m
}

// workspace maps the names of the repository's packages to their folders.
func (t *Tree) workspace() map[string]string {
	if t.packages == nil {
		t.packages = map[string]string{}
		for _, p := range t.files.Paths() {
			if path.Base(p) != "package.json" || strings.Contains(p, "node_modules/") || len(t.packages) > 1000 {
				continue
			}
			if m := t.Manifest(path.Dir(p)); m != nil && m.Name != "" && t.packages[m.Name] == "" {
				t.packages[m.Name] = path.Dir(p)
			}
		}
	}
	return t.packages
}

// Entries are the entry points of the package in a folder that lead to a file of the repository.
func (t *Tree) Entries(dir string) []Entry {
	m := t.Manifest(dir)
	if m == nil {
		return nil
	}
	var list []Entry
	add := func(sub, target string) bool {
		if strings.Contains(target, "*") || slices.ContainsFunc(list, func(e Entry) bool { return e.Sub == sub }) {
			return false
		}
		if p := t.sourceOf(dir, target); p != "" {
			list = append(list, Entry{sub, p})
			return true
		}
		return false
	}
	var exports any
	if len(m.Exports) > 0 && json.Unmarshal(m.Exports, &exports) == nil {
		walkExports(".", exports, 0, func(sub, target string) { add(sub, target) })
	}
	for _, target := range []string{m.Types, m.Typings, m.ModuleFile, m.Main} {
		if target != "" {
			add(".", target)
		}
	}
	if len(m.Exports) == 0 || len(list) == 0 {
		add(".", "index")
	}
	return list
}

func walkExports(sub string, value any, depth int, each func(sub, target string)) {
	if depth > 8 {
		return
	}
	switch v := value.(type) {
	case string:
		each(sub, v)
	case []any:
		for _, item := range v {
			walkExports(sub, item, depth+1, each)
		}
	case map[string]any:
		keys := make([]string, 0, len(v))
		for k := range v {
			keys = append(keys, k)
		}
		// A condition that names the source or the types leads to it more surely than what is built.
		rank := func(k string) int {
			return slices.Index([]string{"source", "@source", "development", "types", "import"}, k)
		}
		sort.Slice(keys, func(i, j int) bool {
			x, y := rank(keys[i]), rank(keys[j])
			if (x < 0) != (y < 0) {
				return x >= 0
			}
			return x < y || x == y && keys[i] < keys[j]
		})
		for _, k := range keys {
			next := sub
			if strings.HasPrefix(k, ".") {
				next = k
			}
			walkExports(next, v[k], depth+1, each)
		}
	}
}

var built = map[string]bool{"dist": true, "lib": true, "build": true, "out": true, "esm": true, "cjs": true, "es": true, "types": true, "output": true, "_esm": true, "_cjs": true, "_types": true, "node": true, "legacy": true, "modern": true, "umd": true, "commonjs": true, "module": true, "typings": true}

// sourceOf is the file that a path of a manifest is built from.
func (t *Tree) sourceOf(dir, target string) string {
	rel := strings.TrimPrefix(path.Clean(target), "./")
	if strings.HasSuffix(rel, ".json") || strings.HasSuffix(rel, ".css") || strings.HasPrefix(rel, "..") {
		return ""
	}
	stem := rel
	for _, ext := range []string{".map", ".d.ts", ".d.mts", ".d.cts", ".ts", ".tsx", ".js", ".mjs", ".cjs", ".jsx", ".esm", ".min"} {
		stem = strings.TrimSuffix(stem, ext)
	}
	written := func(p string) bool { return p != "" && !strings.HasSuffix(p, ".d.ts") }
	for {
		for _, candidate := range []string{path.Join(dir, stem), path.Join(dir, "src", stem), path.Join(dir, "src", path.Base(stem), "index")} {
			if p := t.At(candidate); written(p) {
				return p
			}
		}
		first, rest, nested := strings.Cut(stem, "/")
		if !nested || !built[first] && first != "src" {
			break
		}
		stem = rest
	}
	if p := t.At(path.Join(dir, rel)); p != "" { // declarations written by hand
		return p
	}
	return ""
}
