package document

import (
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// HCL reads a Terraform text: blocks nest by type and labels, several of the same type without labels are a list, and an
// attribute that is no plain literal is a scalar without a value.
func HCL(file string, text []byte) (n *Node, err error) {
	defer func() {
		if r := recover(); r != nil {
			n, err = nil, fmt.Errorf("does not parse: %v", r)
		}
	}()
	parsed, diags := hclsyntax.ParseConfig(text, file, hcl.InitialPos)
	if diags.HasErrors() || parsed == nil {
		return nil, errors.New("does not parse as HCL")
	}
	body, ok := parsed.Body.(*hclsyntax.Body)
	if !ok {
		return nil, errors.New("does not parse as HCL")
	}
	b := &builder{file: file, text: text}
	n = b.body(body, 0)
	if b.tooLarge {
		return nil, ErrTooLarge
	}
	return n, nil
}

func (b *builder) body(body *hclsyntax.Body, depth int) *Node {
	out := &Node{Kind: Object, File: b.file, Line: body.SrcRange.Start.Line}
	for name, a := range body.Attributes {
		if !b.more(depth) {
			return out
		}
		line := a.SrcRange.Start.Line
		out.Pairs = append(out.Pairs, Pair{Key: name, Line: line, Value: b.attribute(a.Expr, line, depth+1)})
	}
	slices.SortFunc(out.Pairs, func(a, b Pair) int { return a.Line - b.Line })
	for _, block := range body.Blocks {
		if !b.more(depth) {
			return out
		}
		b.block(out, block, depth)
	}
	return out
}

// attribute is the value of one: a literal, or an object or a list that is written out, also as the argument of jsonencode.
func (b *builder) attribute(e hclsyntax.Expression, line, depth int) *Node {
	if call, ok := e.(*hclsyntax.FunctionCallExpr); ok && call.Name == "jsonencode" && len(call.Args) == 1 {
		e = call.Args[0]
	}
	n := &Node{File: b.file, Line: line}
	switch e := e.(type) {
	case *hclsyntax.ObjectConsExpr:
		n.Kind = Object
		for _, item := range e.Items {
			if !b.more(depth) {
				return n
			}
			at := item.KeyExpr.Range().Start.Line
			if key := b.literal(item.KeyExpr, at); key.Value != "" {
				n.Pairs = append(n.Pairs, Pair{Key: key.Value, Line: at, Value: b.attribute(item.ValueExpr, item.ValueExpr.Range().Start.Line, depth+1)})
			}
		}
		return n
	case *hclsyntax.TupleConsExpr:
		n.Kind = List
		for _, item := range e.Exprs {
			if !b.more(depth) {
				return n
			}
			n.Items = append(n.Items, b.attribute(item, item.Range().Start.Line, depth+1))
		}
		return n
	}
	return b.literal(e, line)
}

func (b *builder) literal(e hclsyntax.Expression, line int) *Node {
	n := &Node{File: b.file, Line: line}
	value, diags := e.Value(nil)
	if diags.HasErrors() || value.IsNull() || !value.IsKnown() {
		if at := e.Range(); at.CanSliceBytes(b.text) {
			n.Expr = string(at.SliceBytes(b.text))
		}
		return n
	}
	switch value.Type() {
	case cty.String:
		n.Kind, n.Value = String, value.AsString()
	case cty.Bool:
		n.Kind, n.Value = Boolean, strconv.FormatBool(value.True())
	case cty.Number:
		n.Kind, n.Value = Number, value.AsBigFloat().String()
	}
	return n
}

// block puts `type "a" "b" {}` below the keys type, a and b.
func (b *builder) block(at *Node, block *hclsyntax.Block, depth int) {
	line := block.TypeRange.Start.Line
	keys := append([]string{block.Type}, block.Labels...)
	for _, k := range keys[:len(keys)-1] {
		p, ok := at.Pair(k)
		if !ok {
			p = Pair{Key: k, Line: line, Value: &Node{Kind: Object, File: b.file, Line: line}}
			at.Pairs = append(at.Pairs, p)
		}
		at = p.Value
	}
	value := b.body(block.Body, depth+1)
	value.Line = line
	key := keys[len(keys)-1]
	if old, ok := at.Pair(key); ok && len(block.Labels) == 0 {
		if len(old.Value.Items) == 0 {
			first := *old.Value
			*old.Value = Node{Kind: List, File: b.file, Line: first.Line, Items: []*Node{&first}}
		}
		old.Value.Items = append(old.Value.Items, value)
		return
	}
	at.Pairs = append(at.Pairs, Pair{Key: key, Line: line, Value: value})
}
