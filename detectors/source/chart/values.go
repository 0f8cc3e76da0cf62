package chart

// Values: read from YAML with bounds, merged by Helm's rules.

import (
	"errors"
	"flightpoll/detectors/source/document"
	"maps"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// Values are the values of a chart: maps, lists, text, numbers, booleans and nil.
type Values = map[string]any

// The bounds of one values file: bytes, nodes with aliases expanded, and nesting.
const (
	maxValues     = 1 << 20
	maxValueNodes = 50000
	maxValueDepth = 60
)

var (
	errValuesTooLarge = errors.New("values larger than are read")
	errValuesGrow     = errors.New("values grow past what is read when their aliases are expanded")
	errNotMapping     = errors.New("values are not a mapping")
)

// ParseValues reads a values file. An empty one has no values.
func ParseValues(text []byte) (Values, error) {
	v, err := decode(text)
	if err != nil || v == nil {
		return Values{}, err
	}
	m, ok := v.(map[string]any)
	if !ok {
		return nil, errNotMapping
	}
	return m, nil
}

func decode(text []byte) (v any, err error) {
	if len(text) > maxValues {
		return nil, errValuesTooLarge
	}
	defer func() {
		if recover() != nil {
			v, err = nil, errors.New("malformed YAML")
		}
	}()
	file, err := document.Tree(text)
	if err != nil {
		line, _, _ := strings.Cut(err.Error(), "\n")
		return nil, errors.New(line)
	}
	for _, doc := range file.Docs {
		if doc.Body != nil {
			d := &decoder{anchors: map[string]ast.Node{}, left: maxValueNodes}
			v := d.value(doc.Body, 0)
			if d.left < 0 {
				return nil, errValuesGrow
			}
			return v, nil
		}
	}
	return nil, nil
}

type decoder struct {
	anchors map[string]ast.Node
	left    int
}

func (d *decoder) value(n ast.Node, depth int) any {
	if d.left--; d.left < 0 || n == nil {
		return nil
	}
	if depth > maxValueDepth {
		d.left = -1
		return nil
	}
	switch n := n.(type) {
	case *ast.MappingNode:
		m := map[string]any{}
		for _, pair := range n.Values {
			d.pair(m, pair, depth)
		}
		return m
	case *ast.MappingValueNode:
		m := map[string]any{}
		d.pair(m, n, depth)
		return m
	case *ast.SequenceNode:
		list := []any{}
		for _, v := range n.Values {
			list = append(list, d.value(v, depth+1))
		}
		return list
	case *ast.AnchorNode:
		if n.Name != nil {
			d.anchors[n.Name.GetToken().Value] = n.Value
		}
		return d.value(n.Value, depth+1)
	case *ast.AliasNode:
		if n.Value != nil {
			return d.value(d.anchors[n.Value.GetToken().Value], depth+1)
		}
		return nil
	case *ast.TagNode:
		return d.value(n.Value, depth+1)
	case *ast.NullNode:
		return nil
	case *ast.BoolNode:
		return n.Value
	case *ast.IntegerNode:
		if i, err := strconv.ParseInt(n.GetToken().Value, 0, 64); err == nil {
			return i
		}
		return n.GetToken().Value
	case *ast.FloatNode:
		return n.Value
	case *ast.LiteralNode:
		if n.Value != nil {
			return n.Value.Value
		}
		return ""
	default:
		return n.GetToken().Value
	}
}

func (d *decoder) pair(m map[string]any, pair *ast.MappingValueNode, depth int) {
	if _, merge := pair.Key.(*ast.MergeKeyNode); merge {
		merged, _ := d.value(pair.Value, depth+1).(map[string]any)
		for k, v := range merged {
			if _, has := m[k]; !has {
				m[k] = v
			}
		}
		return
	}
	m[pair.Key.GetToken().Value] = d.value(pair.Value, depth+1)
}

// Merge lays over above under by Helm's rules: maps merge, everything else replaces, null takes away. Neither is changed.
func Merge(under, over Values) Values {
	out := maps.Clone(under)
	if out == nil {
		out = Values{}
	}
	for k, v := range over {
		if v == nil {
			delete(out, k)
			continue
		}
		a, both := out[k].(map[string]any)
		b, maps := v.(map[string]any)
		if both && maps {
			out[k] = Merge(a, b)
		} else {
			out[k] = v
		}
	}
	return out
}

// Lookup is the value at a path with dots; ok says that it is there.
func Lookup(v Values, path string) (value any, ok bool) {
	var at any = v
	for part := range strings.SplitSeq(path, ".") {
		m, isMap := at.(map[string]any)
		if !isMap {
			return nil, false
		}
		if at, ok = m[part]; !ok {
			return nil, false
		}
	}
	return at, true
}
