package references

// Reads by a computed key: process.env[name], ENV[name], os.environ[name], $_ENV[$name].

import (
	"strings"

	"flightpoll/detectors/source"
)

// maxSubscripts bounds the reads by a computed key in one file.
const maxSubscripts = 500

// subscripts calls read with the key of each subscript of a receiver whose key is no plain literal.
func (r *reader) subscripts(receivers []string, read func(key source.Arg, span source.Span, in *source.Decl)) {
	text := string(r.Text)
	for _, receiver := range receivers {
		from, count := 0, 0
		for count < maxSubscripts {
			i := strings.Index(text[from:], receiver+"[")
			if i < 0 {
				break
			}
			i += from
			from, count = i+len(receiver)+1, count+1
			if i > 0 && (isWord(rune(text[i-1])) || text[i-1] == '.' || text[i-1] == '$') {
				continue
			}
			n := r.subscriptAt(i, len(receiver))
			if n == nil {
				continue
			}
			span := n.Span()
			key := strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(n.Text()[len(receiver):], "["), "]"))
			if _, plain := literal(key); plain || strings.HasPrefix(key, ":") || key == "" {
				continue
			}
			read(source.Arg{Text: key, Span: span}, span, r.around(i))
		}
	}
}

// subscriptAt is the smallest node that starts at an offset and ends behind the receiver with a bracket.
func (r *reader) subscriptAt(offset, length int) (found source.Node) {
	n := r.Root()
	for depth := 0; n != nil && depth < 400; depth++ {
		if s := n.Span(); s.Start == offset && s.End > offset+length && strings.HasSuffix(n.Text(), "]") {
			found = n
		}
		var next source.Node
		for _, c := range n.Children() {
			if s := c.Span(); s.Start <= offset && offset+length < s.End {
				next = c
				break
			}
		}
		n = next
	}
	return found
}

// around is the innermost function or method around an offset.
func (r *reader) around(offset int) (found *source.Decl) {
	for _, d := range r.Decls {
		if (d.Kind == source.Function || d.Kind == source.Method) && d.Span.Start <= offset && offset < d.Span.End {
			found = d
		}
	}
	return found
}
