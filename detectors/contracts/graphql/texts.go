package graphql

import (
	"path"
	"strconv"
	"strings"

	"flightpoll/detectors/lazy"
)

// A Text is one piece of GraphQL in a file: all of it, or a string in its code.
type Text struct {
	Path string
	// Line is that of the first line of Body; Flat says that all of Body stands on it.
	Line int
	Flat bool
	Body string
}

const (
	maxText    = 4 << 20 // bytes of a file that is read
	maxNesting = 60      // open braces and brackets of a text that is parsed
)

var (
	triple = lazy.New(`"""|'''`)
	// startsAs is how a document or a schema begins, past comments and descriptions.
	startsAs   = lazy.New(`^(?:\s|#[^\n]*\n|,)*(?:"""(?s:.*?)"""\s*|"[^"\n]*"\s*)?(?:(?:query|mutation|subscription|fragment|type|interface|union|enum|input|scalar|extend|schema|directive)\b|\{)`)
	inJSON     = lazy.New(`"query"\s*:\s*"((?:[^"\\\n]|\\.)*)"`)
	heredoc    = lazy.New(`<<[~-]?'?(?:GQL|GRAPHQL)'?[^\n]*\n`)
	heredocEnd = lazy.New(`(?m)^\s*(GQL|GRAPHQL)\b`)
)

// IsSchemaFile says whether a file's name is one of GraphQL.
func IsSchemaFile(p string) bool {
	switch strings.ToLower(path.Ext(p)) {
	case ".graphql", ".graphqls", ".gql":
		return true
	}
	return false
}

// Texts are the pieces of GraphQL in a file, by its name.
func Texts(p string, content []byte) []Text {
	if len(content) > maxText {
		return nil
	}
	text := string(content)
	switch strings.ToLower(path.Ext(p)) {
	case ".graphql", ".graphqls", ".gql":
		return []Text{{Path: p, Line: 1, Body: text}}
	case ".ts", ".tsx", ".js", ".jsx", ".mjs", ".cjs", ".mts", ".cts", ".vue", ".svelte":
		return templates(p, text)
	case ".py":
		return tripleQuoted(p, text)
	case ".go":
		return rawStrings(p, text)
	case ".rb":
		return heredocs(p, text)
	case ".json", ".har":
		return requests(p, text)
	}
	return nil
}

// templates reads template literals, with whatever tag. What is interpolated between definitions (fragments) is left out,
// what is interpolated inside one stands for some field.
func templates(p, text string) []Text {
	var list []Text
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case c == '/' && strings.HasPrefix(text[i:], "//"):
			i = past(text, i, "\n")
		case c == '/' && strings.HasPrefix(text[i:], "/*"):
			i = past(text, i+2, "*/")
		case c == '"' || c == '\'':
			i = pastString(text, i)
		case c == '`':
			body, end := template(text, i+1)
			if body != "" && startsAs.MatchString(body) {
				list = append(list, Text{Path: p, Line: 1 + strings.Count(text[:i], "\n"), Body: body})
			}
			i = max(end, i+1)
		default:
			i++
		}
	}
	return list
}

func past(text string, from int, end string) int {
	if n := strings.Index(text[from:], end); n >= 0 {
		return from + n + len(end)
	}
	return len(text)
}

// pastString is the offset behind a string in quotes, which ends on its line.
func pastString(text string, from int) int {
	for i := from + 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case text[from], '\n':
			return i + 1
		}
	}
	return len(text)
}

// template reads up to the closing backtick, and gives where that is; an empty body where the template cannot be used.
func template(text string, from int) (string, int) {
	var b strings.Builder
	depth, parens := 0, 0
	for i := from; i < len(text); i++ {
		switch c := text[i]; {
		case c == '`':
			return b.String(), i + 1
		case c == '\\' && i+1 < len(text):
			i++
			b.WriteByte(text[i])
		case c == '$' && i+1 < len(text) && text[i+1] == '{':
			end := interpolation(text, i+2)
			if end < 0 {
				return "", len(text)
			}
			if parens == 0 && depth > 0 {
				b.WriteString(" __typename ")
			}
			b.WriteString(strings.Repeat("\n", strings.Count(text[i:end], "\n")))
			i = end - 1
		default:
			switch c {
			case '{':
				depth++
			case '}':
				depth--
			case '(':
				parens++
			case ')':
				parens--
			}
			b.WriteByte(c)
		}
	}
	return "", len(text)
}

// interpolation is the offset behind the brace that closes one opened before from, -1 for none.
func interpolation(text string, from int) int {
	depth := 1
	for i := from; i < len(text) && i < from+4000; i++ {
		switch text[i] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return -1
}

// tripleQuoted reads the long strings of Python.
func tripleQuoted(p, text string) []Text {
	var list []Text
	for at := 0; ; {
		m := triple.FindStringIndex(text[at:])
		if m == nil {
			return list
		}
		from := at + m[1]
		length := strings.Index(text[from:], text[at+m[0]:from])
		if length < 0 {
			return list
		}
		body := text[from : from+length]
		at = from + length + 3
		if startsAs.MatchString(body) {
			list = append(list, Text{Path: p, Line: 1 + strings.Count(text[:from], "\n"), Body: body})
		}
	}
}

func rawStrings(p, text string) []Text {
	var list []Text
	line, parts := 1, strings.Split(text, "`")
	for i, part := range parts {
		if i%2 == 1 && startsAs.MatchString(part) {
			list = append(list, Text{Path: p, Line: line, Body: part})
		}
		line += strings.Count(part, "\n")
	}
	return list
}

func heredocs(p, text string) []Text {
	var list []Text
	for _, m := range heredoc.FindAllStringIndex(text, -1) {
		rest := text[m[1]:]
		if end := heredocEnd.FindStringIndex(rest); end != nil {
			list = append(list, Text{Path: p, Line: 1 + strings.Count(text[:m[1]], "\n"), Body: rest[:end[0]]})
		}
	}
	return list
}

// requests reads the queries of recorded or saved requests (Postman, Insomnia, HAR, cassettes).
func requests(p, text string) []Text {
	var list []Text
	for _, m := range inJSON.FindAllStringSubmatchIndex(text, -1) {
		body, err := strconv.Unquote(`"` + text[m[2]:m[3]] + `"`)
		if err == nil && startsAs.MatchString(body) {
			list = append(list, Text{Path: p, Line: 1 + strings.Count(text[:m[0]], "\n"), Flat: true, Body: body})
		}
	}
	return list
}

// tooDeep keeps recursive parsers from texts that are all braces.
func tooDeep(text string) bool {
	depth, most := 0, 0
	for i := range len(text) {
		switch text[i] {
		case '{', '[', '(':
			depth++
			most = max(most, depth)
		case '}', ']', ')':
			depth--
		}
	}
	return most > maxNesting
}
