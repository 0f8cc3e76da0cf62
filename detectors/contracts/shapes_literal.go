package contracts

import (
	"slices"
	"strings"

	"flightpoll/detectors/source"
)

// literalShapes are the JSON Schemas that a program states as object literals.
func literalShapes(f *source.File) []*shape {
	var list []*shape
	seen := map[source.Span]bool{}
	var visit func(o *source.Object, owner string, depth int)
	visit = func(o *source.Object, owner string, depth int) {
		if o == nil || depth > maxNesting || seen[o.Span] {
			return
		}
		seen[o.Span] = true
		props := keyOf(o, "properties")
		if props != nil && props.Child != nil && keyOf(o, "type") != nil {
			s := &shape{owner: owner, dialect: "schema", path: f.Path, line: o.Span.Line, end: o.Span.EndLine, schema: true, pinned: true}
			if extra := keyOf(o, "additionalProperties"); extra != nil {
				s.strict = strings.EqualFold(extra.Value, "false")
			}
			required := ""
			if r := keyOf(o, "required"); r != nil {
				required = r.Value
			}
			for _, k := range props.Child.Keys {
				p := field{wire: strings.Trim(k.Name, `"'`), line: k.Span.Line, pinned: true}
				p.optional = !strings.Contains(required, `"`+p.wire+`"`) && !strings.Contains(required, `'`+p.wire+`'`)
				if k.Child != nil {
					if typ := keyOf(k.Child, "type"); typ != nil {
						p.typ = strings.Trim(typ.Value, `"'`)
						p.kind = schemaKind(p.typ)
					}
					if keyOf(k.Child, "default") != nil {
						p.optional = true
					}
				}
				s.fields = append(s.fields, p)
			}
			list = append(list, s)
			for _, k := range props.Child.Keys {
				visit(k.Child, owner+"."+strings.Trim(k.Name, `"'`), depth+2)
			}
			seen[props.Child.Span] = true
		}
		for _, k := range o.Keys {
			name := owner
			if !slices.Contains(structure, k.Name) {
				name = strings.TrimPrefix(owner+"."+strings.Trim(k.Name, `"'`), ".")
			}
			visit(k.Child, name, depth+1)
		}
	}
	for _, o := range f.Objects {
		visit(o, o.Name, 0)
	}
	return list
}

func keyOf(o *source.Object, name string) *source.Key {
	for i := range o.Keys {
		if strings.Trim(o.Keys[i].Name, `"'`) == name {
			return &o.Keys[i]
		}
	}
	return nil
}
