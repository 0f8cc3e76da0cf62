package contracts

import (
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

var purposely = lazy.New(`(?i)legacy|deprecat|compat|backward|old_?(shape|format|name|key|field|schema)|unknown|reject|ignore|refuse|migrat|alias|invalid|v0`)

// deliberate says that what stands around a record announces the old shape on purpose.
func deliberate(r *record) bool {
	return slices.ContainsFunc(r.about, func(name string) bool {
		return len(name) < 200 && !strings.HasSuffix(r.path, name) && purposely.MatchString(name) // its file's name is judged with the path
	})
}

// checked says that the compiler or type checker of the changed shape's own language sees the record.
func checked(c *change, r *record) bool {
	lang := source.Language(c.old.dialect)
	owner := c.old.owner[strings.LastIndexByte(c.old.owner, '.')+1:]
	switch source.Language(r.lang) {
	case source.Go:
		switch r.form {
		case formMember, formArgs:
			return true
		case formLiteral:
			return !strings.HasPrefix(r.declared, "map[") && r.declared != "" && !strings.HasSuffix(r.declared, ".H") && !strings.HasSuffix(r.declared, ".M")
		case formType:
			return r.path == c.new.path || lang == source.Go && c.sibling(r.path)
		default:
		}
	case source.TypeScript:
		typed := lang == source.TypeScript || isMessage(c.old) // a message's types are generated
		switch r.form {
		case formMember, formKeyed:
			return typed
		case formLiteral:
			return typed && (r.declared != "" || !source.IsTest(r.path) && !isMock(r.path) && !crosses(r))
		case formType:
			return r.path == c.new.path || typed && c.sibling(r.path)
		default:
		}
	case source.Python:
		switch r.form {
		case formMember:
			return lang != source.Python && r.declared == "" || typeName(r.declared) != owner && lang == source.Python
		case formArgs:
			return r.declared != owner
		case formType:
			return r.path == c.new.path || lang == source.Python && c.sibling(r.path)
		default:
		}
	case source.JavaScript:
		if r.form == formType {
			return r.path == c.new.path
		}
	case source.Ruby, source.PHP, source.Rust:
		return c.dynamic(r)
	case source.Java, source.Kotlin, source.CSharp:
		return c.compiled(r)
	default:
		return r.form == formType && c.sibling(r.path)
	}
	return false
}

// untyped are the declared types of a literal that no compiler holds against anything.
var untyped = lazy.New(`^(var|val|dynamic|object\??|Object|Any\??|I?(ReadOnly)?Dictionary<.*|(Linked|Hash|Tree)*(Mutable)?Map(<.*)?|JsonObject|JObject)$`)

// compiled says of a record in Java, Kotlin or C# that a compiler sees it, or that it is a type with reasons of its own: one of
// the same build, or one of which nothing says that it is ever serialised.
func (c *change) compiled(r *record) bool {
	if c.documents && r.form != formText {
		return true
	}
	switch r.form {
	case formMember, formArgs:
		return true
	case formLiteral:
		return r.declared != "" && !untyped.MatchString(r.declared)
	case formType:
		if r.path == c.new.path || c.sibling(r.path) {
			return true
		}
		related := family(c.new.path) == family(r.path)
		return related && (!c.old.wired || !r.wired)
	default:
		return false
	}
}

var sinks = lazy.New(`^(json|jsonify|stringify|reply|send|respond|mockResolvedValue|mockReturnValue|mockResolvedValueOnce|mockReturnValueOnce|mockImplementation|fulfill|publish|emit|produce|post|put|patch|fetch|axios)$`)

// crosses says that a literal is handed to something that serialises it.
func crosses(r *record) bool {
	return slices.ContainsFunc(r.about, sinks.MatchString)
}

var stubs = lazy.New(`^(json|reply|fulfill|intercept|respond|body|HttpResponse|responses|requests_mock|httpx_mock|add_response|register_uri|stubFor|route)$|^/[a-z]`)

// receives says that a record stands on the receiving side of an answer that has no declared type: on another side of the
// repository, in a stand-in, or in the stub of a request. Where the program itself keeps the name, a test's row is none.
func receives(c *change, r *record, hits []gone) bool {
	if r.path == c.new.path {
		return false
	}
	if c.old.sent && (r.received || c.bearing(r) == sameTopic) {
		return true
	}
	if !c.sibling(r.path) && !source.IsTest(r.path) {
		return true
	}
	inside := slices.ContainsFunc(hits, func(g gone) bool { return g.inside })
	stub := slices.ContainsFunc(r.about, stubs.MatchString)
	return standsIn(r.path) && (!inside || r.form == formText) || stub
}
