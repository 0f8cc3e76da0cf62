package contracts

import (
	"flightpoll/detectors/source/document"
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
	tree := documentOf(text)
	if tree == nil {
		return nil
	}
	d := &schemaReader{file: file, root: tree}
	d.walk(tree, nil, 0)
	return d.list
}

type schemaReader struct {
	file string
	root *document.Node
	list []*shape
}

// structure are the keys of schema languages that stand between a schema and its name.
var structure = []string{
	"$defs", "additionalProperties", "allOf", "anyOf", "components", "content", "definitions", "items", "messages", "oneOf",
	"parameters", "paths", "payload", "properties", "requestBody", "responses", "schema", "schemas", "spec", "versions",
	"openAPIV3Schema", "patternProperties", "then", "else", "if",
}

func (d *schemaReader) walk(t *document.Node, names []string, depth int) {
	if t == nil || depth > maxNesting {
		return
	}
	if schemaLike(t) {
		d.schema(t, names)
	}
	for _, m := range t.Pairs {
		next := names
		if !slices.Contains(structure, m.Key) || len(names) > 0 && names[len(names)-1] == "\x00properties" {
			next = append(slices.Clone(trimMark(names)), m.Key)
		} else if m.Key == "properties" && schemaLike(t) {
			next = append(slices.Clone(trimMark(names)), "\x00properties")
		}
		d.walk(m.Value, next, depth+1)
	}
	for _, item := range t.Items {
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
func schemaLike(t *document.Node) bool {
	props := t.Get("properties")
	if props == nil || len(props.Pairs) == 0 {
		return t.Get("allOf") != nil && len(t.Get("allOf").Items) > 0
	}
	for _, m := range props.Pairs {
		if len(m.Value.Pairs) == 0 && m.Value.Kind != document.Object && m.Value.Kind != document.Boolean {
			return false
		}
	}
	return true
}

func (d *schemaReader) schema(t *document.Node, names []string) {
	s := &shape{dialect: "schema", path: d.file, line: t.Line, schema: true, pinned: true}
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
func (d *schemaReader) fill(s *shape, t *document.Node, depth int) {
	if t == nil || depth > 8 {
		return
	}
	if ref := t.Text("$ref"); ref != "" {
		target := d.resolve(ref)
		if target == nil {
			s.unread = append(s.unread, ref)
		}
		d.fill(s, target, depth+1)
		return
	}
	required := map[string]bool{}
	if r := t.Get("required"); r != nil {
		for _, item := range r.Items {
			required[item.Value] = true
		}
	}
	if a := t.Get("additionalProperties"); a != nil && a.Value == "false" {
		s.strict = true
	}
	if props := t.Get("properties"); props != nil {
		for _, m := range props.Pairs {
			if s.has(m.Key) {
				continue
			}
			f := field{wire: m.Key, line: m.Line, optional: !required[m.Key] || m.Value.Get("default") != nil, pinned: true}
			f.typ, f.kind = d.typeOf(m.Value, 0)
			if nullableSchema(m.Value) {
				f.typ += " | null"
			}
			if f.kind == kindObject {
				f.child = s.owner + "." + m.Key
			}
			s.fields = append(s.fields, f)
			s.line = min(s.line, m.Line)
			s.end = max(s.end, m.Line)
		}
	}
	if all := t.Get("allOf"); all != nil {
		for _, part := range all.Items {
			d.fill(s, part, depth+1)
		}
	}
}

// nullableSchema says that a property may be null: OpenAPI 3.0's nullable, and a list of types or alternatives with null.
func nullableSchema(t *document.Node) bool {
	if t.Text("nullable") == "true" || t.Text("x-nullable") == "true" {
		return true
	}
	null := func(list *document.Node) bool {
		return list != nil && slices.ContainsFunc(list.Items, func(i *document.Node) bool {
			return i.Value == "null" || i.Kind == document.Null || i.Text("type") == "null"
		})
	}
	return null(t.Get("type")) || null(t.Get("anyOf")) || null(t.Get("oneOf"))
}

func (d *schemaReader) typeOf(t *document.Node, depth int) (string, valueKind) {
	if ref := t.Text("$ref"); ref != "" && depth < 8 {
		if target := d.resolve(ref); target != nil {
			_, kind := d.typeOf(target, depth+1)
			return path.Base(ref), kind
		}
		return path.Base(ref), ""
	}
	name := t.Text("type")
	format := t.Text("format")
	switch kind := schemaKind(name); kind {
	case kindString, kindNumber:
		return name + format, kind
	case "":
	default:
		return name, kind
	}
	if t.Get("properties") != nil {
		return "object", kindObject
	}
	return name, ""
}

// resolve follows a reference inside the document; what lies outside is unread.
func (d *schemaReader) resolve(ref string) *document.Node {
	pointer, ok := strings.CutPrefix(ref, "#/")
	if !ok {
		return nil
	}
	t := d.root
	for part := range strings.SplitSeq(pointer, "/") {
		t = t.Get(strings.NewReplacer("~1", "/", "~0", "~").Replace(part))
	}
	return t
}

// schemaKind is the kind of the values of a type of JSON Schema.
func schemaKind(name string) valueKind {
	switch name {
	case "integer", "number":
		return kindNumber
	case "string", "boolean", "object", "array":
		return valueKind(name)
	}
	return ""
}
