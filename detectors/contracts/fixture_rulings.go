package contracts

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
)

// A ruling is one schema that the branch may have changed, as both sides judge a value by it.
type ruling struct {
	// name is what it is about: the stem of a schema's file, the name of a component.
	name string
	// path is the schema's file now, key the place in it that a reader looks for.
	path, key string
	// keys are the properties that the schema had, required those that it asked for.
	keys, required []string
	old, now       validator
	// whole: a file's own schema, which is a document's as a whole.
	whole bool
	// rivals say which other schemas of the same document take a value now.
	rivals func() []validator
	// peers are the names of all schemas of the same document.
	peers []string
	// followed counts the documents of the repository that it takes now.
	followed int
}

// maxRulings bounds the schemas that documents of the repository are judged by.
const maxRulings = 200

// rulings are the schemas of every format that the branch changed.
func (s *survey) rulings(pass *detectors.Pass) ([]*ruling, error) {
	list, err := s.schemaRulings(pass)
	if err != nil {
		return nil, err
	}
	async, err := asyncRulings(pass)
	if err != nil {
		return nil, err
	}
	list = append(append(list, avroRulings(pass)...), async...)
	if s.specs, err = specPairsOf(pass); err != nil {
		return nil, err
	}
	before, after := side{pass.Branch, pass.Source, true}, side{pass.Branch, pass.Source, false}
	for _, p := range s.specs {
		if p.problem == nil && p.b != nil {
			list = append(list, p.rulings(before, after)...)
		}
	}
	return list[:min(len(list), maxRulings)], nil
}

// schemaRulings are those of JSON Schema files that the branch changed, or that refer to a file which it changed.
func (s *survey) schemaRulings(pass *detectors.Pass) ([]*ruling, error) {
	before, after := side{pass.Branch, pass.Source, true}, side{pass.Branch, pass.Source, false}
	roots, err := schemaRoots(pass)
	if err != nil {
		return nil, err
	}
	var list []*ruling
	for _, root := range roots {
		if err := pass.Context.Err(); err != nil {
			return nil, err
		}
		s.schemas = append(s.schemas, root.now)
		old, _, err := validatorOf(before, root.old)
		if err != nil {
			continue // what was no schema accepted nothing
		}
		now, doc, err := validatorOf(after, root.now)
		if err != nil {
			s.broken = append(s.broken, fmt.Sprintf("%s: %.120s", root.now, strings.Join(strings.Fields(err.Error()), " ")))
			continue
		}
		r := &ruling{name: schemaStem(root.now), path: root.now, old: old, now: now, whole: true}
		r.keys, r.required = propertiesOf(doc, doc)
		if oldDoc, err := readDocumentOf(before, root.old); err == nil {
			keys, required := propertiesOf(oldDoc, oldDoc)
			r.keys, r.required = union(keys, r.keys), required
		}
		if len(r.keys) > 0 {
			list = append(list, r)
		}
	}
	return list, nil
}

// schemaRoots are the JSON Schemas that the branch changed, and those made of a file that it changed.
func schemaRoots(pass *detectors.Pass) ([]specRoot, error) {
	var roots []specRoot
	var parts []string
	for _, f := range pass.Branch.Files {
		if f.Binary || f.TooLarge || f.Vendored || f.Status == branch.Added || f.Status == branch.Deleted || !declares(f.Path) {
			continue
		}
		text, err := f.After()
		if err != nil || !schemaFormat(f.Path) || isOpenAPI(f.Path, text) {
			continue
		}
		if isJSONSchema(f.Path, text) {
			roots = append(roots, specRoot{cmpOr(f.OldPath, f.Path), f.Path})
		}
		if strings.Contains(string(text), `"type"`) || strings.Contains(string(text), "type:") {
			parts = append(parts, path.Base(f.Path))
		}
	}
	if len(parts) == 0 {
		return roots, nil
	}
	naming, err := pass.Source.Naming(pass.Context, parts...)
	if err != nil {
		return nil, err
	}
	for _, part := range parts {
		for _, p := range naming[part] {
			if len(roots) >= maxSpecs || pass.Branch.File(p) != nil || !declares(p) || slices.Contains(roots, specRoot{p, p}) {
				continue
			}
			if text, err := pass.Branch.ReadHead(p); err == nil && isJSONSchema(p, text) && strings.Contains(string(text), "$ref") {
				roots = append(roots, specRoot{p, p})
			}
		}
	}
	return roots, nil
}

func schemaFormat(p string) bool {
	switch path.Ext(p) {
	case ".json", ".yaml", ".yml":
		return true
	}
	return false
}

func readDocumentOf(at side, p string) (any, error) {
	text, err := at.text(p)
	if err != nil {
		return nil, err
	}
	return decodeDocument(p, text)
}

// validatorOf compiles the JSON Schema at p on one side and gives its document too.
func validatorOf(at side, p string) (validator, any, error) {
	doc, err := readDocumentOf(at, p)
	if err != nil {
		return nil, nil, err
	}
	f, err := schemaFileOf(at, p, doc, jsonschema.Draft2020, nil)
	if err != nil {
		return nil, nil, err
	}
	j, err := f.at("")
	return j, doc, err
}

// schemaStem is what a schema's file is about: "invoice" of schemas/invoice.v2.schema.json.
func schemaStem(p string) string {
	base := path.Base(p)
	stem, _, _ := strings.Cut(base, ".")
	if stem == "schema" || stem == "" {
		return path.Base(path.Dir(p))
	}
	return stem
}

// propertiesOf are the keys that a schema names at its top, following references and allOf inside the document, and those
// that it requires.
func propertiesOf(root, node any) (keys, required []string) {
	collectProperties(root, node, 0, &keys, &required)
	slices.Sort(keys)
	slices.Sort(required)
	return slices.Compact(keys), slices.Compact(required)
}

func collectProperties(root, node any, depth int, keys, required *[]string) {
	m, ok := node.(map[string]any)
	if !ok || depth > 8 {
		return
	}
	if ref, ok := m["$ref"].(string); ok && strings.HasPrefix(ref, "#/") {
		collectProperties(root, lookUp(root, ref[1:]), depth+1, keys, required)
	}
	if props, ok := m["properties"].(map[string]any); ok {
		*keys = append(*keys, keysOf(props)...)
	}
	if list, ok := m["required"].([]any); ok {
		for _, r := range list {
			if name, ok := r.(string); ok {
				*required = append(*required, name)
			}
		}
	}
	if list, ok := m["allOf"].([]any); ok {
		for _, part := range list {
			collectProperties(root, part, depth+1, keys, required)
		}
	}
}

// lookUp follows a JSON pointer, nil where it leads nowhere.
func lookUp(doc any, pointer string) any {
	for part := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		part = unescapePointer.Replace(part)
		switch d := doc.(type) {
		case map[string]any:
			doc = d[part]
		case []any:
			i := -1
			if _, err := fmt.Sscanf(part, "%d", &i); err != nil || i < 0 || i >= len(d) {
				return nil
			}
			doc = d[i]
		default:
			return nil
		}
	}
	return doc
}

var unescapePointer = strings.NewReplacer("~1", "/", "~0", "~")

func union(a, b []string) []string {
	list := append(slices.Clone(a), b...)
	slices.Sort(list)
	return slices.Compact(list)
}

var namesSchema = lazy.New(`(?:"\$schema"\s*:\s*"|yaml-language-server:\s*\$schema=)([^"\s]+)`)

// linked says that a document itself, or its name, says that it is one of the schema's.
func (r *ruling) linked(p string, text []byte) bool {
	if r.whole {
		if m := namesSchema.FindSubmatch(text[:min(len(text), 16<<10)]); m != nil {
			return path.Base(string(m[1])) == path.Base(r.path)
		}
	}
	stem, _, _ := strings.Cut(path.Base(p), ".")
	theirs := words(stem)
	strange, ok := unmatched(r.name, theirs)
	return ok && !slices.ContainsFunc(r.peers, func(peer string) bool {
		n, ok := unmatched(peer, theirs)
		return ok && peer != r.name && n < strange
	})
}

// unmatched counts the words of a schema's name that a file's name does not have; not ok where one of them says what it is.
func unmatched(name string, theirs []string) (n int, ok bool) {
	mine := words(name)
	for _, w := range mine {
		if slices.Contains(theirs, w) {
			ok = true
			continue
		}
		if len(mine) == 1 || !slices.Contains(carriers, w) {
			return 0, false
		}
		n++
	}
	return n, ok
}

// carriers are the words of a schema's name that say how it travels, not what it is.
var carriers = []string{"request", "response", "schema", "dto", "payload", "body", "input", "output", "model", "req", "resp", "message", "json"}
