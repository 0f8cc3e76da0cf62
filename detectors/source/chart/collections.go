package chart

// Helm's functions on maps, lists and numbers.

import (
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// collections are the functions on maps and lists, and those that cut texts into lists.
func (e *engine) collections(name string, args []any) (any, bool) {
	arg := func(i int) any {
		if i >= 0 && i < len(args) {
			return args[i]
		}
		return nil
	}
	first, second := arg(0), arg(1)
	final := arg(len(args) - 1)
	m, at := mapping(first)
	tracked := isValues(first) || at != ""
	list, isList := final.([]any)
	switch name {
	case "dict":
		out := map[string]any{}
		for i := 0; i+1 < len(args); i += 2 {
			out[e.show(args[i])] = args[i+1]
		}
		return out, true
	case "list", "tuple":
		return slices.Clone(args), true
	case "get":
		if m == nil {
			return unknown{}, true
		}
		if v := m[e.show(second)]; v != nil {
			return below(v, at, e.show(second)), true
		}
		return "", true
	case "hasKey":
		if tracked {
			e.use(at, e.show(second))
		}
		_, ok := m[e.show(second)]
		return ok, true
	case "set":
		if m == nil || tracked { // values stay as they are: the next template sees them again
			out := maps.Clone(m)
			if out == nil {
				out = map[string]any{}
			}
			out[e.show(second)] = arg(2)
			return out, true
		}
		if len(m) < maxList && !e.contains(arg(2), m, 0) {
			m[e.show(second)] = arg(2)
		}
		return m, true
	case "unset":
		out := maps.Clone(m)
		delete(out, e.show(second))
		return out, true
	case "keys":
		out := []any{}
		for _, k := range sortedKeys(m) {
			out = append(out, k)
		}
		return out, true
	case "values":
		out := []any{}
		for _, k := range sortedKeys(m) {
			out = append(out, m[k])
		}
		return out, true
	case "merge", "mustMerge":
		out := map[string]any{}
		for i := len(args) - 1; i >= 0; i-- {
			next, _ := mapping(args[i])
			out = e.merge(out, next, 0)
		}
		return out, true
	case "mergeOverwrite", "mustMergeOverwrite":
		out := map[string]any{}
		for _, a := range args {
			next, _ := mapping(a)
			out = e.merge(out, next, 0)
		}
		return out, true
	case "deepCopy", "mustDeepCopy":
		return first, true
	case "pick", "omit":
		out := map[string]any{}
		for k, v := range m {
			if slices.ContainsFunc(args[1:], func(a any) bool { return a == k }) == (name == "pick") {
				out[k] = v
			}
		}
		return out, true
	case "dig":
		return e.dig(args), true
	case "index":
		return e.index(args), true
	case "first":
		if isList && len(list) > 0 {
			return list[0], true
		}
		return nil, true
	case "last":
		if isList && len(list) > 0 {
			return list[len(list)-1], true
		}
		return nil, true
	case "rest", "initial":
		if !isList || len(list) == 0 {
			return []any{}, true
		}
		if name == "rest" {
			return list[1:], true
		}
		return list[:len(list)-1], true
	case "append", "mustAppend":
		list, _ := first.([]any)
		return append(slices.Clone(list), second), true
	case "prepend", "mustPrepend":
		list, _ := first.([]any)
		return append([]any{second}, list...), true
	case "concat":
		var out []any
		for _, a := range args {
			list, _ := a.([]any)
			out = append(out, list...)
		}
		return out, true
	case "has":
		return slices.ContainsFunc(list, func(v any) bool { return equal(v, first) }), true
	case "uniq", "compact", "sortAlpha", "reverse":
		if !isList {
			return unknown{}, true
		}
		return reorder(name, list), true
	case "join":
		if !isList {
			return e.show(final), true
		}
		var parts []string
		for _, v := range list {
			parts = append(parts, e.show(v))
		}
		if len(list)*len(e.show(first)) > maxText {
			return unknown{}, true
		}
		return strings.Join(parts, e.show(first)), true
	case "splitList", "split":
		s, ok := final.(string)
		if !ok || e.show(first) == "" || len(s) > 65536 {
			return unknown{}, true
		}
		var out []any
		keyed := map[string]any{}
		for i, part := range strings.Split(s, e.show(first)) {
			out = append(out, part)
			keyed["_"+strconv.Itoa(i)] = part
		}
		if name == "split" {
			return keyed, true
		}
		return out, true
	case "until", "untilStep":
		from, to, by := int64(0), toInt(first), int64(1)
		if name == "untilStep" {
			from, to, by = toInt(first), toInt(second), toInt(arg(2))
		}
		var out []any
		for i := from; by > 0 && i < to && len(out) < maxList; i += by {
			out = append(out, i)
		}
		return out, true
	}
	return nil, false
}

// contains says whether a map would come to lie within itself. A walk that takes too long counts as that.
func (e *engine) contains(v any, m map[string]any, depth int) bool {
	if depth > maxValueDepth || e.step() != nil {
		return true
	}
	if list, ok := v.([]any); ok {
		return slices.ContainsFunc(list, func(item any) bool { return e.contains(item, m, depth+1) })
	}
	inner, _ := mapping(v)
	if inner != nil && reflect.ValueOf(inner).Pointer() == reflect.ValueOf(m).Pointer() {
		return true
	}
	for _, item := range inner {
		if e.contains(item, m, depth+1) {
			return true
		}
	}
	return false
}

// merge is Merge for values that templates made, which may share parts: it counts its steps.
func (e *engine) merge(under, over map[string]any, depth int) map[string]any {
	out := maps.Clone(under)
	if out == nil {
		out = map[string]any{}
	}
	for k, v := range over {
		if depth > maxValueDepth || e.step() != nil {
			break
		}
		a, _ := mapping(out[k])
		b, _ := mapping(v)
		if a != nil && b != nil {
			out[k] = e.merge(a, b, depth+1)
		} else {
			out[k] = v
		}
	}
	return out
}

func reorder(name string, list []any) []any {
	out := slices.Clone(list)
	switch name {
	case "reverse":
		slices.Reverse(out)
	case "compact":
		out = slices.DeleteFunc(out, func(v any) bool { return !truth(v) })
	case "uniq":
		seen := map[any]bool{}
		out = slices.DeleteFunc(out, func(v any) bool {
			switch v.(type) {
			case string, int64, float64, bool:
				had := seen[v]
				seen[v] = true
				return had
			}
			return false
		})
	case "sortAlpha":
		slices.SortFunc(out, func(a, b any) int {
			x, _ := a.(string)
			y, _ := b.(string)
			return strings.Compare(x, y)
		})
	}
	return out
}

// dig follows keys into a map: dig "a" "b" default map.
func (e *engine) dig(args []any) any {
	if len(args) < 3 {
		return unknown{}
	}
	v, otherwise := args[len(args)-1], args[len(args)-2]
	for _, k := range args[:len(args)-2] {
		m, at := mapping(v)
		if isValues(v) || at != "" {
			e.use(at, e.show(k))
		}
		if m[e.show(k)] == nil {
			return otherwise
		}
		v = below(m[e.show(k)], at, e.show(k))
	}
	return v
}

// index is the builtin: a map's key or a list's element.
func (e *engine) index(args []any) any {
	if len(args) == 0 {
		return unknown{}
	}
	v := args[0]
	for _, k := range args[1:] {
		switch at := v.(type) {
		case []any:
			i := toInt(k)
			if i < 0 || i >= int64(len(at)) {
				return unknown{}
			}
			v = at[i]
		case unknown, absent:
			return v
		default:
			m, path := mapping(v)
			if m == nil {
				return unknown{}
			}
			v = e.field(m, path, e.show(k), isValues(v) || path != "")
		}
	}
	return v
}

// numbers are arithmetic, lengths and orders.
func (e *engine) numbers(name string, args []any) (any, bool) {
	if slices.ContainsFunc(args, func(a any) bool { _, is := a.(unknown); return is }) {
		return unknown{}, true
	}
	arg := func(i int) any {
		if i >= 0 && i < len(args) {
			return args[i]
		}
		return nil
	}
	a, b := toInt(arg(0)), toInt(arg(1))
	switch name {
	case "len":
		switch v := arg(0).(type) {
		case string:
			return int64(len(v)), true
		case []any:
			return int64(len(v)), true
		}
		m, _ := mapping(arg(0))
		return int64(len(m)), true
	case "int", "int64", "atoi":
		return a, true
	case "toDecimal", "float64":
		if f, ok := arg(0).(float64); ok {
			return f, true
		}
		return a, true
	case "gt":
		return number(arg(0)) > number(arg(1)), true
	case "ge":
		return number(arg(0)) >= number(arg(1)), true
	case "lt":
		return number(arg(0)) < number(arg(1)), true
	case "le":
		return number(arg(0)) <= number(arg(1)), true
	case "add":
		sum := int64(0)
		for _, v := range args {
			sum += toInt(v)
		}
		return sum, true
	case "add1":
		return a + 1, true
	case "sub":
		return a - b, true
	case "mul":
		return a * b, true
	case "div", "mod":
		if b == 0 {
			return unknown{}, true
		}
		if name == "div" {
			return a / b, true
		}
		return a % b, true
	case "max":
		return max(a, b), true
	case "min":
		return min(a, b), true
	case "trunc":
		s := e.show(arg(1))
		if a >= 0 && int64(len(s)) > a {
			return s[:a], true
		}
		if a < 0 && int64(len(s)) > -a {
			return s[int64(len(s))+a:], true
		}
		return s, true
	case "repeat":
		s := e.show(arg(1))
		if a < 0 || a > maxList || int64(len(s))*a > 65536 {
			return unknown{}, true
		}
		return strings.Repeat(s, int(a)), true
	}
	return nil, false
}

func toInt(v any) int64 {
	switch v := v.(type) {
	case int64:
		return v
	case float64:
		return int64(v)
	case string:
		i, _ := strconv.ParseInt(v, 10, 64)
		return i
	case bool:
		if v {
			return 1
		}
	}
	return 0
}

func number(v any) float64 {
	if f, ok := v.(float64); ok {
		return f
	}
	return float64(toInt(v))
}
