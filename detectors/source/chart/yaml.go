package chart

// YAML as toYaml writes it.

import (
	"encoding/json"
	"strconv"
	"strings"

	"flightpoll/detectors/lazy"
)

var plainScalar = lazy.New(`^[A-Za-z_/][\w./@%+-]*( [\w./@%+-]+)*$`)

// toYAML writes a value in block style, without a line break at its end.
func (e *engine) toYAML(v any) (string, error) {
	var b strings.Builder
	if err := e.yaml(&b, v, 0, false); err != nil {
		return "", err
	}
	return strings.TrimSuffix(b.String(), "\n"), nil
}

// yaml writes one node at an indentation; inline says that it begins on the line of its key or dash.
func (e *engine) yaml(b *strings.Builder, v any, indent int, inline bool) error {
	if err := e.step(); err != nil {
		return err
	}
	if b.Len() > maxText || indent > maxValueDepth*2 {
		return errOutput
	}
	pad := strings.Repeat(" ", indent)
	if list, ok := v.([]any); ok && len(list) > 0 {
		if inline {
			b.WriteByte('\n')
		}
		for _, item := range list {
			b.WriteString(pad + "-")
			if m, _ := mapping(item); len(m) > 0 {
				var inner strings.Builder
				if err := e.yaml(&inner, item, indent+2, false); err != nil {
					return err
				}
				b.WriteString(" " + strings.TrimLeft(inner.String(), " "))
				continue
			}
			if err := e.yaml(b, item, indent+2, true); err != nil {
				return err
			}
		}
		return nil
	}
	if m, _ := mapping(v); len(m) > 0 {
		if inline {
			b.WriteByte('\n')
		}
		for _, k := range sortedKeys(m) {
			b.WriteString(pad + scalar(k) + ":")
			next := indent + 2
			if _, list := m[k].([]any); list {
				next = indent
			}
			if err := e.yaml(b, m[k], next, true); err != nil {
				return err
			}
		}
		return nil
	}
	if inline {
		b.WriteByte(' ')
	} else {
		b.WriteString(pad)
	}
	switch v := v.(type) {
	case nil, absent:
		b.WriteString("null")
	case string:
		b.WriteString(scalar(v))
	case []any:
		b.WriteString("[]")
	case bool, int64, float64, unknown:
		b.WriteString(e.show(v))
	default:
		b.WriteString("{}")
	}
	b.WriteByte('\n')
	return nil
}

// scalar quotes a text where YAML would read it as something else.
func scalar(s string) string {
	if plainScalar.MatchString(s) {
		switch strings.ToLower(s) {
		case "true", "false", "null", "yes", "no", "on", "off", "y", "n":
		default:
			return s
		}
	}
	return strconv.Quote(s)
}

// plain takes the marks off a value, so that it can be written as JSON.
func (e *engine) plain(v any, depth int) any {
	if depth > maxValueDepth || e.step() != nil {
		return nil
	}
	switch v := v.(type) {
	case absent, method:
		return nil
	case unknown:
		return placeholder
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = e.plain(item, depth+1)
		}
		return out
	}
	if m, _ := mapping(v); m != nil {
		out := map[string]any{}
		for k, item := range m {
			out[k] = e.plain(item, depth+1)
		}
		return out
	}
	return v
}

func (e *engine) toJSON(v any) (string, error) {
	out, err := json.Marshal(e.plain(v, 0))
	if err != nil || len(out) > maxText {
		return "", errOutput
	}
	return string(out), nil
}
