package contracts

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"path"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"flightpoll/detectors/branch"
)

// isJSONSchema says whether a text is a JSON Schema of a whole document: its dialect or its name says so, and it has properties.
func isJSONSchema(p string, text []byte) bool {
	switch path.Ext(p) {
	case ".json", ".yaml", ".yml":
	default:
		return false
	}
	if len(text) > maxSchema || isOpenAPI(p, text) || !bytes.Contains(text, []byte("properties")) {
		return false
	}
	return bytes.Contains(text, []byte("json-schema.org")) || strings.Contains(path.Base(p), ".schema.") || strings.Contains(path.Base(p), "schema.json")
}

// schemaOf compiles the JSON Schema at p on one side. References are read from that side of the branch only.
func schemaOf(at side, p string) (*jsonschema.Schema, any, error) {
	text, err := at.text(p)
	if err != nil {
		return nil, nil, err
	}
	doc, err := decodeDocument(p, text)
	if err != nil {
		return nil, nil, err
	}
	c := jsonschema.NewCompiler()
	c.UseLoader(repositoryLoader{at})
	root := "repo:///" + p
	if m, ok := doc.(map[string]any); ok {
		// An $id on the web would make every reference inside the document one to the web.
		if id, ok := m["$id"].(string); ok && strings.Contains(id, "://") {
			root = id
		}
	}
	if err := c.AddResource(root, doc); err != nil {
		return nil, nil, err
	}
	s, err := c.Compile(root)
	return s, doc, err
}

// A repositoryLoader reads what a schema refers to from one side of the branch; it opens nothing else.
type repositoryLoader struct{ at side }

func (l repositoryLoader) Load(ref string) (any, error) {
	u, err := url.Parse(ref)
	if err != nil {
		return nil, err
	}
	p := strings.TrimPrefix(path.Clean(u.Path), "/")
	if u.Scheme != "repo" || p == ".." || strings.HasPrefix(p, "../") {
		return nil, fmt.Errorf("%w: %.80q", errOutside, ref)
	}
	text, err := l.at.text(p)
	if err != nil {
		return nil, err
	}
	return decodeDocument(p, text)
}

var errNoDocument = errors.New("neither JSON nor YAML")

// decodeDocument reads a JSON or YAML file into the values that validation works on.
func decodeDocument(p string, text []byte) (doc any, err error) {
	if len(text) > branch.MaxFile {
		return nil, errNoDocument
	}
	if path.Ext(p) != ".json" {
		if len(text) > maxYAML {
			return nil, errNoDocument
		}
		defer func() {
			if recover() != nil {
				doc, err = nil, errNoDocument
			}
		}()
		if text, err = yaml.YAMLToJSON(text); err != nil {
			return nil, err
		}
	}
	if !json.Valid(text) {
		return nil, errNoDocument
	}
	return jsonschema.UnmarshalJSON(bytes.NewReader(text))
}

// complaint is the first thing that a schema has against a document, in one line: what is wrong, and the key it is about.
func complaint(err error) (text, key string) {
	var v *jsonschema.ValidationError
	if !errors.As(err, &v) {
		return strings.Join(strings.Fields(err.Error()), " "), ""
	}
	for len(v.Causes) > 0 {
		v = v.Causes[0]
	}
	lines := strings.Split(v.Error(), "\n")
	text = strings.TrimSpace(lines[len(lines)-1])
	if _, after, ok := strings.Cut(text, ": "); ok && strings.HasPrefix(text, "- at") {
		text = after
	}
	if m := singleQuoted.FindStringSubmatch(text); m != nil {
		key = m[1]
	} else if n := len(v.InstanceLocation); n > 0 {
		key = v.InstanceLocation[n-1]
	}
	return text, key
}
