package contracts

import (
	"bytes"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"flightpoll/detectors"
)

// rulings are the schemas of an OpenAPI document that differ in themselves or in what they refer to: components with
// properties, and those that stand inside a request or an answer.
func (p *specPair) rulings(before, after side) []*ruling {
	old, now := p.schemaFile(before, true), p.schemaFile(after, false)
	if old == nil || now == nil {
		return nil
	}
	return componentRulings(p.specRoot, old, now, p.affected)
}

// asyncRulings are the components of the AsyncAPI documents that the branch changed.
func asyncRulings(pass *detectors.Pass) ([]*ruling, error) {
	roots, err := asyncRoots(pass)
	if err != nil {
		return nil, err
	}
	var list []*ruling
	before, after := side{pass.Branch, pass.Source, true}, side{pass.Branch, pass.Source, false}
	for _, r := range roots {
		a, err := readDocumentOf(before, r.old)
		if err != nil {
			continue
		}
		b, err := readDocumentOf(after, r.now)
		if err != nil {
			continue
		}
		old, err := schemaFileOf(before, r.old, a, jsonschema.Draft7, nil)
		if err != nil {
			continue
		}
		now, err := schemaFileOf(after, r.now, b, jsonschema.Draft7, nil)
		if err != nil {
			continue
		}
		list = append(list, componentRulings(r, old, now, nil)...)
	}
	return list, nil
}

// componentRulings are the schemas of both sides of a document at the same pointers; affected are those that differ, by
// their reference (nil for all).
func componentRulings(p specRoot, old, now *schemaFile, affected map[string]bool) []*ruling {
	var list []*ruling
	var names []string
	for _, pointer := range componentSchemas(now.doc) {
		names = append(names, unescapePointer.Replace(path.Base(pointer)))
	}
	add := func(name, pointer string) {
		was, is := lookUp(old.doc, pointer), lookUp(now.doc, pointer)
		keys, required := propertiesOf(old.doc, was)
		if was == nil || is == nil || len(keys) == 0 {
			return
		}
		a, err := old.at(pointer)
		if err != nil {
			return
		}
		b, err := now.at(pointer)
		if err != nil {
			return
		}
		more, _ := propertiesOf(now.doc, is)
		list = append(list, &ruling{
			name: name, path: p.now, key: name, keys: union(keys, more), required: required, old: a, now: b,
			peers: names, rivals: func() []validator { return now.others(pointer) },
		})
	}
	for _, pointer := range componentSchemas(now.doc) {
		if affected == nil || affected["#"+pointer] {
			add(unescapePointer.Replace(path.Base(pointer)), pointer)
		}
	}
	for _, s := range inlineSchemas(now.doc) {
		if affected == nil || affected["#/paths/"+s.item] {
			add(s.name, s.pointer)
		}
	}
	return list
}

// schemaFile is one side of the document for judging values, nil where it cannot be read. A large one is read without what
// is the same on both sides.
func (p *specPair) schemaFile(at side, base bool) *schemaFile {
	name, text := p.now, p.nowText
	if base {
		name, text = p.old, p.oldText
	}
	if len(text) > maxYAML && path.Ext(name) != ".json" {
		if text = p.b; base {
			text = p.a
		}
		text = blankLines(text)
	}
	doc, err := decodeDocument(name, text)
	if err != nil {
		return nil
	}
	draft, adapt := jsonschema.Draft4, adaptOpenAPI
	if m, ok := doc.(map[string]any); ok {
		if v, ok := m["openapi"].(string); ok && !strings.HasPrefix(v, "3.0") {
			draft = jsonschema.Draft2020
		}
	}
	f, err := schemaFileOf(at, name, doc, draft, adapt)
	if err != nil {
		return nil
	}
	return f
}

// blankLines takes out the lines that were cut off.
func blankLines(text []byte) []byte {
	var kept bytes.Buffer
	for line := range bytes.Lines(text) {
		if len(bytes.TrimSpace(line)) > 0 {
			kept.Write(line)
		}
	}
	return kept.Bytes()
}

// adaptOpenAPI turns what OpenAPI 3.0 has of its own into JSON Schema: nullable values, and properties that are asked for in
// one direction only. Which way a fixture travels is not known, so neither direction asks for them.
func adaptOpenAPI(doc any) any { return adaptNode(doc, 0) }

func adaptNode(node any, depth int) any {
	if depth > 4*maxNesting {
		return node
	}
	switch n := node.(type) {
	case []any:
		list := make([]any, len(n))
		for i, v := range n {
			list[i] = adaptNode(v, depth+1)
		}
		return list
	case map[string]any:
		m := make(map[string]any, len(n))
		for k, v := range n {
			m[k] = adaptNode(v, depth+1)
		}
		if m["nullable"] == true {
			if t, ok := m["type"].(string); ok {
				m["type"] = []any{t, "null"}
			}
			if list, ok := m["enum"].([]any); ok {
				m["enum"] = append(slices.Clone(list), nil)
			}
		}
		if _, ok := m["$ref"].(string); ok {
			return m
		}
		oneWay(m)
		return m
	}
	return node
}

// oneWay takes properties that are only read or only written off the required ones.
func oneWay(m map[string]any) {
	props, _ := m["properties"].(map[string]any)
	list, _ := m["required"].([]any)
	if props == nil || list == nil {
		return
	}
	kept := slices.DeleteFunc(slices.Clone(list), func(name any) bool {
		key, _ := name.(string)
		prop, _ := props[key].(map[string]any)
		return prop["readOnly"] == true || prop["writeOnly"] == true
	})
	if len(kept) == 0 {
		delete(m, "required") // draft 4 wants at least one
		return
	}
	m["required"] = kept
}

// componentSchemas are the pointers of a document's named schemas, of OpenAPI 2, 3 and AsyncAPI.
func componentSchemas(doc any) []string {
	var list []string
	for _, prefix := range []string{"/components/schemas/", "/definitions/"} {
		if m, ok := lookUp(doc, prefix[:len(prefix)-1]).(map[string]any); ok {
			for _, name := range keysOf(m) {
				list = append(list, prefix+escapePointer.Replace(name))
			}
		}
	}
	return list
}

// others are the judges of all other components of the document.
func (f *schemaFile) others(pointer string) []validator {
	var list []validator
	for _, p := range componentSchemas(f.doc) {
		if keys, _ := propertiesOf(f.doc, lookUp(f.doc, p)); p == pointer || len(keys) == 0 {
			continue
		}
		if j, err := f.at(p); err == nil {
			list = append(list, j)
		}
	}
	return list
}

// An inlineSchema is a schema that stands inside an operation.
type inlineSchema struct{ name, item, pointer string }

func inlineSchemas(doc any) []inlineSchema {
	var list []inlineSchema
	paths, _ := lookUp(doc, "/paths").(map[string]any)
	for _, p := range keysOf(paths) {
		item := escapePointer.Replace(p)
		operations, _ := paths[p].(map[string]any)
		for _, method := range keysOf(operations) {
			op, ok := operations[method].(map[string]any)
			if !ok {
				continue
			}
			name, _ := op["operationId"].(string)
			name = cmpOr(name, method+" "+p)
			at := "/paths/" + item + "/" + method
			for _, media := range mediaTypes(op, at) {
				if schema, ok := lookUp(doc, media+"/schema").(map[string]any); ok && schema["$ref"] == nil {
					list = append(list, inlineSchema{name, item, media + "/schema"})
				}
			}
		}
	}
	return list
}

// mediaTypes are the pointers of the media types that an operation takes and answers.
func mediaTypes(op map[string]any, at string) []string {
	var list []string
	content := func(m any, at string) {
		holder, _ := m.(map[string]any)
		types, _ := holder["content"].(map[string]any)
		for _, t := range slices.Sorted(maps.Keys(types)) {
			list = append(list, at+"/content/"+escapePointer.Replace(t))
		}
	}
	content(op["requestBody"], at+"/requestBody")
	if responses, ok := op["responses"].(map[string]any); ok {
		for _, status := range keysOf(responses) {
			content(responses[status], at+"/responses/"+status)
		}
	}
	return list
}
