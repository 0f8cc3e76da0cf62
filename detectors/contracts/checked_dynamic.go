package contracts

import (
	"slices"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// What the records of Ruby, PHP and Rust say about a serialised form. In Ruby and PHP a program's own hashes and objects have
// the names of its models, which a serialiser may call otherwise: only what is taken apart from JSON, what a test expects of
// it, and what a stub answers with speak of the form. In Rust the compiler sees everything but json! and Value.

// decodes is the text by which these programs take JSON apart.
var decodes = lazy.New(`JSON\.(parse|load)|Oj\.load|MultiJson|json_decode|parsed_(response|body)|->json\(|\.json\b|->getContent|from_(str|slice|value|reader)|OpenStruct|Mash|\bHTTP\w*\.(get|post)|Http::|HTTParty|\.body\b|_json\b`)

// asked are the values that hold a request, not an answer.
var asked = lazy.New(`(?i)(^|[$@_>])(params|\w*_params|request|req|input|validated|attributes|options|opts|session|cookies|env|config|settings)\b`)

// stubbed is what stands around a literal that a stub answers with, that a test expects of an answer, or that is sent.
var stubbed = lazy.New(`(?i)to_json|to_return|stub_request|json|respond|response|body|fake\b|^(post|put|patch)|request|expect_|webmock|vcr|mock|generate|publish|dispatch`)

// stored is what stands around a literal that goes to a model or a database.
var stored = lazy.New(`^(create|create!|build|make|new|update|update!|insert|insert_all|upsert|where|factory|factories|fill|forceFill|firstOrCreate|updateOrCreate|find_or_create_by|assertDatabaseHas|assertDatabaseMissing|build_stubbed|attributes_for|create_list|state|definition|casts)$`)

// dynamic says that a record of one of these languages is checked by a compiler, or speaks of something else.
func (c *change) dynamic(r *record) bool {
	lang := source.Language(r.lang)
	inside := string(lang) == c.old.dialect && c.together(r.path)
	aside := source.IsTest(r.path) || isMock(r.path)
	switch r.form {
	case formType:
		return r.path == c.new.path || inside
	case formArgs:
		return true
	case formMember:
		return lang == source.Rust || !r.decoded
	case formKeyed:
		if len(r.about) > 0 && asked.MatchString(r.about[0]) {
			return true
		}
		return inside && !aside && !r.decoded
	case formLiteral:
		if r.declared != "" && lang == source.Rust || slices.ContainsFunc(r.about, stored.MatchString) {
			return true
		}
		sent := slices.ContainsFunc(r.about, stubbed.MatchString)
		if aside {
			return r.loose && !sent
		}
		return inside || !sent
	default:
		return false
	}
}

// together says that two files belong to one program.
func (c *change) together(other string) bool { return c.sibling(other) }
