package contracts

import (
	"path"
	"slices"
	"strings"
)

// A schemaSet resolves the references of one side's JSON Schemas; it reads that side's files only.
type schemaSet struct {
	at   side
	docs map[string]any
}

func newSchemaSet(at side) *schemaSet { return &schemaSet{at, map[string]any{}} }

func (s *schemaSet) doc(p string) any {
	if d, ok := s.docs[p]; ok {
		return d
	}
	s.docs[p] = nil
	if len(s.docs) < maxSpecFiles && p != ".." && !strings.HasPrefix(p, "../") && !path.IsAbs(p) {
		if d, err := readDocumentOf(s.at, p); err == nil {
			s.docs[p] = d
		}
	}
	return s.docs[p]
}

// A schemaNode is a schema and the file that its references are relative to.
type schemaNode struct {
	value any
	file  string
}

// resolve follows a reference; the value is nil where it leads nowhere.
func (s *schemaSet) resolve(from, ref string) schemaNode {
	file, fragment, _ := strings.Cut(ref, "#")
	at := from
	if root, ok := s.doc(from).(map[string]any); ok && file != "" {
		if id, _ := root["$id"].(string); id == file {
			file = ""
		}
	}
	if file != "" {
		if strings.Contains(file, "://") {
			file = path.Base(file) // an address that the repository's own files are published at
		}
		at = path.Join(path.Dir(from), file)
	}
	doc := s.doc(at)
	if fragment == "" || fragment == "/" {
		return schemaNode{doc, at}
	}
	if !strings.HasPrefix(fragment, "/") {
		return schemaNode{nil, at}
	}
	return schemaNode{lookUp(doc, fragment), at}
}

// A schemaView is what a schema takes, with references followed and allOf merged.
type schemaView struct {
	never    bool
	types    []string // nil takes any
	props    map[string]schemaNode
	required map[string]bool
	closed   bool
	open     schemaNode // the schema of keys that have none of their own
	enum     []any      // nil takes any
	limits   map[string]float64
	pattern  string
	unique   bool
	items    schemaNode
	choices  []schemaNode
	fallback map[string]bool // properties with a default
	unread   bool
}

func (s *schemaSet) view(n schemaNode) *schemaView {
	v := &schemaView{props: map[string]schemaNode{}, required: map[string]bool{}, limits: map[string]float64{}, fallback: map[string]bool{}}
	s.merge(v, n, 0)
	return v
}

func (s *schemaSet) merge(v *schemaView, n schemaNode, depth int) {
	if depth > 20 {
		v.unread = true
		return
	}
	m, ok := n.value.(map[string]any)
	if !ok {
		v.never = v.never || n.value == false
		v.unread = v.unread || n.value == nil
		return
	}
	if ref, ok := m["$ref"].(string); ok {
		s.merge(v, s.resolve(n.file, ref), depth+1)
	}
	if list := stringList(m["type"]); list != nil {
		if m["nullable"] == true {
			list = append(list, "null")
		}
		v.types = meet(v.types, list)
	}
	if props, ok := m["properties"].(map[string]any); ok {
		for k, p := range props {
			v.props[k] = schemaNode{p, n.file}
			if pm, ok := p.(map[string]any); ok {
				_, v.fallback[k] = pm["default"]
			}
		}
	}
	for _, r := range stringList(m["required"]) {
		v.required[r] = true
	}
	switch a := m["additionalProperties"].(type) {
	case bool:
		v.closed = v.closed || !a
	case map[string]any:
		v.open = schemaNode{a, n.file}
	}
	if m["unevaluatedProperties"] == false {
		v.closed = true
	}
	if _, ok := m["patternProperties"]; ok {
		v.unread = true
	}
	if list, ok := m["enum"].([]any); ok {
		v.enum = list
	}
	if c, ok := m["const"]; ok {
		v.enum = []any{c}
	}
	for _, key := range append(slices.Clone(lower), upper...) {
		if f, ok := numberOf(m[key]); ok {
			v.limits[key] = f
		}
	}
	if p, ok := m["pattern"].(string); ok {
		v.pattern = p
	}
	v.unique = v.unique || m["uniqueItems"] == true
	if items, ok := m["items"].(map[string]any); ok {
		v.items = schemaNode{items, n.file}
	}
	for _, key := range []string{"oneOf", "anyOf"} {
		if list, ok := m[key].([]any); ok {
			for _, c := range list {
				v.choices = append(v.choices, schemaNode{c, n.file})
			}
		}
	}
	if list, ok := m["allOf"].([]any); ok {
		for _, part := range list {
			s.merge(v, schemaNode{part, n.file}, depth+1)
		}
	}
	for _, key := range []string{"if", "not", "dependentSchemas", "$dynamicRef", "propertyNames"} {
		if _, ok := m[key]; ok {
			v.unread = true
		}
	}
}

var (
	lower = []string{"minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"}
	upper = []string{"maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"}
)

// stringList is a string or a list of strings as a list, nil for anything else.
func stringList(v any) []string {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		var list []string
		for _, item := range v {
			if text, ok := item.(string); ok {
				list = append(list, text)
			}
		}
		return list
	}
	return nil
}

// meet is what both lists of types take; nil takes any.
func meet(a, b []string) []string {
	if a == nil {
		return b
	}
	return slices.DeleteFunc(slices.Clone(a), func(t string) bool { return !takesType(b, t) })
}

func takesType(types []string, t string) bool {
	return types == nil || slices.Contains(types, t) || t == "integer" && slices.Contains(types, "number")
}
