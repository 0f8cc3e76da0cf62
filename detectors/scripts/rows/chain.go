package rows

// Chains of calls, cut into their links alike in all languages: db.from("t").where(x).update(y), X::query()->delete().

import "strings"

// link is one step of a chain: its name, and the text of its arguments where it is called.
type link struct {
	name, args string
	called     bool
}

// maxChain bounds the text of a chain, maxLinks its steps.
const (
	maxChain = 16 << 10
	maxLinks = 60
)

// chainOf cuts the text of a call into its links. It never fails; what is no chain ends it.
func chainOf(text string) []link {
	if len(text) > maxChain {
		text = text[:maxChain]
	}
	s := scanner{text: text}
	s.skip()
	for strings.HasPrefix(s.rest(), "new ") || strings.HasPrefix(s.rest(), "await ") {
		s.at += strings.IndexByte(s.rest(), ' ') + 1
		s.skip()
	}
	if n := s.name(); n != "" {
		s.links = append(s.links, link{name: n})
	} else {
		s.links = append(s.links, link{})
	}
	for more := true; more && len(s.links) < maxLinks; {
		more = s.next()
	}
	return s.links
}

type scanner struct {
	text  string
	at    int
	links []link
}

func (s *scanner) rest() string { return s.text[s.at:] }

// skip passes white space and line comments.
func (s *scanner) skip() {
	for s.at < len(s.text) {
		switch c := s.text[s.at]; {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			s.at++
		case strings.HasPrefix(s.rest(), "//"):
			s.at += lineLength(s.rest())
		default:
			return
		}
	}
}

func lineLength(text string) int {
	if i := strings.IndexByte(text, '\n'); i >= 0 {
		return i
	}
	return len(text)
}

// name reads an identifier with the marks that languages allow in it.
func (s *scanner) name() string {
	from := s.at
	for s.at < len(s.text) {
		c := s.text[s.at]
		if c != '_' && c != '$' && c != '@' && c != '\\' && (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') {
			break
		}
		s.at++
	}
	n := s.text[from:s.at]
	if s.at < len(s.text) && n != "" && (s.text[s.at] == '!' || s.text[s.at] == '?') && (s.at+1 == len(s.text) || s.text[s.at+1] != '.' && s.text[s.at+1] != '!' && s.text[s.at+1] != '-' && s.text[s.at+1] != '=') {
		s.at++
		n += s.text[s.at-1 : s.at]
	}
	return n
}

var arrows = []string{"?->", "->", "::", "?.", "!!.", "!.", "&.", "."}

// next reads one more piece of the chain: arguments, an index, a block, or an arrow with the next name.
func (s *scanner) next() bool {
	s.skip()
	if s.at >= len(s.text) {
		return false
	}
	last := &s.links[len(s.links)-1]
	switch c := s.text[s.at]; c {
	case '(', '{':
		n := balanced(s.rest())
		last.args += strings.TrimSpace(strings.TrimSuffix(s.rest()[1:n], string(")}"[c/'{'])))
		last.called = true
		s.at += n
		return true
	case '[':
		n := balanced(s.rest())
		s.links = append(s.links, link{name: strings.Trim(s.rest()[1:max(1, n-1)], `"'`+"`")})
		s.at += n
		return true
	case '<':
		if n := strings.IndexByte(s.rest(), '>'); n > 0 && n < 80 && !strings.ContainsAny(s.rest()[:n], "(;\n") {
			s.at += n + 1
			return true
		}
		return false
	}
	for _, a := range arrows {
		if strings.HasPrefix(s.rest(), a) {
			s.at += len(a)
			s.skip()
			if strings.HasPrefix(s.rest(), "<") {
				return s.next()
			}
			if strings.HasPrefix(s.rest(), "(") {
				return true
			}
			n := s.name()
			if n == "" {
				return false
			}
			s.links = append(s.links, link{name: n})
			return true
		}
	}
	return false
}

// balanced is the length of the bracketed run that text starts with, quotes left out; all of the text where it is open.
func balanced(text string) int {
	depth := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			if depth--; depth <= 0 {
				return i + 1
			}
		case '"', '\'', '`':
			i += quoted(text[i:])
		}
	}
	return len(text)
}

// quoted is the length up to the quote that ends the one that text starts with; 0 where none does on its line.
func quoted(text string) int {
	for i := 1; i < len(text); i++ {
		switch {
		case text[i] == '\\':
			i++
		case text[i] == text[0]:
			return i
		case text[i] == '\n' && text[0] == '\'':
			return 0
		}
	}
	return 0
}

// arguments cuts the text of a call's arguments at the commas that are outside of brackets and quotes.
func arguments(text string) []string {
	var list []string
	from := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '(', '[', '{':
			i += balanced(text[i:]) - 1
		case '"', '\'', '`':
			i += quoted(text[i:])
		case ',':
			list = append(list, strings.TrimSpace(text[from:i]))
			from = i + 1
		}
	}
	if last := strings.TrimSpace(text[from:]); last != "" {
		list = append(list, last)
	}
	return list
}
