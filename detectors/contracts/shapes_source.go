package contracts

import (
	"bytes"
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// declaredShapes are the shapes that a file declares. Flatten (nil for none) brings along the fields of embedded, base
// and extended types, and names those that could not be read.
func declaredShapes(f *source.File, flatten func(*source.Decl) (fields []field, unread []string)) []*shape {
	var list []*shape
	for _, d := range f.Decls {
		nested := (d.Kind == source.Field || d.Kind == source.EnumValue) && slices.ContainsFunc(d.Members, func(m *source.Decl) bool { return m.Kind == source.Field })
		if !nested && !slices.Contains([]source.Kind{source.Struct, source.Interface, source.Class, source.Schema, source.Type}, d.Kind) {
			continue
		}
		s := &shape{owner: ownerOf(d), dialect: string(f.Lang), path: f.Path, line: d.Span.Line, end: d.Span.EndLine}
		s.schema = d.Kind == source.Schema
		s.fields = ownFields(d)
		if f.Lang == source.Go {
			s.fields = slices.DeleteFunc(s.fields, func(fd field) bool { return fd.pinned && onlyXML(f.Text, fd.line) })
			for i, fd := range s.fields {
				if fd.pinned && (fd.kind == kindNumber || fd.kind == kindBool) && quotedOption.MatchString(lineOf(f.Text, fd.line)) {
					s.fields[i].kind = kindString // encoding/json: `json:"n,string"` writes the value as a string
				}
			}
		}
		if flatten != nil {
			more, unread := flatten(d)
			s.unread = unread
			for _, m := range more {
				if !s.has(m.wire) {
					s.fields = append(s.fields, m)
				}
			}
		}
		if d.Kind == source.Schema && composed.MatchString(d.Default) {
			s.unread = append(s.unread, strings.Join(schemaName.FindAllString(d.Default, -1), " "))
		}
		if len(s.fields) == 0 {
			continue
		}
		s.pinned = s.schema || slices.ContainsFunc(s.fields, func(f field) bool { return f.pinned })
		nameUnpinned(s)
		s.wired = s.pinned || serialised(f, d)
		list = append(list, s)
	}
	return list
}

var quotedOption = lazy.New("json:\"[^\"]*,string[,\"]")

var (
	composed   = lazy.New(`\.(and|merge|or|extend|omit|pick|augment|unwrap)\(|\.(union|intersection|discriminatedUnion|preprocess|lazy)\(`)
	schemaName = lazy.New(`\b[A-Z]\w+\b`)
)

// onlyXML says that a Go field's tag fixes a name for XML alone: its encoder has namespaces, attributes and paths, and most
// programs only read formats of others with it.
func onlyXML(text []byte, line int) bool {
	row := lineOf(text, line)
	return strings.Contains(row, `xml:"`) && !strings.Contains(row, `json:"`) && !strings.Contains(row, `yaml:"`)
}

// lineOf is one line of a text, counted from 1.
func lineOf(text []byte, line int) string {
	for n, start := 1, 0; start < len(text); n++ {
		end := bytes.IndexByte(text[start:], '\n')
		if end < 0 {
			end = len(text) - start
		}
		if n == line {
			return string(text[start : start+end])
		}
		start += end + 1
	}
	return ""
}

// ownerOf is the name of a declaration with those around it.
func ownerOf(d *source.Decl) string {
	name := d.Name
	for p := d.Parent; p != nil; p = p.Parent {
		if p.Name != "" {
			name = p.Name + "." + name
		}
	}
	return name
}

func ownFields(d *source.Decl) []field {
	var list []field
	for _, m := range d.Members {
		if m.Kind != source.Field || m.Wire == "-" || m.Embedded && !m.WireSet {
			continue
		}
		f := field{wire: m.Wire, name: m.Name, typ: m.Type, line: m.Span.Line, optional: m.Optional, pinned: m.WireSet}
		f.kind = kindOfType(m.Type)
		if f.kind == "" {
			f.kind = rustKind(m.Type)
		}
		if f.wire == "" && !m.Exported {
			continue
		}
		if slices.ContainsFunc(m.Members, func(n *source.Decl) bool { return n.Kind == source.Field }) {
			f.child = ownerOf(m)
			if f.kind != kindArray {
				f.kind = kindObject
			}
		} else {
			f.child = typeName(rustTypeName(m.Type))
		}
		list = append(list, f)
	}
	return list
}

// nameUnpinned gives fields without a name of their own in the serialised form the one that encoders take.
func nameUnpinned(s *shape) {
	s.fields = slices.DeleteFunc(s.fields, func(f field) bool { return f.wire == "" && f.name == "" })
	for i := range s.fields {
		if s.fields[i].wire == "" {
			s.fields[i].wire = s.fields[i].name
		}
	}
}

// typeName is the one type that a type's text is about: "Place" for *Place, []Place, Place[], list[Place].
func typeName(text string) string {
	t := strings.Trim(text, "*[]& ?")
	for _, wrap := range []string{"Array<", "ReadonlyArray<", "Partial<", "Promise<", "list[", "List[", "Optional[", "z.array(",
		"List<", "Set<", "Collection<", "MutableList<", "Optional<", "IEnumerable<", "IList<", "ICollection<", "IReadOnlyList<", "IReadOnlyCollection<"} {
		if inner, ok := strings.CutPrefix(t, wrap); ok {
			t = strings.Trim(inner, "*[]<>() ")
		}
	}
	t = strings.TrimSpace(strings.TrimSuffix(strings.TrimSuffix(t, "| null"), "| None"))
	if i := strings.LastIndexByte(t, '.'); i >= 0 {
		t = t[i+1:]
	}
	if t == "" || strings.ContainsAny(t, " (){}<>[],|&\"'") {
		return ""
	}
	return t
}

// kindOfType reads the serialised kind off a type's text in Go, TypeScript, Python or a schema library.
func kindOfType(typ string) valueKind {
	t := strings.TrimSpace(typ)
	t = strings.TrimPrefix(t, "*")
	for _, null := range []string{" | null", " | undefined", " | None", "null | ", "None | "} {
		t = strings.ReplaceAll(t, null, "")
	}
	for _, wrap := range []string{"Optional[", "Annotated[", "Required[", "NotRequired["} {
		if inner, ok := strings.CutPrefix(t, wrap); ok {
			inner, _, _ = strings.Cut(inner, ",")
			t = strings.TrimSuffix(inner, "]")
		}
	}
	switch {
	case strings.HasPrefix(t, "[]") && t != "[]byte", strings.Contains(t, ".array()"), strings.HasSuffix(t, "[]"), strings.HasPrefix(t, "Array<"),
		strings.HasPrefix(t, "ReadonlyArray<"), strings.HasPrefix(t, "list["), strings.HasPrefix(t, "List["), strings.HasPrefix(t, "tuple["):
		return kindArray
	case strings.HasPrefix(t, "map["), strings.HasPrefix(t, "Record<"), strings.HasPrefix(t, "dict["), strings.HasPrefix(t, "Dict["), strings.HasPrefix(t, "{"):
		return kindObject
	}
	for prefix, kind := range map[string]valueKind{
		"z.string": kindString, "z.number": kindNumber, "z.boolean": kindBool, "z.object": kindObject, "z.array": kindArray,
		"z.enum": kindString, "z.int": kindNumber, "z.email": kindString, "z.uuid": kindString,
	} {
		if strings.HasPrefix(t, prefix) {
			return kind
		}
	}
	switch t {
	case "string", "str", "String":
		return kindString
	case "number", "int", "int8", "int16", "int32", "int64", "uint", "uint8", "uint16", "uint32", "uint64", "float32", "float64", "float",
		"Integer", "Long", "long", "double", "Double":
		return kindNumber
	case "bool", "boolean", "Boolean":
		return kindBool
	}
	return managedKind(t)
}
