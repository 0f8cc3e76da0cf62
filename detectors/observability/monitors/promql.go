package monitors

import "strings"

// Selector is one series that a query asks for: the metric and the labels that it filters by.
type Selector struct {
	Metric string
	Labels []string
	// Values are what labels have to be, by label: those given by = or as plain alternatives of =~, whose open ends are cut.
	Values map[string][]string
	// Offset is where the metric's name begins in the query, in bytes.
	Offset int
}

// aggregators of PromQL take a grouping before or behind their argument.
var aggregators = words("sum avg min max count group stddev stdvar topk bottomk count_values quantile limitk limit_ratio")

// keywords of PromQL that are no metric; those with a list of labels are in groupings.
var (
	keywords  = words("and or unless offset bool start end atan2 inf nan by without on ignoring group_left group_right default if ifnot keep_metric_names with smoothed anchored")
	groupings = words("by without on ignoring group_left group_right")
)

func words(list string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(list) {
		m[w] = true
	}
	return m
}

// PromQL reads the selectors of a PromQL query and the labels that it groups by. It goes by the tokens and so reads
// templates too, in which a dashboard's variables ($job, ${x:regex}, [[x]], [$__rate_interval]) stand anywhere.
func PromQL(query string) (selectors []Selector, grouped []string) {
	if len(query) > 1<<16 {
		return nil, nil
	}
	s := &scanner{text: query}
	for s.pos < len(s.text) {
		c := s.text[s.pos]
		switch {
		case c == '"' || c == '\'' || c == '`':
			s.quoted()
		case c == '#':
			s.until("\n")
		case c == '$' || strings.HasPrefix(s.text[s.pos:], "[["):
			s.variable()
		case c == '[':
			s.until("]")
		case c >= '0' && c <= '9' || c == '.':
			s.run(isWord)
		case c == '{':
			if sel := s.matchers(Selector{Offset: s.pos}); sel.Metric != "" {
				for m := range strings.SplitSeq(sel.Metric, "|") {
					one := sel
					one.Metric = m
					selectors = append(selectors, one)
				}
			}
		case isWord(c):
			at := s.pos
			name := s.run(isWord)
			lower := strings.ToLower(name)
			s.space()
			next := s.peek()
			switch {
			case groupings[lower]:
				if next == '(' {
					s.pos++
					grouped = append(grouped, s.labelList()...)
				}
			case keywords[lower]:
			case aggregators[lower] && (next == '(' || s.ahead("by") || s.ahead("without")):
			case next == '(' && name == "label_values":
				s.pos++
				selectors = append(selectors, s.labelValues()...)
			case next == '(':
			case next == '{':
				selectors = append(selectors, s.matchers(Selector{Metric: name, Offset: at}))
			case at > 0 && s.text[at-1] == '$' || next == '$' && s.pos == at+len(name):
			default:
				selectors = append(selectors, Selector{Metric: name, Offset: at})
			}
		default:
			s.pos++
		}
	}
	return selectors, grouped
}

// scanner walks over a query.
type scanner struct {
	text string
	pos  int
}

func isWord(c byte) bool {
	return c == '_' || c == ':' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

func (s *scanner) run(take func(byte) bool) string {
	start := s.pos
	for s.pos < len(s.text) && take(s.text[s.pos]) {
		s.pos++
	}
	if s.pos == start {
		s.pos++
	}
	return s.text[start:min(s.pos, len(s.text))]
}

func (s *scanner) space() {
	for s.pos < len(s.text) && strings.IndexByte(" \t\r\n", s.text[s.pos]) >= 0 {
		s.pos++
	}
}

func (s *scanner) peek() byte {
	if s.pos < len(s.text) {
		return s.text[s.pos]
	}
	return 0
}

// ahead says whether the word stands next.
func (s *scanner) ahead(word string) bool {
	rest := s.text[s.pos:]
	return len(rest) > len(word) && strings.EqualFold(rest[:len(word)], word) && !isWord(rest[len(word)])
}

func (s *scanner) until(end string) {
	if i := strings.Index(s.text[s.pos:], end); i >= 0 {
		s.pos += i + len(end)
		return
	}
	s.pos = len(s.text)
}

// quoted reads a string and gives its content.
func (s *scanner) quoted() string {
	quote := s.text[s.pos]
	s.pos++
	start := s.pos
	for s.pos < len(s.text) && s.text[s.pos] != quote {
		if s.text[s.pos] == '\\' && quote != '`' {
			s.pos++
		}
		s.pos++
	}
	end := min(s.pos, len(s.text))
	s.pos = min(s.pos+1, len(s.text))
	return s.text[start:end]
}

// variable skips $name, ${name:format} and [[name]] with the word that it is part of.
func (s *scanner) variable() {
	switch {
	case strings.HasPrefix(s.text[s.pos:], "[["):
		s.until("]]")
	case strings.HasPrefix(s.text[s.pos:], "${"):
		s.until("}")
	default:
		s.pos++
	}
	for s.pos < len(s.text) && isWord(s.text[s.pos]) {
		s.pos++
	}
}

// matchers reads {label="value", ...} behind a name, or without one: the name is then that of __name__ or a quoted one.
func (s *scanner) matchers(sel Selector) Selector {
	s.pos++
	for s.pos < len(s.text) {
		switch c := s.text[s.pos]; {
		case c == '}':
			s.pos++
			return sel
		case c == '"' || c == '\'':
			name := s.quoted()
			s.space()
			if next := s.peek(); next == '=' || next == '!' {
				sel.Labels = append(sel.Labels, name)
				sel.require(name, s)
			} else if sel.Metric == "" {
				sel.Metric = name
			}
		case c == '$' || c == '[':
			s.variable()
		case isWord(c):
			name := s.run(isWord)
			s.space()
			if next := s.peek(); next != '=' && next != '!' {
				continue
			}
			if name != "__name__" {
				sel.Labels = append(sel.Labels, name)
				sel.require(name, s)
				continue
			}
			if value, exact := s.value(); sel.Metric == "" && exact {
				sel.Metric = value
			}
		default:
			s.pos++
		}
	}
	return sel
}

// require reads an operator with its value and keeps what the label has to be.
func (sel *Selector) require(label string, s *scanner) {
	if s.peek() == '!' {
		s.value()
		return
	}
	text, _ := s.value()
	for v := range strings.SplitSeq(text, "|") {
		v = strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(v, ".*"), ".+"), "-"), "_")
		if v == "" || strings.ContainsAny(v, "*+?[]{}\\$(") {
			continue
		}
		if sel.Values == nil {
			sel.Values = map[string][]string{}
		}
		sel.Values[label] = append(sel.Values[label], v)
	}
}

// value reads an operator with its value; exact says that it is a list of plain names.
func (s *scanner) value() (text string, exact bool) {
	negative := s.peek() == '!'
	for s.pos < len(s.text) && strings.IndexByte("=!~ \t\n", s.text[s.pos]) >= 0 {
		s.pos++
	}
	if c := s.peek(); c != '"' && c != '\'' && c != '`' {
		return "", false
	}
	text = strings.Trim(s.quoted(), "^$()")
	return text, !negative && !strings.ContainsAny(text, ".*+?[]{}\\")
}

func (s *scanner) labelList() []string {
	start := s.pos
	s.until(")")
	var list []string
	for l := range strings.FieldsFuncSeq(strings.TrimSuffix(s.text[start:s.pos], ")"), func(r rune) bool { return r == ',' || r == ' ' || r == '\n' || r == '\t' }) {
		list = append(list, strings.Trim(l, `"`))
	}
	return list
}

// labelValues reads Grafana's label_values(metric{...}, label).
func (s *scanner) labelValues() []Selector {
	s.space()
	at := s.pos
	if !isWord(s.peek()) {
		return nil
	}
	sel := Selector{Metric: s.run(isWord), Offset: at}
	s.space()
	if s.peek() == '{' {
		sel = s.matchers(sel)
		s.space()
	}
	if s.peek() != ',' {
		return nil // label_values(label)
	}
	s.pos++
	s.space()
	if isWord(s.peek()) {
		sel.Labels = append(sel.Labels, s.run(isWord))
	}
	return []Selector{sel}
}
