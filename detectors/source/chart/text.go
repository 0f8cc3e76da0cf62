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

// piece is the text of an included template, with the lines that it comes from.
type piece struct {
	text  string
	lines []Place
}

// shifted is a piece whose lines each got something before them, with so many lines above.
func (p piece) shifted(text string, above int) piece {
	lines := make([]Place, 0, len(p.lines)+above)
	for range above {
		lines = append(lines, Place{})
	}
	return piece{text, append(lines, p.lines...)}
}

// trimmed is a piece without the space around it.
func (p piece) trimmed() piece {
	left := strings.TrimLeft(p.text, " \t\r\n")
	above := strings.Count(p.text[:len(p.text)-len(left)], "\n")
	return piece{strings.TrimSpace(left), p.lines[min(above, len(p.lines)):]}
}

// embed writes a piece: its lines keep their places where they have one.
func (e *engine) embed(f *frame, p piece, pos parse.Pos) error {
	first, begun := max(0, len(f.out.lines)-1), f.out.open
	if err := e.put(f, p.text, pos, false); err != nil {
		return err
	}
	for i, line := range strings.Split(p.text, "\n") {
		if at := first + i; (i > 0 || !begun) && at < len(f.out.lines) && i < len(p.lines) && p.lines[i].Path != "" && strings.TrimSpace(line) != "" {
			f.out.lines[at] = p.lines[i]
		}
	}
	return nil
}

// print writes the value of an action.
func (e *engine) print(f *frame, v any, pos parse.Pos) error {
	if p, ok := v.(piece); ok {
		return e.embed(f, p, pos)
	}
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
	case piece:
		return v.text
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
	case piece:
		return v.text != ""
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
