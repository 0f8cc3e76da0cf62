package contracts

import (
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

var (
	// schemaCall are the calls of schema libraries that take an object of fields: zod, yup, Joi, valibot, TypeBox,
	// superstruct, io-ts, Effect.
	schemaCall = lazy.New(`^(?:z|zod|yup|Yup|joi|Joi|v|s|t|S|Schema|Type)\.(?:object|strictObject|looseObject|type|strict|Object|Struct)$|^object$`)
	extendCall = lazy.New(`^([A-Za-z_$][\w$]*)\.(?:extend|safeExtend|merge|augment)$`)
	notNeeded  = lazy.New(`\.optional\(|\.nullish\(|\.default\(|\.catch\(|\b[vSt]\.optional\(|Type\.Optional\(|Schema\.optional`)
	schemaLibs = []string{"zod", "yup", "joi", "valibot", "typebox", "superstruct", "io-ts", "effect", "arktype", "@hapi/joi", "@sinclair"}
)

// schemaShapes are the shapes that calls of a schema library declare: `const Dish = z.object({...})`. A language reader
// that gives such a value as a declaration with members has them already.
func schemaShapes(f *source.File) []*shape {
	if !usesSchemas(f) {
		return nil
	}
	var list []*shape
	byObject := map[*source.Object]*shape{}
	for _, o := range f.Objects {
		base := ""
		if m := extendCall.FindStringSubmatch(o.Name); m != nil {
			base = m[1]
		} else if !schemaCall.MatchString(o.Name) {
			continue
		}
		d := around(f, o.Span)
		if d == nil || len(d.Members) > 0 {
			continue
		}
		s := &shape{owner: d.Name, dialect: string(f.Lang), path: f.Path, line: o.Span.Line, end: o.Span.EndLine, schema: true, pinned: true}
		s.strict = strings.Contains(d.Default, ".strict()") || strings.Contains(o.Name, "strict")
		if up, key := holder(byObject, o.Span); up != nil {
			s.owner = up.owner + "." + key
			if i := indexOf(up, key); i >= 0 {
				up.fields[i].child = s.owner
				if up.fields[i].kind != kindArray {
					up.fields[i].kind = kindObject
				}
			}
		}
		for _, k := range o.Keys {
			s.fields = append(s.fields, field{
				wire: strings.Trim(k.Name, `"'`), typ: k.Value, kind: kindOfType(k.Value), line: k.Span.Line, pinned: true,
				optional: notNeeded.MatchString(k.Value),
			})
		}
		if base != "" {
			if parent := ofOwner(list, base); parent != nil {
				s.fields = append(s.fields, parent.fields...)
			} else {
				s.unread = append(s.unread, base)
			}
		}
		if o.Spread {
			s.unread = append(s.unread, "...")
		}
		byObject[o] = s
		if len(s.fields) > 0 {
			list = append(list, s)
		}
	}
	return list
}

func usesSchemas(f *source.File) bool {
	if f.Lang != source.TypeScript && f.Lang != source.JavaScript {
		return false
	}
	for _, imp := range f.Imports {
		for _, lib := range schemaLibs {
			if strings.Contains(imp.Path, lib) {
				return true
			}
		}
	}
	return false
}

// around is the constant or variable that a place helps to declare.
func around(f *source.File, span source.Span) *source.Decl {
	var found *source.Decl
	for _, d := range f.Decls {
		if (d.Kind == source.Const || d.Kind == source.Var || d.Kind == source.Schema) && d.Span.Start <= span.Start && d.Span.End >= span.End {
			found = d
		}
	}
	return found
}

// holder is the schema that a nested one stands in, with the key it stands at.
func holder(known map[*source.Object]*shape, span source.Span) (*shape, string) {
	var best *source.Object
	for o := range known {
		if o.Span.Start < span.Start && o.Span.End >= span.End && (best == nil || o.Span.Start > best.Span.Start) {
			best = o
		}
	}
	if best == nil {
		return nil, ""
	}
	key := ""
	for _, k := range best.Keys {
		if k.Span.Start <= span.Start {
			key = strings.Trim(k.Name, `"'`)
		}
	}
	return known[best], key
}

func indexOf(s *shape, wire string) int {
	for i, f := range s.fields {
		if f.wire == wire {
			return i
		}
	}
	return -1
}

func ofOwner(list []*shape, owner string) *shape {
	for _, s := range list {
		if s.owner == owner {
			return s
		}
	}
	return nil
}
