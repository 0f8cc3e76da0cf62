package document

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// maxLines bounds a YAML text: the parser's time grows with the square of the entries of one mapping (measured: 30,000
// entries take 2 s).
const maxLines = 12000

// YAML reads the documents of a YAML or JSON text. A key that stands twice is kept twice. The error gives the parser's
// place and reason, and none of the text.
func YAML(file string, text []byte) (list []*Node, err error) {
	defer func() {
		if r := recover(); r != nil {
			list, err = nil, fmt.Errorf("does not parse: %v", r)
		}
	}()
	if json.Valid(text) {
		return Alone(JSON(file, text))
	}
	if plain, ok := withoutComments(file, text); ok {
		return Alone(JSON(file, plain))
	}
	if bytes.Count(text, []byte("\n")) > maxLines {
		return nil, ErrTooLarge
	}
	parsed, err := Tree(text)
	switch {
	case errors.Is(err, ErrTooLarge):
		return nil, err
	case err != nil:
		first, _, _ := strings.Cut(err.Error(), "\n")
		return nil, errors.New("does not parse: " + first)
	}
	b := &builder{file: file}
	for _, doc := range parsed.Docs {
		if doc == nil || doc.Body == nil {
			continue
		}
		b.anchors = map[string]*Node{}
		list = append(list, b.node(doc.Body, 0))
	}
	if b.tooLarge {
		return nil, ErrTooLarge
	}
	return list, nil
}

// builder counts what it builds, so that no document grows past the bounds.
type builder struct {
	file string
	// text is the whole text, where expressions are kept (HCL).
	text     []byte
	anchors  map[string]*Node
	count    int
	tooLarge bool
}

// more counts a node and says whether it may be built.
func (b *builder) more(depth int) bool {
	b.count++
	b.tooLarge = b.tooLarge || b.count > MaxNodes || depth > MaxDepth
	return !b.tooLarge
}

func (b *builder) node(n ast.Node, depth int) *Node {
	out := &Node{File: b.file}
	if n == nil || !b.more(depth) {
		out.Kind = Null
		return out
	}
	if t := n.GetToken(); t != nil && t.Position != nil {
		out.Line = t.Position.Line
	}
	switch n := n.(type) {
	case *ast.MappingNode:
		out.Kind = Object
		for _, v := range n.Values {
			b.pair(out, v, depth)
		}
	case *ast.MappingValueNode:
		out.Kind = Object
		b.pair(out, n, depth)
	case *ast.SequenceNode:
		out.Kind = List
		for _, v := range n.Values {
			out.Items = append(out.Items, b.node(v, depth+1))
		}
	case *ast.AnchorNode:
		value := b.node(n.Value, depth)
		if n.Name != nil {
			b.anchors[n.Name.GetToken().Value] = value
		}
		return value
	case *ast.AliasNode:
		if value, ok := b.anchors[n.Value.GetToken().Value]; ok {
			return value
		}
		out.Kind = Null
	case *ast.TagNode:
		value := b.node(n.Value, depth)
		if tag := n.GetToken().Value; strings.HasPrefix(tag, "!") && !strings.HasPrefix(tag, "!!") {
			tagged := *value
			tagged.Tag = tag
			return &tagged
		} else if tag == "!!str" && value.Scalar() {
			text := *value
			text.Kind = String
			return &text
		}
		return value
	case *ast.NullNode:
		out.Kind = Null
	case *ast.LiteralNode:
		out.Kind, out.Value, out.Below = String, n.Value.Value, true
	case *ast.StringNode:
		out.Kind, out.Value = String, n.Value
		out.Plain = n.GetToken().Type == token.StringType
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		out.Kind, out.Value = Number, n.GetToken().Value
	case *ast.BoolNode:
		out.Kind, out.Value = Boolean, n.GetToken().Value
	default:
		out.Kind, out.Value = String, n.GetToken().Value
	}
	return out
}

// pair adds one key; a merge key adds those of the mappings that it names, below the mapping's own.
func (b *builder) pair(out *Node, v *ast.MappingValueNode, depth int) {
	value := b.node(v.Value, depth+1)
	if _, merge := v.Key.(*ast.MergeKeyNode); merge {
		from := []*Node{value}
		if len(value.Items) > 0 {
			from = value.Items
		}
		for i := len(from) - 1; i >= 0; i-- {
			if b.count += len(from[i].Pairs); b.count > MaxNodes {
				b.tooLarge = true
				return
			}
			out.Pairs = append(append([]Pair{}, from[i].Pairs...), out.Pairs...)
		}
		return
	}
	key := v.Key.GetToken()
	if !value.Scalar() && value.Line == 0 {
		value.Line = key.Position.Line
	}
	out.Pairs = append(out.Pairs, Pair{Key: key.Value, Line: key.Position.Line, Value: value})
}
