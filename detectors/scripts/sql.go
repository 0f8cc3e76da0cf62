package scripts

// Reading SQL text of any dialect: PostgreSQL's parser first, then the same with placeholders and another dialect's
// spelling replaced, last the first words of the statement.

import (
	"strings"

	"flightpoll/detectors/lazy"
)

// readSQL reads all statements of text, whose first line is the given line of its file. unread counts the statements
// that no reader took.
func readSQL(text string, line int) (ops []operation, unread int) {
	for _, s := range split(text) {
		found, ok := readStatement(s.text)
		if !ok {
			unread++
			found = one(operation{do: opaque})
		}
		for _, o := range found {
			o.line = s.line + line - 1
			o.last = o.line + strings.Count(s.text, "\n")
			o.text = normalise(s.text)
			o.definition = s.text
			ops = append(ops, o)
		}
	}
	return ops, unread
}

func readStatement(text string) ([]operation, bool) {
	if ops, ok := readPostgres(text); ok {
		return ops, true
	}
	plain := translate(text)
	if ops, ok := readPostgres(plain); ok {
		for i := range ops {
			ops[i].template = strings.Contains(ops[i].table, hole)
		}
		return ops, true
	}
	return readFirstWords(plain)
}

// hole stands for what is put into a statement at run time.
const hole = "placeholder_"

var (
	placeholders = lazy.New(`%\(\w+\)[sd]|%[sdvq]|\$\{[^}]*\}|\{\{[^}]*\}\}|\{[\w.\[\]'"()]*\}|@\w+|\?|(^|[^:\w]):[a-z_]\w*`)
	backticks    = lazy.New("`([^`]*)`")
	brackets     = lazy.New(`\[(\w+)\]`)
	mysqlTail    = lazy.New(`(?is)\)\s*(engine|default charset|charset|collate|auto_increment|row_format|comment)\s*=?.*$`)
	mysqlWords   = lazy.New(`(?i)\b(low_priority|unsigned|auto_increment|autoincrement|character set \w+|on update current_timestamp(\(\d*\))?|comment\s+'[^']*'|after "?\w+"?\s*$)`)
	mysqlTypes   = lazy.New(`(?i)\b(tinyint|mediumint|int|bigint|smallint)\(\d+\)|\b(datetime|tinyint|mediumint|mediumtext|longtext|tinytext|longblob|mediumblob|blob|double|year)\b(\(\d+\))?|\benum\([^)]*\)|\bnvarchar\(\w+\)`)
)

// translate replaces placeholders and other dialects' spelling, so that PostgreSQL's grammar may take the rest.
func translate(text string) string {
	text = backticks.ReplaceAllString(text, `"$1"`)
	text = placeholders.ReplaceAllStringFunc(text, func(m string) string {
		if i := strings.IndexByte(m, ':'); i == 1 {
			return m[:1] + hole
		}
		return hole
	})
	text = brackets.ReplaceAllString(text, `"$1"`)
	text = mysqlTail.ReplaceAllString(text, ")")
	text = mysqlWords.ReplaceAllString(text, "")
	return mysqlTypes.ReplaceAllString(text, "text")
}

var (
	ident       = "((?:[\\w.\"]|\\s*\\.\\s*)+)"
	createTable = lazy.New(`(?is)^create\s+(?:unlogged\s+|global\s+)?(?:virtual\s+)?table\s+(if\s+not\s+exists\s+)?` + ident)
	createIndex = lazy.New(`(?is)^create\s+(?:unique\s+|fulltext\s+|spatial\s+|clustered\s+|nonclustered\s+)*index\s+(concurrently\s+)?(if\s+not\s+exists\s+)?` + ident + `\s+on\s+` + ident)
	dropAny     = lazy.New(`(?is)^drop\s+(table|view|index|procedure|function|trigger|database|schema)\s+(if\s+exists\s+)?` + ident + `(?:\s+on\s+` + ident + `)?`)
	alterTable  = lazy.New(`(?is)^alter\s+table\s+(?:if\s+exists\s+)?` + ident + `\s+(.*)$`)
	addColumn   = lazy.New(`(?is)^add\s+(?:column\s+)?(if\s+not\s+exists\s+)?` + ident + `\s+(.*)$`)
	dropColumn  = lazy.New(`(?is)^drop\s+(?:column\s+)?(if\s+exists\s+)?` + ident + `\s*$`)
	addKey      = lazy.New(`(?is)^add\s+(?:constraint\s+` + ident + `\s+)?(?:(?:unique|fulltext|primary|foreign|spatial)\s+)?(?:key|index|check|constraint|unique)\b\s*` + `(?:` + ident + `)?\s*(?:\(([^)]*)\))?`)
	dropKey     = lazy.New(`(?is)^drop\s+(?:constraint|foreign\s+key|index|key|check)\s+` + ident)
	insertInto  = lazy.New(`(?is)^(insert|replace)\s+(ignore\s+|or\s+ignore\s+|or\s+replace\s+|low_priority\s+|delayed\s+)?(?:into\s+)?` + ident)
	insertGuard = lazy.New(`(?is)\bon\s+(duplicate\s+key|conflict)\b|\bnot\s+exists\b|\bnot\s+in\s*\(\s*select\b|\bis\s+null\b`)
	updateSet   = lazy.New(`(?is)^update\s+(?:ignore\s+|low_priority\s+)*` + ident + `(?:\s+(?:as\s+)?\w+)?\s+set\s+(.*)$`)
	updateJoin  = lazy.New(`(?is)^update\s+` + ident + `.*\bset\b`)
	renameTable = lazy.New(`(?is)^rename\s+table\s+` + ident + `\s+to\s+` + ident)
	deleteFrom  = lazy.New(`(?is)^delete\s+(?:ignore\s+|low_priority\s+|quick\s+)*from\s+` + ident + `\s*(.*)$`)
	createOther = lazy.New(`(?is)^create\s+(or\s+\w+\s+)?(?:\S+\s+){0,2}?(trigger|procedure|function|event|view|database|schema|user|role|sequence|type|materialized view)\s+(if\s+not\s+exists\s+)?` + ident)
	truncateIt  = lazy.New(`(?is)^truncate\s+(?:table\s+)?` + ident)
	harmlessly  = lazy.New(`(?is)^(select|set|use|show|pragma|print|explain|analyze|vacuum|lock|unlock|grant|revoke|comment|exec|if|end|else|while|declare|return|raise|with|notify|values)\b`)
	condition   = lazy.New(`(?is)\b(where|limit|join|from)\b`)
	bareUpdate  = lazy.New(`(?is)^\s*"?(\w+)"?\s*=\s*(.*)$`)
)

// readFirstWords reads a statement that no grammar took by its leading words, which all dialects share. What the
// words do not say (a WHERE further inside, an unknown clause) counts in the statement's favour.
func readFirstWords(text string) ([]operation, bool) {
	if m := createTable.FindStringSubmatch(text); m != nil {
		return one(operation{do: makes, object: "table", table: fold(m[2]), guarded: m[1] != ""}), true
	}
	if m := createIndex.FindStringSubmatch(text); m != nil {
		return one(operation{do: makes, object: "index", table: fold(m[4]), name: fold(m[3]), guarded: m[2] != "", concurrent: m[1] != ""}), true
	}
	if m := dropAny.FindStringSubmatch(text); m != nil {
		o := operation{do: removes, object: strings.ToLower(m[1]), name: fold(m[3]), guarded: m[2] != ""}
		if o.object == "table" || o.object == "view" {
			o.table, o.name = o.name, ""
		} else if m[4] != "" {
			o.table = fold(m[4])
		}
		return one(o), true
	}
	if m := alterTable.FindStringSubmatch(text); m != nil {
		return readAlterWords(fold(m[1]), m[2]), true
	}
	if m := insertInto.FindStringSubmatch(text); m != nil {
		return one(operation{do: inserts, table: fold(m[3]),
			guarded: m[2] != "" || strings.EqualFold(m[1], "replace") || insertGuard.MatchString(text)}), true
	}
	if m := updateSet.FindStringSubmatch(text); m != nil {
		o := operation{do: updates, table: fold(m[1]), whole: !condition.MatchString(m[2]) && !strings.Contains(m[2], hole+" "), template: strings.Contains(m[1], hole)}
		if b := bareUpdate.FindStringSubmatch(m[2]); b != nil {
			o.columns = []string{fold(b[1])}
		}
		return one(o), true
	}
	if m := renameTable.FindStringSubmatch(text); m != nil {
		return one(operation{do: alters, object: "rename", table: fold(m[1]), name: fold(m[2])}), true
	}
	if m := updateJoin.FindStringSubmatch(text); m != nil {
		return one(operation{do: updates, table: fold(m[1])}), true
	}
	if m := deleteFrom.FindStringSubmatch(text); m != nil {
		return one(operation{do: deletes, table: fold(m[1]), whole: strings.TrimSpace(m[2]) == ""}), true
	}
	if m := truncateIt.FindStringSubmatch(text); m != nil {
		return one(operation{do: truncate, table: fold(m[1]), whole: true}), true
	}
	if m := createOther.FindStringSubmatch(text); m != nil {
		return one(operation{do: makes, object: strings.ToLower(m[2]), name: fold(m[4]), guarded: m[1] != "" || m[3] != ""}), true
	}
	if harmlessly.MatchString(text) {
		return one(operation{do: harmless}), true
	}
	return nil, false
}

func readAlterWords(table, rest string) []operation {
	var ops []operation
	for _, clause := range outerCommas(rest) {
		clause = strings.TrimSpace(clause)
		o := operation{do: alters, object: "setting", table: table, guarded: true}
		if m := addKey.FindStringSubmatch(clause); m != nil {
			o = operation{do: makes, object: "constraint", table: table, name: fold(m[1] + m[2])}
			for _, c := range strings.Split(m[3], ",") {
				o.columns = append(o.columns, fold(c))
			}
		} else if m := dropKey.FindStringSubmatch(clause); m != nil {
			o = operation{do: removes, object: "constraint", table: table, name: fold(m[1])}
		} else if m := addColumn.FindStringSubmatch(clause); m != nil {
			words := strings.ToLower(m[3])
			o = operation{do: makes, object: "column", table: table, name: fold(m[2]), guarded: m[1] != "",
				notNull: strings.Contains(words, "not null"),
				filled:  strings.Contains(words, "default ") || strings.Contains(words, "generated") || strings.Contains(words, "identity")}
		} else if m := dropColumn.FindStringSubmatch(clause); m != nil {
			o = operation{do: removes, object: "column", table: table, name: fold(m[2]), guarded: m[1] != ""}
		}
		ops = append(ops, o)
	}
	return ops
}

// outerCommas cuts at the commas outside of parentheses.
func outerCommas(text string) []string {
	var parts []string
	depth, from := 0, 0
	for i := range len(text) {
		switch text[i] {
		case '(':
			depth++
		case ')':
			depth--
		case ',':
			if depth == 0 {
				parts = append(parts, text[from:i])
				from = i + 1
			}
		}
	}
	return append(parts, text[from:])
}

var (
	literals = lazy.New(`'(?:[^']|'')*'`)
	blanks   = lazy.New(`\s+`)
)

// normalise folds white space and takes literals out (they may be data of people), for at most 160 bytes.
func normalise(text string) string {
	text = blanks.ReplaceAllString(literals.ReplaceAllString(text, "'…'"), " ")
	if len(text) > 160 {
		text = strings.ToValidUTF8(text[:157], "") + "…"
	}
	return strings.TrimSpace(text)
}
