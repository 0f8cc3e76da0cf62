package chart

// Helm's functions: those that decide what is rendered.

import (
	"encoding/base64"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"text/template/parse"

	"flightpoll/detectors/lazy"
)

// maxList bounds what until and the like make.
const maxList = 10000

// bound counts what a function made against the budget of a rendering.
func (e *engine) bound(v any) (any, error) {
	size := 16
	switch v := v.(type) {
	case piece:
		size = len(v.text) + 24*len(v.lines)
	case string:
		size = len(v)
		if size > maxText {
			return nil, errOutput
		}
	case []any:
		size = 16 * len(v)
	case map[string]any:
		size = 48 * len(v)
	}
	if e.made += size; e.made > 8*maxOutput {
		return nil, errOutput
	}
	return v, nil
}

// function calls a function by its name.
func (e *engine) function(f *frame, n *parse.IdentifierNode, args []any) (any, error) {
	v, err := e.apply(f, n, args)
	if err != nil {
		return nil, err
	}
	return e.bound(v)
}

// texts are the functions that make a text of their arguments: a gap in these is one in the output.
var texts = map[string]func(e *engine, s []string) string{
	"quote":      func(_ *engine, s []string) string { return quoteAll(s, `"`) },
	"squote":     func(_ *engine, s []string) string { return quoteAll(s, "'") },
	"toString":   last,
	"print":      func(_ *engine, s []string) string { return strings.Join(s, "") },
	"println":    func(_ *engine, s []string) string { return strings.Join(s, " ") + "\n" },
	"cat":        func(_ *engine, s []string) string { return strings.Join(s, " ") },
	"upper":      func(e *engine, s []string) string { return strings.ToUpper(last(e, s)) },
	"lower":      func(e *engine, s []string) string { return strings.ToLower(last(e, s)) },
	"trim":       func(e *engine, s []string) string { return strings.TrimSpace(last(e, s)) },
	"nospace":    func(e *engine, s []string) string { return strings.Join(strings.Fields(last(e, s)), "") },
	"b64enc":     func(e *engine, s []string) string { return base64.StdEncoding.EncodeToString([]byte(last(e, s))) },
	"trimSuffix": func(e *engine, s []string) string { return strings.TrimSuffix(last(e, s), s[0]) },
	"trimPrefix": func(e *engine, s []string) string { return strings.TrimPrefix(last(e, s), s[0]) },
	"trimAll":    func(e *engine, s []string) string { return strings.Trim(last(e, s), s[0]) },
	"replace": func(_ *engine, s []string) string {
		if len(s) < 3 || len(s[1]) > 4096 || len(s[2]) > 65536 {
			return placeholder
		}
		return strings.ReplaceAll(s[2], s[0], s[1])
	},
	"snakecase": func(e *engine, s []string) string {
		return strings.ToLower(words.ReplaceAllString(last(e, s), "${1}_${2}"))
	},
	"kebabcase": func(e *engine, s []string) string {
		return strings.ToLower(words.ReplaceAllString(last(e, s), "${1}-${2}"))
	},
}

var words = lazy.New(`([a-z0-9])([A-Z])`)

func last(_ *engine, s []string) string {
	if len(s) == 0 {
		return ""
	}
	return s[len(s)-1]
}

func quoteAll(s []string, mark string) string {
	for i := range s {
		if mark == "'" {
			s[i] = "'" + s[i] + "'"
		} else {
			s[i] = fmt.Sprintf("%q", s[i])
		}
	}
	return strings.Join(s, " ")
}

// apply is one function. What is not in it gives an unknown value.
func (e *engine) apply(f *frame, n *parse.IdentifierNode, args []any) (any, error) {
	switch n.Ident {
	case "nindent", "indent":
		return e.indent(n.Ident, args)
	case "trim":
		if len(args) == 1 {
			if p, ok := args[0].(piece); ok {
				return p.trimmed(), nil
			}
		}
	}
	for i, a := range args {
		if p, ok := a.(piece); ok {
			args[i] = p.text
		}
	}
	if write, ok := texts[n.Ident]; ok && len(args) > 0 {
		var list []string
		for _, a := range args {
			e.gap(f, a, n.Pos)
			if a, isAbsent := a.(absent); isAbsent && n.Ident == "quote" && a.path != "" {
				continue
			}
			if _, is := a.(unknown); is {
				return unknown{}, nil
			}
			list = append(list, e.show(a))
		}
		if len(list) == 0 {
			return "", nil
		}
		return write(e, list), nil
	}
	arg := func(i int) any {
		if i >= 0 && i < len(args) {
			return args[i]
		}
		return nil
	}
	final := arg(len(args) - 1)
	switch n.Ident {
	case "include", "tpl":
		return e.include(f, n, args)
	case "required":
		if a, ok := final.(absent); ok {
			e.miss(f, a.path, n.Pos, true, true)
			return unknown{}, nil
		}
		return final, nil
	case "fail":
		e.unsure("its templates refuse the values that are here")
		return "", nil
	case "default":
		if truth(final) {
			return final, nil
		}
		return arg(0), nil
	case "coalesce":
		for _, a := range args {
			if truth(a) {
				return a, nil
			}
		}
		return nil, nil
	case "ternary":
		if truth(final) {
			return arg(0), nil
		}
		return arg(1), nil
	case "printf":
		return e.printf(f, n, args)
	case "toYaml", "toYamlPretty":
		return e.toYAML(final)
	case "toJson", "toPrettyJson", "toRawJson", "mustToJson":
		return e.toJSON(final)
	case "fromYaml", "fromJson", "fromYamlArray", "fromJsonArray":
		s, ok := final.(string)
		if !ok {
			return unknown{}, nil
		}
		if v, err := decode([]byte(s)); err == nil {
			return v, nil
		}
		return map[string]any{}, nil // as Helm does, with the error in it
	}
	if v, ok := e.logic(n.Ident, args); ok {
		return v, nil
	}
	if v, ok := e.collections(n.Ident, args); ok {
		return v, nil
	}
	if v, ok := e.numbers(n.Ident, args); ok {
		return v, nil
	}
	return unknown{}, nil
}

// include executes a defined template, or with tpl a text.
func (e *engine) include(f *frame, n *parse.IdentifierNode, args []any) (any, error) {
	if len(args) != 2 {
		return unknown{}, nil
	}
	name, ok := args[0].(string)
	if n.Ident == "tpl" {
		if a, gone := args[0].(absent); gone {
			e.gap(f, a, n.Pos)
			return "", nil
		}
		if !ok {
			return unknown{}, nil
		}
		if !strings.Contains(name, "{{") {
			return name, nil
		}
		if e.made += len(name) * 8; e.made > 8*maxOutput {
			return nil, errOutput
		}
		inner := templates{trees: maps.Clone(e.templates.trees), starts: e.templates.starts}
		text := name
		name = f.name
		starts := e.templates.starts[name]
		err := inner.add(name, text)
		e.templates.starts[name] = starts
		if err != nil {
			return unknown{}, nil
		}
		outer := e.templates
		e.templates = inner
		defer func() { e.templates = outer }()
		ok = true
	}
	if !ok {
		return unknown{}, nil
	}
	t, err := e.call(name, args[1])
	if err != nil || t == nil {
		return unknown{}, err
	}
	return piece{t.String(), t.lines}, nil
}

// printf takes the verbs that charts use.
func (e *engine) printf(f *frame, n *parse.IdentifierNode, args []any) (any, error) {
	if len(args) == 0 {
		return "", nil
	}
	format, ok := args[0].(string)
	if !ok || len(format) > 4096 || wide.MatchString(format) {
		return unknown{}, nil
	}
	var list []any
	for _, a := range args[1:] {
		e.gap(f, a, n.Pos)
		switch a := a.(type) {
		case unknown:
			return unknown{}, nil
		case int64, float64, bool, string:
			list = append(list, a)
		default:
			list = append(list, e.show(a))
		}
	}
	return fmt.Sprintf(format, list...), nil
}

// wide are formats whose width alone could fill the memory.
var wide = lazy.New(`%[-+# 0]*(\d{5,}|\*)|%\S*\.(\d{5,}|\*)`)

func (e *engine) indent(name string, args []any) (any, error) {
	if len(args) != 2 {
		return unknown{}, nil
	}
	width, ok := args[0].(int64)
	if !ok || width < 0 || width > 200 {
		return unknown{}, nil
	}
	s := e.show(args[1])
	pad := strings.Repeat(" ", int(width))
	if len(s)+strings.Count(s, "\n")*len(pad) > maxText {
		return nil, errOutput
	}
	s = pad + strings.ReplaceAll(s, "\n", "\n"+pad)
	above := 0
	if name == "nindent" {
		s, above = "\n"+s, 1
	}
	if p, ok := args[1].(piece); ok {
		return p.shifted(s, above), nil
	}
	return s, nil
}

// logic are comparisons and questions of type.
func (e *engine) logic(name string, args []any) (any, bool) {
	arg := func(i int) any {
		if i >= 0 && i < len(args) {
			return args[i]
		}
		return nil
	}
	unsure := slices.ContainsFunc(args, func(a any) bool { _, is := a.(unknown); return is })
	switch name {
	case "not":
		return !truth(arg(0)), true
	case "empty":
		return !truth(arg(0)), true
	case "eq", "ne":
		if unsure {
			return unknown{}, true
		}
		same := slices.ContainsFunc(args[min(1, len(args)):], func(a any) bool { return equal(args[0], a) })
		return same == (name == "eq"), true
	case "semverCompare":
		return true, true
	case "contains", "hasPrefix", "hasSuffix":
		if unsure || len(args) != 2 {
			return unknown{}, true
		}
		part, s := e.show(args[0]), e.show(args[1])
		switch name {
		case "contains":
			return strings.Contains(s, part), true
		case "hasPrefix":
			return strings.HasPrefix(s, part), true
		}
		return strings.HasSuffix(s, part), true
	case "regexMatch", "mustRegexMatch":
		if unsure || len(args) != 2 || len(e.show(args[0])) > 500 {
			return unknown{}, true
		}
		re, err := regexp.Compile(e.show(args[0]))
		return err == nil && re.MatchString(e.show(args[1])), true
	case "kindIs", "typeIs":
		return arg(0) == kindOf(arg(1)), true
	case "kindOf", "typeOf":
		return kindOf(arg(0)), true
	case "lookup":
		return map[string]any{}, true
	}
	return nil, false
}

func equal(a, b any) bool {
	for _, p := range []*any{&a, &b} {
		switch v := (*p).(type) {
		case absent:
			*p = nil
		case int64:
			*p = float64(v)
		case string, bool, float64, nil:
		default:
			return false
		}
	}
	return a == b
}

func kindOf(v any) string {
	switch v.(type) {
	case nil, absent:
		return "invalid"
	case string:
		return "string"
	case bool:
		return "bool"
	case int64:
		return "int"
	case float64:
		return "float64"
	case []any:
		return "slice"
	}
	return "map"
}
