package review

import (
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// Functions that compare otherwise than before and are the same in all else.

// comparing is an operator that compares, in the languages that write it like C; arrows and shifts are none.
var comparing = lazy.New(`<<=?|>>=?|=>|->|<-|<=>|===|!==|[<>=!]=|[<>]`)

// comparesOther says whether a function differs from before in the operators that compare, and in nothing else: a bound that
// belongs to the range now, or no longer does.
func comparesOther(was, now *source.File, d *source.Decl) bool {
	i := slices.IndexFunc(was.Decls, func(o *source.Decl) bool { return qualified(o) == qualified(d) && o.Kind == d.Kind })
	if i < 0 {
		return false
	}
	before, old := comparisonsOf(codeOf(was, was.Decls[i].Span))
	after, fresh := comparisonsOf(codeOf(now, d.Span))
	return before == after && !slices.Equal(old, fresh)
}

// comparisonsOf takes the operators that compare out of a text; identity counts as equality, which is a matter of style for most.
func comparisonsOf(code string) (rest string, operators []string) {
	rest = comparing.ReplaceAllStringFunc(code, func(o string) string {
		switch o {
		case "===", "!==":
			o = o[:2]
		case "<=", ">=", "==", "!=", "<", ">":
		default:
			return o
		}
		operators = append(operators, o)
		return "\x00"
	})
	return strings.TrimSpace(rest), operators
}
