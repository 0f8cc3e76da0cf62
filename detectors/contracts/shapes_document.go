package contracts

import (
	"path"
	"slices"
	"strings"
)

// maxSchema is the size in bytes past which a JSON or YAML file is not read for the schemas in it.
const maxSchema = 2 << 20

// documentShapes are the object schemas of a JSON Schema, OpenAPI, AsyncAPI or CRD document in JSON or YAML.
func documentShapes(file string, text []byte) []*shape {
	if len(text) > maxSchema || !strings.Contains(string(text), "properties") {
		return nil
	}
	tree := parseDocument(text)
	if tree == nil {
		return nil
	}
	d := &schemaReader{file: file, root: tree}
	d.walk(tree, nil, 0)
	return d.list
}

type schemaReader struct {
	file string
	root *tree
	list []*shape
}

// structure are the keys of schema languages that stand between a schema and its name.
var structure = []string{
	"$defs", "additionalProperties", "allOf", "anyOf", "components", "content", "definitions", "items", "messages", "oneOf",
	"parameters", "paths", "payload", "properties", "requestBody", "responses", "schema", "schemas", "spec", "versions",
	"openAPIV3Schema", "patternProperties", "then", "else", "if",
}

func (d *schemaReader) walk(t *tree, names []string, depth int) {
	if t == nil || depth > maxNesting {
		return
	}
	if schemaLike(t) {
		d.schema(t, names)
	}
	for _, m := range t.keys {
		next := names
		if !slices.Contains(structure, m.name) || len(names) > 0 && names[len(names)-1] == "\x00properties" {
			next = append(slices.Clone(trimMark(names)), m.name)
		} else if m.name == "properties" && schemaLike(t) {
			next = append(slices.Clone(trimMark(names)), "\x00properties")
		}
		d.walk(m.tree, next, depth+1)
	}
	for _, item := range t.items {
		d.walk(item, names, depth+1)
	}
}

// trimMark takes off the mark that says "the next key is a property's name, whatever it is called".
func trimMark(names []string) []string {
	if n := len(names); n > 0 && names[n-1] == "\x00properties" {
		return names[:n-1]
	}
	return names
}

// schemaLike says whether a mapping declares an object's properties.
func schemaLike(t *tree) bool {
	props := t.get("properties")
	if props == nil || len(props.keys) == 0 {
		return t.get("allOf") != nil && len(t.get("allOf").items) > 0
	}
	for _, m := range props.keys {
		if len(m.tree.keys) == 0 && m.tree.kind != kindObject && m.tree.kind != kindBool {
			return false
		}
	}
	return true
}

func (d *schemaReader) schema(t *tree, names []string) {
	s := &shape{dialect: "schema", path: d.file, line: t.line, schema: true, pinned: true}
	s.owner = strings.Join(trimMark(names), ".")
	if s.owner == "" {
		s.owner, _, _ = strings.Cut(path.Base(d.file), ".")
	}
	d.fill(s, t, 0)
	if len(s.fields) > 0 {
		d.list = append(d.list, s)
	}
}

// fill adds a schema's own properties and those of all its parts, following references inside the document.
func (d *schemaReader) fill(s *shape, t *tree, depth int) {
	if t == nil || depth > 8 {
		return
	}
	if ref := t.get("$ref").text(); ref != "" {
		target := d.resolve(ref)
		if target == nil {
			s.unread = append(s.unread, ref)
		}
		d.fill(s, target, depth+1)
		return
	}
	required := map[string]bool{}
	if r := t.get("required"); r != nil {
		for _, item := range r.items {
			required[item.value] = true
		}
	}
	if a := t.get("additionalProperties"); a != nil && a.value == "false" {
		s.strict = true
	}
	if props := t.get("properties"); props != nil {
		for _, m := range props.keys {
			if s.has(m.name) {
				continue
			}
			f := field{wire: m.name, line: m.line, optional: !required[m.name] || m.tree.get("default") != nil, pinned: true}
			f.typ, f.kind = d.typeOf(m.tree, 0)
			if nullableSchema(m.tree) {
				f.typ += " | null"
			}
			if f.kind == kindObject {
				f.child = s.owner + "." + m.name
			}
			s.fields = append(s.fields, f)
			s.line = min(s.line, m.line)
			s.end = max(s.end, m.line)
		}
	}
	if all := t.get("allOf"); all != nil {
		for _, part := range all.items {
			d.fill(s, part, depth+1)
		}
	}
}

// nullableSchema says that a property may be null: OpenAPI 3.0's nullable, and a list of types or alternatives with null.
func nullableSchema(t *tree) bool {
	if t.get("nullable").text() == "true" || t.get("x-nullable").text() == "true" {
		return true
	}
	null := func(list *tree) bool {
		return list != nil && slices.ContainsFunc(list.items, func(i *tree) bool { return i.value == "null" || i.kind == kindNull || i.get("type").text() == "null" })
	}
	return null(t.get("type")) || null(t.get("anyOf")) || null(t.get("oneOf"))
}

func (d *schemaReader) typeOf(t *tree, depth int) (string, valueKind) {
	if ref := t.get("$ref").text(); ref != "" && depth < 8 {
		if target := d.resolve(ref); target != nil {
			_, kind := d.typeOf(target, depth+1)
			return path.Base(ref), kind
		}
		return path.Base(ref), ""
	}
	name := t.get("type").text()
	format := t.get("format").text()
	switch name {
	case "string":
		return name + format, kindString
	case "integer", "number":
		return name + format, kindNumber
	case "boolean":
		return name, kindBool
	case "object":
		return name, kindObject
	case "array":
		return name, kindArray
	}
	if t.get("properties") != nil {
		return "object", kindObject
	}
	return name, ""
}

// resolve follows a reference inside the document; what lies outside is unread.
func (d *schemaReader) resolve(ref string) *tree {
	pointer, ok := strings.CutPrefix(ref, "#/")
	if !ok {
		return nil
	}
	t := d.root
	for part := range strings.SplitSeq(pointer, "/") {
		t = t.get(strings.NewReplacer("~1", "/", "~0", "~").Replace(part))
	}
	return t
}
