package contracts

import (
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
)

// refusedExamples are the examples of an OpenAPI document, in it or in a file that it names, which their own schema accepted
// before the branch and refuses now.
func (p *specPair) refusedExamples(pass *detectors.Pass) []refusal {
	if p.problem != nil || p.b == nil {
		return nil
	}
	before, after := side{pass.Branch, pass.Source, true}, side{pass.Branch, pass.Source, false}
	old, now := p.schemaFile(before, true), p.schemaFile(after, false)
	if old == nil || now == nil {
		return nil
	}
	var list []refusal
	for _, e := range p.examples(now.doc) {
		if len(list) >= maxSpecFindings || pass.Context.Err() != nil {
			return list
		}
		was, err := old.at(e.schema)
		if err != nil || lookUp(old.doc, e.schema) == nil {
			continue
		}
		is, err := now.at(e.schema)
		if err != nil {
			continue
		}
		file, value, at := p.now, e.value, e.at
		if e.file != "" {
			file, at = path.Join(path.Dir(p.now), e.file), nil
			if value, err = readDocumentOf(after, file); err != nil {
				continue
			}
			if m, ok := value.(map[string]any); ok && e.wrapped && m["value"] != nil {
				value, at = m["value"], []string{"value"}
			}
		}
		bad := error(nil)
		if was(value) == nil {
			bad = is(value)
		}
		if bad == nil || wrong.MatchString(strings.Join(e.at, "/")) {
			continue
		}
		c := complaintOf(bad)
		c.at = append(slices.Clone(at), c.at...)
		text, err := pass.Branch.ReadHead(file)
		if err != nil {
			continue
		}
		r := &ruling{name: e.name, path: p.now, key: c.key}
		list = append(list, refusal{path: file, line: lineAt(text, c), ruling: r, complaint: c, sure: e.file != ""})
	}
	return list
}

// An example is a value that an OpenAPI document shows for a schema of its own.
type example struct {
	name, schema string
	value        any
	at           []string
	// file is where the value stands, from the document's folder; wrapped: below the key "value" of it.
	file    string
	wrapped bool
}

func (p *specPair) examples(doc any) []example {
	var list []example
	for _, pointer := range componentSchemas(doc) {
		if m, ok := lookUp(doc, pointer).(map[string]any); ok && m["example"] != nil && (p.affected == nil || p.affected["#"+pointer]) {
			list = append(list, example{name: path.Base(pointer), schema: pointer, value: m["example"], at: places(pointer, "example")})
		}
	}
	paths, _ := lookUp(doc, "/paths").(map[string]any)
	for _, route := range keysOf(paths) {
		item := escapePointer.Replace(route)
		if p.affected != nil && !p.affected["#/paths/"+item] {
			continue
		}
		operations, _ := paths[route].(map[string]any)
		for _, method := range keysOf(operations) {
			op, _ := operations[method].(map[string]any)
			for _, media := range mediaTypes(op, "/paths/"+item+"/"+method) {
				m, _ := lookUp(doc, media).(map[string]any)
				list = append(list, mediaExamples(m, strings.ToUpper(method)+" "+route, media)...)
			}
		}
	}
	return list
}

func mediaExamples(m map[string]any, name, media string) []example {
	if m["schema"] == nil {
		return nil
	}
	var list []example
	e := example{name: name, schema: media + "/schema"}
	if v, ok := m["example"]; ok {
		e.value, e.at = v, places(media, "example")
		if ref, ok := fileOf(v); ok {
			e.file = ref
		}
		list = append(list, e)
	}
	all, _ := m["examples"].(map[string]any)
	for _, key := range keysOf(all) {
		one, _ := all[key].(map[string]any)
		e := example{name: name, schema: media + "/schema", value: one["value"], at: places(media, "examples", key, "value")}
		if external, ok := one["externalValue"].(string); ok && !strings.Contains(external, ":") {
			e.file = external
		} else if ref, ok := fileOf(one); ok {
			e.file, e.wrapped = ref, true
		}
		if e.value != nil || e.file != "" {
			list = append(list, e)
		}
	}
	return list
}

// fileOf is the file of the repository that a reference leads to.
func fileOf(v any) (string, bool) {
	m, _ := v.(map[string]any)
	ref, _ := m["$ref"].(string)
	return ref, ref != "" && !strings.ContainsAny(ref, "#:")
}

func places(pointer string, more ...string) []string {
	var list []string
	for part := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		list = append(list, unescapePointer.Replace(part))
	}
	return append(list, more...)
}
