package environment

// The shape of a type that is filled from a configuration file: its keys with their types, and which of them must be there.

import (
	"strings"

	"flightpoll/detectors/environment/references"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// shapeField is one key that a type takes.
type shapeField struct {
	// key is its path in the spelling of keys, parent that of what it stands below.
	key, parent, name, path string
	line                    int
	typ                     references.Type
	required                bool
	lang                    source.Language
	// checked says that the reader itself refuses a value of another type.
	checked bool
}

// shape are the keys of a type, by their spelled paths. open says that it takes keys which are not listed (a map, a flattened type).
type shape struct {
	fields map[string]shapeField
	// below are the paths that other keys stand below, and those that are maps or unknown types.
	below, free map[string]bool
	open        bool
}

const maxShapeDepth = 6

var (
	wrappers   = lazy.New(`^(?:std::option::|std::boxed::|typing\.)?(?:Option|Box|Arc|Rc|Optional)[<\[](.*)[>\]]$`)
	mapType    = lazy.New(`(?i)^(map\[|.*(hash|btree|index)map<|dict\b|mapping\b|.*\bvalue$|any$|interface\{\}|table$|object$)`)
	listType   = lazy.New(`(?i)^(\[\]|\[|vec<|list\b|set\b|tuple\b|sequence\b|.*(hash|btree)set<)`)
	unionParts = lazy.New(`\s*\|\s*`)
)

// typeFinder finds the declaration of a type by its name on one side of the branch.
type typeFinder func(name string) (*source.File, *source.Decl)

// fileShape reads a type for a file format; nil where nothing is known of it.
func fileShape(find typeFinder, name, format string) *shape {
	f, d := find(name)
	if d == nil {
		return nil
	}
	s := &shape{fields: map[string]shapeField{}, below: map[string]bool{}, free: map[string]bool{}}
	s.read(find, f, d, "", format, 0)
	if len(s.fields) == 0 {
		return nil
	}
	return s
}

func (s *shape) read(find typeFinder, f *source.File, d *source.Decl, prefix, format string, depth int) {
	soft := serde(d.Decorators, "default")
	for _, m := range d.Members {
		if m.Kind != source.Field || m.Type == "" || serde(m.Decorators, "skip") || serde(m.Decorators, "skip_deserializing") || strings.Contains(m.Type, "ClassVar") || m.Name == "model_config" {
			continue
		}
		if serde(m.Decorators, "flatten") || m.Embedded {
			s.open = true
			continue
		}
		field := shapeField{parent: prefix, name: wireName(f, m, format), path: f.Path, line: m.Span.Line, lang: f.Lang}
		if field.name == "-" || field.name == "" {
			continue
		}
		field.key = strings.TrimPrefix(prefix+"."+spelled(field.name), ".")
		text, optional := unwrapped(m.Type)
		own := serde(m.Decorators, "with") || serde(m.Decorators, "deserialize_with") || serde(m.Decorators, "alias") || serde(m.Decorators, "try_from")
		field.required = required(f, d, m) && !optional && !soft && !serde(m.Decorators, "default")
		field.checked = checkedType(f.Lang, d)
		switch {
		case own, mapType.MatchString(text):
			s.free[field.key] = true
		case listType.MatchString(text):
			field.typ = references.List
			s.free[field.key] = true
		default:
			field.typ = references.TypeOf(text)
			if field.typ == references.Raw && depth < maxShapeDepth {
				if inner, nested := find(text); nested != nil && nested != d && nested.Kind != source.Enum {
					s.below[field.key] = true
					s.read(find, inner, nested, field.key, format, depth+1)
					continue
				}
				s.free[field.key] = true
			}
		}
		s.fields[field.key] = field
	}
}

// unwrapped is a type without what only says that it may be absent.
func unwrapped(text string) (inner string, optional bool) {
	text = strings.TrimSpace(strings.Trim(strings.TrimSpace(text), "\"'"))
	for range 4 {
		if rest, ok := strings.CutPrefix(text, "*"); ok {
			text, optional = rest, true
			continue
		}
		m := wrappers.FindStringSubmatch(text)
		if m == nil {
			break
		}
		optional = optional || strings.Contains(text, "Option")
		text = strings.TrimSpace(m[1])
	}
	if strings.Contains(text, "|") {
		first := ""
		for _, part := range unionParts.Split(text, 4) {
			switch {
			case part == "None":
				optional = true
			case first == "":
				first = part
			default:
				return "Any", optional
			}
		}
		text = first
	}
	return text, optional
}

// wireName is the key that a field goes by in a format.
func wireName(f *source.File, m *source.Decl, format string) string {
	if f.Lang == source.Go {
		if name, _, ok := references.Tagged(f, m, format); ok && name != "" {
			return name
		}
		return m.Name
	}
	if m.WireSet && m.Wire != "" {
		return m.Wire
	}
	return m.Name
}

// required says whether a reader refuses a file without the field.
func required(f *source.File, d, m *source.Decl) bool {
	switch f.Lang {
	case source.Rust:
		return true
	case source.Python:
		return m.Default == "" && (len(d.Bases) > 0 || dataclass(d))
	case source.Go:
		text := string(f.Text[max(0, m.Span.Start):min(len(f.Text), max(m.Span.End, 0))])
		return strings.Contains(text, `validate:"required`) || strings.Contains(text, `env-required:"true"`) || strings.Contains(text, `required:"true"`)
	default:
		return false
	}
}

func dataclass(d *source.Decl) bool {
	for _, c := range d.Decorators {
		if strings.HasSuffix(c.Full(), "dataclass") || c.Name == "define" || c.Name == "frozen" {
			return true
		}
	}
	return false
}

// checkedType says whether values of another type are refused: a dataclass takes whatever it is given.
func checkedType(lang source.Language, d *source.Decl) bool {
	return lang != source.Python || !dataclass(d) || len(d.Bases) > 0
}

// serde says whether an attribute of serde has a word.
func serde(attributes []*source.Call, word string) bool {
	for _, c := range attributes {
		if c.Name != "serde" {
			continue
		}
		for _, a := range c.Args {
			if a.Keyword == word || a.Keyword == "" && strings.TrimSpace(a.Text) == word {
				return true
			}
		}
	}
	return false
}
