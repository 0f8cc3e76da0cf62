package source

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
)

// aliasKeywords are the keyword arguments and option keys by which a field's declaration fixes its serialised name,
// the first one that is there counts: Pydantic's and attrs' alias, marshmallow's data_key, the name of
// class-transformer, SQLAlchemy and typegoose.
var aliasKeywords = []string{"serialization_alias", "alias", "data_key", "validation_alias", "name"}

// nameDecorators fix the name of the property that they decorate; hidingDecorators keep it out.
var (
	nameDecorators   = words("Expose JsonProperty SerializedName JsonPropertyName Field Prop ApiProperty")
	hidingDecorators = words("Exclude JsonIgnore HideField ApiHideProperty")
)

// optionalType is a type that allows no value in Python or TypeScript.
var optionalType = regexp.MustCompile(`^(typing\.|t\.)?(Optional|NotRequired)\[|\|\s*None\b|\bNone\s*\|`)

// required is the default's text of a Pydantic field that has none.
var required = regexp.MustCompile(`^(pydantic\.)?Field\(\s*(\.\.\.|$|\))|^\.\.\.$`)

// nameFields gives the fields of classes, interfaces and object types the names that they go by in JSON.
func nameFields(f *File) {
	calls := map[int]*Call{}
	for _, c := range f.Calls {
		if old := calls[c.Span.Start]; old == nil || old.Span.End < c.Span.End {
			calls[c.Span.Start] = c
		}
	}
	options := map[int]*Object{}
	for _, o := range f.Objects {
		options[o.Span.Start] = o
	}
	for _, d := range f.Decls {
		if d.Kind == Field && d.Parent != nil && d.Wire == "" {
			nameField(f, d, calls, options)
		}
	}
}

func nameField(f *File, d *Decl, calls map[int]*Call, options map[int]*Object) {
	if f.Lang == Python {
		d.Optional = d.Optional || optionalType.MatchString(d.Type)
		value := defaultCall(f, d, calls)
		if d.Type == "" && value == nil {
			return // a constant of the class
		}
		d.Wire = d.Name
		if value == nil {
			d.Optional = d.Optional || d.Default != ""
			return
		}
		d.alias(value, options)
		d.Optional = d.Optional || d.Type != "" && !required.MatchString(d.Default) && hasDefault(value)
		return
	}
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

// defaultCall is the call that a field's default is: Field(...), models.CharField(...), fields.Str(...).
func defaultCall(f *File, d *Decl, calls map[int]*Call) *Call {
	if !strings.HasSuffix(d.Default, ")") {
		return nil
	}
	at := bytes.IndexByte(f.Text[d.Span.Start:d.Span.End], '=')
	if at < 0 {
		return nil
	}
	start := d.Span.Start + at + 1
	return calls[d.Span.End-len(bytes.TrimLeft(f.Text[start:d.Span.End], " \t\n"))]
}

// alias takes the name that a call's keywords, or the keys of its options object, fix.
func (d *Decl) alias(c *Call, options map[int]*Object) {
	for _, keyword := range aliasKeywords {
		for _, a := range c.Args {
			if a.Keyword == keyword && a.IsString {
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

// hasDefault says whether a field's call gives a value to fall back on: a first argument, default=, default_factory=.
func hasDefault(c *Call) bool {
	for i, a := range c.Args {
		switch a.Keyword {
		case "":
			if i == 0 && a.Text != "..." {
				return true
			}
		case "default", "default_factory", "missing", "load_default", "dump_default", "factory":
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
