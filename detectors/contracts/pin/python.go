package pin

import (
	"path"
	"slices"
	"strings"

	"flightpoll/detectors/contracts"
	"flightpoll/detectors/source"
)

// python plans a pytest file for a Pydantic model, a dataclass, an attrs class, a TypedDict or a NamedTuple.
func (p *planner) python(s contracts.Shape, f *source.File, d *source.Decl) (bool, error) {
	if d.Kind != source.Class && d.Kind != source.Schema || !readable(f, d) {
		return false, nil
	}
	root, module := p.module(s.Path)
	folder := p.testFolder(root, s.Path)
	ups := strings.Count(folder, "/") + 1
	if folder == "." {
		ups = 0
	}
	data := struct {
		Module, Type, Function, Root string
		Ups                          int
		Fields                       []contracts.ShapeField
	}{module, d.Name, snake(d.Name), root, ups, s.Fields}
	return true, p.render(path.Join(folder, "test_contract_"+snake(d.Name)+".py"), "#", "python.tmpl", data, pins(s))
}

// readable says whether a class gives its names on the wire to whoever asks it, by rules that are read here as well.
func readable(f *source.File, d *source.Decl) bool {
	text := string(f.Text[d.Span.Start:d.Span.End])
	for _, other := range []string{"alias_generator", "serialization_alias", "validation_alias", "model_serializer", "model_dump", "to_representation", "__get_pydantic"} {
		if strings.Contains(text, other) {
			return false
		}
	}
	if slices.ContainsFunc(d.Decorators, func(c *source.Call) bool {
		return c.Name == "dataclass" || c.Receiver == "attrs" || c.Receiver == "attr" || c.Name == "define"
	}) {
		return true
	}
	return slices.ContainsFunc(d.Bases, func(b string) bool {
		b = b[strings.LastIndexByte(b, '.')+1:]
		return b == "BaseModel" || b == "TypedDict" || b == "NamedTuple"
	})
}

// module is the folder that a file is imported from and its dotted name there: the folder above its topmost package.
func (p *planner) module(file string) (root, name string) {
	root = path.Dir(file)
	for root != "." && p.exists(path.Join(root, "__init__.py")) {
		root = path.Dir(root)
	}
	// A folder of modules without __init__.py below the project's own folder is a package as well (PEP 420).
	for _, dir := range above(path.Dir(file)) {
		if p.exists(path.Join(dir, "pyproject.toml")) || p.exists(path.Join(dir, "setup.py")) || p.exists(path.Join(dir, "requirements.txt")) {
			if source := path.Join(dir, "src"); strings.HasPrefix(file, source+"/") {
				dir = source
			}
			if root == dir || strings.HasPrefix(root, dir+"/") || dir == "." {
				root = dir
			}
			break
		}
	}
	rel := strings.TrimSuffix(file, ".py")
	if root != "." {
		rel = strings.TrimPrefix(rel, root+"/")
	}
	return root, strings.TrimSuffix(strings.ReplaceAll(rel, "/", "."), ".__init__")
}

// testFolder is where the project's tests lie: the nearest folder tests or test above the file.
func (p *planner) testFolder(root, file string) string {
	paths, err := p.pass.Branch.HeadPaths()
	if err != nil {
		return root
	}
	for _, dir := range above(path.Dir(file)) {
		for _, name := range []string{"tests", "test"} {
			prefix := path.Join(dir, name) + "/"
			if i, _ := slices.BinarySearch(paths, prefix); i < len(paths) && strings.HasPrefix(paths[i], prefix) {
				return path.Join(dir, name)
			}
		}
	}
	return path.Join(strings.TrimSuffix(root, "src"), "tests")
}
