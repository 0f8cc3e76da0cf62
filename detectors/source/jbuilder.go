package source

import (
	"path"
	"slices"
	"strings"
)

// readJbuilder declares what a Jbuilder template renders: a struct named after the template's path, a field for each key.
func readJbuilder(f *File) {
	if path.Ext(f.Path) != ".jbuilder" {
		return
	}
	name := strings.TrimSuffix(strings.TrimSuffix(f.Path, ".jbuilder"), ".json")
	if _, below, ok := strings.Cut(name, "views/"); ok {
		name = below
	}
	end := f.Root().Span()
	root := &Decl{Kind: Struct, Name: path.Join(path.Dir(name), strings.TrimPrefix(path.Base(name), "_")), Exported: true, Span: end}
	j := &jbuilder{key: func(name string) string { return name }, open: []jbuilderLevel{{root, end.End}}}
	calls := slices.Clone(f.Calls)
	slices.SortStableFunc(calls, func(a, b *Call) int { return a.Span.Start - b.Span.Start })
	for _, c := range calls {
		if c.Receiver != "json" {
			continue
		}
		for len(j.open) > 1 && c.Span.Start >= j.open[len(j.open)-1].end {
			j.open = j.open[:len(j.open)-1]
		}
		j.call(c)
	}
	if len(root.Members) > 0 {
		f.Decls = append(append(f.Decls, root), j.fields...)
	}
}

// jbuilder is a template being read: the record around the current call and those around it.
type jbuilder struct {
	open   []jbuilderLevel
	fields []*Decl
	key    func(name string) string
}

type jbuilderLevel struct {
	record *Decl
	end    int
}

func (j *jbuilder) add(name, typ string, embedded bool, span Span) *Decl {
	owner := j.open[len(j.open)-1].record
	d := &Decl{Kind: Field, Name: name, Type: typ, Embedded: embedded, Exported: true, Parent: owner, Span: span}
	if !embedded {
		d.Wire, d.WireSet = j.key(name), true
	}
	if !slices.ContainsFunc(owner.Members, func(m *Decl) bool { return m.Name == name }) {
		owner.Members = append(owner.Members, d)
		j.fields = append(j.fields, d)
	}
	return d
}

func (j *jbuilder) call(c *Call) {
	names := func(from int) {
		for i, a := range c.Args {
			if i >= from && a.IsString && a.Keyword == "" {
				j.add(a.Str, "", false, a.Span)
			}
		}
	}
	switch c.Name {
	case "extract!", "array!", "call":
		names(1)
	case "set!":
		if len(c.Args) > 0 && c.Args[0].IsString {
			j.add(c.Args[0].Str, "", false, c.Span)
		}
	case "partial!", "merge!":
		text := "merge"
		if len(c.Args) > 0 {
			text = c.Args[0].Text
		}
		j.add(c.Name+" "+text, text, true, c.Span)
	case "key_format!", "deep_format_keys!":
		if len(c.Args) > 0 && c.Args[0].Keyword == "camelize" {
			j.key = camel
		}
	default:
		if strings.HasSuffix(c.Name, "!") {
			return
		}
		j.field(c)
	}
}

// field is one key with its value: json.total 5, json.customer @customer, :id, :name, json.lines(@lines) { |l| ... }.
func (j *jbuilder) field(c *Call) {
	block := len(c.Args) > 0 && c.Args[len(c.Args)-1].IsFunc
	listed := len(c.Args) > 1 && c.Args[1].IsString && c.Args[1].Keyword == ""
	typ := ""
	switch {
	case (block || listed) && len(c.Args) > 1 && !listed:
		typ = "list[object]"
	case block || listed:
		typ = "object"
	}
	d := j.add(c.Name, typ, false, c.Span)
	if block || listed {
		j.open = append(j.open, jbuilderLevel{d, c.Span.End})
		for i, a := range c.Args {
			if i > 0 && a.IsString && a.Keyword == "" {
				j.add(a.Str, "", false, a.Span)
			}
		}
	}
}
