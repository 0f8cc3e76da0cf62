package source

import (
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
)

// Serialised names in Ruby, as the serializer libraries declare them: active_model_serializers, jsonapi-serializer,
// Blueprinter, Alba, Grape's entities, Roar's representers and graphql-ruby.

// serializerBase is a base class or an included module whose calls declare what is serialised.
var serializerBase = lazy.New(`(?:^|::)(?:\w*Serializer|Alba::Resource|\w*Resource|\w*Blueprint|Blueprinter::Base|\w*Entity|\w*Representer|Representable::\w+|Roar::\w+|Roar::JSON::\w+)$|^Blueprinter::|^JSONAPI::`)

// graphqlBase is a base class of graphql-ruby, whose fields are named in camel case.
var graphqlBase = lazy.New(`(?:^|::)(?:Base(?:Object|InputObject|Interface)|Schema::(?:Object|InputObject|Interface))$`)

// The calls that declare what is serialised: many names at once, one name, and other records below a name.
var (
	rubyLists   = words("attributes fields")
	rubySingles = words("attribute field identifier expose property nested nested_attribute")
	rubyOne     = words("has_one belongs_to one association")
	rubyMany    = words("has_many many collection")
	rubyKeys    = []string{"key", "name", "as"}
)

// nameRuby declares a field for each name that a serializer serialises.
func nameRuby(f *File) {
	for _, d := range f.Decls { // a class's own variables and accessors stay inside
		if d.Kind == Field && d.Wire == "" {
			d.Wire = "-"
		}
	}
	calls := map[*Decl][]*Call{}
	for _, c := range f.Calls {
		if c.In != nil && c.In.Kind == Class && c.Receiver == "" {
			calls[c.In] = append(calls[c.In], c)
		}
	}
	var added []*Decl
	for _, d := range slices.Clone(f.Decls) {
		if d.Kind != Class {
			continue
		}
		graphql := slices.ContainsFunc(d.Bases, graphqlBase.MatchString)
		if graphql || slices.ContainsFunc(d.Bases, serializerBase.MatchString) {
			s := &rubySerializer{class: d, transform: func(name string) string { return name }}
			if graphql {
				s.transform = camel
			}
			for _, c := range calls[d] {
				s.declare(c)
			}
			d.Members = append(d.Members, s.fields...)
			added = append(added, s.fields...)
		}
		for _, c := range calls[d] {
			added = append(added, rubyEnum(f, d, c)...)
		}
	}
	for _, d := range f.Decls {
		added = append(added, rubyStruct(f, d)...)
	}
	f.Decls = append(f.Decls, added...)
	sortFacts(f)
}

type rubySerializer struct {
	class     *Decl
	fields    []*Decl
	transform func(name string) string
}

func (s *rubySerializer) declare(c *Call) {
	switch {
	case c.Name == "set_key_transform" || c.Name == "transform_keys" || c.Name == "key_transform":
		if len(c.Args) > 0 && (c.Args[0].Str == "camel_lower" || c.Args[0].Str == "lower_camel") {
			s.transform = camel
		}
	case rubyLists[c.Name]:
		for _, a := range c.Args {
			switch {
			case a.IsString:
				s.add(a.Str, "", "", a.Span, false)
			case strings.HasPrefix(a.Text, "*"): // names that stand elsewhere
				s.fields = append(s.fields, &Decl{
					Kind: Field, Name: a.Text, Type: strings.TrimPrefix(a.Text, "*"), Embedded: true, Parent: s.class, Span: a.Span,
				})
			}
		}
	case rubySingles[c.Name] && len(c.Args) > 0:
		s.single(c, "")
	case rubyOne[c.Name] && len(c.Args) > 0:
		s.single(c, "object")
	case rubyMany[c.Name] && len(c.Args) > 0:
		s.single(c, "list[object]")
	}
}

// single is a call that declares one name, with what it is serialised as among its keywords.
func (s *rubySerializer) single(c *Call, typ string) {
	if !c.Args[0].IsString {
		return
	}
	key, optional := "", false
	for _, a := range c.Args[1:] {
		if slices.Contains(rubyKeys, a.Keyword) && a.IsString {
			key = a.Str
		}
		optional = optional || a.Keyword == "if" || a.Keyword == "unless"
	}
	s.add(c.Args[0].Str, key, typ, c.Span, optional)
	if c.Name == "expose" { // several names in one call
		for _, a := range c.Args[1:] {
			if a.Keyword == "" && a.IsString {
				s.add(a.Str, "", typ, a.Span, optional)
			}
		}
	}
}

func (s *rubySerializer) add(name, key, typ string, span Span, optional bool) {
	wire := s.transform(name)
	if key != "" {
		wire = key
	}
	s.fields = append(s.fields, &Decl{
		Kind: Field, Name: name, Wire: wire, WireSet: true, Type: typ, Exported: true, Optional: optional, Parent: s.class, Span: span,
	})
}

// rubyEnum is the enumeration that a model declares: enum status: { draft: 0 }, enum :status, %i[draft live].
func rubyEnum(f *File, class *Decl, c *Call) []*Decl {
	if c.Name != "enum" && c.Name != "enumerize" || len(c.Args) == 0 {
		return nil
	}
	name, values := c.Args[0].Keyword, c.Args[0]
	if c.Args[0].IsString && len(c.Args) > 1 {
		name, values = c.Args[0].Str, c.Args[1]
	}
	if name == "" {
		return nil
	}
	e := &Decl{Kind: Enum, Name: name, Exported: true, Parent: class, Span: c.Span}
	list := []*Decl{e}
	add := func(value string, span Span) {
		m := &Decl{Kind: EnumValue, Name: value, Wire: value, Exported: true, Parent: e, Span: span}
		e.Members, list = append(e.Members, m), append(list, m)
	}
	within := func(s Span) bool { return s.Start >= values.Span.Start && s.End <= values.Span.End }
	for _, o := range f.Objects {
		if within(o.Span) {
			for _, k := range o.Keys {
				add(k.Name, k.Span)
			}
			break
		}
	}
	if len(e.Members) == 0 {
		for _, word := range rubyWords(values.Text) {
			add(word, values.Span)
		}
	}
	if len(e.Members) == 0 {
		return nil
	}
	class.Members = append(class.Members, e)
	return list
}

var (
	wordList   = lazy.New(`%[iw][\[({]([^\])}]*)[\])}]`)
	symbolItem = lazy.New(`:(\w+)|"([^"]+)"|'([^']+)'`)
)

// rubyWords are the names of a literal list of symbols or strings.
func rubyWords(text string) []string {
	if m := wordList.FindStringSubmatch(text); m != nil {
		return strings.Fields(m[1])
	}
	var list []string
	if strings.HasPrefix(text, "[") {
		for _, m := range symbolItem.FindAllStringSubmatch(text, -1) {
			list = append(list, m[1]+m[2]+m[3])
		}
	}
	return list
}

// rubyStruct gives a constant made by Struct.new(:a, :b) or Data.define(:a, :b) its members.
func rubyStruct(f *File, d *Decl) []*Decl {
	if d.Kind != Const || !strings.HasPrefix(d.Default, "Struct.new(") && !strings.HasPrefix(d.Default, "Data.define(") {
		return nil
	}
	for _, c := range callsIn(f, d.Span) {
		if c.Receiver != "Struct" && c.Receiver != "Data" {
			continue
		}
		for _, a := range c.Args {
			if a.IsString && a.Keyword == "" {
				d.Members = append(d.Members, &Decl{Kind: Field, Name: a.Str, Wire: a.Str, Exported: true, Parent: d, Span: a.Span})
			}
		}
		break
	}
	if len(d.Members) > 0 {
		d.Kind = Struct
	}
	return d.Members
}
