package contracts

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"flightpoll/detectors/contracts/protobuf"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// generatedCode is one generated file on both sides.
type generatedCode struct {
	path     string
	old, now generatedSide
}

// A generatedSide is one side of a generated file. Types are the declared ones with the names of their members, both as
// unsigned has them; nil for a language that is not parsed.
type generatedSide struct {
	text  string
	types map[string]map[string]bool
}

// A drift is one difference between generated code and its definition.
type drift struct {
	text, member string
	at           *idlType
	line         int
}

var typeIdentifier = lazy.New(`^[A-Za-z_$][\w$]*$`)

func readGenerated(at side, p string, text []byte) generatedSide {
	g := generatedSide{text: string(text)}
	if source.LanguageOf(p) == "" || strings.HasSuffix(p, "_pb2.py") {
		return g
	}
	f := at.file(p)
	if f == nil {
		return g
	}
	g.types = map[string]map[string]bool{}
	add := func(owner, member string) {
		owner = unsigned(owner)
		if g.types[owner] == nil {
			g.types[owner] = map[string]bool{}
		}
		g.types[owner][unsigned(member)] = true
	}
	var inner strings.Builder
	for _, d := range f.Decls {
		for _, m := range ownFields(d) {
			add(d.Name, m.name)
			add(d.Name, m.wire)
			// A field of a oneof is in a type of its own in Go, Outer_Field, or Outer_Field_ where that is taken.
			if outer, field, ok := cutLastSign(strings.TrimSuffix(d.Name, "_")); ok && f.Lang == source.Go && field == m.name {
				add(outer, m.name)
			}
			// openapi-typescript has its types as members of one, components.
			if strings.HasPrefix(m.typ, "{") && f.Lang == source.TypeScript && m.name != "schemas" && typeIdentifier.MatchString(m.name) {
				fmt.Fprintf(&inner, "export type %s = %s\n", m.name, m.typ)
			}
		}
	}
	if more, err := source.Parse("inner.ts", []byte(inner.String())); inner.Len() > 0 && err == nil {
		for _, d := range more.Decls {
			for _, m := range ownFields(d) {
				add(d.Name, m.name)
				add(d.Name, m.wire)
			}
		}
	}
	return g
}

// cutLastSign cuts a name at its last underscore.
func cutLastSign(name string) (head, last string, ok bool) {
	i := strings.LastIndexByte(name, '_')
	if i < 0 {
		return "", name, false
	}
	return name[:i], name[i+1:], true
}

// drift compares one type. Where the code did not have all of the old definition, it is made by other rules, and nothing is
// said.
func (g *generatedCode) drift(was, now *idlType, c idlChange) []drift {
	if c.family == idlProto && (noMessages.MatchString(g.path) || serviceCode.MatchString(g.path) && was.kind != protobuf.Service) {
		return nil
	}
	has := g.reading(was, c)
	if has == nil {
		return nil
	}
	for _, m := range was.members {
		if !has(g.old, m.name) {
			return nil
		}
	}
	if now == nil {
		return nil // a type that went leaves dead code, which harms nobody
	}
	var list []drift
	short := was.name[strings.LastIndexByte(was.name, '.')+1:]
	for _, m := range now.members {
		old := was.member(m.name)
		switch {
		case old == nil && !has(g.now, m.name):
			list = append(list, drift{fmt.Sprintf("lacks %s.%s", short, m.name), m.name, now, m.line})
		case old != nil && old.number != m.number && hasNumber(g.now.text, m.name, old.number) && !hasNumber(g.now.text, m.name, m.number):
			list = append(list, drift{fmt.Sprintf("has %s.%s as number %d, not %d", short, m.name, old.number, m.number), m.name, now, m.line})
		}
	}
	for _, m := range was.members {
		if now.member(m.name) == nil && has(g.now, m.name) && g.telling(was, m.name, c) {
			list = append(list, drift{fmt.Sprintf("still has %s.%s", short, m.name), m.name, now, 0})
		}
	}
	return list
}

// reading is the way in which it can be told whether one side of the code has a member of a type, nil for none.
func (g *generatedCode) reading(t *idlType, c idlChange) func(generatedSide, string) bool {
	owner := g.owner(t, c)
	coordinates := func(s generatedSide, name string) bool { return strings.Contains(s.text, `"`+t.name+"."+name+`"`) }
	switch {
	case len(t.members) == 0:
		return nil
	case t.kind == protobuf.Service:
		return func(s generatedSide, name string) bool {
			return strings.Contains(s.text, t.full+"/"+name) || serviceCode.MatchString(g.path) && strings.Contains(s.text, `"`+name+`"`)
		}
	case t.kind == protobuf.Message && owner != "":
		return func(s generatedSide, name string) bool { return s.types[owner][unsigned(name)] }
	case c.family == idlGraphQL && t.kind == protobuf.Message && coordinates(g.old, t.members[0].name):
		return coordinates // gqlgen's table of fields
	case t.kind == protobuf.Enum && c.family != idlProto:
		return func(s generatedSide, name string) bool {
			return strings.Contains(s.text, `"`+name+`"`) || strings.Contains(s.text, "'"+name+"'")
		}
	case c.family == idlProto:
		return func(s generatedSide, name string) bool { return hasSpelling(s.text, name) }
	}
	return nil
}

// owner is the declared type that stands for one of the definition, "" for none: by its whole name, or the last part.
func (g *generatedCode) owner(t *idlType, c idlChange) string {
	forms := []string{unsigned(t.name)}
	if c.family == idlProto {
		forms = append(forms, unsigned(t.name[strings.LastIndexByte(t.name, '.')+1:]))
	}
	for _, form := range forms {
		if g.old.types[form] != nil && g.now.types[form] != nil {
			return form
		}
	}
	return ""
}

// telling says that a name that is still there means the member that went: a type's own member does, a word in a text only
// where it is a compound one that nothing else of the definition has.
func (g *generatedCode) telling(t *idlType, name string, c idlChange) bool {
	if t.kind == protobuf.Message && g.owner(t, c) != "" || t.kind == protobuf.Message && c.family != idlProto {
		return true
	}
	if !compound(name) && t.kind != protobuf.Service {
		return false
	}
	for _, n := range c.now {
		if n.member(name) != nil || strings.Contains(unsigned(n.name), unsigned(name)) {
			return false
		}
		for _, m := range n.members {
			if strings.Contains(unsigned(m.name), unsigned(name)) {
				return false
			}
		}
	}
	return true
}

func hasSpelling(text, name string) bool {
	for _, form := range spellings(name) {
		if strings.Contains(text, form) {
			return true
		}
	}
	return strings.Contains(strings.ToLower(text), strings.ReplaceAll(strings.ToLower(name), "_", ""))
}

// hasNumber says that code has a protobuf field under a number, as the tags of Go and the comments of protobuf-es tell.
func hasNumber(text, name string, number int) bool {
	n := strconv.Itoa(number)
	tag := regexp.MustCompile(`protobuf:"[a-z0-9]+,` + n + `,\w+,(?:[\w=.]+,)*?name=` + regexp.QuoteMeta(name) + `[,"]`)
	comment := regexp.MustCompile(`@generated from field: .{1,200} ` + regexp.QuoteMeta(name) + ` = ` + n + `\b`)
	return tag.MatchString(text) || comment.MatchString(text)
}

func hasWord(text, word string) bool {
	return regexp.MustCompile(`\b` + regexp.QuoteMeta(word) + `\b`).MatchString(text)
}
