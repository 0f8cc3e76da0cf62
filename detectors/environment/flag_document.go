package environment

// Documents that define flags, as trees of nodes with their lines: keys may hold dots, and a key that is written twice
// is kept twice. Bounded like the flat reading of configuration; no alias is expanded.

import (
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/BurntSushi/toml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// node is one value of a document. Kind is "object", "list", "string", "number", "boolean" or "null"; text is a scalar's.
type node struct {
	kind, text string
	line       int
	pairs      []pair
	items      []*node
}

// pair is a key of an object with its own line.
type pair struct {
	key   string
	line  int
	value *node
}

// get is the value below keys, nil without one.
func (n *node) get(keys ...string) *node {
	for _, key := range keys {
		var next *node
		if n != nil {
			for _, p := range n.pairs {
				if p.key == key {
					next = p.value
				}
			}
		}
		n = next
	}
	return n
}

// str is the text of the scalar below keys, empty without one.
func (n *node) str(keys ...string) string {
	if v := n.get(keys...); v != nil {
		return v.text
	}
	return ""
}

// at is the line of the value below keys, or of the node itself.
func (n *node) at(keys ...string) int {
	if v := n.get(keys...); v != nil {
		return v.line
	}
	return n.line
}

// readDocuments reads a file by its ending; nil and no error for one of another kind.
func readDocuments(p string, text []byte) (list []*node, err error) {
	if len(text) > maxConfig {
		return nil, errTooLarge
	}
	defer func() {
		if r := recover(); r != nil {
			list, err = nil, fmt.Errorf("does not parse: %v", r)
		}
	}()
	switch strings.ToLower(path.Ext(p)) {
	case ".json":
		n, err := jsonNodes(text)
		if err != nil {
			return nil, err
		}
		return []*node{n}, nil
	case ".yaml", ".yml":
		return yamlNodes(text)
	case ".toml":
		n, err := tomlNodes(text)
		if err != nil {
			return nil, err
		}
		return []*node{n}, nil
	}
	return nil, nil
}

// scalarKind is the kind of a plain scalar.
func scalarKind(text string) string {
	switch strings.ToLower(text) {
	case "true", "false":
		return "boolean"
	case "null", "~", "":
		return "null"
	}
	if numeric.MatchString(text) {
		return "number"
	}
	return "string"
}

// jsonLines turns offsets, asked for in ascending order, into lines.
type jsonLines struct {
	text       []byte
	seen, line int
}

func (l *jsonLines) of(offset int64) int {
	for ; l.seen < int(offset) && l.seen < len(l.text); l.seen++ {
		if l.text[l.seen] == '\n' {
			l.line++
		}
	}
	return l.line
}

func jsonNodes(text []byte) (*node, error) {
	d := json.NewDecoder(strings.NewReader(string(text)))
	d.UseNumber()
	lines := &jsonLines{text: text, line: 1}
	count := 0
	var read func(depth int) (*node, error)
	read = func(depth int) (*node, error) {
		if count++; depth > maxDepth || count > maxKeys {
			return nil, errTooLarge
		}
		t, err := d.Token()
		if err != nil {
			return nil, err
		}
		n := &node{line: lines.of(d.InputOffset())}
		switch t := t.(type) {
		case json.Delim:
			n.kind = "list"
			if t == '{' {
				n.kind = "object"
			}
			for d.More() {
				var key pair
				if t == '{' {
					k, err := d.Token()
					if err != nil {
						return nil, err
					}
					key = pair{key: fmt.Sprint(k), line: lines.of(d.InputOffset())}
				}
				v, err := read(depth + 1)
				if err != nil {
					return nil, err
				}
				if key.value = v; t == '{' {
					n.pairs = append(n.pairs, key)
				} else {
					n.items = append(n.items, v)
				}
			}
			_, err = d.Token()
			return n, err
		case string:
			n.kind, n.text = "string", t
		case bool:
			n.kind, n.text = "boolean", fmt.Sprint(t)
		case json.Number:
			n.kind, n.text = "number", t.String()
		default:
			n.kind = "null"
		}
		return n, nil
	}
	n, err := read(0)
	if err != nil && !errors.Is(err, errTooLarge) {
		return nil, errors.New("malformed JSON: " + strings.SplitN(err.Error(), "\n", 2)[0])
	}
	return n, err
}

func yamlNodes(text []byte) ([]*node, error) {
	if strings.Contains(string(text), "{{") && !strings.Contains(string(text), "kind:") {
		return nil, errors.New("a template, not a document")
	}
	file, err := parser.ParseBytes(text, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		return nil, errors.New(strings.SplitN(err.Error(), "\n", 2)[0])
	}
	var list []*node
	count := 0
	for _, doc := range file.Docs {
		if doc.Body != nil {
			if n := yamlNode(doc.Body, 0, &count); n != nil {
				list = append(list, n)
			}
		}
	}
	return list, nil
}

func yamlNode(v ast.Node, depth int, count *int) *node {
	if *count++; depth > maxDepth || *count > maxKeys || v == nil {
		return nil
	}
	t := v.GetToken()
	n := &node{kind: "object"}
	if t != nil {
		n.line = t.Position.Line
	}
	add := func(m *ast.MappingValueNode) {
		if value := yamlNode(m.Value, depth+1, count); value != nil && m.Key.GetToken() != nil {
			k := m.Key.GetToken()
			if value.kind == "object" || value.kind == "list" {
				value.line = k.Position.Line
			}
			n.pairs = append(n.pairs, pair{key: k.Value, line: k.Position.Line, value: value})
		}
	}
	switch v := v.(type) {
	case *ast.MappingNode:
		for _, m := range v.Values {
			add(m)
		}
	case *ast.MappingValueNode:
		add(v)
	case *ast.SequenceNode:
		n.kind = "list"
		for _, item := range v.Values {
			if value := yamlNode(item, depth+1, count); value != nil {
				n.items = append(n.items, value)
			}
		}
	case *ast.AnchorNode:
		return yamlNode(v.Value, depth+1, count)
	case *ast.TagNode:
		return yamlNode(v.Value, depth+1, count)
	case *ast.AliasNode:
		n.kind = "alias"
	case *ast.StringNode:
		n.kind, n.text = "string", v.Value
	case *ast.LiteralNode:
		n.kind, n.text = "string", v.Value.Value
	case *ast.BoolNode:
		n.kind, n.text = "boolean", strings.ToLower(t.Value)
	case *ast.NullNode:
		n.kind = "null"
	default:
		n.kind, n.text = "string", t.Value
		if numeric.MatchString(t.Value) {
			n.kind = "number"
		}
	}
	return n
}

func tomlNodes(text []byte) (*node, error) {
	list, err := readTOML(text)
	if err != nil {
		return nil, err
	}
	lines := map[string]int{}
	for _, e := range list {
		if lines[e.key] == 0 {
			lines[e.key] = e.line
		}
	}
	var doc map[string]any
	if err := toml.Unmarshal(text, &doc); err != nil {
		return nil, errors.New(strings.SplitN(err.Error(), "\n", 2)[0])
	}
	return tomlNode(doc, "", lines, 1), nil
}

func tomlNode(v any, key string, lines map[string]int, line int) *node {
	if at := lines[key]; at > 0 {
		line = at
	}
	n := &node{line: line}
	switch v := v.(type) {
	case map[string]any:
		n.kind = "object"
		for _, k := range sortedKeysOf(v) {
			below := k
			if key != "" {
				below = key + "." + k
			}
			child := tomlNode(v[k], below, lines, line)
			n.pairs = append(n.pairs, pair{key: k, line: child.line, value: child})
		}
	case []map[string]any:
		n.kind = "list"
		for _, item := range v {
			n.items = append(n.items, tomlNode(item, key, lines, line))
		}
	case []any:
		n.kind = "list"
		for _, item := range v {
			n.items = append(n.items, tomlNode(item, key, lines, line))
		}
	default:
		n.text = fmt.Sprint(v)
		if n.kind = scalarKind(n.text); n.kind != "boolean" && n.kind != "number" {
			n.kind = "string"
		} else if _, ok := v.(string); ok {
			n.kind = "string"
		}
	}
	return n
}

func sortedKeysOf(m map[string]any) []string {
	set := map[string]bool{}
	for k := range m {
		set[k] = true
	}
	return sortedKeys(set)
}
