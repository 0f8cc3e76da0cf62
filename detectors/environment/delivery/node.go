package delivery

// Documents as nodes with lines, whatever their format: YAML, JSON, TOML and HCL.

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// The bounds of one file.
const (
	maxText  = 1 << 20
	maxNodes = 40000
	maxDepth = 40
)

var errTooLarge = errors.New("too large to be read as a deploy file")

// node is a mapping, a list or a scalar; null is a scalar without text.
type node struct {
	line   int
	fields []field
	items  []*node
	scalar bool
	null   bool
	value  string
}

type field struct {
	key   string
	line  int
	value *node
}

// field is the entry of a key, the last where there are several.
func (n *node) field(key string) (field, bool) {
	if n != nil {
		for i := len(n.fields) - 1; i >= 0; i-- {
			if n.fields[i].key == key {
				return n.fields[i], true
			}
		}
	}
	return field{}, false
}

// get is the value below the keys, nil where there is none.
func (n *node) get(keys ...string) *node {
	for _, k := range keys {
		f, ok := n.field(k)
		if !ok {
			return nil
		}
		n = f.value
	}
	return n
}

// text is the scalar below the keys.
func (n *node) text(keys ...string) string {
	if n = n.get(keys...); n == nil || !n.scalar {
		return ""
	}
	return n.value
}

// list are the items below the keys; a mapping in the place of a list is its one item (HCL's blocks).
func (n *node) list(keys ...string) []*node {
	switch n = n.get(keys...); {
	case n == nil:
		return nil
	case len(n.items) == 0 && len(n.fields) > 0:
		return []*node{n}
	}
	return n.items
}

// builder counts what it builds, so that no document grows past the bounds.
type builder struct {
	anchors map[string]*node
	count   int
	tooMany bool
}

// readYAML gives the documents of a YAML or JSON text.
func readYAML(text []byte) (docs []*node, err error) {
	defer func() {
		if r := recover(); r != nil {
			docs, err = nil, fmt.Errorf("does not parse: %v", r)
		}
	}()
	file, err := parser.ParseBytes(text, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		first, _, _ := strings.Cut(err.Error(), "\n")
		return nil, errors.New(first)
	}
	b := &builder{}
	for _, d := range file.Docs {
		b.anchors = map[string]*node{}
		if d.Body != nil {
			docs = append(docs, b.yaml(d.Body, 0))
		}
	}
	if b.tooMany {
		return nil, errTooLarge
	}
	return docs, nil
}

func (b *builder) yaml(n ast.Node, depth int) *node {
	b.count++
	out := &node{}
	if n == nil || b.count > maxNodes || depth > maxDepth {
		b.tooMany = b.tooMany || n != nil
		out.scalar, out.null = true, true
		return out
	}
	if t := n.GetToken(); t != nil && t.Position != nil {
		out.line = t.Position.Line
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
			out.items = append(out.items, b.yaml(v, depth+1))
		}
	case *ast.AnchorNode:
		value := b.yaml(n.Value, depth)
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
		return b.yaml(n.Value, depth)
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

// pair adds one key; a merge key adds those of the mapping that it names, below the mapping's own.
func (b *builder) pair(out *node, v *ast.MappingValueNode, depth int) {
	value := b.yaml(v.Value, depth+1)
	if _, merge := v.Key.(*ast.MergeKeyNode); merge {
		b.count += len(value.fields)
		out.fields = slices.Concat(value.fields, out.fields)
		return
	}
	key := v.Key.GetToken()
	out.fields = append(out.fields, field{key: key.Value, line: key.Position.Line, value: value})
}

// readTOML gives a TOML text as one document; the line of a key is the next one that begins with it.
func readTOML(text []byte) ([]*node, error) {
	var doc map[string]any
	meta, err := toml.Decode(string(text), &doc)
	if err != nil {
		first, _, _ := strings.Cut(err.Error(), "\n")
		return nil, errors.New(first)
	}
	lines, from := strings.Split(string(text), "\n"), 0
	at := map[string]int{}
	for _, k := range meta.Keys() {
		last := k[len(k)-1]
		for i := from; i < len(lines); i++ {
			if word := strings.Trim(strings.TrimSpace(strings.SplitN(lines[i], "=", 2)[0]), `[] "'`); word == last || strings.HasSuffix(word, "."+last) {
				at[strings.Join(k, ".")], from = i+1, i
				break
			}
		}
	}
	b := &builder{}
	n := b.plain(doc, "", at, 0)
	if b.tooMany {
		return nil, errTooLarge
	}
	return []*node{n}, nil
}

func (b *builder) plain(v any, key string, at map[string]int, depth int) *node {
	b.count++
	out := &node{line: at[key]}
	if b.count > maxNodes || depth > maxDepth {
		b.tooMany = true
		return out
	}
	switch v := v.(type) {
	case map[string]any:
		for _, k := range sortedKeys(v) {
			below := strings.TrimPrefix(key+"."+k, ".")
			out.fields = append(out.fields, field{key: k, line: at[below], value: b.plain(v[k], below, at, depth+1)})
		}
	case []any:
		for _, item := range v {
			out.items = append(out.items, b.plain(item, key, at, depth+1))
		}
	case []map[string]any:
		for _, item := range v {
			out.items = append(out.items, b.plain(item, key, at, depth+1))
		}
	default:
		out.scalar, out.value = true, fmt.Sprint(v)
	}
	return out
}

func sortedKeys(m map[string]any) []string {
	var list []string
	for k := range m {
		list = append(list, k)
	}
	slices.Sort(list)
	return list
}

// readHCL gives a Terraform text as one document: blocks nest by type and labels, and several of the same are a list.
func readHCL(p string, text []byte) (docs []*node, err error) {
	defer func() {
		if r := recover(); r != nil {
			docs, err = nil, fmt.Errorf("does not parse: %v", r)
		}
	}()
	file, diags := hclsyntax.ParseConfig(text, p, hcl.InitialPos)
	if diags.HasErrors() || file == nil {
		return nil, errors.New("does not parse as HCL")
	}
	body, ok := file.Body.(*hclsyntax.Body)
	if !ok {
		return nil, nil
	}
	b := &builder{}
	n := b.hcl(body, 0)
	if b.tooMany {
		return nil, errTooLarge
	}
	return []*node{n}, nil
}

func (b *builder) hcl(body *hclsyntax.Body, depth int) *node {
	out := &node{line: body.SrcRange.Start.Line}
	for name, a := range body.Attributes {
		b.count++
		v := &node{line: a.SrcRange.Start.Line, scalar: true}
		if value, diags := a.Expr.Value(nil); !diags.HasErrors() && !value.IsNull() && value.IsKnown() {
			switch value.Type() {
			case cty.String:
				v.value = value.AsString()
			case cty.Bool:
				v.value = fmt.Sprint(value.True())
			case cty.Number:
				v.value = value.AsBigFloat().String()
			}
		}
		out.fields = append(out.fields, field{key: name, line: v.line, value: v})
	}
	for _, block := range body.Blocks {
		b.count++
		if b.count > maxNodes || depth > maxDepth {
			b.tooMany = true
			return out
		}
		at := out
		for _, k := range append([]string{block.Type}, block.Labels[:max(0, len(block.Labels)-1)]...) {
			if len(block.Labels) == 0 {
				break
			}
			f, ok := at.field(k)
			if !ok {
				f = field{key: k, line: block.TypeRange.Start.Line, value: &node{line: block.TypeRange.Start.Line}}
				at.fields = append(at.fields, f)
			}
			at = f.value
		}
		key := block.Type
		if n := len(block.Labels); n > 0 {
			key = block.Labels[n-1]
		}
		value := b.hcl(block.Body, depth+1)
		value.line = block.TypeRange.Start.Line
		if old, ok := at.field(key); ok && len(block.Labels) == 0 {
			if len(old.value.items) == 0 {
				first := *old.value
				*old.value = node{line: first.line, items: []*node{&first}}
			}
			old.value.items = append(old.value.items, value)
			continue
		}
		at.fields = append(at.fields, field{key: key, line: value.line, value: value})
	}
	return out
}
