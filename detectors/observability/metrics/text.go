package metrics

import "strings"

// text is the value of an expression that is constant text: literals, constants, and their joining by `+`, `.` or
// interpolation. With open its beginning is not known and value is the rest.
func (r *reader) text(expression string) (value string, open, ok bool) {
	expression = strings.TrimSpace(expression)
	if expression == "" || len(expression) > 400 {
		return "", false, false
	}
	if inside, found := strings.CutSuffix(expression, ")"); found {
		if _, arguments, found := strings.Cut(inside, "BuildFQName("); found {
			return r.qualified(arguments)
		}
	}
	for i, part := range joined(expression) {
		v, known := r.part(part)
		switch {
		case known:
			value += v
		case i == 0:
			open = true
		default:
			return "", false, false
		}
	}
	return value, open, value != ""
}

// qualified joins namespace, subsystem and name as prometheus.BuildFQName does.
func (r *reader) qualified(arguments string) (value string, open, ok bool) {
	var parts []string
	for i, a := range strings.Split(arguments, ",") {
		v, known := r.part(strings.TrimSpace(a))
		switch {
		case known && v != "":
			parts = append(parts, v)
		case known:
		case i == 2:
			return "", false, false
		default:
			parts, open = nil, true
		}
	}
	return strings.Join(parts, "_"), open, len(parts) > 0
}

// part is one operand: a literal, a symbol or a constant.
func (r *reader) part(text string) (string, bool) {
	text = strings.TrimSpace(text)
	if symbol, ok := strings.CutPrefix(text, ":"); ok {
		return symbol, plain(symbol)
	}
	for _, prefix := range []string{"f", "r", "$", "@", "b"} {
		if rest, ok := strings.CutPrefix(text, prefix); ok && rest != "" && strings.ContainsAny(rest[:1], `"'`) {
			text = rest
			break
		}
	}
	if len(text) >= 2 && strings.ContainsAny(text[:1], "\"'`") && text[len(text)-1] == text[0] {
		inside := text[1 : len(text)-1]
		return inside, !strings.ContainsAny(inside, "\"'`${}#%\\") || strings.Contains(inside, "{") && plain(strings.SplitN(inside, "{", 2)[0]) && strings.Contains(inside, `="`)
	}
	if r.constants == nil {
		return "", false
	}
	name := text[strings.LastIndexAny(text, ".:>")+1:]
	if !plain(name) || name == "" {
		return "", false
	}
	return r.constants(name)
}

// joined cuts an expression at its joining operators and an interpolated literal at its placeholders.
func joined(expression string) []string {
	if parts, ok := interpolated(expression); ok {
		return parts
	}
	var (
		parts []string
		start int
		quote byte
	)
	for i := 0; i < len(expression); i++ {
		switch c := expression[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'' || c == '`':
			quote = c
		case c == '+' || c == '.' && i > 0 && expression[i-1] == ' ':
			parts = append(parts, expression[start:i])
			start = i + 1
		}
	}
	return append(parts, expression[start:])
}

// interpolated cuts `${a}_b`, f"{a}_b", "#{a}_b" and $"{a}_b" into operands.
func interpolated(text string) ([]string, bool) {
	body := strings.TrimLeft(text, "f$@")
	if len(body) < 3 || !strings.ContainsAny(body[:1], "\"'`") || body[len(body)-1] != body[0] {
		return nil, false
	}
	body = body[1 : len(body)-1]
	if !strings.Contains(body, "{") || strings.Contains(body, `="`) {
		return nil, false
	}
	var parts []string
	for body != "" {
		before, rest, found := strings.Cut(body, "{")
		if !found {
			parts = append(parts, `"`+before+`"`)
			break
		}
		if before = strings.TrimRight(before, "$#"); before != "" {
			parts = append(parts, `"`+before+`"`)
		}
		inner, after, closed := strings.Cut(rest, "}")
		if !closed {
			return nil, false
		}
		parts = append(parts, strings.TrimSpace(inner))
		body = after
	}
	return parts, true
}
