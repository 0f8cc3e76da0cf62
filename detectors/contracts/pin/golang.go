package pin

import (
	"path"
	"strings"

	"flightpoll/detectors/contracts"
	"flightpoll/detectors/source"
)

// golang plans a test beside the package of a struct: its names on the wire, as encoding/json's rules give them.
func (p *planner) golang(s contracts.Shape, f *source.File, d *source.Decl) (bool, error) {
	if d.Kind != source.Struct || generic(f, d) || f.Package == "" || encodesItself(f, d.Name) {
		return false, nil
	}
	tag := tagOf(string(f.Text[d.Span.Start:d.Span.End]), len(s.Fields))
	if tag == "" {
		return false, nil
	}
	dir := path.Dir(s.Path)
	data := struct {
		Package, Type, Tag string
		Fields             []contracts.ShapeField
	}{f.Package, d.Name, tag, s.Fields}
	if err := p.render(path.Join(dir, "contract_"+snake(d.Name)+"_test.go"), "//", "go.tmpl", data, pins(s)); err != nil {
		return false, err
	}
	return true, p.render(path.Join(dir, "contract_wire_test.go"), "//", "go_wire.tmpl", data, "")
}

// generic says whether a type has parameters: there is no value of it to look at.
func generic(f *source.File, d *source.Decl) bool {
	head, _, _ := strings.Cut(string(f.Text[d.Span.Start:d.Span.End]), "{")
	return strings.Contains(head, "[")
}

// encodesItself says whether a type has an encoder of its own, which tags do not bind.
func encodesItself(f *source.File, name string) bool {
	for _, d := range f.Decls {
		if d.Kind == source.Method && d.Receiver == name && (d.Name == "MarshalJSON" || d.Name == "MarshalText") {
			return true
		}
	}
	return false
}

// tagOf is the key of the tags that name a struct's fields. Encoders other than JSON's have their own rules for fields
// without a name, so each field has to have one there.
func tagOf(text string, fields int) string {
	if strings.Contains(text, `json:"`) {
		return "json"
	}
	for _, tag := range []string{"yaml", "toml", "bson", "mapstructure", "koanf", "form", "query", "msgpack", "cbor"} {
		if strings.Count(text, tag+`:"`) == fields && fields > 0 {
			return tag
		}
	}
	return ""
}
