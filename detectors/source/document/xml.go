package document

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

// XML reads an XML text: elements are keys, attributes are keys with an @ before them, and the text of an element without others is
// its value. An element that stands several times stands several times. Entities beyond XML's own are not resolved.
func XML(file string, text []byte) (*Node, error) {
	d := xml.NewDecoder(bytes.NewReader(text))
	d.Strict = false
	d.Entity = map[string]string{}
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	b := &builder{file: file}
	root := &Node{Kind: Object, File: file, Line: 1}
	open := []*Node{root}
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, errors.New("does not parse as XML")
		}
		line, _ := d.InputPos()
		at := open[len(open)-1]
		switch t := token.(type) {
		case xml.StartElement:
			if !b.more(len(open)) {
				return nil, ErrTooLarge
			}
			n := &Node{Kind: String, File: file, Line: line}
			for _, a := range t.Attr {
				if !b.more(len(open)) {
					return nil, ErrTooLarge
				}
				n.Kind = Object
				n.Pairs = append(n.Pairs, Pair{Key: "@" + a.Name.Local, Line: line, Value: &Node{Kind: String, File: file, Line: line, Value: a.Value}})
			}
			at.Kind = Object
			at.Pairs = append(at.Pairs, Pair{Key: t.Name.Local, Line: line, Value: n})
			open = append(open, n)
		case xml.CharData:
			at.Value = strings.TrimSpace(at.Value + string(t))
		case xml.EndElement:
			if len(open) > 1 {
				open = open[:len(open)-1]
			}
		}
	}
	return root, nil
}
