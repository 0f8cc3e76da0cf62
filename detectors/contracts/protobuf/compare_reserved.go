package protobuf

// Numbers and names that a message or an enum keeps from being used.

import (
	"fmt"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// freed tells of each name that is no longer reserved.
func (c *comparer) freed(at protoreflect.Descriptor, name string, was, now protoreflect.Names, rule string) {
	for i := range was.Len() {
		if n := was.Get(i); !now.Has(n) {
			c.tell(Names, at, name+"."+string(n), fmt.Sprintf("%s no longer reserves the name %s", name, n), rule)
		}
	}
}

// A span is a range of numbers, both ends included.
type span struct{ from, to int64 }

// fieldRanges gives half-open ranges of fields as spans.
func fieldRanges(r protoreflect.FieldRanges) []span {
	var list []span
	for i := range r.Len() {
		x := r.Get(i)
		list = append(list, span{int64(x[0]), int64(x[1]) - 1})
	}
	return list
}

func enumRanges(r protoreflect.EnumRanges) []span {
	var list []span
	for i := range r.Len() {
		x := r.Get(i)
		list = append(list, span{int64(x[0]), int64(x[1])})
	}
	return list
}

// lost tells of each old range that the new ones together no longer cover.
func lost(c *comparer, at protoreflect.Descriptor, name, kind string, was, now []span, rule string) {
	for _, w := range was {
		next := w.from
		for progress := true; progress && next <= w.to; {
			progress = false
			for _, n := range now {
				if n.from <= next && next <= n.to {
					next, progress = n.to+1, true
				}
			}
		}
		if next > w.to {
			continue
		}
		text := fmt.Sprint(w.from)
		if w.to != w.from {
			text = fmt.Sprintf("%d to %d", w.from, w.to)
		}
		what := fmt.Sprintf("%s no longer reserves %s", name, text)
		if kind == "extension" {
			what = fmt.Sprintf("%s no longer leaves %s to extensions", name, text)
		}
		c.tell(Names, at, name, what, rule)
	}
}
