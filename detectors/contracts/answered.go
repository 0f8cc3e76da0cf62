package contracts

import (
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
	"flightpoll/detectors/source/routes"
)

var translates = lazy.New(`(?i)unmarshal|decode|deserial|parse|valid|migrat|legacy|compat|alias|fallback|from_?(json|dict|raw)|normali[sz]e|upgrade`)

// answered says that the shape's own code still takes the old name: an alias beside the field, or a literal in a
// function that reads the shape.
func answered(at side, s *shape, wire string) bool {
	f := at.file(s.path)
	if f == nil {
		return false
	}
	if f.Lang == source.Python && byName(at, f, s, wire) {
		return true
	}
	owner := s.owner[strings.LastIndexByte(s.owner, '.')+1:]
	for _, str := range f.Strings {
		if str.Value != wire {
			continue
		}
		if str.Span.Line >= s.line && str.Span.EndLine <= s.end && s.dialect != "schema" {
			return true
		}
		for d := str.In; d != nil; d = d.Parent {
			if d.Receiver == owner || translates.MatchString(d.Name) {
				return true
			}
		}
	}
	for _, a := range f.Accesses {
		if a.Name != wire || scoped(f.Lang) && !a.Key {
			continue
		}
		for d := a.In; d != nil; d = d.Parent {
			if d.Receiver == owner || translates.MatchString(d.Name) {
				return true
			}
		}
	}
	return false
}

var namesAllowed = lazy.New(`populate_by_name|allow_population_by_field_name|validate_by_name`)

// byName says that a Pydantic model which gave a field an alias still takes the field's own name.
func byName(at side, f *source.File, s *shape, wire string) bool {
	if !slices.ContainsFunc(s.fields, func(x field) bool { return x.name == wire && x.wire != wire }) {
		return false
	}
	if namesAllowed.Match(f.Text) {
		return true
	}
	d := declared(f, s.owner)
	for depth := 0; d != nil && depth < 5; depth++ {
		if len(d.Bases) == 0 {
			return false
		}
		base := d.Bases[0]
		if base == "BaseModel" || base == "pydantic.BaseModel" {
			return false
		}
		var from *source.File
		if from, d = at.lookup(f, base); from == nil {
			return true // a base that cannot be read may allow it
		}
		if namesAllowed.Match(from.Text) {
			return true
		}
		f = from
	}
	return false
}

var responseModel = lazy.New(`\bresponse_model\s*=\s*([\w.\[\], |]+)`)

// writesAliases says that a route of FastAPI answers with a Pydantic model: what is written goes by the alias, whatever is taken.
func writesAliases(pass *detectors.Pass, at side, s *shape) bool {
	if s.dialect != string(source.Python) {
		return false
	}
	naming, err := pass.Source.Naming(pass.Context, s.owner)
	if err != nil {
		return false
	}
	for i, p := range naming[s.owner] {
		if i >= 40 || source.LanguageOf(p) != source.Python || source.IsTest(p) {
			continue
		}
		f := at.file(p)
		if f == nil {
			continue
		}
		for _, r := range routes.Declared(f) {
			if r.Decl != nil && slices.ContainsFunc(r.Decl.Results, func(t string) bool { return slices.Contains(identifiers(t), s.owner) }) {
				return true
			}
		}
		for _, m := range responseModel.FindAllSubmatch(f.Text, 200) {
			if slices.Contains(identifiers(string(m[1])), s.owner) {
				return true
			}
		}
	}
	return false
}
