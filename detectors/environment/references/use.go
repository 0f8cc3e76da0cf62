package references

// How the value of a read is used: what stands in for it when it is absent, what stops the program, what it becomes.

import (
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// use is what the code around a read does with it.
type use struct {
	// optional: absence is dealt with; given: by a value of the code's own, whose text is fallback.
	optional, given bool
	fallback        string
	// fails: absence stops the program or is an error; handled: it is answered in some other way, without going on.
	fails, handled bool
	typ            Type
	// taker is the variable, field or key that takes the value.
	taker string
}

func (u use) reference(name string, line int) Reference {
	optional := u.optional || u.given
	return Reference{
		Name: name, Line: line, Optional: optional, FailFast: u.fails && !optional, Default: u.given,
		LocalDefault: u.given && Local(u.fallback), Makeshift: u.given && Makeshift(u.fallback), WeakDefault: u.given && Weak(u.fallback), Type: u.typ,
	}
}

// decided says that nothing further needs to be looked at.
func (u use) decided() bool { return u.optional || u.given || u.fails || u.handled }

// use looks at the code around a read.
func (r *reader) use(span source.Span, how form) use {
	var u use
	if r.Lang == source.Go {
		u = r.useInGo(span, how)
	} else if n := nodeAt(r.Root(), span); n != nil {
		c := &climb{reader: r, budget: maxLooks}
		if how.asks {
			c.condition(n)
		} else {
			c.from(n)
		}
		u = c.use
		if !u.decided() && r.caught(span) && how.fails {
			u.optional = true
		}
	}
	switch {
	case how.fallback != "" && !nothing(how.fallback):
		u.given, u.fallback, u.fails = true, r.resolved(how.fallback), false
	case how.optional && !u.fails:
		u.optional = true
	case how.fails && !u.optional && !u.given:
		u.fails = true
	}
	if u.given && u.fallback != "" {
		u.fallback = r.resolved(u.fallback)
	}
	if how.asks && !u.decided() {
		u.optional = true
	}
	if how.typ != Raw && (u.typ == Raw || u.typ == Text) {
		u.typ = how.typ
	}
	return u
}

// resolved is a default's text, or the value of the constant that it names.
func (r *reader) resolved(text string) string {
	text = strings.TrimSpace(text)
	if simple.MatchString(text) && !strings.ContainsAny(text[:1], "0123456789\"'`") {
		if v := r.constant(text); v != "" {
			return `"` + v + `"`
		}
	}
	return text
}

// caught says whether an error of the read is caught by its kind.
func (r *reader) caught(s source.Span) bool {
	for _, c := range r.Catches {
		if c.Kind == "catch" && c.Try.Start <= s.Start && s.End <= c.Try.End && !c.Rethrows {
			for _, t := range c.Types {
				if t == "KeyError" || t == "NoSuchElementException" || t == "IndexError" {
					return true
				}
			}
		}
	}
	return false
}

// chain is what stands before a method that is called on a value.
var chain = lazy.New(`^\s*(\.|&\.|\?\.|->|\?->|::)`)

var emptiness = lazy.New("^(None|nil|null|undefined|NULL|\"\"|''|``|false|False|void 0|default|string\\.Empty|\\{\\s*nil\\s*\\}|\\.\\.\\.|Undefined|undefined_value|empty)$")

// nothing says whether a default is none: nil, an empty text.
func nothing(text string) bool {
	switch strings.TrimSpace(text) {
	case "None", "nil", "null", "undefined", "NULL", "...", "default", "{ nil }":
		return true
	}
	return false
}

// maxLooks bounds the nodes that are looked at around one read.
const maxLooks = 4000

// nodeAt is the outermost node at a span, nil without one.
func nodeAt(root source.Node, s source.Span) source.Node {
	n := root
	for depth := 0; n != nil && depth < 400; depth++ {
		if at := n.Span(); at.Start == s.Start && at.End == s.End {
			return n
		}
		var next source.Node
		for _, c := range n.Children() {
			if at := c.Span(); at.Start <= s.Start && s.End <= at.End {
				next = c
				break
			}
		}
		if next == nil && n.Span().Start <= s.Start && n.Span().End >= s.End && depth > 0 && n.Span().End-n.Span().Start < 3*(s.End-s.Start)+200 {
			return n // the fact spans something inside of one node
		}
		n = next
	}
	return nil
}
