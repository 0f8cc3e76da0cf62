package contracts

import (
	"slices"
	"strings"
)

// A sqlToken is a word, a quoted name or a sign of a SQL text; strings and comments are left out. Tokens are used instead of a
// grammar because the text comes in every dialect, with placeholders and templates in it.
type sqlToken struct {
	text   string // folded to lower case unless quoted
	word   bool
	quoted bool
	at     int
}

// sqlTokens cuts a text into tokens.
func sqlTokens(text string) []sqlToken {
	var list []sqlToken
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case strings.HasPrefix(text[i:], "--") || c == '#' && (i == 0 || text[i-1] == '\n'):
			i = after(text, i, "\n")
		case strings.HasPrefix(text[i:], "/*"):
			i = after(text, i+2, "*/")
		case strings.HasPrefix(text[i:], "{{") || strings.HasPrefix(text[i:], "{%") || strings.HasPrefix(text[i:], "${"):
			end := after(text, i, "}")
			if name := templateTable(text[i:end]); name != "" {
				list = append(list, sqlToken{text: name, word: true, at: i})
			} else {
				list = append(list, sqlToken{text: "?", at: i})
			}
			if i = end; i < len(text) && text[i] == '}' {
				i++
			}
		case c == '\'':
			i = after(text, i+1, "'")
			list = append(list, sqlToken{text: "'", at: i - 1})
		case c == '"' || c == '`' || c == '[':
			end := map[byte]string{'"': `"`, '`': "`", '[': "]"}[c]
			j := after(text, i+1, end)
			if name := strings.TrimSuffix(text[i+1:j], end); variableName.MatchString(name) {
				list = append(list, sqlToken{text: strings.ToLower(name), word: true, quoted: true, at: i + 1})
			}
			i = j
		case c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
			j := i
			for j < len(text) && (text[j] == '_' || text[j] == '$' || text[j] >= '0' && text[j] <= '9' || text[j]|0x20 >= 'a' && text[j]|0x20 <= 'z') {
				j++
			}
			list = append(list, sqlToken{text: strings.ToLower(text[i:j]), word: true, at: i})
			i = j
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			i++
		default:
			list = append(list, sqlToken{text: string(c), at: i})
			i++
		}
	}
	return list
}

// after is the offset behind the next end mark, or the text's end.
func after(text string, from int, end string) int {
	if from >= len(text) {
		return len(text)
	}
	if i := strings.Index(text[from:], end); i >= 0 {
		return from + i + len(end)
	}
	return len(text)
}

// templateTable is the table that dbt's ref and source name: {{ ref('orders') }}.
func templateTable(text string) string {
	if !strings.Contains(text, "ref(") && !strings.Contains(text, "source(") {
		return ""
	}
	all := quotedAll.FindAllStringSubmatch(text, 3)
	if len(all) == 0 {
		return ""
	}
	m := all[len(all)-1]
	return strings.ToLower(m[1] + m[2])
}

// A sqlStatement is one statement with the tables that it reads or writes.
type sqlStatement struct {
	tokens []sqlToken
	// tables gives for each table its names in the statement: itself and its aliases; with are the names of its common table
	// expressions.
	tables map[string][]string
	with   []string
	// at are the tokens that name tables.
	at map[int]string
}

var (
	sqlVerbs   = []string{"select", "insert", "update", "delete", "with", "create", "merge", "replace", "copy", "alter", "refresh", "truncate"}
	tableWords = []string{"from", "join", "update", "into", "using", "copy", "truncate"}
	notAlias   = []string{"where", "on", "set", "join", "left", "right", "inner", "outer", "full", "cross", "group", "order", "limit", "values", "select", "union", "using", "having",
		"returning", "as", "natural", "lateral", "for", "offset", "window", "except", "intersect", "default", "with", "when", "then", "and", "or", "do", "from", "into", "in", "only", "final", "qualify", "tablesample"}
)

// sqlStatements are the statements of a text that read or write tables. Definitions of tables are none of them.
func sqlStatements(text string) []*sqlStatement {
	var list []*sqlStatement
	tokens := sqlTokens(text)
	for len(tokens) > 0 {
		end := slices.IndexFunc(tokens, func(t sqlToken) bool { return t.text == ";" })
		if end < 0 {
			end = len(tokens)
		}
		if s := readStatement(tokens[:end]); s != nil {
			list = append(list, s)
		}
		tokens = tokens[min(end+1, len(tokens)):]
	}
	return list
}

func readStatement(tokens []sqlToken) *sqlStatement {
	first := slices.IndexFunc(tokens, func(t sqlToken) bool { return t.word && !t.quoted && slices.Contains(sqlVerbs, t.text) })
	if first < 0 || len(tokens) > 20_000 {
		return nil
	}
	tokens = tokens[first:]
	if tokens[0].text == "alter" || tokens[0].text == "create" && !slices.ContainsFunc(tokens, func(t sqlToken) bool { return t.text == "select" }) {
		return nil
	}
	s := &sqlStatement{tokens: tokens, tables: map[string][]string{}, at: map[int]string{}}
	for i, t := range tokens {
		if t.word && i+2 < len(tokens) && tokens[i+1].text == "as" && tokens[i+2].text == "(" {
			s.with = append(s.with, t.text)
		}
		if t.word && !t.quoted && slices.Contains(tableWords, t.text) && (i == 0 || tokens[i-1].text != "for" && tokens[i-1].text != "do") && !inFunction(tokens, i) {
			s.table(i + 1)
		}
	}
	if len(s.tables) == 0 {
		return nil
	}
	return s
}

// inFunction says that a FROM is a function's own: extract(year FROM at), trim(both ' ' FROM name), substring(x FROM 2).
func inFunction(tokens []sqlToken, i int) bool {
	for j := i - 1; j > 0 && j >= i-4; j-- {
		if tokens[j].text == "(" {
			return slices.Contains([]string{"extract", "trim", "substring", "overlay", "position"}, tokens[j-1].text)
		}
	}
	return false
}

// table reads a table's name from token i on, its alias, and further ones behind commas.
func (s *sqlStatement) table(i int) {
	for i < len(s.tokens) {
		for i < len(s.tokens) && (s.tokens[i].text == "only" || s.tokens[i].text == "lateral" || s.tokens[i].text == "table") {
			i++
		}
		if i >= len(s.tokens) || !s.tokens[i].word || !s.tokens[i].quoted && (slices.Contains(notAlias, s.tokens[i].text) || slices.Contains(sqlVerbs, s.tokens[i].text)) {
			return
		}
		for i+2 < len(s.tokens) && s.tokens[i+1].text == "." && s.tokens[i+2].word {
			i += 2
		}
		name := s.tokens[i].text
		s.at[i] = name
		s.tables[name] = append(s.tables[name], name)
		i++
		if i < len(s.tokens) && s.tokens[i].text == "as" {
			i++
		}
		if i < len(s.tokens) && s.tokens[i].word && !slices.Contains(notAlias, s.tokens[i].text) {
			s.tables[name] = append(s.tables[name], s.tokens[i].text)
			i++
		}
		if i >= len(s.tokens) || s.tokens[i].text != "," {
			return
		}
		i++
	}
}

// column is the offset at which the statement names a column of a table, -1 for none: qualified by the table or its alias, or
// alone where the statement is about no other table.
func (s *sqlStatement) column(table, column string) int {
	aliases, ok := s.tables[table]
	if !ok {
		return -1
	}
	alone := true
	for other := range s.tables {
		alone = alone && (other == table || slices.Contains(s.with, other))
	}
	found := -1
	for i, t := range s.tokens {
		if !t.word || t.text != column || s.at[i] != "" {
			continue
		}
		if i > 0 && s.tokens[i-1].text == "as" {
			return -1 // the statement itself gives something else the name
		}
		if i+1 < len(s.tokens) && (s.tokens[i+1].text == "(" || s.tokens[i+1].text == ".") {
			continue
		}
		if i > 1 && s.tokens[i-1].text == "." {
			if slices.Contains(aliases, s.tokens[i-2].text) && found < 0 {
				found = t.at
			}
		} else if alone && found < 0 && (i == 0 || s.tokens[i-1].text != "@" && s.tokens[i-1].text != ":" && s.tokens[i-1].text != "$" && s.tokens[i-1].text != "%") {
			found = t.at
		}
	}
	return found
}

// names is the offset at which the statement names a table, -1 for none.
func (s *sqlStatement) names(table string) int {
	if slices.Contains(s.with, table) {
		return -1
	}
	best := -1
	for i, name := range s.at {
		if name == table && (best < 0 || s.tokens[i].at < best) {
			best = s.tokens[i].at
		}
	}
	return best
}
