package source

import (
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source/syntax"
)

// plainKey is a literal that names a member, not a path or a sentence.
var plainKey = lazy.New(`^[A-Za-z_][A-Za-z0-9_:-]*$`)

// accessPath are the members that a call names one below the other: h.dig("a", :b), data_get($d, 'a.0.b'),
// v.pointer("/a/b"). Numbers and * are items of a list.
func (x *extraction) accessPath(m *syntax.Match) {
	var keys []string
	for _, id := range m.All("key") {
		value, interpolated, ok := x.literal(id)
		if !ok || interpolated {
			return
		}
		keys = append(keys, value)
	}
	if path := m.Get("path"); path != syntax.None {
		value, _, _ := x.literal(path)
		keys = strings.Split(value, ".")
	}
	if len(keys) == 1 && x.text(m.Get("method")) == "pointer" {
		keys = strings.Split(strings.TrimPrefix(keys[0], "/"), "/")
	}
	receiver := x.folded(m.Get("receiver"))
	for _, key := range keys {
		if plainKey.MatchString(key) {
			x.addAccess(receiver, key, true, x.span(m.Node))
		} else if key != "*" && strings.Trim(key, "0123456789") != "" {
			return
		}
		receiver += `["` + key + `"]`
	}
}
