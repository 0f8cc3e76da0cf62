package scripts

// SQL that stands in a program's string literals, in any language.

import (
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// sqlText is one statement of SQL in a program: what it does, and where it stands.
type sqlText struct {
	ops  []operation
	in   *source.Decl
	span source.Span
}

// joins is what may stand between two literals that make one text.
var joins = lazy.New(`^[\s.+\\&()]*(?:/\*[^*]*\*/)?$`)

// sqlStrings are the statements in a file's literals. Literals that are put together count as one.
func sqlStrings(f *source.File) []sqlText {
	var list []sqlText
	for i := 0; i < len(f.Strings); i++ {
		first := f.Strings[i]
		if !startsSQL.MatchString(first.Value) {
			continue
		}
		value, last := first.Value, first.Span
		for i+1 < len(f.Strings) {
			next := f.Strings[i+1]
			if next.Span.Start < last.End || next.Span.Start-last.End > 80 || next.Span.Start > len(f.Text) || startsSQL.MatchString(next.Value) ||
				!joins.Match(f.Text[last.End:next.Span.Start]) || next.Span.Start == last.End && f.Lang != source.Python {
				break
			}
			value += " " + next.Value
			last = next.Span
			i++
		}
		ops, unread := readSQL(strings.TrimSpace(value), first.Span.Line)
		if len(ops) == 0 || unread > 0 {
			continue
		}
		span := first.Span
		span.End, span.EndLine = last.End, last.EndLine
		for k := range ops {
			ops[k].last = max(ops[k].last, span.EndLine)
		}
		list = append(list, sqlText{ops: ops, in: first.In, span: span})
	}
	return list
}

// writes are the operations of a list that change something.
func writes(ops []operation) []operation {
	var list []operation
	for _, o := range ops {
		if o.changes() && o.do != opaque {
			list = append(list, o)
		}
	}
	return list
}
