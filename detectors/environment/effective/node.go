package effective

// YAML and JSON documents as nodes with lines. An alias is the node that it stands for, not a copy, so that no document
// grows by its aliases.

import (
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// The bounds of one file's nodes.
const (
	maxNodes = 60000
	maxDepth = 40
)

// node is a mapping, a list or a scalar.
type node struct {
	file   string
	line   int
	pairs  []pair  // of a mapping
	items  []*node // of a list
	scalar bool
	value  string
	null   bool
	// tag is a local one (!reset, !override), else empty.
	tag string
}

type pair struct {
	key string
	// file is the key's own where it is not the mapping's (after a merge).
	file  string
	line  int
	value *node
}

// get is the value below the keys, nil where there is none.
func (n *node) get(keys ...string) *node {
	for _, k := range keys {
		if n == nil {
			return nil
		}
		var next *node
		for _, p := range n.pairs {
			if p.key == k {
				next = p.value
			}
		}
		n = next
	}
	return n
}

// text is a scalar's text, empty for everything else.
func (n *node) text(keys ...string) string {
	if n = n.get(keys...); n == nil || !n.scalar || n.null {
		return ""
	}
	return n.value
}

// list are the items of a list below the keys.
func (n *node) list(keys ...string) []*node {
	if n = n.get(keys...); n == nil {
		return nil
	}
	return n.items
}

// place is where a key of a mapping stands.
func (n *node) place(key string) Place {
	if n == nil {
		return Place{}
	}
	for i := len(n.pairs) - 1; i >= 0; i-- {
		if p := n.pairs[i]; p.key == key {
			if p.file != "" {
				return Place{p.file, p.line}
			}
			return Place{n.file, p.line}
		}
	}
	return Place{n.file, n.line}
}

// yes says whether a scalar is true.
func (n *node) yes(keys ...string) bool { return n.text(keys...) == "true" }

// documents are the documents of a YAML or JSON file; one that cannot be read becomes a Problem.
func (t *Tree) nodes(p string) []*node {
	if list, ok := t.documents[p]; ok {
		return list
	}
	t.documents[p] = nil
	text, err := t.Read(p)
	if err != nil {
		return nil
	}
	list, err := parse(p, text)
	if err != nil {
		t.problem(p, err.Error())
		return nil
	}
	t.documents[p] = list
	return list
}

func parse(p string, text []byte) (list []*node, err error) {
	defer func() {
		if r := recover(); r != nil {
			list, err = nil, fmt.Errorf("does not parse: %v", r)
		}
	}()
	file, err := parser.ParseBytes(text, 0)
	if err != nil {
		return nil, fmt.Errorf("does not parse: %s", plain(err.Error()))
	}
	b := &builder{file: p, anchors: map[string]*node{}}
	for _, doc := range file.Docs {
		if doc.Body == nil {
			continue
		}
		if n := b.build(doc.Body, 0); n != nil {
			list = append(list, n)
		}
		b.anchors = map[string]*node{}
	}
	if b.tooMany {
		return nil, errors.New("has too many keys, or nests too deeply, to be read as configuration")
	}
	return list, nil
}

// plain keeps the position and the kind of a parser's message and leaves out the text that it quotes.
func plain(message string) string {
	message, _, _ = strings.Cut(message, "\n")
	return message
}

type builder struct {
	file    string
	anchors map[string]*node
	count   int
	tooMany bool
}

func (b *builder) build(n ast.Node, depth int) *node {
	b.count++
	if n == nil {
		return &node{file: b.file, scalar: true, null: true}
	}
	line := 0
	if t := n.GetToken(); t != nil && t.Position != nil {
		line = t.Position.Line
	}
	out := &node{file: b.file, line: line}
	if b.count > maxNodes || depth > maxDepth {
		b.tooMany = true
		return out
	}
	switch n := n.(type) {
	case *ast.MappingNode:
		for _, v := range n.Values {
			b.pair(out, v, depth)
		}
	case *ast.MappingValueNode:
		b.pair(out, n, depth)
	case *ast.SequenceNode:
		for _, v := range n.Values {
			out.items = append(out.items, b.build(v, depth+1))
		}
	case *ast.AnchorNode:
		value := b.build(n.Value, depth)
		if n.Name != nil {
			b.anchors[n.Name.GetToken().Value] = value
		}
		return value
	case *ast.AliasNode:
		if value, ok := b.anchors[n.Value.GetToken().Value]; ok {
			return value
		}
		out.scalar, out.null = true, true
	case *ast.TagNode:
		value := b.build(n.Value, depth)
		if tag := n.GetToken().Value; strings.HasPrefix(tag, "!") && !strings.HasPrefix(tag, "!!") {
			tagged := *value
			tagged.tag = tag
			return &tagged
		}
		return value
	case *ast.NullNode:
		out.scalar, out.null = true, true
	case *ast.LiteralNode:
		out.scalar, out.value = true, n.Value.Value
	case *ast.StringNode:
		out.scalar, out.value = true, n.Value
	default:
		out.scalar, out.value = true, n.GetToken().Value
	}
	return out
}

// pair adds one key; a merge key adds those of the mappings that it names, below the mapping's own.
func (b *builder) pair(out *node, v *ast.MappingValueNode, depth int) {
	value := b.build(v.Value, depth+1)
	if _, merge := v.Key.(*ast.MergeKeyNode); merge {
		from := []*node{value}
		if len(value.items) > 0 {
			from = value.items
		}
		for i := len(from) - 1; i >= 0; i-- {
			b.count += len(from[i].pairs)
			if b.count > maxNodes {
				b.tooMany = true
				return
			}
			out.pairs = append(append([]pair{}, from[i].pairs...), out.pairs...)
		}
		return
	}
	key := v.Key.GetToken()
	out.pairs = append(out.pairs, pair{key: key.Value, line: key.Position.Line, value: value})
}
