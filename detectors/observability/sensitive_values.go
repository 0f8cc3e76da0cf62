package observability

import (
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// written is a value that a call writes, under a key where it has one.
type written struct {
	key, text string
	span      source.Span
}

var (
	attributeKey = lazy.New(`^[\w.-]+$`)
	placeholders = map[source.Language]*lazy.Regexp{
		source.Python: lazy.New(`\{([^{}]+?)(?:![rsa])?(?::[^{}]*)?=?\}`), source.CSharp: lazy.New(`\{([^{}:]+)(?::[^{}]*)?\}`),
		source.Rust: lazy.New(`\{([A-Za-z_][\w.]*)(?::[^{}]*)?\}`), source.Ruby: lazy.New(`#\{([^{}]+)\}`),
		source.TypeScript: lazy.New(`\$\{([^{}]+)\}`), source.JavaScript: lazy.New(`\$\{([^{}]+)\}`),
		source.Kotlin: lazy.New(`\$\{([^{}]+)\}|\$(\w+)`), source.PHP: lazy.New(`\{(\$[^{}]+)\}|(\$\w+(?:->\w+)*)`),
	}
)

// valuesOf are the values that a call writes: arguments, fields of literals, attributes of nested calls, placeholders.
func valuesOf(s *sensitivity, f *source.File, c *source.Call) []written {
	var list []written
	calls := []*source.Call{c}
	for _, inner := range within(f, c.Span) {
		if inner != c && s.Attributes.match(inner.Name) {
			calls = append(calls, inner)
		}
	}
	for _, call := range calls {
		key := ""
		for _, a := range call.Args {
			text := value(a)
			switch {
			case a.Keyword != "":
				list = append(list, written{a.Keyword, text, a.Span})
				key = ""
			case a.IsString:
				if key = ""; attributeKey.MatchString(a.Str) {
					key = a.Str
				}
			case a.IsFunc:
			default:
				for _, part := range partsOf(f, a, text) {
					list = append(list, written{key, part, a.Span})
				}
				key = ""
			}
		}
	}
	for _, o := range f.Objects {
		if o.Span.Start < c.Span.Start || o.Span.End > c.Span.End {
			continue
		}
		for _, k := range o.Keys {
			if k.Child == nil {
				list = append(list, written{strings.Trim(k.Name, "\"'`:"), k.Value, k.Span})
			}
		}
	}
	for _, str := range stringsIn(f, c.Span) {
		if !str.Interpolated && f.Lang != source.Rust || placeholders[f.Lang] == nil {
			continue
		}
		for _, m := range placeholders[f.Lang].FindAllStringSubmatch(str.Value, -1) {
			text := m[1]
			if text == "" && len(m) > 2 {
				text = m[2]
			}
			list = append(list, written{"", strings.TrimSpace(text), str.Span})
		}
	}
	return list
}

// partsOf are the values of which an argument is put together: operands of a concatenation, arguments of a call that formats;
// the argument itself when it is one value.
func partsOf(f *source.File, a source.Arg, text string) []string {
	if m := formatting.FindStringSubmatch(text); m != nil {
		for _, c := range f.Calls {
			if c.Span.Start == a.Span.Start && c.Span.End == a.Span.End {
				parts := []string{}
				for _, inner := range c.Args {
					if !inner.IsString {
						parts = append(parts, value(inner))
					}
				}
				return parts
			}
		}
	}
	operator := byte('+')
	if f.Lang == source.PHP {
		operator = '.'
	}
	if !strings.ContainsAny(text, "\"'`") {
		return []string{text}
	}
	var parts []string
	depth, start := 0, 0
	var quote byte
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quote != 0:
			switch c {
			case '\\':
				i++
			case quote:
				quote = 0
			}
		case c == '"' || c == '\'' || c == '`':
			quote = c
		case strings.IndexByte("([{", c) >= 0:
			depth++
		case strings.IndexByte(")]}", c) >= 0:
			depth--
		case depth == 0 && (c == operator || c == '%' && f.Lang == source.Python):
			parts = append(parts, text[start:i])
			start = i + 1
		}
	}
	return append(parts, text[start:])
}

// formatting are calls that put a text together from their arguments.
var formatting = lazy.New(`^(?:fmt\.Sprint(?:f|ln)?|String\.format|string\.Format|sprintf|format!|util\.format|["'].*["']\.(?:format|formatted))\(`)

// sink says what a call writes to, "" for none.
func (l *lookup) sink(f *source.File, c *source.Call) string {
	signs := l.words.classify(f, c)
	switch {
	case f.Lang == source.Rust && c.Receiver == "" && rustLog.MatchString(c.Name):
		return "the log"
	case f.Lang == source.PHP && c.Receiver == "" && c.Name == "error_log":
		return "the log"
	case signs.has(logged) || signs.has(plainLog):
		return "the log"
	case signs.has(printed) && (f.Lang != source.Go || !strings.HasPrefix(c.Name, "Fprint")):
		if f.Lang == source.Ruby && c.Name != "puts" && c.Name != "print" && c.Name != "p" || f.Lang == source.PHP {
			return ""
		}
		return "the output"
	case signs.has(reported) || sentryScope.MatchString(c.Name):
		return "the error reports"
	case signs.has(spanned):
		return "the span"
	}
	return ""
}

var (
	rustLog     = lazy.New(`^(?:trace|debug|info|warn|error)$`)
	sentryScope = lazy.New(`^(?:setExtra|setExtras|setContext|set_extra|set_context|setTag|set_tag|addBreadcrumb|add_breadcrumb)$`)
)
