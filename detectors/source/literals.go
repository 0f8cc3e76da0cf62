package source

import (
	"strconv"
	"strings"
)

// unquote is the value of a string literal of any of the languages: prefixes and quotes taken off, simple escapes
// resolved unless the literal is raw. It says whether text was a string literal.
func unquote(text string) (string, bool) {
	if hashes := strings.TrimLeft(text, "br"); strings.HasPrefix(hashes, "#") && text != hashes && strings.HasSuffix(text, "#") {
		text = "r" + strings.Trim(hashes, "#") // Rust's r#"..."#
	}
	quote := strings.IndexAny(text, "\"'`")
	if quote < 0 || quote > 3 {
		return text, false
	}
	raw := false
	for _, c := range text[:quote] {
		switch c {
		case 'r', 'R':
			raw = true
		case 'b', 'B', 'u', 'U', 'f', 'F', '@', '$':
		default:
			return text, false
		}
	}
	body, mark := text[quote:], text[quote:quote+1]
	if triple := strings.Repeat(mark, 3); strings.HasPrefix(body, triple) && len(body) >= 6 {
		mark = triple
	}
	body = strings.TrimPrefix(body, mark)
	body = strings.TrimSuffix(body, mark)
	if strings.Contains(text[:quote], "@") { // C#'s verbatim string: a quote is doubled, a backslash is itself
		return strings.ReplaceAll(body, `""`, `"`), true
	}
	if raw || !strings.Contains(body, `\`) {
		return body, true
	}
	return unescape(body), true
}

var escapes = map[byte]string{
	'n': "\n", 't': "\t", 'r': "\r", '0': "\x00", 'b': "\b", 'f': "\f", 'v': "\v", '\n': "",
}

func unescape(body string) string {
	var b strings.Builder
	for i := 0; i < len(body); i++ {
		if body[i] != '\\' || i+1 == len(body) {
			b.WriteByte(body[i])
			continue
		}
		i++
		digits := 0
		switch body[i] {
		case 'x':
			digits = 2
		case 'u':
			digits = 4
		}
		if digits > 0 && i+digits < len(body) {
			if r, err := strconv.ParseUint(body[i+1:i+1+digits], 16, 32); err == nil {
				b.WriteRune(rune(r)) //nolint:gosec // four digits at most
				i += digits
				continue
			}
		}
		if s, ok := escapes[body[i]]; ok {
			b.WriteString(s)
			continue
		}
		b.WriteByte(body[i])
	}
	return b.String()
}

// uncomment takes a comment's markers off.
func uncomment(text string) string {
	switch {
	case strings.HasPrefix(text, "//"):
		return strings.TrimSpace(strings.TrimLeft(text, "/!"))
	case strings.HasPrefix(text, "#"):
		return strings.TrimSpace(strings.TrimLeft(text, "#!"))
	case strings.HasPrefix(text, "/*"):
		text = strings.TrimSuffix(strings.TrimLeft(text, "/*!"), "/")
		lines := strings.Split(strings.TrimRight(text, "*"), "\n")
		for i, line := range lines {
			line = strings.TrimSpace(line)
			lines[i] = strings.TrimSpace(strings.TrimPrefix(line, "*"))
		}
		return strings.TrimSpace(strings.Join(lines, "\n"))
	}
	return strings.TrimSpace(text)
}
