package pin

import (
	"encoding/json"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors/contracts"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// script plans a test beside a TypeScript or JavaScript file: of a schema's own keys while it runs, of an interface or
// a type by TypeScript's parser, since nothing of those is left at run time.
func (p *planner) script(s contracts.Shape, f *source.File, d *source.Decl) (bool, error) {
	manifest := p.manifest(s.Path)
	framework := manifest.framework()
	if framework == "" {
		return false, nil
	}
	data := scriptTest{
		Framework: framework, Name: d.Name, Import: "./" + path.Base(s.Path),
		Modules: framework != "jest" && (manifest.Type == "module" || framework == "vitest" || strings.HasSuffix(s.Path, ".mjs")) || framework == "jest" && !commonJS.Match(f.Text),
	}
	name := "script_type.tmpl"
	if s.Fields != nil && schemaLibrary(f, d) && d.Exported {
		name = "script_schema.tmpl"
		if ext := path.Ext(s.Path); (ext == ".ts" || ext == ".mts") && framework != "node:test" {
			data.Import = strings.TrimSuffix(data.Import, ext)
		}
		for _, field := range s.Fields {
			data.Fields = append(data.Fields, field.Wire)
		}
	} else {
		if d.Kind != source.Interface && d.Kind != source.Type || !manifest.has("typescript") {
			return false, nil
		}
		for _, m := range d.Members {
			if m.Kind == source.Field {
				wire := m.Wire
				if wire == "" {
					wire = m.Name
				}
				if m.Optional {
					wire += "?"
				}
				data.Fields = append(data.Fields, wire)
			}
		}
		slices.Sort(data.Fields)
	}
	if len(data.Fields) == 0 {
		return false, nil
	}
	ext := path.Ext(s.Path)
	if framework == "node:test" {
		ext = ".js"
		if manifest.Type != "module" && data.Modules {
			ext = ".mjs"
		}
	}
	data.Folder = framework == "jest" || !data.Modules
	data.Typed = ext == ".ts" || ext == ".mts" || ext == ".cts"
	base := "contract_" + snake(d.Name) + ".test" + ext
	return true, p.render(path.Join(path.Dir(s.Path), base), "//", name, data, pins(s))
}

type scriptTest struct {
	// Framework is vitest, jest or node:test; Modules says that the file imports instead of requiring.
	Framework, Name, Import string
	Modules                 bool
	// Folder says that a file is found by __dirname, Typed that the test is TypeScript.
	Folder, Typed bool
	Fields        []string
}

var commonJS = lazy.New(`(?m)^\s*(?:module\.exports|exports\.\w+)\s*=|=\s*require\(`)

// schemaLibrary says whether a declaration is a value of a schema library.
func schemaLibrary(f *source.File, d *source.Decl) bool {
	if d.Kind != source.Schema && d.Kind != source.Const && d.Kind != source.Var {
		return false
	}
	return slices.ContainsFunc(f.Imports, func(i *source.Import) bool {
		return slices.Contains([]string{"zod", "zod/v4", "zod/v3", "yup", "joi", "valibot", "@sinclair/typebox", "superstruct"}, i.Path)
	})
}

// manifest is what a package.json says of tests.
type manifest struct {
	Type            string            `json:"type"`
	Scripts         map[string]string `json:"scripts"`
	Dependencies    map[string]string `json:"dependencies"`
	DevDependencies map[string]string `json:"devDependencies"`
}

func (m *manifest) has(module string) bool {
	return m.Dependencies[module] != "" || m.DevDependencies[module] != ""
}

// framework is the one that the package's tests run in, "" for one that is not known here.
func (m *manifest) framework() string {
	test := m.Scripts["test"] + " " + m.Scripts["test:unit"]
	switch {
	case strings.Contains(test, "vitest") || m.has("vitest"):
		return "vitest"
	case strings.Contains(test, "node --test") || strings.Contains(test, "--test"):
		return "node:test"
	case strings.Contains(test, "jest") || m.has("jest"):
		return "jest"
	}
	return ""
}

// manifest is that of the nearest packages above a file, the nearer one first: a workspace's root may bring the framework.
func (p *planner) manifest(file string) *manifest {
	sum := &manifest{Scripts: map[string]string{}, Dependencies: map[string]string{}, DevDependencies: map[string]string{}}
	for _, dir := range above(path.Dir(file)) {
		at := path.Join(dir, "package.json")
		if !p.exists(at) {
			continue
		}
		text, err := p.pass.Branch.ReadHead(at)
		if err != nil {
			continue
		}
		var m manifest
		if json.Unmarshal(text, &m) != nil {
			continue
		}
		if sum.Type == "" {
			sum.Type = m.Type
		}
		for to, from := range map[*map[string]string]map[string]string{&sum.Scripts: m.Scripts, &sum.Dependencies: m.Dependencies, &sum.DevDependencies: m.DevDependencies} {
			for k, v := range from {
				if (*to)[k] == "" {
					(*to)[k] = v
				}
			}
		}
	}
	return sum
}
