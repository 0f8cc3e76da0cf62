package source

import (
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
)

// enumBases are the base classes of Python's and Django's enumerations.
var enumBases = lazy.New(`(^|\.)(Enum|IntEnum|StrEnum|Flag|IntFlag|TextChoices|IntegerChoices|Choices)$`)

// enumClasses turns classes that enumerate into Enums, and their attributes into the values.
func enumClasses(f *File) {
	for _, d := range f.Decls {
		if d.Kind != Class || !slices.ContainsFunc(d.Bases, enumBases.MatchString) {
			continue
		}
		d.Kind = Enum
		for _, m := range d.Members {
			if m.Kind == Field && m.Type == "" && m.Default != "" {
				m.Kind = EnumValue
			}
		}
	}
}

// functionalShapes reads Python's classes made by a call: TypedDict("X", {...}), namedtuple("X", [...]),
// create_model("X", a=(int, ...)), Enum("X", ...).
func functionalShapes(f *File) {
	var added []*Decl
	for _, d := range f.Decls {
		if d.Kind != Var && d.Kind != Const || !strings.HasSuffix(d.Default, ")") {
			continue
		}
		for _, c := range callsIn(f, d.Span) {
			if strings.HasPrefix(d.Default, c.Full()) {
				if members := functional(f, d, c); len(members) > 0 {
					d.Kind, d.Members = Schema, members
					added = append(added, members...)
				}
				break
			}
		}
	}
	f.Decls = append(f.Decls, added...)
}

func functional(f *File, owner *Decl, c *Call) []*Decl {
	field := func(name, typ string, span Span) *Decl {
		return &Decl{
			Kind: Field, Name: name, Wire: name, Type: typ, Exported: owner.Exported, Parent: owner, Span: span,
			Optional: optionalType.MatchString(typ),
		}
	}
	var list []*Decl
	switch c.Name {
	case "TypedDict":
		for _, o := range f.Objects {
			if len(c.Args) > 1 && o.Span.Start == c.Args[1].Span.Start {
				for _, k := range o.Keys {
					list = append(list, field(k.Name, k.Value, k.Span))
				}
			}
		}
	case "namedtuple", "NamedTuple", "make_dataclass":
		if len(c.Args) < 2 {
			return nil
		}
		span := c.Args[1].Span
		for _, s := range f.Strings {
			if s.Span.Start >= span.Start && s.Span.End <= span.End {
				for name := range strings.FieldsFuncSeq(s.Value, func(r rune) bool { return r == ' ' || r == ',' }) {
					list = append(list, field(name, "", s.Span))
				}
			}
		}
	case "create_model":
		for _, a := range c.Args {
			if a.Keyword != "" && !strings.HasPrefix(a.Keyword, "__") {
				typ, _, _ := strings.Cut(strings.TrimPrefix(a.Text, "("), ",")
				m := field(a.Keyword, typ, a.Span)
				m.Optional = m.Optional || !strings.Contains(a.Text, "...")
				list = append(list, m)
			}
		}
	}
	return list
}
