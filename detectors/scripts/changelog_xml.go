package scripts

// Reading XML changelogs with the line of each element.

import (
	"bytes"
	"encoding/xml"
	"strings"
)

// maxElements bounds how many elements of a changelog are read, maxXMLDepth their nesting.
const (
	maxElements = 20000
	maxXMLDepth = 40
)

// xmlChangeSets reads the changeSets of an XML changelog; what stands before an error is kept.
func xmlChangeSets(text string) []*element {
	d := xml.NewDecoder(strings.NewReader(text))
	d.Strict = false
	lines := lineCounter{text: []byte(text), line: 1}
	var stack, sets []*element
	count := 0
	for count < maxElements {
		token, err := d.Token()
		if err != nil {
			break
		}
		switch t := token.(type) {
		case xml.StartElement:
			count++
			if len(stack) >= maxXMLDepth {
				return sets
			}
			e := &element{name: t.Name.Local, attrs: map[string]string{}, line: lines.at(int(d.InputOffset()))}
			// The offset is behind the tag: a tag of several lines began above.
			e.last = e.line
			if start := strings.LastIndexByte(text[:d.InputOffset()], '<'); start >= 0 {
				e.line -= strings.Count(text[start:d.InputOffset()], "\n")
			}
			for _, a := range t.Attr {
				e.attrs[a.Name.Local] = a.Value
			}
			if len(stack) > 0 {
				parent := stack[len(stack)-1]
				parent.inner = append(parent.inner, e)
			}
			if e.name == "changeSet" {
				sets = append(sets, e)
			}
			stack = append(stack, e)
		case xml.EndElement:
			if len(stack) > 0 {
				stack[len(stack)-1].last = lines.at(int(d.InputOffset()))
				stack = stack[:len(stack)-1]
			}
		case xml.CharData:
			if len(stack) > 0 {
				stack[len(stack)-1].text += string(t)
			}
		}
	}
	return sets
}

// lineCounter counts lines up to offsets that only grow.
type lineCounter struct {
	text []byte
	from int
	line int
}

func (c *lineCounter) at(offset int) int {
	if offset > c.from && offset <= len(c.text) {
		c.line += bytes.Count(c.text[c.from:offset], []byte("\n"))
		c.from = offset
	}
	return c.line
}
