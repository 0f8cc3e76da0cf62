package source

import (
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
)

// aliasKeywords are the keyword arguments and option keys by which a field's declaration fixes its serialised name,
// the first one that is there counts: Pydantic's and attrs' alias, marshmallow's data_key, the name of
// class-transformer, SQLAlchemy and typegoose.
var aliasKeywords = []string{"serialization_alias", "alias", "data_key", "validation_alias"}

// nameDecorators fix the name of the property that they decorate; hidingDecorators keep it out.
var (
	nameDecorators   = words("Expose JsonProperty SerializedName JsonPropertyName Field Prop ApiProperty")
	hidingDecorators = words("Exclude JsonIgnore HideField ApiHideProperty")
)

// optionalType is a type that allows no value in Python or TypeScript.
var optionalType = lazy.New(`^(typing\.|t\.)?(Optional|NotRequired)\[|\|\s*None\b|\bNone\s*\|`)

// notSerialised are the types and defaults of attributes that are no fields.
var notSerialised = lazy.New(`^(?:\w+\.)*(?:ClassVar\b|PrivateAttr\(|ConfigDict\(|SettingsConfigDict\(|InitVar\b|relationship\()`)

// nameFields gives the fields of classes, interfaces and object types the names that they go by in JSON.
func nameFields(f *File) {
	switch f.Lang {
	case Java, Kotlin:
		nameBeans(f)
		return
	case CSharp:
		nameProperties(f)
		return
	case Rust:
		nameRust(f)
		return
	case Ruby:
		nameRuby(f)
		readJbuilder(f)
		return
	case PHP:
		namePHP(f)
		return
	default:
	}
	options := map[int]*Object{}
	for _, o := range f.Objects {
		options[o.Span.Start] = o
	}
	for _, d := range f.Decls {
		switch {
		case d.Kind != Field || d.Parent == nil || d.Wire != "":
		case f.Lang == Python:
			nameAttribute(f, d, options)
		default:
			nameProperty(d, options)
		}
	}
}

// nameProperty names a property of a TypeScript class, interface or object type.
func nameProperty(d *Decl, options map[int]*Object) {
	d.Wire = strings.TrimPrefix(d.Name, "#")
	for _, c := range d.Decorators {
		switch {
		case hidingDecorators[c.Name]:
			d.Wire, d.WireSet = "-", true
		case nameDecorators[c.Name]:
			d.alias(c, options)
			if len(c.Args) > 0 && c.Args[0].IsString {
				d.Wire, d.WireSet = c.Args[0].Str, true
			}
		}
	}
}

// nameAttribute names an attribute of a Python class: one with a type, or one that a call declares.
func nameAttribute(f *File, d *Decl, options map[int]*Object) {
	d.Optional = d.Optional || optionalType.MatchString(d.Type)
	isCall := strings.HasSuffix(d.Default, ")")
	if d.Type == "" && !isCall || notSerialised.MatchString(d.Type) || notSerialised.MatchString(d.Default) || strings.HasPrefix(d.Name, "_") {
		return // a constant, a setting or a private attribute of the class
	}
	d.Wire = d.Name
	if rename := renaming(f, d.Parent); rename != nil {
		d.Wire, d.WireSet = rename(d.Name), true
	}
	fallback := d.Type != "" && d.Default != "" && !isCall && d.Default != "..."
	for _, c := range callsIn(f, d.Span) {
		d.alias(c, options)
		if isCall && strings.HasPrefix(d.Default, c.Full()) {
			fallback = hasDefault(c, d.Type != "")
		}
	}
	d.Optional = d.Optional || fallback
}

// aliasGenerator finds the naming convention of a Pydantic model or a msgspec struct.
var aliasGenerator = lazy.New(`\b(?:alias_generator\s*=\s*(?:AliasGenerator\(\s*(?:serialization_alias\s*=\s*)?)?` +
	`(?:[\w.]*\.)?(to_camel|to_pascal|to_lower_camel|camelize|to_camel_case)|rename\s*=\s*["'](camel|pascal|kebab)["'])`)

// renaming is the naming convention that a class, or a base class of the same file, declares for its fields; nil
// without one.
func renaming(f *File, class *Decl) func(string) string {
	for depth := 0; class != nil && depth < 5; depth++ {
		head := f.Text[class.Span.Start:class.Span.End]
		if m := aliasGenerator.FindSubmatch(head); m != nil {
			switch string(m[1]) + string(m[2]) {
			case "to_pascal", "pascal":
				return func(name string) string { return camel("_" + name) }
			case "kebab":
				return func(name string) string { return strings.ReplaceAll(name, "_", "-") }
			}
			return camel
		}
		class = baseOf(f, class)
	}
	return nil
}

// baseOf is the first base class that the file declares too.
func baseOf(f *File, class *Decl) *Decl {
	for _, d := range f.Decls {
		if d.Kind == Class && d != class && slices.Contains(class.Bases, d.Name) {
			return d
		}
	}
	return nil
}

// camel is a snake_case name in camelCase.
func camel(name string) string {
	var b strings.Builder
	for i, part := range strings.Split(name, "_") {
		if i > 0 && part != "" {
			part = strings.ToUpper(part[:1]) + part[1:]
		}
		b.WriteString(part)
	}
	return b.String()
}

// alias takes the name that a call's keywords, or the keys of its options object, fix.
func (d *Decl) alias(c *Call, options map[int]*Object) {
	for _, keyword := range append(aliasKeywords, "name") {
		for _, a := range c.Args {
			if a.Keyword == keyword && keyword != "name" && a.IsString {
				d.Wire, d.WireSet = a.Str, true
				return
			}
			if o := options[a.Span.Start]; o != nil && a.Keyword == "" {
				i := slices.IndexFunc(o.Keys, func(k Key) bool { return k.Name == keyword })
				if i < 0 {
					continue
				}
				if value, ok := unquote(o.Keys[i].Value); ok {
					d.Wire, d.WireSet = value, true
					return
				}
			}
		}
	}
}

// hasDefault says whether a field's call gives a value to fall back on: default=, default_factory= ..., or with
// typed (Pydantic, dataclasses) a first argument that is not the ellipsis.
func hasDefault(c *Call, typed bool) bool {
	for i, a := range c.Args {
		switch a.Keyword {
		case "":
			if i == 0 && typed && c.Name == "Field" && a.Text != "..." {
				return true
			}
		case "default", "default_factory", "missing", "load_default", "dump_default", "factory", "server_default":
			return true
		case "required":
			if a.Text == "False" {
				return true
			}
		case "null", "blank", "nullable", "allow_null":
			if a.Text == "True" {
				return true
			}
		}
	}
	return false
}
