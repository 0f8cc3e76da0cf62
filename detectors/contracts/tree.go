package contracts

import (
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// A tree is one value of a JSON or YAML document with its place.
type tree struct {
	line  int
	keys  []*member
	items []*tree
	kind  valueKind
	value string
}

type member struct {
	name string
	line int
	tree *tree
}

func (t *tree) get(name string) *tree {
	if t == nil {
		return nil
	}
	for _, m := range t.keys {
		if m.name == name {
			return m.tree
		}
	}
	return nil
}

func (t *tree) text() string {
	if t == nil {
		return ""
	}
	return t.value
}

// parseDocument is nil for what is neither JSON nor YAML.
func parseDocument(text []byte) *tree {
	file := parseYAML(text)
	if file == nil || len(file.Docs) == 0 || file.Docs[0] == nil {
		return nil
	}
	return convert(file.Docs[0].Body, 0)
}

func convert(n ast.Node, depth int) *tree {
	if n == nil || depth > maxNesting {
		return &tree{}
	}
	t := &tree{}
	if token := n.GetToken(); token != nil && token.Position != nil {
		t.line = token.Position.Line
	}
	t.kind, t.value = yamlKind(n)
	values := []*ast.MappingValueNode(nil)
	switch n := n.(type) {
	case *ast.MappingNode:
		values = n.Values
	case *ast.MappingValueNode:
		values = []*ast.MappingValueNode{n}
	case *ast.SequenceNode:
		for _, v := range n.Values {
			t.items = append(t.items, convert(v, depth+1))
		}
	case *ast.LiteralNode:
		if n.Value != nil {
			t.value = n.Value.Value
		}
	case *ast.AnchorNode:
		return convert(n.Value, depth+1)
	case *ast.TagNode:
		return convert(n.Value, depth+1)
	}
	for _, v := range values {
		if v.Key == nil {
			continue
		}
		token := v.Key.GetToken()
		t.keys = append(t.keys, &member{strings.Trim(token.Value, `"'`), token.Position.Line, convert(v.Value, depth+1)})
	}
	return t
}
