package source

import (
	"slices"
	"strings"
	"unicode"

	"flightpoll/detectors/lazy"
)

// Serialised names in Rust, as serde's attributes fix them: https://serde.rs/attributes.html

// serde are the serde attributes of one declaration.
type serde struct {
	rename, all, allFields, tag string
	skip, optional, flatten     bool
}

// serdeName finds one side of rename(serialize = "a", deserialize = "b"); what is written counts.
var serdeName = lazy.New(`serialize\s*=\s*"([^"]*)"`)

func serdeOf(d *Decl) (s serde) {
	for _, c := range d.Decorators {
		if c.Name != "serde" {
			continue
		}
		for _, a := range c.Args {
			name, value := a.Keyword, a.Str
			if name == "" {
				name, _, _ = strings.Cut(a.Text, "(")
				if m := serdeName.FindStringSubmatch(a.Text); m != nil {
					value = m[1]
				}
			}
			switch name {
			case "rename":
				s.rename = value
			case "rename_all":
				s.all = value
			case "rename_all_fields":
				s.allFields = value
			case "tag":
				s.tag = value
			case "skip":
				s.skip = true
			case "default", "skip_serializing_if", "skip_deserializing", "skip_serializing":
				s.optional = true
			case "flatten":
				s.flatten = true
			}
		}
	}
	return s
}

var serdeDerive = lazy.New(`\b(Serialize|Deserialize)\b`)

// serialised says that serde derives a declaration's form.
func serialised(d *Decl) bool {
	return slices.ContainsFunc(d.Decorators, func(c *Call) bool {
		return (c.Name == "derive" || c.Name == "cfg_attr") && slices.ContainsFunc(c.Args, func(a Arg) bool { return serdeDerive.MatchString(a.Text) })
	})
}

// nameRust gives the fields of the structs and enums that serde derives the names that they go by.
func nameRust(f *File) {
	for _, d := range slices.Clone(f.Decls) {
		if d.Kind != Struct && d.Kind != Enum {
			continue
		}
		if !serialised(d) {
			for _, m := range d.Members {
				if m.Kind == Field {
					m.Wire = "-"
				}
			}
			continue
		}
		outer := serdeOf(d)
		for _, m := range d.Members {
			own := serdeOf(m)
			switch m.Kind {
			case Field:
				nameRustField(m, own, outer.all)
				m.Optional = m.Optional || outer.optional
			case EnumValue:
				m.Wire, m.WireSet = recase(m.Name, outer.all, true), outer.all != ""
				if own.rename != "" {
					m.Wire, m.WireSet = own.rename, true
				}
				if own.skip {
					m.Wire, m.WireSet = "-", true
				}
				style := own.all
				if style == "" {
					style = outer.allFields
				}
				for _, inner := range m.Members {
					nameRustField(inner, serdeOf(inner), style)
				}
				if outer.tag != "" && len(m.Members) > 0 {
					tag := &Decl{
						Kind: Field, Name: outer.tag, Wire: outer.tag, WireSet: true, Type: "String", Exported: m.Exported,
						Parent: m, Span: m.Span,
					}
					m.Members = slices.Insert(m.Members, 0, tag)
					f.Decls = append(f.Decls, tag)
				}
			default:
			}
		}
	}
}

func nameRustField(m *Decl, own serde, style string) {
	m.Wire, m.WireSet = recase(strings.TrimPrefix(m.Name, "r#"), style, false), style != ""
	m.Optional = own.optional || strings.HasPrefix(m.Type, "Option<")
	switch {
	case own.skip:
		m.Wire, m.WireSet = "-", true
	case own.flatten:
		m.Embedded, m.Wire, m.WireSet = true, "", false
		for _, wrap := range []string{"Option<", "Box<", "Arc<", "Rc<", "Option<"} {
			if inner, ok := strings.CutPrefix(m.Type, wrap); ok {
				m.Type = strings.TrimSuffix(inner, ">")
			}
		}
	case own.rename != "":
		m.Wire, m.WireSet = own.rename, true
	}
}

// recase puts a name into one of serde's cases. Fields are snake_case in Rust, variants PascalCase.
func recase(name, style string, variant bool) string {
	if style == "" {
		return name
	}
	var parts []string
	if variant {
		start := 0
		for i, r := range name {
			if i > 0 && unicode.IsUpper(r) {
				parts, start = append(parts, name[start:i]), i
			}
		}
		parts = append(parts, name[start:])
	} else {
		parts = strings.FieldsFunc(name, func(r rune) bool { return r == '_' })
	}
	for i, p := range parts {
		p = strings.ToLower(p)
		if (style == "PascalCase" || style == "camelCase" && i > 0) && p != "" {
			p = strings.ToUpper(p[:1]) + p[1:]
		}
		parts[i] = p
	}
	switch style {
	case "PascalCase", "camelCase":
		return strings.Join(parts, "")
	case "lowercase":
		if variant {
			return strings.ToLower(name)
		}
		return name
	case "UPPERCASE":
		return strings.ToUpper(name)
	case "snake_case":
		return strings.Join(parts, "_")
	case "SCREAMING_SNAKE_CASE":
		return strings.ToUpper(strings.Join(parts, "_"))
	case "kebab-case":
		return strings.Join(parts, "-")
	case "SCREAMING-KEBAB-CASE":
		return strings.ToUpper(strings.Join(parts, "-"))
	}
	return name
}
