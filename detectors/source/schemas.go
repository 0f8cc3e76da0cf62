package source

import (
	"cmp"
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
)

// schemaLibraries are modules whose values declare shapes.
var schemaLibraries = lazy.New(`(^|[/@-])(zod|yup|joi|valibot|io-ts|typebox|superstruct|runtypes|mongoose)([/-]|$)`)

// The calls that make a shape of an object literal, and those that make one of another shape.
var (
	shapeMakers = words("object strictObject looseObject Object shape keys type partial interface struct Record Schema")
	shapeSteps  = words("extend augment safeExtend setKey merge concat and pick omit partial deepPartial")
	looseNames  = words("z zod yup Yup Joi joi") // a schema library by habit, where no import says so
)

// optionalSteps, in a field's value, say that the field may be left out; requiredSteps that it may not.
var (
	optionalSteps = lazy.New(`(?:\.|\b)(?:optional|nullish|default|prefault|notRequired|catch|Optional|exactOptional|defaulted|optionalWith)\(`)
	requiredSteps = lazy.New(`\.(?:required|defined|nonNullable|nonoptional)\(|required:\s*(?:true|\[)`)
)

// schemas reads the values that declare a shape: a variable given z.object({...}) or the like becomes a Schema with a
// Field for each key.
type schemas struct {
	*File
	calls   map[int][]*Call // by start, the innermost of a chain first
	objects map[int]*Object
	byName  map[string]*Decl
	library map[string]bool
}

func readSchemas(f *File) {
	s := &schemas{File: f, calls: map[int][]*Call{}, objects: map[int]*Object{}, byName: map[string]*Decl{}, library: map[string]bool{}}
	for _, i := range f.Imports {
		if !schemaLibraries.MatchString(i.Path) {
			continue
		}
		s.library[i.Alias] = true
		for _, n := range i.Names {
			s.library[cmp.Or(n.Alias, n.Name)] = true
		}
	}
	for _, c := range f.Calls {
		s.calls[c.Span.Start] = append(s.calls[c.Span.Start], c)
	}
	for _, chain := range s.calls {
		slices.SortFunc(chain, func(a, b *Call) int { return a.Span.End - b.Span.End })
	}
	for _, o := range f.Objects {
		s.objects[o.Span.Start] = o
	}
	for _, d := range slices.Clone(f.Decls) {
		if d.Kind == Const || d.Kind == Var || d.Kind == Field && d.Default != "" {
			s.schema(d)
		}
	}
	sortFacts(f)
}

// schema turns a variable into a Schema when its value is a chain of calls that declares a shape.
func (s *schemas) schema(d *Decl) {
	chain := s.chain(d)
	if len(chain) == 0 {
		return
	}
	base := s.byName[root(chain[0])]
	if base == nil && !s.declares(chain) {
		return
	}
	if base != nil && !slices.ContainsFunc(chain, func(c *Call) bool { return shapeSteps[c.Name] }) {
		return // a use of a schema: Base.parse(x)
	}
	var members []*Decl
	if base != nil {
		d.Bases = append(d.Bases, base.Name)
		members = copyMembers(base.Members, d)
	}
	for _, c := range chain {
		members = s.step(d, c, members)
	}
	kept := d.Kind
	d.Kind, d.Members = Schema, members
	s.Decls = append(s.Decls, members...)
	if kept == Field {
		d.Wire = cmp.Or(d.Wire, d.Name)
	} else {
		s.byName[d.Name] = d
	}
}

// chain are the calls of a declaration's value that begin where the value begins, or where its `new` does.
func (s *schemas) chain(d *Decl) []*Call {
	at := strings.Index(string(s.Text[d.Span.Start:d.Span.End]), d.Default)
	if d.Default == "" || !strings.Contains(d.Default, "(") || len(d.Default) < 4 {
		return nil
	}
	if at < 0 { // the default's white space was folded: take its beginning
		word := d.Default[:strings.IndexAny(d.Default, " (")]
		if at = strings.LastIndex(string(s.Text[d.Span.Start:d.Span.Start+min(d.Span.End-d.Span.Start, 400)]), "= "+word) + 2; at < 2 {
			return nil
		}
	}
	return s.calls[d.Span.Start+at]
}

// root is the first name of a call's chain: z of z.object, Base of Base.extend.
func root(c *Call) string {
	full := c.Full()
	if i := strings.IndexAny(full, ".("); i >= 0 {
		return full[:i]
	}
	return full
}

// declares says whether a chain starts in a schema library and makes a shape.
func (s *schemas) declares(chain []*Call) bool {
	first := root(chain[0])
	if !s.library[first] && (!looseNames[first] || s.imported(first)) {
		return false
	}
	return slices.ContainsFunc(chain, func(c *Call) bool { return shapeMakers[c.Name] || shapeSteps[c.Name] })
}

// imported says whether a name comes from a module that is someone else's than the project's.
func (s *schemas) imported(name string) bool {
	for _, i := range s.Imports {
		if i.Alias == name && !strings.HasPrefix(i.Path, ".") && !strings.HasPrefix(i.Path, "@/") {
			return true
		}
	}
	return false
}

// step applies one call of the chain to the members so far.
func (s *schemas) step(d *Decl, c *Call, members []*Decl) []*Decl {
	var literal *Object
	if len(c.Args) > 0 {
		literal = s.objects[c.Args[0].Span.Start]
	}
	switch {
	case c.Name == "pick" || c.Name == "omit":
		return slices.DeleteFunc(members, func(m *Decl) bool {
			picked := literal != nil && slices.ContainsFunc(literal.Keys, func(k Key) bool { return k.Name == m.Name }) ||
				len(c.Args) > 0 && names(c.Args[0].Text, m.Name)
			return picked != (c.Name == "pick")
		})
	case c.Name == "merge" || c.Name == "concat" || c.Name == "and":
		if len(c.Args) > 0 {
			if other := s.byName[c.Args[0].Text]; other != nil {
				d.Bases = append(d.Bases, other.Name)
				return replaced(members, copyMembers(other.Members, d))
			}
		}
	case (c.Name == "partial" || c.Name == "deepPartial") && literal == nil:
		for _, m := range members {
			m.Optional = true
		}
	}
	if literal == nil || !shapeMakers[c.Name] && !shapeSteps[c.Name] {
		return members
	}
	return replaced(members, s.members(d, c, literal, 0))
}

// maxSchemaDepth bounds how deep nested shapes are read.
const maxSchemaDepth = 20

// members are the fields of a shape's object literal, with those of the shapes inside.
func (s *schemas) members(owner *Decl, maker *Call, literal *Object, depth int) []*Decl {
	var list []*Decl
	library := root(maker)
	strict := strings.EqualFold(library, "joi") || strings.EqualFold(library, "yup") || maker.Name == "Schema"
	for _, k := range literal.Keys {
		m := &Decl{
			Kind: Field, Name: k.Name, Wire: k.Name, WireSet: true, Exported: owner.Exported, Parent: owner, Span: k.Span,
			Type: k.Value,
		}
		m.Optional = maker.Name == "partial" || optionalSteps.MatchString(k.Value) || strict && !requiredSteps.MatchString(k.Value)
		for _, c := range s.within(k) {
			if inner := s.objects[argStart(c)]; shapeMakers[c.Name] && inner != nil && depth < maxSchemaDepth {
				m.Members = s.members(m, c, inner, depth+1)
				s.Decls = append(s.Decls, m.Members...)
				break
			}
		}
		list = append(list, m)
	}
	return list
}

func argStart(c *Call) int {
	if len(c.Args) == 0 {
		return -1
	}
	return c.Args[0].Span.Start
}

// within are the calls inside a key's value, outermost first.
func (s *schemas) within(k Key) []*Call {
	if !strings.Contains(k.Value, "{") {
		return nil
	}
	list := callsIn(s.File, k.Span)
	slices.SortStableFunc(list, func(a, b *Call) int { return a.Span.Start - b.Span.Start })
	return list
}

func copyMembers(list []*Decl, owner *Decl) []*Decl {
	var copied []*Decl
	for _, m := range list {
		c := *m
		c.Parent, c.Exported = owner, owner.Exported
		copied = append(copied, &c)
	}
	return copied
}

// replaced are the old members with the new ones behind, which win.
func replaced(old, added []*Decl) []*Decl {
	old = slices.DeleteFunc(old, func(m *Decl) bool {
		return slices.ContainsFunc(added, func(a *Decl) bool { return a.Name == m.Name })
	})
	return append(old, added...)
}
