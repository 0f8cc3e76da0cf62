package contracts

import (
	"regexp"
	"strings"
)

var translates = regexp.MustCompile(`(?i)unmarshal|decode|deserial|parse|valid|migrat|legacy|compat|alias|fallback|from_?(json|dict|raw)|normali[sz]e|upgrade`)

// answered says that the shape's own code still takes the old name: an alias beside the field, or a literal in a
// function that reads the shape.
func answered(at side, s *shape, wire string) bool {
	f := at.file(s.path)
	if f == nil {
		text, err := at.text(s.path)
		return err == nil && acceptsOther(string(text), wire)
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
		if a.Name != wire {
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
