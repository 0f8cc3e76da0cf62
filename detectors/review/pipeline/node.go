package pipeline

import (
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// Bounds of what is read as a pipeline.
const (
	maxText    = 256 << 10
	maxNesting = 60
)

// node is a YAML value: a scalar, a list or a mapping.
type node struct {
	line   int
	value  string
	items  []*node
	keys   []entry
	scalar bool
	// block says that a text begins on the line below its mark (`run: |`).
	block bool
}

type entry struct {
	name  string
	line  int
	value *node
}

// parse is nil for what is no YAML.
func parse(text []byte) (n *node) {
	if len(text) > maxText {
		return nil
	}
	defer func() {
		if recover() != nil {
			n = nil // a fault of the parser says nothing about the branch
		}
	}()
	file, err := parser.ParseBytes(text, 0)
	if err != nil || len(file.Docs) == 0 || file.Docs[0] == nil {
		return nil
	}
	return convert(file.Docs[0].Body, 0)
}

func convert(n ast.Node, depth int) *node {
	t := &node{}
	if n == nil || depth > maxNesting {
		return t
	}
	if token := n.GetToken(); token != nil && token.Position != nil {
		t.line = token.Position.Line
	}
	switch n := n.(type) {
	case *ast.MappingNode:
		for _, v := range n.Values {
			t.member(v, depth)
		}
	case *ast.MappingValueNode:
		t.member(n, depth)
	case *ast.SequenceNode:
		for _, v := range n.Values {
			t.items = append(t.items, convert(v, depth+1))
		}
	case *ast.LiteralNode:
		t.scalar, t.block = true, true
		if n.Value != nil {
			t.value = n.Value.Value
		}
	case *ast.StringNode:
		t.scalar, t.value = true, n.Value
	case *ast.AnchorNode:
		return convert(n.Value, depth+1)
	case *ast.TagNode:
		return convert(n.Value, depth+1)
	default:
		if token := n.GetToken(); token != nil {
			t.scalar, t.value = true, token.Value
		}
	}
	return t
}

func (n *node) member(v *ast.MappingValueNode, depth int) {
	if v.Key == nil {
		return
	}
	token := v.Key.GetToken()
	n.keys = append(n.keys, entry{strings.Trim(token.Value, `"'`), token.Position.Line, convert(v.Value, depth+1)})
}

// get is the value of a key, an empty node without it.
func (n *node) get(name string) *node {
	for _, k := range n.keys {
		if k.name == name {
			return k.value
		}
	}
	return &node{}
}

func (n *node) has(name string) bool {
	for _, k := range n.keys {
		if k.name == name {
			return true
		}
	}
	return false
}

// words are a scalar, the scalars of a list, or the keys of a mapping.
func (n *node) words() []string {
	if n.scalar {
		return []string{n.value}
	}
	var list []string
	for _, i := range n.items {
		list = append(list, i.value)
	}
	for _, k := range n.keys {
		list = append(list, k.name)
	}
	return list
}
