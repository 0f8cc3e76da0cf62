package chart

// What templates write, with the line of the template that each line comes from.

import (
	"strconv"
	"strings"
	"text/template/parse"
)

// text is output as it grows.
type text struct {
	strings.Builder
	lines []Place
	// open says that the last line has got something that is not space.
	open bool
}

// add appends a piece that stands from a line of a template on; moving says that its own line breaks move that line.
func (t *text) add(piece string, at Place, moving bool) {
	for i := 0; i < len(piece); {
		if len(t.lines) == 0 {
			t.lines = append(t.lines, at)
		}
		end := strings.IndexByte(piece[i:], '\n')
		part := piece[i:]
		if end >= 0 {
			part = piece[i : i+end]
		}
		if !t.open && strings.TrimSpace(part) != "" {
			t.open, t.lines[len(t.lines)-1] = true, at
		}
		if end < 0 {
			break
		}
		i += end + 1
		if moving {
			at.Line++
		}
		t.lines, t.open = append(t.lines, at), false
	}
	_, _ = t.WriteString(piece)
}

func (e *engine) write(f *frame, piece string, pos parse.Pos) error {
	return e.put(f, piece, pos, true)
}

func (e *engine) put(f *frame, piece string, pos parse.Pos, moving bool) error {
	if e.written += len(piece); e.written > maxOutput {
		return errOutput
	}
	f.out.add(piece, Place{f.name, e.templates.line(f.name, pos)}, moving)
	return nil
}

// print writes the value of an action.
func (e *engine) print(f *frame, v any, pos parse.Pos) error {
	e.gap(f, v, pos)
	return e.put(f, e.show(v), pos, false)
}

// gap tells of a value that is not there and becomes an empty text.
func (e *engine) gap(f *frame, v any, pos parse.Pos) {
	if a, ok := v.(absent); ok && !a.declared {
		e.miss(f, a.path, pos, false, false)
	}
}

// placeholder stands for what is not known; it is a plain YAML scalar.
const placeholder = "unknown-until-deployed"

// show is the text of a value as fmt would print it.
func (e *engine) show(v any) string {
	switch v := v.(type) {
	case nil, absent:
		return ""
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	case unknown:
		return placeholder
	}
	e.unsure("it prints a value that is not a text")
	return placeholder
}

// truth is what "if" takes a value for.
func truth(v any) bool {
	switch v := v.(type) {
	case nil, absent:
		return false
	case bool:
		return v
	case string:
		return v != ""
	case int64:
		return v != 0
	case float64:
		return v != 0
	case []any:
		return len(v) > 0
	case unknown, method:
		return true
	}
	m, _ := mapping(v)
	return len(m) > 0
}
