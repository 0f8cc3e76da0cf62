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
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source/document"
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

// A validator says what a schema has against a value, nil for nothing.
type validator func(value any) error

// A schemaFile is one document of one side that schemas are compiled from: a JSON Schema, or one that holds schemas at
// places of its own (OpenAPI, AsyncAPI). References are read from that side of the branch only.
type schemaFile struct {
	doc      any
	root     string
	compiler *jsonschema.Compiler
}

// schemaFileOf takes the decoded document at p; draft is the dialect of schemas that name none, and adapt turns what a
// format has of its own into that dialect (nil for nothing).
func schemaFileOf(at side, p string, doc any, draft *jsonschema.Draft, adapt func(any) any) (*schemaFile, error) {
	f := &schemaFile{doc: doc, root: "repo:///" + p, compiler: jsonschema.NewCompiler()}
	if adapt != nil {
		f.doc = adapt(doc)
	}
	f.compiler.DefaultDraft(draft)
	f.compiler.UseLoader(repositoryLoader{at, adapt})
	if m, ok := f.doc.(map[string]any); ok {
		// An $id on the web would make every reference inside the document one to the web.
		if id, ok := m["$id"].(string); ok && strings.Contains(id, "://") {
			f.root = id
		}
	}
	return f, f.compiler.AddResource(f.root, f.doc)
}

// at compiles the schema at a JSON pointer ("" for the document itself).
func (f *schemaFile) at(pointer string) (j validator, err error) {
	defer func() {
		if p := recover(); p != nil {
			j, err = nil, fmt.Errorf("the schema cannot be compiled: %v", p)
		}
	}()
	location := f.root
	if pointer != "" {
		location += "#" + (&url.URL{Path: pointer}).EscapedPath()
	}
	s, err := f.compiler.Compile(location)
	if err != nil {
		return nil, err
	}
	return func(value any) (err error) {
		defer func() {
			if p := recover(); p != nil {
				err = nil // what cannot be judged is not refused
			}
		}()
		return s.Validate(value)
	}, nil
}

// A repositoryLoader reads what a schema refers to from one side of the branch; it opens nothing else.
type repositoryLoader struct {
	at    side
	adapt func(any) any
}

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
	doc, err := decodeDocument(p, text)
	if err != nil || l.adapt == nil {
		return doc, err
	}
	return l.adapt(doc), nil
}

var errNoDocument = errors.New("neither JSON nor YAML")

// decodeDocument reads a JSON or YAML file into the values that validation works on.
func decodeDocument(p string, text []byte) (doc any, err error) {
	if len(text) > branch.MaxFile {
		return nil, errNoDocument
	}
	if path.Ext(p) != ".json" {
		if len(text) > maxYAML || document.Bounded(text) != nil {
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

// A complaint is the first thing that a schema has against a document: what is wrong in one line, the key it is about, and
// where in the document.
type complaint struct {
	text, key string
	at        []string
}

func complaintOf(err error) complaint {
	var v *jsonschema.ValidationError
	if !errors.As(err, &v) {
		return complaint{text: strings.Join(strings.Fields(err.Error()), " ")}
	}
	for len(v.Causes) > 0 {
		v = v.Causes[0]
	}
	lines := strings.Split(v.Error(), "\n")
	c := complaint{text: strings.TrimSpace(lines[len(lines)-1]), at: v.InstanceLocation}
	c.text = whereabouts.ReplaceAllString(c.text, "")
	if m := singleQuoted.FindStringSubmatch(c.text); m != nil && strings.Contains(c.text, "propert") {
		c.key = m[1]
	} else if n := len(v.InstanceLocation); n > 0 {
		c.key = v.InstanceLocation[n-1]
	}
	return c
}

var (
	singleQuoted = lazy.New(`'([^']+)'`)
	whereabouts  = lazy.New(`^(?:- )?at '[^']*': `)
)
