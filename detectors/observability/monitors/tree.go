package monitors

import (
	"encoding/json"
	"errors"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"flightpoll/detectors/lazy"
)

// maxText is the size in bytes past which a document is not read, maxNodes and maxDepth bound its tree.
const (
	maxText  = 1 << 20
	maxYAML  = 256 << 10
	maxNodes = 60000
	maxDepth = 48
)

// node is a node of a YAML or JSON document: a mapping (keys), a list (items) or a scalar (text).
type node struct {
	line  int
	text  string
	keys  []pair
	items []*node
}

type pair struct {
	name  string
	line  int
	value *node
}

// get is the value of a key, nil where there is none or n is no mapping.
func (n *node) get(name string) *node {
	if n == nil {
		return nil
	}
	for _, p := range n.keys {
		if p.name == name {
			return p.value
		}
	}
	return nil
}

// pairs are the keys of a mapping, none for nil.
func (n *node) pairs() []pair {
	if n == nil {
		return nil
	}
	return n.keys
}

// flat says whether a node is a value or a mapping of values.
func (n *node) flat() bool {
	for _, p := range n.keys {
		if len(p.value.keys) > 0 || len(p.value.items) > 0 {
			return false
		}
	}
	return len(n.items) == 0 && len(n.keys) <= 40
}

// last is the last line of the node.
func (n *node) last() int {
	line := n.line + strings.Count(strings.TrimSpace(n.text), "\n")
	for _, p := range n.keys {
		line = max(line, p.line, p.value.last())
	}
	for _, i := range n.items {
		line = max(line, i.last())
	}
	return line
}

var (
	templateLine = lazy.New(`(?m)^[ \t]*\{\{[^\n]*\}\}[ \t]*$`)
	templatePart = lazy.New(`\{\{[^{}\n]*\}\}`)
)

var errMalformed = errors.New("malformed")

// parse reads the documents of a YAML or JSON text; a chart's template is read without its directives.
func parse(text []byte) []*node {
	if len(text) > maxText {
		return nil
	}
	if json.Valid(text) {
		if n, err := parseJSON(text); err == nil {
			return []*node{n}
		}
		return nil
	}
	if len(text) > maxYAML {
		return nil
	}
	docs := parseYAML(text)
	if docs == nil && strings.Contains(string(text), "{{") {
		docs = parseYAML(templatePart.ReplaceAll(templateLine.ReplaceAll(text, nil), []byte("x")))
	}
	return docs
}

func parseYAML(text []byte) (docs []*node) {
	defer func() {
		if recover() != nil {
			docs = nil
		}
	}()
	file, err := parser.ParseBytes(text, 0)
	if err != nil {
		return nil
	}
	w := &yamlTree{anchors: map[string]*node{}}
	for _, d := range file.Docs {
		if d != nil && d.Body != nil {
			docs = append(docs, w.node(d.Body, 0))
		}
	}
	return docs
}

// yamlTree copies a syntax tree; of aliases only those of plain mappings are expanded.
type yamlTree struct {
	count int
	// anchors are the mappings of plain values that have a name; others are not repeated where the name stands.
	anchors map[string]*node
}

func (w *yamlTree) node(n ast.Node, depth int) *node {
	w.count++
	if n == nil || depth > maxDepth || w.count > maxNodes {
		return &node{}
	}
	line := 0
	if t := n.GetToken(); t != nil && t.Position != nil {
		line = t.Position.Line
	}
	switch n := n.(type) {
	case *ast.MappingNode:
		return w.mapping(n.Values, depth)
	case *ast.MappingValueNode:
		return w.mapping([]*ast.MappingValueNode{n}, depth)
	case *ast.SequenceNode:
		list := &node{line: line}
		for _, v := range n.Values {
			list.items = append(list.items, w.node(v, depth+1))
		}
		return list
	case *ast.AnchorNode:
		value := w.node(n.Value, depth+1)
		if n.Name != nil && value.flat() {
			w.anchors[n.Name.GetToken().Value] = value
		}
		return value
	case *ast.AliasNode:
		if n.Value != nil {
			if value := w.anchors[n.Value.GetToken().Value]; value != nil {
				return value
			}
		}
		return &node{line: line}
	case *ast.TagNode:
		return w.node(n.Value, depth+1)
	case *ast.LiteralNode:
		if n.Value != nil {
			return &node{line: line + 1, text: n.Value.Value}
		}
	case *ast.StringNode:
		return &node{line: line, text: n.Value}
	case *ast.NullNode:
		return &node{line: line}
	}
	return &node{line: line, text: n.GetToken().Value}
}

func (w *yamlTree) mapping(values []*ast.MappingValueNode, depth int) *node {
	m := &node{}
	for _, v := range values {
		if v.Key == nil || v.Key.GetToken() == nil {
			continue
		}
		line := v.Key.GetToken().Position.Line
		if m.line == 0 {
			m.line = line
		}
		if _, merges := v.Key.(*ast.MergeKeyNode); merges {
			m.keys = append(m.keys, w.node(v.Value, depth+1).keys...)
			continue
		}
		m.keys = append(m.keys, pair{strings.Trim(v.Key.GetToken().Value, `"'`), line, w.node(v.Value, depth+1)})
	}
	return m
}

// jsonTree reads JSON with the line of each value.
type jsonTree struct {
	*json.Decoder
	text   string
	offset int64
	line   int
	count  int
}

func parseJSON(text []byte) (*node, error) {
	t := &jsonTree{Decoder: json.NewDecoder(strings.NewReader(string(text))), text: string(text), line: 1}
	return t.node(0)
}

// at is the line that the decoder stands on.
func (t *jsonTree) at() int {
	now := t.InputOffset()
	t.line += strings.Count(t.text[t.offset:now], "\n")
	t.offset = now
	return t.line
}

func (t *jsonTree) node(depth int) (*node, error) {
	t.count++
	if depth > maxDepth || t.count > maxNodes {
		return nil, errMalformed
	}
	token, err := t.Token()
	if err != nil {
		return nil, err
	}
	n := &node{line: t.at()}
	switch token := token.(type) {
	case json.Delim:
		for t.More() {
			if token == '[' {
				item, err := t.node(depth + 1)
				if err != nil {
					return nil, err
				}
				n.items = append(n.items, item)
				continue
			}
			key, err := t.Token()
			if err != nil {
				return nil, err
			}
			p := pair{line: t.at()}
			p.name, _ = key.(string)
			if p.value, err = t.node(depth + 1); err != nil {
				return nil, err
			}
			n.keys = append(n.keys, p)
		}
		_, err = t.Token()
		return n, err
	case string:
		n.text = token
	case bool:
		if n.text = "false"; token {
			n.text = "true"
		}
	case float64:
		n.text = strings.TrimSpace(t.text[:t.InputOffset()][strings.LastIndexAny(t.text[:t.InputOffset()], ":,[ \n\t")+1:])
	}
	return n, nil
}
