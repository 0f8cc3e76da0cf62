package contracts

import (
	"bytes"
	"path"
	"strings"

	"flightpoll/detectors/lazy"
)

// A section is one path item, webhook or component of an OpenAPI document as text: its JSON pointer in the form of a
// reference ("#/components/schemas/Berth"), and the bytes from start to end.
type section struct {
	pointer    string
	start, end int
}

// isPath says that a pointer is one to a path item or a webhook.
func isPath(pointer string) bool {
	return strings.HasPrefix(pointer, "#/paths/") || strings.HasPrefix(pointer, "#/webhooks/")
}

// An outline cuts a document's text into its sections without parsing what is inside them.
type outline struct {
	text     []byte
	sections []section
	// joints are the commas between sections of one JSON object, by the index of the section before each; -1 for YAML.
	joints []int
	json   bool
	// security is the text of the document's own security requirements, which hold for every operation.
	security string
}

// outlineOf is nil where the text is not laid out so that its sections can be told apart: flow style, tabs, anchors.
func outlineOf(p string, text []byte) *outline {
	if path.Ext(p) == ".json" || bytes.HasPrefix(bytes.TrimSpace(text), []byte("{")) {
		return outlineJSON(text)
	}
	return outlineYAML(text)
}

var escapePointer = strings.NewReplacer("~", "~0", "/", "~1")

// sectioned are the top-level keys whose members are sections; those of components are one level down.
func sectioned(key string) bool {
	switch key {
	case "paths", "webhooks", "definitions", "parameters", "responses":
		return true
	}
	return false
}

func outlineJSON(text []byte) *outline {
	o := &outline{text: text, json: true}
	top, ok := jsonMembers(text, bytes.IndexByte(text, '{'))
	if !ok {
		return nil
	}
	add := func(prefix string, at int) bool {
		list, ok := jsonMembers(text, at)
		for _, m := range list {
			o.sections = append(o.sections, section{prefix + escapePointer.Replace(m.key), m.start, m.end})
			o.joints = append(o.joints, m.comma)
		}
		return ok
	}
	for _, m := range top {
		switch {
		case sectioned(m.key) && text[m.value] == '{':
			if !add("#/"+m.key+"/", m.value) {
				return nil
			}
		case m.key == "components" && text[m.value] == '{':
			kinds, ok := jsonMembers(text, m.value)
			if !ok {
				return nil
			}
			for _, k := range kinds {
				if text[k.value] == '{' && !add("#/components/"+k.key+"/", k.value) {
					return nil
				}
			}
		case m.key == "security":
			o.security = string(text[m.value:m.end])
		}
	}
	return o
}

// A jsonMember is one member of an object: the offsets of its key, of its value, past its value, and of the comma that
// follows it (-1 for the last).
type jsonMember struct {
	key                      string
	start, value, end, comma int
}

// jsonMembers lists the members of the object that opens at i.
func jsonMembers(text []byte, i int) ([]jsonMember, bool) {
	if i < 0 || i >= len(text) || text[i] != '{' {
		return nil, false
	}
	var list []jsonMember
	for i++; ; {
		i = skipSpace(text, i)
		if i >= len(text) {
			return nil, false
		}
		if text[i] == '}' {
			return list, true
		}
		if text[i] != '"' {
			return nil, false
		}
		m := jsonMember{start: i, comma: -1}
		keyEnd := skipString(text, i)
		if keyEnd < 0 {
			return nil, false
		}
		m.key = unquoteJSON(string(text[i+1 : keyEnd-1]))
		i = skipSpace(text, keyEnd)
		if i >= len(text) || text[i] != ':' {
			return nil, false
		}
		m.value = skipSpace(text, i+1)
		if m.end = skipValue(text, m.value); m.end < 0 {
			return nil, false
		}
		if i = skipSpace(text, m.end); i < len(text) && text[i] == ',' {
			m.comma = i
			i++
		}
		list = append(list, m)
	}
}

func skipSpace(text []byte, i int) int {
	for i < len(text) && (text[i] == ' ' || text[i] == '\n' || text[i] == '\t' || text[i] == '\r') {
		i++
	}
	return i
}

// skipString is the offset past the string that opens at i, -1 where it never closes.
func skipString(text []byte, i int) int {
	for j := i + 1; j < len(text); j++ {
		switch text[j] {
		case '\\':
			j++
		case '"':
			return j + 1
		}
	}
	return -1
}

// skipValue is the offset past the value that starts at i, -1 where it never ends.
func skipValue(text []byte, i int) int {
	depth := 0
	for i < len(text) {
		switch text[i] {
		case '"':
			if i = skipString(text, i); i < 0 {
				return -1
			}
			if depth == 0 {
				return i
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
			if depth < 0 {
				return i // the end of a number or a word
			}
		case ',', ' ', '\n', '\r', '\t':
			if depth == 0 {
				return i
			}
		}
		i++
	}
	return -1
}

var (
	yamlKey = lazy.New(`^( *)(?:"([^"]*)"|'([^']*)'|([^\s#"'&*!|>{\[\]}-][^#]*?))\s*:(?:\s+(.*))?$`)
	// anchored is what ties one place of a YAML document to another: an anchor, an alias, a merge, a second document.
	anchored = lazy.New(`[:\-]\s+[&*][A-Za-z]|^\s*<<\s*:|^---(\s|$)|^ *\t`)
)

// tied says that a YAML text's places cannot be taken apart.
func tied(text []byte) bool {
	first := true
	for line := range bytes.Lines(text) {
		if bytes.ContainsAny(line, "&*<\t") || bytes.HasPrefix(line, []byte("---")) && !first {
			if anchored.Match(line) {
				return true
			}
		}
		first = false
	}
	return false
}

// A yamlBlock is one key of a YAML block mapping: the text from the line of the key to the next one of its mapping.
type yamlBlock struct {
	key, rest        string
	start, body, end int
}

// yamlBlocks lists the keys of the block mapping in text[from:to]; not ok where a line does not fit.
func yamlBlocks(text []byte, from, to int) (list []yamlBlock, ok bool) {
	indent := -1
	for at := from; at < to; {
		end := to
		if i := bytes.IndexByte(text[at:to], '\n'); i >= 0 {
			end = at + i + 1
		}
		line := bytes.TrimRight(text[at:end], "\r\n")
		body := bytes.TrimLeft(line, " ")
		depth := len(line) - len(body)
		switch {
		case len(body) == 0 || body[0] == '#' || depth > indent && indent >= 0 || depth == 0 && bytes.HasPrefix(body, []byte("---")) && len(list) == 0:
		case indent >= 0 && depth < indent:
			return nil, false
		default:
			m := yamlKey.FindSubmatch(line)
			if m == nil {
				if bytes.HasPrefix(body, []byte("- ")) && len(list) > 0 && depth == indent {
					break // a sequence stands at the indentation of its key
				}
				return nil, false
			}
			indent = depth
			if n := len(list); n > 0 {
				list[n-1].end = at
			}
			list = append(list, yamlBlock{key: string(m[2]) + string(m[3]) + string(m[4]), rest: string(m[5]), start: at, body: end, end: to})
		}
		at = end
	}
	return list, true
}

func outlineYAML(text []byte) *outline {
	if tied(text) {
		return nil
	}
	o := &outline{text: text}
	add := func(prefix string, b yamlBlock) bool {
		list, ok := yamlBlocks(text, b.body, b.end)
		for _, s := range list {
			o.sections = append(o.sections, section{prefix + escapePointer.Replace(s.key), s.start, s.end})
			o.joints = append(o.joints, -1)
		}
		return ok
	}
	blocks, ok := yamlBlocks(text, 0, len(text))
	if !ok {
		return nil
	}
	for _, b := range blocks {
		open := b.rest == "" || strings.HasPrefix(b.rest, "#")
		switch {
		case b.key == "security":
			o.security = string(text[b.start:b.end])
		case open && sectioned(b.key):
			if !add("#/"+b.key+"/", b) {
				return nil
			}
		case open && b.key == "components":
			kinds, ok := yamlBlocks(text, b.body, b.end)
			if !ok {
				return nil
			}
			for _, k := range kinds {
				if (k.rest == "" || strings.HasPrefix(k.rest, "#")) && !add("#/components/"+k.key+"/", k) {
					return nil
				}
			}
		}
	}
	return o
}

// only is the text with every section blanked that is not kept: what stays keeps its line.
func (o *outline) only(keep func(pointer string) bool) []byte {
	text := bytes.Clone(o.text)
	blank := func(from, to int) {
		for i := from; i < to; i++ {
			if text[i] != '\n' {
				text[i] = ' '
			}
		}
	}
	last := -1 // the comma after the last section kept of the object at hand
	for i, s := range o.sections {
		first := i == 0 || path.Dir(o.sections[i-1].pointer) != path.Dir(s.pointer)
		if first && last >= 0 {
			text[last] = ' '
		}
		if first {
			last = -1
		}
		if keep(s.pointer) {
			last = o.joints[i]
			continue
		}
		blank(s.start, s.end)
		if o.joints[i] >= 0 {
			text[o.joints[i]] = ' '
		}
	}
	if last >= 0 {
		text[last] = ' '
	}
	return text
}
