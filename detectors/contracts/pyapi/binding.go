package pyapi

// Whether a call fits a signature.

import (
	"slices"
	"strings"

	"flightpoll/detectors/source"
)

// Passed is what one call passes: how many arguments by position, which ones by keyword. Open says that there is more that
// cannot be counted (*args, **kwargs).
type Passed struct {
	Positional int
	Keywords   []string
	Open       bool
}

// PassedBy counts a call's arguments.
func PassedBy(args []source.Arg) Passed {
	var p Passed
	for _, a := range args {
		switch {
		case strings.HasPrefix(a.Text, "*"):
			p.Open = true
		case a.Keyword != "":
			p.Keywords = append(p.Keywords, a.Keyword)
		default:
			p.Positional++
		}
	}
	return p
}

// Complaint says in Python's words why a signature refuses a call, "" when it takes it.
func Complaint(params []source.Param, p Passed) string {
	if p.Open {
		return ""
	}
	left := p.Positional
	filled := map[string]bool{}
	keywords, args := false, false
	for _, q := range params {
		switch {
		case q.Variadic:
			args, left = true, 0
		case q.KeywordVariadic:
			keywords = true
		case !q.KeywordOnly && left > 0:
			left--
			filled[q.Name] = true
		}
	}
	if left > 0 && !args {
		return "takes fewer arguments by position"
	}
	for _, k := range p.Keywords {
		i := slices.IndexFunc(params, func(q source.Param) bool {
			return q.Name == k && !q.PositionalOnly && !q.Variadic && !q.KeywordVariadic
		})
		switch {
		case i < 0 && !keywords:
			return "takes no " + k
		case i >= 0 && filled[k]:
			return "gets " + k + " twice"
		case i >= 0:
			filled[k] = true
		}
	}
	for _, q := range params {
		if required(q) && !filled[q.Name] {
			return "lacks " + q.Name
		}
	}
	return ""
}

// Callable is what calling a member takes, by position and keyword; false where that cannot be told: what is decorated
// by what is not known, or built in an unknown way.
func (t *Tree) Callable(m *Member) ([]source.Param, bool) {
	switch m.Kind {
	case Function:
		if hides(m) || slices.ContainsFunc(m.Decorators, func(d string) bool { return !transparent[last(d)] }) {
			return nil, false
		}
		return m.signature(), true
	case Class:
		if slices.ContainsFunc(m.Decorators, func(d string) bool { return !transparent[last(d)] }) || m.Members["__new__"] != nil {
			return nil, false
		}
		if m.Members["__init__"] == nil && !generated(m) {
			return nil, false
		}
		return t.construction(m)
	case Attribute, Import, Submodule:
	}
	return nil, false
}
