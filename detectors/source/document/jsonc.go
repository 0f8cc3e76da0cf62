package document

import (
	"encoding/json"
	"path"
	"strings"
)

// withoutComments is a JSON text with comments and trailing commas (jsonc, devcontainer.json, wrangler.jsonc) as plain JSON in which
// everything keeps its place; ok is false where the result is no JSON either.
func withoutComments(file string, text []byte) (plain []byte, ok bool) {
	switch strings.ToLower(path.Ext(file)) {
	case ".json", ".jsonc", ".json5":
	default:
		return nil, false
	}
	out := append([]byte{}, text...)
	blank := func(from, to int) {
		for i := from; i < to; i++ {
			if out[i] != '\n' {
				out[i] = ' '
			}
		}
	}
	comma := -1 // the last comma with nothing but space behind it
	for i := 0; i < len(out); i++ {
		switch c := out[i]; {
		case c == '"':
			for i++; i < len(out) && out[i] != '"'; i++ {
				if out[i] == '\\' {
					i++
				}
			}
			comma = -1
		case c == '/' && i+1 < len(out) && out[i+1] == '/':
			end := i
			for end < len(out) && out[end] != '\n' {
				end++
			}
			blank(i, end)
			i = end
		case c == '/' && i+1 < len(out) && out[i+1] == '*':
			end := strings.Index(string(out[i+2:]), "*/")
			if end < 0 {
				return nil, false
			}
			blank(i, i+2+end+2)
			i += end + 3
		case c == ',':
			comma = i
		case (c == '}' || c == ']') && comma >= 0:
			out[comma] = ' '
			comma = -1
		case c != ' ' && c != '\n' && c != '\t' && c != '\r':
			comma = -1
		}
	}
	return out, json.Valid(out)
}
