package contracts

import (
	"path"
	"strings"
)

// contractKind is a language in which interfaces are described, with what checks it for breaking changes.
type contractKind struct {
	name string
	// gates are the tools of gateTools that compare two versions of such a file; try is the one to name.
	gates []string
	try   string
	// names are those by which scripts and tests call the tools.
	names []string
}

var contractKinds = []contractKind{
	{"Protocol Buffers", []string{"buf breaking", "protolock"}, "buf breaking", []string{"protolock", "prototool", "buf-breaking"}},
	{"OpenAPI", []string{"oasdiff", "schemathesis", "pact"}, "oasdiff breaking", []string{"oasdiff", "openapi-diff", "openapi-changes", "swagger-diff", "optic", "schemathesis", "dredd", "can-i-deploy"}},
	{"GraphQL", []string{"graphql-inspector"}, "graphql-inspector diff", []string{"graphql-inspector", "rover", "hive"}},
	{"Avro", []string{"schema registry check"}, "the schema registry's compatibility check", []string{"test-compatibility"}},
}

// contractKindOf says which kind a file describes an interface in, nil for none.
func contractKindOf(p string, text []byte) *contractKind {
	switch strings.ToLower(path.Ext(p)) {
	case ".proto":
		return &contractKinds[0]
	case ".json", ".yaml", ".yml":
		if isOpenAPI(p, text) {
			return &contractKinds[1]
		}
	case ".graphqls":
		return &contractKinds[2]
	case ".graphql", ".gql":
		if declaresSchema(string(text)) {
			return &contractKinds[2]
		}
	case ".avsc", ".avdl":
		return &contractKinds[3]
	}
	return nil
}

// declaresSchema says whether a GraphQL file declares types; one of operations does not.
func declaresSchema(text string) bool {
	for row := range strings.SplitSeq(text, "\n") {
		word, _, _ := strings.Cut(strings.TrimSpace(row), " ")
		switch word {
		case "schema", "type", "input", "enum", "interface", "union", "scalar", "extend":
			return true
		}
	}
	return false
}
