package pin

import (
	"encoding/json"
	"fmt"
	"path"

	"flightpoll/detectors/contracts"
)

// schemaFolder holds the schemas and fixtures of contracts for which no test is written, in the folders of their files.
const schemaFolder = "contracts/pinned"

// A pinned schema; the order of its keys is the one in which they are written.
type pinnedSchema struct {
	Schema      string                    `json:"$schema"`
	Comment     string                    `json:"$comment"`
	Title       string                    `json:"title"`
	Description string                    `json:"description"`
	Type        string                    `json:"type"`
	Properties  map[string]pinnedProperty `json:"properties"`
	Required    []string                  `json:"required,omitempty"`
	Additional  bool                      `json:"additionalProperties"`
}

type pinnedProperty struct {
	Type string `json:"type,omitempty"`
}

// schema plans a JSON Schema (2020-12) of a shape and a fixture that it accepts; a test in any language can load both.
func (p *planner) schema(s contracts.Shape) error {
	name := snake(s.Owner)
	if name == "" {
		return nil
	}
	base := path.Join(schemaFolder, path.Dir(s.Path), name)
	fixture := map[string]any{}
	doc := pinnedSchema{
		Schema: "https://json-schema.org/draft/2020-12/schema", Title: s.Owner, Type: "object", Properties: map[string]pinnedProperty{}, Additional: !s.Complete,
		Description: fmt.Sprintf("What %s in %s looks like outside the program.", s.Owner, s.Path),
	}
	for _, f := range s.Fields {
		doc.Properties[f.Wire] = pinnedProperty{Type: f.Kind}
		fixture[f.Wire] = sample(f.Kind)
		if !f.Optional {
			doc.Required = append(doc.Required, f.Wire)
		}
	}
	example, err := json.MarshalIndent(fixture, "", "  ")
	if err != nil {
		return fmt.Errorf("%s: %w", s.Owner, err)
	}
	example = append(example, '\n')
	doc.Comment = "Written by flightpoll contract-tests for the fixture " + digest(example)
	text, err := json.MarshalIndent(doc, "", "  ")
	if err != nil {
		return fmt.Errorf("%s: %w", s.Owner, err)
	}
	text = append(text, '\n')
	p.files[base+".schema.json"] = File{Path: base + ".schema.json", Text: text, Pins: pins(s), schema: true}
	p.files[base+".fixture.json"] = File{Path: base + ".fixture.json", Text: example, digest: base + ".schema.json"}
	return nil
}

func sample(kind string) any {
	switch kind {
	case "number":
		return 1
	case "boolean":
		return true
	case "array":
		return []any{}
	case "object":
		return map[string]any{}
	case "null":
		return nil
	}
	return "text"
}
