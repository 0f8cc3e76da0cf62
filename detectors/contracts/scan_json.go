package contracts

import (
	"strconv"
	"strings"
)

// maxNesting bounds nested objects and JSON inside strings of JSON.
const maxNesting = 64

// scanJSON reads every JSON-like object of a text and is forgiving about what stands around it: prose, shell, comments,
// placeholders, trailing commas. A string that holds JSON itself is read as well. Line is the number of the first line.
func scanJSON(path, text string, line int, about ...string) []*record {
	s := &jsonScan{path: path, text: text, line: line, about: about}
	s.run(0)
	nameByRequest(s.found)
	return s.found
}

// routeKeys are the keys of requests, stubs and collections that say what a body beside them is about.
var routeKeys = []string{"name", "url", "uri", "path", "urlPath", "urlPattern", "urlPathPattern", "endpoint", "route", "raw", "title", "operationId"}

// nameByRequest tells each record the routes and names that stand beside it and beside what it is a part of: in a stub the
// request is named next to the body of the answer.
func nameByRequest(list []*record) {
	below := map[*record][]*record{}
	for _, r := range list {
		below[r.parent] = append(below[r.parent], r)
	}
	labels := func(r *record) []string {
		var texts []string
		for _, key := range routeKeys {
			if e := r.keys[key]; e != nil && e.kind == kindString && len(e.value) < 200 && !strings.ContainsAny(e.value, "{}") {
				texts = append(texts, e.value)
			} else if e != nil && e.kind == kindString && len(e.value) < 200 && strings.Contains(e.value, "/") && !strings.Contains(e.value, `\"`) {
				texts = append(texts, e.value)
			}
		}
		return texts
	}
	for _, r := range list {
		depth := 0
		for up := r.parent; up != nil && depth < 6; up, depth = up.parent, depth+1 {
			r.about = append(r.about, labels(up)...)
			for _, side := range below[up] {
				if n := len(below[up]); n < 20 && side != r {
					r.about = append(r.about, labels(side)...)
				}
			}
		}
	}
}

type jsonScan struct {
	path, text string
	line       int
	about      []string
	within     *record // the record whose string is being read
	stack      []frame
	found      []*record
}

// A frame is one open brace or bracket; rec is nil for a bracket.
type frame struct {
	rec *record
	// key is the last key read, name what the frame itself hangs under.
	key, name string
}

func (s *jsonScan) run(depth int) {
	for i := 0; i < len(s.text); i++ {
		switch c := s.text[i]; c {
		case '\n':
			s.line++
		case '{', '[':
			s.open(c)
		case '}', ']':
			s.close()
		case '"':
			end := stringEnd(s.text, i)
			if end < 0 {
				continue
			}
			i = s.literal(i, end, depth)
		}
	}
	for len(s.stack) > 0 {
		s.close()
	}
}

func (s *jsonScan) open(c byte) {
	if len(s.stack) >= maxNesting {
		return
	}
	f := frame{}
	about := append([]string{}, s.about...)
	parent := s.within
	for _, up := range s.stack {
		if up.key != "" {
			about = append(about, up.key)
			f.name = up.key
		}
		if up.rec != nil {
			parent = up.rec
		}
	}
	if top := len(s.stack) - 1; top >= 0 && s.stack[top].rec != nil && s.stack[top].key != "" {
		if e := s.stack[top].rec.keys[s.stack[top].key]; e != nil && e.kind == "" {
			e.kind = map[byte]valueKind{'{': kindObject, '[': kindArray}[c]
		}
	}
	if c == '{' {
		f.rec = newRecord(formText, s.path, s.line, about...)
		f.rec.parent, f.rec.under = parent, f.name
	}
	s.stack = append(s.stack, f)
}

func (s *jsonScan) close() {
	top := len(s.stack) - 1
	if top < 0 {
		return
	}
	if rec := s.stack[top].rec; rec != nil && len(rec.keys) > 0 {
		s.found = append(s.found, rec)
	}
	s.stack = s.stack[:top]
}

// literal takes the string from i to end (the closing quote) as a key or a value, and gives where to go on.
func (s *jsonScan) literal(i, end, depth int) int {
	raw := s.text[i+1 : end]
	rest := strings.TrimLeft(s.text[end+1:], " \t")
	top := len(s.stack) - 1
	if strings.HasPrefix(rest, ":") && !strings.HasPrefix(rest, "::") && top >= 0 && s.stack[top].rec != nil {
		value := strings.TrimLeft(rest[1:], " \t\r\n")
		kind := kindOf(firstToken(value))
		if kind == kindObject || kind == kindArray {
			kind = ""
		}
		s.stack[top].key = unquoteJSON(raw)
		s.stack[top].rec.add(s.stack[top].key, s.line, kind, firstToken(value))
		return end
	}
	text := unquoteJSON(raw)
	if trimmed := strings.TrimLeft(text, " \t\r\n"); depth < 3 && len(trimmed) > 5 && (trimmed[0] == '{' || trimmed[0] == '[') {
		inner := &jsonScan{path: s.path, text: text, line: s.line, about: s.about}
		for i := top; i >= 0 && inner.within == nil; i-- {
			inner.within = s.stack[i].rec
		}
		for _, up := range s.stack {
			if up.key != "" {
				inner.about = append(inner.about, up.key)
			}
		}
		lines := strings.Count(text, "\n")
		inner.run(depth + 1)
		// Lines of a string inside a string are those of the string itself.
		if lines > 0 {
			for _, r := range inner.found {
				r.line = s.line
				for _, e := range r.keys {
					e.line = s.line
				}
			}
		}
		s.found = append(s.found, inner.found...)
	}
	return end
}

// firstToken cuts a scalar off the start of a JSON value.
func firstToken(text string) string {
	if strings.HasPrefix(text, `"`) {
		if end := stringEnd(text, 0); end > 0 {
			return text[:end+1]
		}
	}
	if i := strings.IndexAny(text, ",}]\n \t\r"); i > 0 {
		return text[:i]
	}
	return text[:min(len(text), 40)]
}

// stringEnd is the offset of the quote that closes the string opened at i, -1 when its line ends first.
func stringEnd(text string, i int) int {
	for j := i + 1; j < len(text); j++ {
		switch text[j] {
		case '\\':
			j++
		case '"':
			return j
		case '\n':
			return -1
		}
	}
	return -1
}

func unquoteJSON(raw string) string {
	if !strings.Contains(raw, `\`) {
		return raw
	}
	if text, err := strconv.Unquote(`"` + raw + `"`); err == nil {
		return text
	}
	return strings.NewReplacer(`\"`, `"`, `\n`, "\n", `\t`, "\t", `\\`, `\`).Replace(raw)
}
