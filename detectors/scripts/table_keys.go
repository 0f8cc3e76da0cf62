package scripts

// What keeps a table from taking the same row twice, as far as the repository's SQL says.

import (
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
)

var (
	tableHead   = lazy.New("(?i)create\\s+table\\s+(?:if\\s+not\\s+exists\\s+)?([\\w.\"`\\[\\]]+)\\s*\\(")
	uniqueIndex = lazy.New("(?i)create\\s+unique\\s+index\\s+(?:concurrently\\s+)?(?:if\\s+not\\s+exists\\s+)?\\S+\\s+on\\s+(?:only\\s+)?([\\w.\"`\\[\\]]+)\\s*(?:using\\s+\\w+\\s*)?\\(([^)]*)\\)")
	alterUnique = lazy.New("(?i)alter\\s+table\\s+(?:only\\s+)?([\\w.\"`\\[\\]]+)\\s+add\\s+(?:constraint\\s+\\S+\\s+)?(?:unique|primary)\\s*(?:key|index)?\\s*\\S*\\s*\\(([^)]*)\\)")
	keyClause   = lazy.New("(?is)^(?:constraint\\s+\\S+\\s+)?(?:primary\\s+key|unique(?:\\s+(?:key|index))?(?:\\s+[\\w\"`]+)?)\\s*\\(([^)]*)\\)")
	drawn       = lazy.New(`(?i)\b(auto_?increment|identity|serial|bigserial|smallserial|gen_random_uuid|uuid_generate_v4|newid|nextval)\b|integer\s+primary\s+key`)
	keyColumn   = lazy.New(`(?i)\b(primary\s+key|unique)\b`)
)

// tableKeys are the keys of a table that are not drawn anew for each row, each a list of columns; known says that the
// table's definition was found.
func (c *changes) tableKeys(table string) (keys [][]string, known bool) {
	paths, err := c.pass.Branch.HeadPaths()
	if err != nil || table == "" || strings.Contains(table, hole) {
		return nil, false
	}
	bare := table[strings.LastIndexByte(table, '.')+1:]
	read := 0
	for _, p := range paths {
		if !strings.HasSuffix(p, ".sql") || aside(p) {
			continue
		}
		if read++; read > maxStarts || c.pass.Context.Err() != nil {
			break
		}
		text := string(c.readHead(p))
		if len(text) > maxYAML || !strings.Contains(strings.ToLower(text), bare) {
			continue
		}
		same := func(name string) bool { name = fold(name); return name[strings.LastIndexByte(name, '.')+1:] == bare }
		for _, m := range tableHead.FindAllStringSubmatchIndex(text, -1) {
			if same(text[m[2]:m[3]]) {
				known = true
				keys = append(keys, keysIn(text[m[1]:])...)
			}
		}
		for _, re := range []*lazy.Regexp{uniqueIndex, alterUnique} {
			for _, m := range re.FindAllStringSubmatch(text, -1) {
				if same(m[1]) {
					keys = append(keys, columnList(m[2]))
				}
			}
		}
	}
	return keys, known
}

// keysIn reads the keys of a table's body, which begins behind its parenthesis.
func keysIn(body string) [][]string {
	depth := 1
	end := len(body)
	for i := range len(body) {
		switch body[i] {
		case '(':
			depth++
		case ')':
			depth--
		}
		if depth == 0 {
			end = i
			break
		}
	}
	var keys [][]string
	var drawnColumns []string
	for _, item := range outerCommas(body[:end]) {
		item = strings.TrimSpace(withoutSQLComments(item))
		name, _, _ := strings.Cut(item, " ")
		switch m := keyClause.FindStringSubmatch(item); {
		case m != nil:
			keys = append(keys, columnList(m[1]))
		case drawn.MatchString(item):
			drawnColumns = append(drawnColumns, fold(name))
		case keyColumn.MatchString(item):
			keys = append(keys, []string{fold(name)})
		}
	}
	return slices.DeleteFunc(keys, func(k []string) bool { return len(k) == 1 && slices.Contains(drawnColumns, k[0]) })
}

func withoutSQLComments(text string) string { return lineComment.ReplaceAllString(text, "") }

func columnList(text string) []string {
	var list []string
	for _, c := range strings.Split(text, ",") {
		c, _, _ = strings.Cut(strings.TrimSpace(c), " ")
		list = append(list, fold(c))
	}
	return list
}

// takesTwice says whether a table takes the same values a second time: no key of it is among the columns that an insert
// fills (or, where those are not known, it has no key at all). known is that of tableKeys.
func (c *changes) takesTwice(table string, columns []string) (twice, known bool) {
	keys, known := c.tableKeys(table)
	if !known {
		return false, false
	}
	for _, k := range keys {
		if len(columns) == 0 || !slices.ContainsFunc(k, func(name string) bool { return !slices.Contains(columns, name) }) {
			return false, true
		}
	}
	return true, true
}
