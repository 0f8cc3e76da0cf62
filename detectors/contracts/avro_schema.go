package contracts

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/hamba/avro/v2"

	"flightpoll/detectors/lazy"
)

// maxAvroFiles bounds the schemas that one schema's names are looked for in.
const maxAvroFiles = 200

// avroAt parses the schema at p on one side. Names that it does not declare itself are taken from the other schemas of that
// side, the nearest ones first.
func avroAt(at side, p string) (schema avro.Schema, err error) {
	defer func() {
		if r := recover(); r != nil {
			schema, err = nil, fmt.Errorf("the schema cannot be read: %v", r)
		}
	}()
	text, err := at.text(p)
	if err != nil {
		return nil, err
	}
	if len(text) > maxSchema || deepJSON(text) {
		return nil, errNoDocument
	}
	schema, err = avro.ParseBytesWithCache(text, "", &avro.SchemaCache{})
	if err == nil {
		return schema, nil
	}
	cache := &avro.SchemaCache{}
	waiting := avroFiles(at, p)
	for progress := true; progress; {
		progress = false
		if schema, err = avro.ParseBytesWithCache(text, "", cache); err == nil {
			return schema, nil
		}
		waiting = slices.DeleteFunc(waiting, func(other string) bool {
			content, err := at.text(other)
			if err != nil || len(content) > maxSchema || deepJSON(content) {
				return true
			}
			if _, err := avro.ParseBytesWithCache(content, "", cache); err != nil {
				return false
			}
			progress = true
			return true
		})
	}
	return nil, err
}

// avroFiles are the other Avro schemas of a side, those of the same folder first.
func avroFiles(at side, p string) []string {
	var near, far []string
	for _, other := range at.paths() {
		switch {
		case !strings.HasSuffix(other, ".avsc") || other == p:
		case path.Dir(other) == path.Dir(p):
			near = append(near, other)
		case top(other) == top(p) && !otherVersion(other, p):
			far = append(far, other)
		}
	}
	list := slices.Concat(near, far)
	return list[:min(len(list), maxAvroFiles)]
}

// deepJSON says that a text is nested deeper than any schema is.
func deepJSON(text []byte) bool {
	depth, most, quoted := 0, 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
			most = max(most, depth)
		case c == '}' || c == ']':
			depth--
		}
	}
	return most > 4*maxNesting
}

// avroRecords are the records that a schema is made of, by full name, in the order of their first use.
func avroRecords(s avro.Schema) []*avro.RecordSchema {
	var list []*avro.RecordSchema
	var walk func(s avro.Schema, depth int)
	walk = func(s avro.Schema, depth int) {
		if depth > 4*maxNesting {
			return
		}
		switch n := s.(type) {
		case *avro.RecordSchema:
			if !slices.Contains(list, n) {
				list = append(list, n)
				for _, f := range n.Fields() {
					walk(f.Type(), depth+1)
				}
			}
		case *avro.RefSchema:
			walk(n.Schema(), depth+1)
		case *avro.ArraySchema:
			walk(n.Items(), depth+1)
		case *avro.MapSchema:
			walk(n.Values(), depth+1)
		case *avro.UnionSchema:
			for _, t := range n.Types() {
				walk(t, depth+1)
			}
		}
	}
	walk(s, 0)
	return list
}

// avroShapes are the records of an Avro schema as shapes, for those who read and write them by name.
func avroShapes(at side, p string) []*shape {
	schema, err := avroAt(at, p)
	if err != nil {
		return nil
	}
	text, err := at.text(p)
	if err != nil {
		return nil
	}
	var list []*shape
	for _, r := range avroRecords(schema) {
		line := lineQuoting(text, r.Name())
		if line == 0 {
			continue // declared in another file
		}
		s := &shape{owner: r.Name(), dialect: "schema", path: p, line: line, schema: true, pinned: true, sent: true}
		for _, f := range r.Fields() {
			kind, child := avroKind(f.Type())
			s.fields = append(s.fields, field{
				wire: f.Name(), typ: string(f.Type().Type()), kind: kind, child: child, optional: f.HasDefault(), pinned: true, line: lineQuoting(text, f.Name()),
			})
		}
		list = append(list, s)
	}
	return list
}

// lineQuoting is the first line of a text that has a name in quotes, 0 for none.
func lineQuoting(text []byte, name string) int {
	line := 0
	for row := range strings.Lines(string(text)) {
		line++
		if strings.Contains(row, `"`+name+`"`) {
			return line
		}
	}
	return 0
}

// avroKind is how a value of a type looks in JSON, and the record that it is; null beside another type counts for nothing.
func avroKind(s avro.Schema) (kind valueKind, child string) {
	switch n := s.(type) {
	case *avro.RefSchema:
		return avroKind(n.Schema())
	case *avro.RecordSchema:
		return kindObject, n.Name()
	case *avro.UnionSchema:
		for _, t := range n.Types() {
			if t.Type() == avro.Null {
				continue
			}
			if kind != "" {
				return "", ""
			}
			kind, child = avroKind(t)
		}
		return kind, child
	}
	switch s.Type() {
	case avro.String, avro.Bytes, avro.Enum, avro.Fixed:
		return kindString, ""
	case avro.Int, avro.Long, avro.Float, avro.Double:
		return kindNumber, ""
	case avro.Boolean:
		return kindBool, ""
	case avro.Array:
		return kindArray, ""
	case avro.Map:
		return kindObject, ""
	default:
		return "", ""
	}
}

// avroReader is what code that reads records of Avro has.
var avroReader = lazy.New(`(?i)\bfastavro\b|\bavro\.(?:io|datafile|schema)\b|avro_?deserializer|schemaless_reader|["']avsc["']|confluent-schema-registry|org\.apache\.avro|\bhamba/avro\b|\bgoavro\b|require ["']avro|avro_turf|avro_rs|apache_avro`)
