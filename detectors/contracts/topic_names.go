package contracts

import (
	"path"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

var (
	topicWord = lazy.New(`(?i)topic|queue|subject|(?:^|[^a-z])stream|channel|event|routing|exchange|subscri|listen|consum|detail-?type|binding|\bjobs?\b|tasks?\b|\bs[qn]s\b|kafka|nats`)
	// constantWord is narrower: a constant is called by what it is.
	constantWord = lazy.New(`(?i)(^|_|[a-z])(topic|queue|subject|stream|channel|event|routing_?key|exchange)s?($|_|[A-Z])`)
)

// topicConstants are the constants and enumerations of names: TOPIC_BOOKED = "booking.confirmed".
func topicConstants(f *source.File) []topicUse {
	var list []topicUse
	put := func(owner, name, value string, line int) {
		m := quotedAll.FindStringSubmatch(value)
		if m == nil || m[0] != strings.TrimSpace(value) {
			return
		}
		stem := strings.TrimSuffix(path.Base(f.Path), path.Ext(f.Path))
		if v := m[1] + m[2] + m[3]; distinctName.MatchString(v) && (constantWord.MatchString(name) || constantWord.MatchString(owner) || constantWord.MatchString(stem)) {
			list = append(list, topicUse{name: v, dir: bothEnds, path: f.Path, line: line, first: line, last: line, constant: name})
		}
	}
	for _, d := range f.Decls {
		switch d.Kind {
		case source.Const, source.Var, source.EnumValue, source.Field:
			owner := ""
			if d.Parent != nil {
				if d.Parent.Kind == source.Function || d.Parent.Kind == source.Method {
					continue
				}
				owner = d.Parent.Name
			}
			put(owner, d.Name, d.Default, d.Span.Line)
		default:
		}
	}
	for _, o := range f.Objects {
		if o.In == nil && constantWord.MatchString(o.Name) && variableName.MatchString(o.Name) {
			for _, k := range o.Keys {
				put(o.Name, strings.Trim(k.Name, `"'`), k.Value, k.Span.Line)
			}
		}
	}
	return list
}

// namesWhole says that a text holds a name that is no part of a longer one.
func namesWhole(text, name string) bool {
	for from := 0; ; {
		i := strings.Index(text[from:], name)
		if i < 0 {
			return false
		}
		i += from
		end := i + len(name)
		if (i == 0 || !nameByte(text[i-1])) && (end == len(text) || !nameByte(text[end])) {
			return true
		}
		from = end
	}
}

func nameByte(c byte) bool {
	return c == '_' || c == '-' || c == '.' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
}
