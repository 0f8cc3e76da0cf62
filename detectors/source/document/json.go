package document

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// jsonReader reads JSON with the line of each key and value: the same tree as YAML's, in a tenth of the time.
type jsonReader struct {
	*json.Decoder
	builder
	text   string
	offset int64
	line   int
}

// JSON reads a JSON text, without the liberties of YAML.
func JSON(file string, text []byte) (*Node, error) {
	r := &jsonReader{Decoder: json.NewDecoder(strings.NewReader(string(text))), builder: builder{file: file}, text: string(text), line: 1}
	r.UseNumber()
	n, err := r.node(0)
	switch _, more := r.Token(); {
	case err == nil && !errors.Is(more, io.EOF):
		return nil, errors.New("malformed JSON: a second value")
	case err != nil && !errors.Is(err, ErrTooLarge):
		return nil, fmt.Errorf("malformed JSON: %w", err)
	}
	return n, err
}

// at is the line that the decoder stands on.
func (r *jsonReader) at() int {
	now := r.InputOffset()
	r.line += strings.Count(r.text[r.offset:now], "\n")
	r.offset = now
	return r.line
}

func (r *jsonReader) node(depth int) (*Node, error) {
	if !r.more(depth) {
		return nil, ErrTooLarge
	}
	token, err := r.Token()
	if err != nil {
		return nil, err
	}
	n := &Node{File: r.file, Line: r.at()}
	switch token := token.(type) {
	case json.Delim:
		if n.Kind = Object; token == '[' {
			n.Kind = List
		}
		for r.More() {
			if token == '[' {
				item, err := r.node(depth + 1)
				if err != nil {
					return nil, err
				}
				n.Items = append(n.Items, item)
				continue
			}
			key, err := r.Token()
			if err != nil {
				return nil, err
			}
			p := Pair{Line: r.at()}
			p.Key, _ = key.(string)
			if p.Value, err = r.node(depth + 1); err != nil {
				return nil, err
			}
			n.Pairs = append(n.Pairs, p)
		}
		_, err = r.Token()
		return n, err
	case string:
		n.Kind, n.Value = String, token
	case json.Number:
		n.Kind, n.Value = Number, token.String()
	case bool:
		n.Kind, n.Value = Boolean, strconv.FormatBool(token)
	default:
		n.Kind = Null
	}
	return n, nil
}
