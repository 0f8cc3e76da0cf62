package contracts

import (
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
	"flightpoll/detectors/source/document"
)

// A valueSet is a closed set of strings that cross the wire: an enum's values, a union of literals, an enumeration of a schema.
type valueSet struct {
	owner, dialect, path string
	line                 int
	values               []string
}

func (s *valueSet) has(value string) bool {
	for _, v := range s.values {
		if v == value {
			return true
		}
	}
	return false
}

var (
	literal     = lazy.New(`"([^"\\\n]+)"|'([^'\\\n]+)'`)
	unionOnly   = lazy.New(`^\s*\|?\s*(?:"[^"]*"|'[^']*')(?:\s*\|\s*(?:"[^"]*"|'[^']*'))+\s*$`)
	enumOf      = lazy.New(`^(?:z|v|t|Joi|yup)\.(?:enum|picklist|nativeEnum)\(\s*\[([^\]]*)\]`)
	pythonUnion = lazy.New(`^(?:typing\.)?Literal\[([^\]]*)\]`)
)

// literals are the quoted strings of a text.
func literals(text string) []string {
	var list []string
	for _, m := range literal.FindAllStringSubmatch(text, -1) {
		list = append(list, m[1]+m[2])
	}
	return list
}

// valueSets are the closed sets of strings that a source file declares.
func valueSets(f *source.File) []*valueSet {
	var list []*valueSet
	put := func(owner string, line int, values []string) {
		if len(values) > 1 {
			list = append(list, &valueSet{owner, string(f.Lang), f.Path, line, values})
		}
	}
	for _, d := range f.Decls {
		text := d.Type
		if text == "" || d.Kind == source.Const || d.Kind == source.Var {
			text = d.Default
		}
		switch {
		case d.Kind == source.Enum:
			put(d.Name, d.Span.Line, enumValues(f, d))
		case enumOf.MatchString(text):
			put(ownerOf(d), d.Span.Line, literals(enumOf.FindStringSubmatch(text)[1]))
		case pythonUnion.MatchString(text):
			put(ownerOf(d), d.Span.Line, literals(pythonUnion.FindStringSubmatch(text)[1]))
		case unionOnly.MatchString(text) && f.Lang == source.TypeScript:
			put(ownerOf(d), d.Span.Line, literals(text))
		}
	}
	return list
}

// enumValues are what an enum's values are written as.
func enumValues(f *source.File, d *source.Decl) []string {
	var values []string
	for _, m := range d.Members {
		switch {
		case m.Kind != source.EnumValue || m.Wire == "-":
		case family(f.Path) != "" || m.Wire != "":
			values = append(values, m.Wire)
		default: // of ("open", _("Open")) the first is the value, what follows is its label
			if l := literals(m.Default); len(l) > 0 {
				values = append(values, l[0])
			}
		}
	}
	return values
}

// documentSets are the enumerations of a JSON Schema or OpenAPI document.
func documentSets(p string, text []byte) []*valueSet {
	if len(text) > maxSchema || !strings.Contains(string(text), "enum") || !strings.Contains(string(text), "properties") && !isOpenAPI(p, text) {
		return nil
	}
	var list []*valueSet
	var walk func(t *document.Node, owner, key string, depth int)
	walk = func(t *document.Node, owner, key string, depth int) {
		if t == nil || depth > maxNesting {
			return
		}
		if e := t.Get("enum"); e != nil && len(e.Items) > 1 {
			s := &valueSet{owner: strings.Trim(owner+"."+key, "."), dialect: "schema", path: p, line: e.Line}
			for _, item := range e.Items {
				if item.Kind == document.String {
					s.values = append(s.values, item.Value)
				}
			}
			if len(s.values) > 1 {
				list = append(list, s)
			}
		}
		for _, m := range t.Pairs {
			next := owner
			switch m.Key {
			case "properties", "schemas", "definitions", "$defs", "components", "schema", "items":
				walk(m.Value, owner, key, depth+1)
				continue
			}
			if key != "" {
				next = key
			}
			walk(m.Value, next, m.Key, depth+1)
		}
		for _, item := range t.Items {
			walk(item, owner, key, depth+1)
		}
	}
	walk(documentOf(text), "", "", 0)
	return list
}
