package scripts

// YAML documents as plain trees with the line of each value, for plays and manifests.

import (
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// maxYAML bounds the documents that are parsed, in bytes, and maxYAMLDepth the nesting that is followed.
const (
	maxYAML      = 1 << 20
	maxYAMLDepth = 60
)

// tree is one YAML value: a scalar's text, a mapping's members in order, or a sequence's items.
type tree struct {
	text    string
	line    int
	members []member
	items   []*tree
}

type member struct {
	key   string
	line  int
	value *tree
}

// readYAML reads all documents of a text, nil when it does not parse.
func readYAML(text string) []*tree {
	if len(text) > maxYAML || strings.IndexByte(text, 0) >= 0 {
		return nil
	}
	file, err := parser.ParseBytes([]byte(text), 0)
	if err != nil {
		return nil
	}
	var list []*tree
	for _, d := range file.Docs {
		if d.Body != nil {
			list = append(list, plain(d.Body, 0))
		}
	}
	return list
}

func plain(n ast.Node, depth int) *tree {
	if n == nil || n.GetToken() == nil || depth > maxYAMLDepth {
		return &tree{}
	}
	t := &tree{line: n.GetToken().Position.Line}
	switch n := n.(type) {
	case *ast.MappingNode:
		for _, v := range n.Values {
			t.members = append(t.members, pair(v, depth))
		}
	case *ast.MappingValueNode:
		t.members = append(t.members, pair(n, depth))
	case *ast.SequenceNode:
		for _, v := range n.Values {
			t.items = append(t.items, plain(v, depth+1))
		}
	case *ast.AnchorNode:
		return plain(n.Value, depth+1)
	case *ast.TagNode:
		return plain(n.Value, depth+1)
	case *ast.LiteralNode:
		t.text = n.Value.Value
	case *ast.StringNode:
		t.text = n.Value
	case *ast.NullNode, *ast.AliasNode:
	default:
		t.text = n.GetToken().Value
	}
	return t
}

func pair(v *ast.MappingValueNode, depth int) member {
	m := member{value: plain(v.Value, depth+1)}
	if k := v.Key.GetToken(); k != nil {
		m.key, m.line = k.Value, k.Position.Line
	}
	return m
}

// get is the value of a key, nil without it.
func (t *tree) get(key string) *tree {
	if t == nil {
		return nil
	}
	for _, m := range t.members {
		if m.key == key {
			return m.value
		}
	}
	return nil
}

// all is every text below a value, in order.
func (t *tree) all() []string {
	if t == nil {
		return nil
	}
	var list []string
	if t.text != "" {
		list = append(list, t.text)
	}
	for _, m := range t.members {
		list = append(list, m.value.all()...)
	}
	for _, i := range t.items {
		list = append(list, i.all()...)
	}
	return list
}
