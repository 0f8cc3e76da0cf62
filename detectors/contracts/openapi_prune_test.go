package contracts

import (
	"io/fs"
	"strings"
	"testing"
)

// TestNarrow cuts off what is the same on both sides, in both formats, and keeps every line where it was.
func TestNarrow(t *testing.T) {
	yaml := strings.Join([]string{
		"openapi: 3.0.3", "info: { title: t, version: '1' }", "paths:",
		"  /piers:", "    get: { responses: { '200': { $ref: '#/components/responses/Pier' } } }",
		"  '/cranes/{id}':", "    get:", "      responses: { '200': { description: ok } }",
		"components:", "  responses:", "    Pier:", "      content: { application/json: { schema: { $ref: \"#/components/schemas/Pier\" } } }",
		"  schemas:", "    Pier: { type: object, properties: { depth: { type: TYPE } } }", "    Crane: { type: object }", "",
	}, "\n")
	json := `{"openapi": "3.0.3", "paths": {
"/piers": {"get": {"responses": {"200": {"$ref": "#/components/responses/Pier"}}}},
"/cranes/{id}": {"get": {"responses": {"200": {"description": "a } in a \" string"}}}}},
"components": {"schemas": {"Crane": {},
"Pier": {"type": "TYPE"},
"Winch": {}}, "responses": {"Pier": {"content": {"a/b": {"schema": {"$ref": "#/components/schemas/Pier"}}}}}}}`
	none := func(string) ([]byte, error) { return nil, fs.ErrNotExist }
	for name, text := range map[string]string{"a.yaml": yaml, "a.json": json} {
		old, now := strings.ReplaceAll(text, "TYPE", "string"), strings.ReplaceAll(text, "TYPE", "number")
		a, b, _ := narrow(graphOf(none, name, []byte(old)), graphOf(none, name, []byte(now)), []byte(old), []byte(now))
		for _, cut := range []string{string(a), string(b)} {
			if strings.Contains(cut, "rane") || strings.Contains(cut, "Winch") || strings.Count(cut, "Pier") != 4 {
				t.Errorf("%s: kept the wrong sections:\n%s", name, cut)
			}
			if strings.Count(cut, "\n") != strings.Count(text, "\n") || documentOf([]byte(cut)) == nil {
				t.Errorf("%s: lines moved or the text broke:\n%s", name, cut)
			}
		}
		if a, b, _ := narrow(graphOf(none, name, []byte(old)), graphOf(none, name, []byte(old)), []byte(old), []byte(old)); a != nil || b != nil {
			t.Errorf("%s: nothing differs, yet something is left", name)
		}
	}
	for _, text := range []string{"a: &x {}\nb: *x\n", "{", `{"a": `, "paths:\n\t/x: {}\n", "- a\n"} {
		if outlineOf("a.yaml", []byte(text)) != nil {
			t.Errorf("%q cannot be taken apart", text)
		}
	}
}
