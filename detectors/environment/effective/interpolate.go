package effective

// ${X}, ${X:-default} and ${X:?message} in values, as Compose and dotenv files know them.

import (
	"slices"
	"strings"
)

const maxInterpolation = 8

// interpolate judges a value: what is written out is Set, what an interpolation's default gives is Default, what only
// the deploying shell gives is Passed. lookup gives what the project's .env knows, nil without.
func interpolate(value string, at Place, lookup func(string) (Variable, bool)) Variable {
	if !strings.Contains(value, "$") {
		return set(value, at)
	}
	s := &substitution{lookup: lookup}
	text := s.expand(value, 0)
	v := Variable{State: Set, At: at, From: s.from, Must: s.must, value: text}
	switch {
	case s.missing: // also where a part is written out ("postgres://${HOST}/app"): what the process finds is not known here
		v.State, v.value = Passed, ""
	case s.defaulted && text == "":
		v.State = Empty
	case s.defaulted:
		v.State = Default
	case text == "":
		v.State = Empty
	}
	if s.stored {
		v.State, v.value = Elsewhere, ""
	}
	return v
}

// substitution collects what one value's interpolation meets.
type substitution struct {
	lookup    func(string) (Variable, bool)
	from      []string
	missing   bool // a name without a value and without a default
	defaulted bool // a default was taken
	must      bool // a name that has to be given
	stored    bool
}

func (s *substitution) expand(value string, depth int) string {
	var b strings.Builder
	for i := 0; i < len(value); {
		c := value[i]
		if c != '$' || i+1 >= len(value) {
			b.WriteByte(c)
			i++
			continue
		}
		switch next := value[i+1]; {
		case next == '$':
			b.WriteByte('$')
			i += 2
		case next == '{':
			end := matching(value, i+2)
			if end < 0 || depth > maxInterpolation {
				b.WriteByte(c)
				i++
				continue
			}
			b.WriteString(s.one(value[i+2:end], depth))
			i = end + 1
		case next == '_' || next|0x20 >= 'a' && next|0x20 <= 'z':
			j := i + 1
			for j < len(value) && (value[j] == '_' || value[j] >= '0' && value[j] <= '9' || value[j]|0x20 >= 'a' && value[j]|0x20 <= 'z') {
				j++
			}
			b.WriteString(s.one(value[i+1:j], depth))
			i = j
		default:
			b.WriteByte(c)
			i++
		}
	}
	return b.String()
}

// matching is the index of the brace that ends the one before from, -1 without one.
func matching(value string, from int) int {
	depth := 1
	for i := from; i < len(value); i++ {
		switch value[i] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

// one expands NAME, NAME:-default, NAME-default, NAME:?message, NAME?message, NAME:+other or NAME+other.
func (s *substitution) one(text string, depth int) string {
	end := 0
	for end < len(text) && (text[end] == '_' || text[end] >= '0' && text[end] <= '9' || text[end]|0x20 >= 'a' && text[end]|0x20 <= 'z') {
		end++
	}
	name, rest := text[:end], text[end:]
	if !slices.Contains(s.from, name) {
		s.from = append(s.from, name)
	}
	var known Variable
	has := false
	if s.lookup != nil {
		known, has = s.lookup(name)
	}
	op := strings.TrimPrefix(rest, ":")
	if has && known.State == Elsewhere {
		s.stored = true
		return ""
	}
	if has && known.Known() {
		if strings.HasPrefix(op, "+") {
			return s.expand(op[1:], depth+1)
		}
		return known.value
	}
	switch {
	case strings.HasPrefix(op, "-"):
		missing := s.missing
		out := s.expand(op[1:], depth+1)
		if s.missing == missing {
			s.defaulted = true
		}
		return out
	case strings.HasPrefix(op, "+"):
		return ""
	case strings.HasPrefix(op, "?"):
		s.must = true
	}
	s.missing = true
	return ""
}
