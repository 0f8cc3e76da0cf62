package contracts

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/contracts/protobuf"
)

// An idlType is one type of an interface definition: a message, an object, a component, an enum or a service.
type idlType struct {
	name, full string
	kind       protobuf.Kind
	path       string
	line       int
	members    []idlMember
}

type idlMember struct {
	name   string
	number int // of a protobuf field, else 0
	line   int
}

func (t idlType) member(name string) *idlMember {
	for i := range t.members {
		if t.members[i].name == name {
			return &t.members[i]
		}
	}
	return nil
}

// An idlChange is one interface definition on both sides of the branch, with what generated code would notice.
type idlChange struct {
	family idl
	// oldPath and path are the file, empty for a schema of many files.
	oldPath, path string
	old, now      []idlType
}

// changed are the types that look different to generators, by name: the old one and the new one, nil where there is none.
func (c idlChange) changed() (pairs [][2]*idlType) {
	for i := range c.old {
		t := &c.old[i]
		j := slices.IndexFunc(c.now, func(n idlType) bool { return n.name == t.name && n.kind == t.kind })
		switch {
		case j < 0:
			pairs = append(pairs, [2]*idlType{t, nil})
		case !slices.EqualFunc(sorted(t.members), sorted(c.now[j].members), func(a, b idlMember) bool { return a.name == b.name && a.number == b.number }):
			pairs = append(pairs, [2]*idlType{t, &c.now[j]})
		}
	}
	return pairs
}

func sorted(list []idlMember) []idlMember {
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b idlMember) int { return cmp.Compare(a.name, b.name) })
	return list
}

// idlChanges are the interface definitions that the branch changed.
func idlChanges(pass *detectors.Pass) ([]idlChange, error) {
	var list []idlChange
	before, after := side{pass.Branch, pass.Source, true}, side{pass.Branch, pass.Source, false}
	olds, news := protobuf.NewSet(pass.Context, protoTree(before)), protobuf.NewSet(pass.Context, protoTree(after))
	for _, f := range pass.Branch.Files {
		p := cmp.Or(f.OldPath, f.Path)
		if f.Status == branch.Added || f.Status == branch.Deleted || f.Vendored || f.TooLarge || skipped(f.Path) {
			continue
		}
		switch path.Ext(p) {
		case ".proto":
			o, n := olds.File(p), news.File(f.Path)
			if o.Err == nil && n.Err == nil {
				list = append(list, idlChange{idlProto, p, f.Path, protoTypes(o), protoTypes(n)})
			}
		case ".json", ".yaml", ".yml":
			was, err := f.Before()
			if err != nil || !isOpenAPI(p, was) {
				continue
			}
			now, err := f.After()
			if err != nil {
				continue
			}
			list = append(list, idlChange{idlOpenAPI, p, f.Path, documentTypes(p, was), documentTypes(f.Path, now)})
		}
	}
	s, err := graphqlSurveyOf(pass)
	if err != nil {
		return nil, err
	}
	for _, g := range s.schemas {
		list = append(list, idlChange{family: idlGraphQL, old: graphqlTypes(g.old), now: graphqlTypes(g.now)})
	}
	return slices.DeleteFunc(list, func(c idlChange) bool { return len(c.changed()) == 0 }), nil
}

func protoTypes(f *protobuf.File) []idlType {
	var list []idlType
	for _, r := range f.Records() {
		t := idlType{name: r.Name, full: r.FullName, kind: r.Kind, path: f.Path, line: r.Line}
		for _, m := range r.Members {
			t.members = append(t.members, idlMember{m.Name, m.Number, m.Line})
		}
		list = append(list, t)
	}
	return list
}

// documentTypes are the component schemas of an OpenAPI document.
func documentTypes(p string, text []byte) []idlType {
	var list []idlType
	for _, s := range documentShapes(p, text) {
		t := idlType{name: s.owner, full: s.owner, kind: protobuf.Message, path: p, line: s.line}
		if strings.ContainsAny(s.owner, "/. ") {
			continue // a schema inside another one or inside a path has the name that a generator likes
		}
		for _, f := range s.fields {
			t.members = append(t.members, idlMember{name: f.wire, line: f.line})
		}
		list = append(list, t)
	}
	return list
}

func graphqlTypes(s *ast.Schema) []idlType {
	var list []idlType
	for _, name := range keysOf(s.Types) {
		d := s.Types[name]
		if d.BuiltIn || !known(d.Position) {
			continue
		}
		t := idlType{name: name, full: name, kind: protobuf.Message, path: d.Position.Src.Name, line: d.Position.Line}
		for _, f := range d.Fields {
			if !strings.HasPrefix(f.Name, "__") {
				t.members = append(t.members, idlMember{name: f.Name, line: lineOfPosition(f.Position)})
			}
		}
		if d.Kind == ast.Enum {
			t.kind = protobuf.Enum
			for _, v := range d.EnumValues {
				t.members = append(t.members, idlMember{name: v.Name, line: lineOfPosition(v.Position)})
			}
		}
		if len(t.members) > 0 {
			list = append(list, t)
		}
	}
	return list
}

func lineOfPosition(p *ast.Position) int {
	if p == nil {
		return 0
	}
	return p.Line
}
