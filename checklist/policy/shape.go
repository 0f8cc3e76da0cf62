package policy

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// fits compares a YAML node with the Go type that it is to become, so that an error names the key, its line and what is
// expected there, rather than Go's types. Where is the key's path for people, e.g. "require.max_age".
func (d document) fits(n ast.Node, t reflect.Type, where string) error {
	if _, null := n.(*ast.NullNode); null {
		return nil
	}
	switch n.(type) {
	case *ast.AnchorNode, *ast.AliasNode, *ast.MergeKeyNode, *ast.TagNode:
		return d.nodeError(n, where, "anchors, aliases and tags are not read here: write the value out")
	}
	switch t.Kind() {
	case reflect.Struct:
		return d.fitsKeys(n, where, func(key string) (reflect.Type, []string) { return fieldOf(t, key) })
	case reflect.Map:
		return d.fitsKeys(n, where, func(string) (reflect.Type, []string) { return t.Elem(), nil })
	case reflect.Slice:
		list, ok := n.(*ast.SequenceNode)
		if !ok {
			return d.nodeError(n, where, "expected a list")
		}
		for i, v := range list.Values {
			if err := d.fits(v, t.Elem(), fmt.Sprintf("%s[%d]", where, i)); err != nil {
				return err
			}
		}
		return nil
	case reflect.Int:
		return d.fitsKind(n, where, "a whole number", ast.IntegerType)
	case reflect.Bool:
		return d.fitsKind(n, where, "true or false", ast.BoolType)
	default:
		return d.fitsKind(n, where, "a text", ast.StringType, ast.LiteralType, ast.IntegerType, ast.FloatType)
	}
}

// fitsKeys looks at a mapping's keys; of says a key's type, or nil and the keys that there are.
func (d document) fitsKeys(n ast.Node, where string, of func(key string) (reflect.Type, []string)) error {
	mapping, ok := n.(*ast.MappingNode)
	if !ok {
		if one, single := n.(*ast.MappingValueNode); single {
			mapping, ok = &ast.MappingNode{Values: []*ast.MappingValueNode{one}}, true
		}
	}
	if !ok {
		return d.nodeError(n, where, "expected keys with values")
	}
	for _, pair := range mapping.Values {
		key := pair.Key.GetToken().Value
		if !slices.Contains([]ast.NodeType{ast.StringType, ast.IntegerType, ast.FloatType, ast.BoolType}, pair.Key.Type()) {
			return d.nodeError(pair.Key, where, "expected a plain key")
		}
		t, known := of(key)
		if t == nil {
			return d.nodeError(pair.Key, where, fmt.Sprintf("unknown key %q: expected one of %s", key, strings.Join(known, ", ")))
		}
		if err := d.fits(pair.Value, t, strings.TrimPrefix(where+"."+key, ".")); err != nil {
			return err
		}
	}
	return nil
}

func (d document) fitsKind(n ast.Node, where, expected string, kinds ...ast.NodeType) error {
	if slices.Contains(kinds, n.Type()) {
		return nil
	}
	return d.nodeError(n, where, "expected "+expected)
}

func (d document) nodeError(n ast.Node, where, what string) error {
	if where != "" {
		what = where + ": " + what
	}
	return fmt.Errorf("%s:%d: %s", d.name, n.GetToken().Position.Line, what)
}

// fieldOf finds the field of a struct that a YAML key stands for, or gives all keys.
func fieldOf(t reflect.Type, key string) (reflect.Type, []string) {
	var known []string
	for i := range t.NumField() {
		switch tag := t.Field(i).Tag.Get("yaml"); tag {
		case key:
			return t.Field(i).Type, nil
		case "":
		default:
			known = append(known, tag)
		}
	}
	return nil, known
}
