package source

import (
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
)

// Serialised names in PHP: public properties as json_encode takes them, Symfony's and JMS's attributes, the arrays that
// JsonSerializable classes, Laravel's resources and Fractal's transformers return, and Eloquent's lists.

var (
	phpNamed  = words("SerializedName SerializedPath JsonProperty MapName MapOutputName")
	phpHiding = words("Ignore Exclude JsonIgnore")
	phpShown  = words("Groups Expose")
	// phpReturns are the methods whose array is what goes over the wire.
	phpReturns = words("toArray jsonSerialize transform broadcastWith toBroadcast toJson")
	eloquent   = lazy.New(`(?:^|\\)(?:\w*Model|Authenticatable|Pivot)$`)
)

func namePHP(f *File) {
	var added []*Decl
	for _, d := range f.Decls {
		if d.Kind == Field && d.Parent != nil && d.Wire == "" {
			namePHPProperty(d)
		}
	}
	for _, d := range f.Decls {
		if d.Kind == Class {
			added = append(added, phpArrays(f, d)...)
		}
	}
	f.Decls = append(f.Decls, added...)
	for _, d := range f.Decls {
		if d.Kind == Class && slices.ContainsFunc(d.Bases, eloquent.MatchString) {
			f.Decls = append(f.Decls, phpModel(f, d)...)
		}
	}
	sortFacts(f)
}

func namePHPProperty(d *Decl) {
	d.Optional = strings.HasPrefix(d.Type, "?") || d.Default != ""
	d.Wire = "-"
	if d.Exported || slices.ContainsFunc(d.Parent.Decorators, func(c *Call) bool { return c.Name == "ApiResource" }) {
		d.Wire = d.Name
	}
	for _, c := range d.Decorators {
		name := c.Name[strings.LastIndexByte(c.Name, '\\')+1:]
		switch {
		case phpHiding[name]:
			d.Wire, d.WireSet = "-", true
			return
		case phpNamed[name] && len(c.Args) > 0 && c.Args[0].Str != "":
			d.Wire, d.WireSet = c.Args[0].Str, true
		case phpShown[name] && d.Wire == "-":
			d.Wire = d.Name
		}
	}
}

// phpArrays declares the keys of the arrays that a class's serialising methods return, and of a form request's rules.
func phpArrays(f *File, class *Decl) []*Decl {
	var added []*Decl
	for _, m := range class.Members {
		rules := m.Name == "rules" && slices.ContainsFunc(class.Bases, func(b string) bool { return strings.HasSuffix(b, "Request") })
		if m.Kind != Method || !phpReturns[m.Name] && !rules {
			continue
		}
		if m.Name == "jsonSerialize" { // its array is all that json_encode takes
			for _, p := range class.Members {
				if p.Kind == Field {
					p.Wire, p.WireSet = "-", false
				}
			}
		}
		a := &phpArray{file: f, class: class, rules: rules, added: &added}
		returned := phpReturned(f, m)
		for _, o := range f.Objects {
			switch {
			case o.In != m || o.Span.Start < returned.from || slices.ContainsFunc(f.Objects, func(p *Object) bool { return p != o && contains(p.Span, o.Span) }):
			case o.Name == "", o.Name == "array_merge", returned.names[o.Name], strings.HasPrefix(o.Name, "$this.merge"):
				a.keys(class, o, 0)
			}
		}
		for _, w := range f.Accesses {
			if w.In == m && w.Write && w.Key && returned.names[w.Receiver] {
				a.add(class, Key{Name: w.Name, Span: w.Span}, true)
			}
		}
		for _, c := range f.Calls {
			if c.In == m && (c.Name == "array_merge" || c.Receiver == "parent" || c.Name == "only" || c.Name == "except") {
				a.more(class, c.Full(), c.Span)
			}
		}
	}
	return added
}

// phpValue is what a method returns: arrays that stand in the return itself, and variables.
type phpValue struct {
	from  int
	names map[string]bool
}

var phpReturn = lazy.New(`\breturn\s+(\$\w+)\s*;`)

func phpReturned(f *File, m *Decl) phpValue {
	v := phpValue{m.Body.Start, map[string]bool{}}
	for _, r := range phpReturn.FindAllSubmatch(f.Text[m.Body.Start:m.Body.End], -1) {
		v.names[string(r[1])] = true
	}
	return v
}

func contains(outer, inner Span) bool { return outer.Start <= inner.Start && outer.End >= inner.End }

type phpArray struct {
	file  *File
	class *Decl
	rules bool
	added *[]*Decl
}

// maxPHPDepth bounds how deep arrays in arrays are read.
const maxPHPDepth = 20

func (a *phpArray) keys(owner *Decl, o *Object, depth int) {
	if o.Spread {
		a.more(owner, "...", o.Span)
	}
	for _, k := range o.Keys {
		d := a.add(owner, k, false)
		if d != nil && k.Child != nil && depth < maxPHPDepth {
			a.keys(d, k.Child, depth+1)
		}
	}
}

// add declares one key. The keys of rules name what is below others by dots: items.*.sku.
func (a *phpArray) add(owner *Decl, k Key, optional bool) *Decl {
	name, below, nested := strings.Cut(k.Name, ".")
	if i := slices.IndexFunc(owner.Members, func(m *Decl) bool { return m.Kind == Field && m.Wire == name }); i >= 0 {
		if nested && a.rules {
			k.Name = strings.TrimPrefix(below, "*.")
			return a.add(owner.Members[i], k, optional)
		}
		return owner.Members[i]
	}
	d := &Decl{
		Kind: Field, Name: name, Wire: name, WireSet: true, Exported: true, Parent: owner, Span: k.Span,
		Optional: optional || strings.Contains(k.Value, "->when") || a.rules && !strings.Contains(k.Value, "required"),
	}
	owner.Members, *a.added = append(owner.Members, d), append(*a.added, d)
	if nested && a.rules && below != "*" {
		k.Name = strings.TrimPrefix(below, "*.")
		a.add(d, k, optional)
	}
	return d
}

// more says that keys come from elsewhere, too.
func (a *phpArray) more(owner *Decl, what string, span Span) {
	if !slices.ContainsFunc(owner.Members, func(m *Decl) bool { return m.Embedded && m.Type == what }) {
		d := &Decl{Kind: Field, Name: what, Type: what, Embedded: true, Parent: owner, Span: span}
		owner.Members, *a.added = append(owner.Members, d), append(*a.added, d)
	}
}

// phpModel declares the attributes that an Eloquent model lists: they are columns, and what its JSON has.
func phpModel(f *File, class *Decl) []*Decl {
	lists := map[string][]*String{}
	for _, m := range class.Members {
		if m.Kind == Field && (m.Name == "fillable" || m.Name == "appends" || m.Name == "hidden" || m.Name == "visible") {
			for _, s := range f.Strings {
				if contains(m.Span, s.Span) {
					lists[m.Name] = append(lists[m.Name], s)
				}
			}
		}
	}
	var added []*Decl
	put := func(name string, set bool, span Span) {
		in := func(list string) bool {
			return slices.ContainsFunc(lists[list], func(s *String) bool { return s.Value == name })
		}
		if in("hidden") || lists["visible"] != nil && !in("visible") ||
			slices.ContainsFunc(class.Members, func(m *Decl) bool { return m.Kind == Field && m.Wire == name }) {
			return
		}
		d := &Decl{Kind: Field, Name: name, Wire: name, WireSet: set, Exported: true, Parent: class, Span: span}
		class.Members, added = append(class.Members, d), append(added, d)
	}
	for _, list := range []string{"fillable", "appends", "visible"} {
		for _, s := range lists[list] {
			put(s.Value, list == "appends", s.Span)
		}
	}
	for _, o := range f.Objects {
		if o.Name == "casts" && o.In == class || o.Name == "" && o.In != nil && o.In.Name == "casts" && o.In.Parent == class {
			for _, k := range o.Keys {
				put(k.Name, false, k.Span)
			}
		}
	}
	return added
}
