package contracts

import (
	"slices"
	"strings"

	"flightpoll/detectors/source/routes"
)

// A shape is one serialised record as one side of the branch declares it: a tagged struct, an interface, a schema, a
// component of an OpenAPI document.
type shape struct {
	// owner names it ("Invoice", "PositionEvent.point"); dialect is the language or the schema language it is written in.
	owner, dialect string
	path           string
	line, end      int
	fields         []field
	// pinned: at least one of its names in the serialised form is fixed by a tag, an alias or a schema.
	pinned bool
	// wired: its language serialises any class, and its file, its annotations or its name say that this one is.
	wired bool
	// strict: a reader refuses keys that the shape does not name.
	strict bool
	// reply: a literal that a handler answers with or publishes, without a declared type.
	reply bool
	// sent: it is sent as a message or an event; topics are the names that it is sent to, where they are known.
	sent   bool
	topics []string
	// asks: it is the body of a request that the program sends itself; who answers that request declares it.
	asks bool
	// unread are the types whose fields it brings along and that could not be read: an absent field may come from there.
	unread []string
	// schema: a reader checks values against it while the program runs (JSON Schema, OpenAPI, zod, Pydantic).
	schema bool
}

// A field is one key of a shape. Wire is its name in the serialised form, name the one that the program uses.
type field struct {
	wire, name, typ string
	kind            valueKind
	line            int
	optional        bool
	pinned          bool
	// child is the owner of the shape that stands below this key, where it is known.
	child string
}

// valueKind is the kind of a serialised value; the zero value is "cannot tell".
type valueKind string

const (
	kindString valueKind = "string"
	kindNumber valueKind = "number"
	kindBool   valueKind = "boolean"
	kindObject valueKind = "object"
	kindArray  valueKind = "array"
	kindNull   valueKind = "null"
)

func (s *shape) field(wire string) (field, bool) {
	for _, f := range s.fields {
		if f.wire == wire {
			return f, true
		}
	}
	return field{}, false
}

// once says that a key stands in the shape a single time: the members of a union may each have it with another type.
func (s *shape) once(wire string) bool {
	n := 0
	for _, f := range s.fields {
		if f.wire == wire {
			n++
		}
	}
	return n == 1
}

func (s *shape) has(wire string) bool {
	_, ok := s.field(wire)
	return ok
}

// shared counts the keys that both sides have.
func (s *shape) shared(keys map[string]*entry) int {
	n := 0
	for _, f := range s.fields {
		if _, ok := keys[f.wire]; ok {
			n++
		}
	}
	return n
}

// words splits an identifier, a path or a route into lower-case words, plurals folded: "DriverInvites" is driver, invite.
func words(text string) []string {
	var list []string
	var cur []rune
	flush := func() {
		if len(cur) > 0 {
			list = append(list, singular(strings.ToLower(string(cur))))
			cur = cur[:0]
		}
	}
	runes := []rune(text)
	for i, r := range runes {
		switch {
		case r >= 'A' && r <= 'Z':
			after := i+1 < len(runes) && runes[i+1] >= 'a' && runes[i+1] <= 'z'
			before := i > 0 && (runes[i-1] >= 'a' && runes[i-1] <= 'z' || runes[i-1] >= '0' && runes[i-1] <= '9')
			if before || after && len(cur) > 1 {
				flush()
			} else if after && len(cur) == 1 && cur[0] >= 'A' && cur[0] <= 'Z' {
				flush()
			}
			cur = append(cur, r)
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r > 127:
			cur = append(cur, r)
		default:
			flush()
		}
	}
	flush()
	return list
}

func singular(word string) string {
	switch {
	case len(word) > 4 && strings.HasSuffix(word, "ies"):
		return word[:len(word)-3] + "y"
	case len(word) > 4 && (strings.HasSuffix(word, "sses") || strings.HasSuffix(word, "xes") || strings.HasSuffix(word, "ches") || strings.HasSuffix(word, "shes")):
		return word[:len(word)-2]
	case len(word) > 3 && strings.HasSuffix(word, "s") && !strings.HasSuffix(word, "ss") && !strings.HasSuffix(word, "us") && !strings.HasSuffix(word, "is"):
		return word[:len(word)-1]
	}
	return word
}

// roles are the words of a type's name that say what it is used for, not what it is about.
var roles = []string{
	"api", "args", "new", "array", "attribute", "base", "blueprint", "body", "class", "collection", "config", "controller", "create", "created", "data", "dict",
	"dto", "entity", "envelope", "get", "info", "input", "internal", "item", "json", "list", "model", "object", "options",
	"out", "output", "page", "param", "params", "patch", "payload", "post", "prop", "props", "public", "put", "read",
	"record", "reply", "show", "handler", "handle", "fetch", "find", "serialize", "serialise", "render", "present", "presenter", "representer", "transformer", "index", "req", "ajv", "compile", "validate", "validator", "parse", "check", "request", "resource", "resp", "response", "result", "row", "schema", "serializer",
	"struct", "type", "update", "updated", "v1", "v2", "v3", "view", "event", "message", "msg", "detail", "summary",
}

// subject is what a shape is about: the words of its owner (or, where that says nothing, of its file) without roles.
func (s *shape) subject() []string {
	pick := func(list []string) []string {
		return slices.DeleteFunc(list, func(w string) bool { return len(w) < 3 || slices.Contains(roles, w) })
	}
	owner := s.owner
	if strings.HasPrefix(owner, "/") { // a route: what stands for values is no part of it
		owner = strings.Join(routes.Segments(owner), "/")
	}
	if list := pick(words(owner)); len(list) > 0 {
		return list
	}
	base := s.path[strings.LastIndexByte(s.path, '/')+1:]
	base, _, _ = strings.Cut(base, ".")
	return pick(words(base))
}
