package scripts

// Laravel migrations: the Schema and DB calls of up() and down(), read without a grammar, which their regular form allows.

import (
	"regexp"
	"strings"

	"flightpoll/detectors/lazy"
)

var (
	laravelClass  = lazy.New(`extends\s+Migration\b`)
	phpFunction   = lazy.New(`function\s+(up|down)\s*\([^)]*\)[^{]*\{`)
	phpSchema     = lazy.New(`Schema::(?:connection\([^)]*\)->)?(create|table|drop|dropIfExists|rename|dropColumns|hasColumn|hasTable)\(\s*(?:\$\w+\[)?['"]([\w.]+)['"](?:\s*,\s*['"](\w+)['"])?`)
	phpColumn     = lazy.New(`\$\w+->(\w+)\(\s*(?:['"](\w+)['"])?`)
	phpStatement  = lazy.New(`DB::(?:connection\([^)]*\)->)?(?:statement|unprepared|update|delete|insert)\(\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|<<<['"]?(\w+)['"]?\n(?s:(.*?))\n\s*\w+)`)
	phpRows       = lazy.New(`DB::table\(\s*['"](\w+)['"]\s*\)((?:\s*->\s*\w+\([^;]*?\))*?)\s*->\s*(update|delete|truncate|insert|increment|decrement|upsert|insertOrIgnore|updateOrInsert)\(`)
	phpComment    = lazy.New(`//\s*(.*)|/\*(?s:(.*?))\*/|#\s+(.*)`)
	phpQuoted     = lazy.New(`['"](\w+)['"]`)
	phpThrow      = lazy.New(`throw\s+new\s+\S+`)
	laravelColumn = lazy.New(`^(string|text|char|(\w*[iI])nteger|boolean|decimal|float|double|date\w*|time\w*|json\w*|uuid|ulid|enum|foreignId\w*|foreignUuid|foreignUlid|binary|year|ipAddress|macAddress|(medium|long|tiny)Text|morphs|set|geometry|point|id)$`)
)

// readLaravel reads a Laravel migration, nil for other PHP files.
func readLaravel(p, text string) *script {
	if !laravelClass.MatchString(text) {
		return nil
	}
	s := &script{path: p, text: text, downPath: p, downLine: 1}
	s.runner = runner{name: "Laravel", tracked: true, atomic: true, reversible: true, switchOff: "public $withinTransaction = false"}
	if regexp.MustCompile(`withinTransaction\s*=\s*false`).MatchString(text) {
		s.runner.atomic = false
	}
	for _, m := range phpFunction.FindAllStringSubmatchIndex(text, -1) {
		from := m[1]
		to := from + braced(text[from:])
		line := 1 + strings.Count(text[:m[0]], "\n")
		body := text[from:to]
		first := 1 + strings.Count(text[:from], "\n")
		if text[m[2]:m[3]] == "up" {
			s.up = laravelOperations(body, first)
			continue
		}
		s.hasDown, s.downLine = true, line
		s.down = laravelOperations(body, first)
		if t := phpThrow.FindString(body); t != "" {
			s.refusal = t
		}
		for _, c := range phpComment.FindAllStringSubmatch(body, -1) {
			if words := strings.Fields(c[1] + c[2] + c[3]); len(words) >= 3 {
				s.refusal = strings.Join(words, " ")
			}
		}
	}
	return s
}

// braced is the length of the text up to the brace that closes an open one, quotes left out.
func braced(text string) int {
	depth := 1
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\'', '"':
			i += quotedCode(text[i:]) - 1
		case '/':
			if strings.HasPrefix(text[i:], "//") {
				i += lineLength(text[i:])
			} else if strings.HasPrefix(text[i:], "/*") {
				i += spanOf(text[i:], "*/") - 1
			}
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return len(text)
}

func laravelOperations(body string, line int) []operation {
	var ops []operation
	tables := 0
	at := func(offset int) int { return line + strings.Count(body[:offset], "\n") }
	for _, m := range phpSchema.FindAllStringSubmatchIndex(body, -1) {
		kind, table := body[m[2]:m[3]], fold(body[m[4]:m[5]])
		o := operation{table: table, line: at(m[0]), last: at(m[0]), text: normalise(body[m[0]:m[1]])}
		switch kind {
		case "create":
			o.do, o.object, o.guarded = makes, "table", strings.Contains(body[:m[0]], "hasTable")
			ops = append(ops, o)
		case "drop", "dropIfExists":
			o.do, o.object, o.guarded = removes, "table", kind == "dropIfExists"
			ops = append(ops, o)
		case "rename":
			o.do, o.object = alters, "rename"
			if m[6] > 0 {
				o.name = fold(body[m[6]:m[7]])
			}
			ops = append(ops, o)
		case "dropColumns":
			o.do, o.object = opaque, "column"
			ops = append(ops, o)
		case "table":
			open := strings.IndexByte(body[m[1]:], '{')
			if open < 0 {
				ops = append(ops, operation{do: opaque, line: o.line})
				continue
			}
			from := m[1] + open + 1
			tables++
			ops = append(ops, laravelColumns(body[from:from+braced(body[from:])], table, at(from))...)
		}
	}
	for _, m := range phpStatement.FindAllStringSubmatchIndex(body, -1) {
		for _, g := range []int{2, 4, 8} {
			if m[g] >= 0 {
				found, _ := readSQL(body[m[g]:m[g+1]], at(m[g]))
				ops = append(ops, found...)
			}
		}
	}
	for _, m := range phpRows.FindAllStringSubmatchIndex(body, -1) {
		verb := body[m[6]:m[7]]
		o := operation{table: fold(body[m[2]:m[3]]), line: at(m[0]), last: at(m[0]), text: normalise(body[m[0]:m[1]])}
		o.whole = strings.TrimSpace(body[m[4]:m[5]]) == ""
		switch verb {
		case "update":
			o.do = updates
		case "increment", "decrement":
			o.do, o.selfReferring = updates, true
		case "delete":
			o.do = deletes
		case "truncate":
			o.do = truncate
		default:
			o.do, o.whole, o.guarded = inserts, false, verb != "insert"
		}
		ops = append(ops, o)
	}
	if len(ops) == 0 && strings.Contains(phpComment.ReplaceAllString(body, ""), "(") && tables < strings.Count(body, "::")+strings.Count(body, "->") {
		ops = append(ops, operation{do: opaque, line: line})
	}
	return ops
}

var phpKeyName = lazy.New(`(?:\]|['"])\s*,\s*(?:name:\s*)?['"](\w+)['"]\s*\)`)

// laravelKey is the name that a key is given, empty where Laravel makes one.
func laravelKey(stmt string) string {
	if m := phpKeyName.FindStringSubmatch(stmt); m != nil {
		return fold(m[1])
	}
	return ""
}

// laravelColumns reads the body of a Schema::table callback.
func laravelColumns(body, table string, line int) []operation {
	var ops []operation
	offset := 0
	for _, stmt := range strings.SplitAfter(body, ";") {
		here := line + strings.Count(body[:offset], "\n") + strings.Count(stmt[:len(stmt)-len(strings.TrimLeft(stmt, " \t\r\n"))], "\n")
		offset += len(stmt)
		m := phpColumn.FindStringSubmatch(stmt)
		if m == nil {
			continue
		}
		o := operation{do: opaque, table: table, name: fold(m[2]), line: here, last: here, text: normalise(stmt)}
		switch {
		case laravelColumn.MatchString(m[1]) && m[2] != "":
			o.do, o.object = makes, "column"
			// Laravel's columns refuse NULL unless they are told otherwise.
			o.notNull = !strings.Contains(stmt, "->nullable(") && !strings.Contains(m[1], "timestamps") && !strings.Contains(m[1], "Morphs")
			o.filled = strings.Contains(stmt, "->default(") || strings.Contains(stmt, "->useCurrent()") || strings.Contains(stmt, "->storedAs(") || strings.Contains(stmt, "->virtualAs(") || strings.Contains(stmt, "->autoIncrement()") || m[1] == "id"
			if strings.Contains(stmt, "->change()") {
				o.do, o.notNull = alters, false
			}
		case m[1] == "dropColumn" && m[2] != "":
			o.do, o.object, o.locks = removes, "column", dropped
		case m[1] == "dropColumn":
			o.do, o.object, o.locks = removes, "column", dropped
			for i, q := range phpQuoted.FindAllStringSubmatch(stmt, 20) {
				if i > 0 {
					ops = append(ops, o)
				}
				o.name = fold(q[1])
			}
		case m[1] == "renameColumn":
			if q := phpQuoted.FindAllStringSubmatch(stmt, 3); len(q) == 2 {
				o.do, o.object, o.columns, o.locks = alters, "rename", []string{fold(q[0][1]), fold(q[1][1])}, renamed
			}
		case m[1] == "index" || m[1] == "unique" || m[1] == "foreign" || m[1] == "primary" || m[1] == "fullText":
			o.do, o.object, o.name = makes, "constraint", laravelKey(stmt)
			o.locks = map[string]lock{"index": plainIndex, "fullText": plainIndex, "unique": uniqueKey, "primary": uniqueKey, "foreign": foreignKey}[m[1]]
		case (m[1] == "dropUnique" || m[1] == "dropIndex") && m[2] != "":
			o.do, o.object = removes, "constraint"
		}
		ops = append(ops, o)
	}
	return ops
}
