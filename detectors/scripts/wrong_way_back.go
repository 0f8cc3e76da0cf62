package scripts

// A way back that is there and does something else: it takes away what was there before, or brings a column back with
// another type.

import (
	"fmt"
	"regexp"
	"strings"

	"flightpoll/detectors/lazy"
)

// wrongWayBack is a step of down that up does not answer, with what is wrong about it; false without one.
func (c *changes) wrongWayBack(s *changed) (operation, string, bool) {
	if s.derived {
		return operation{}, "", false
	}
	for _, up := range s.up {
		if up.do == opaque || up.template {
			return operation{}, "", false
		}
	}
	for i, o := range s.down {
		switch {
		case o.template || o.table == "":
		case o.do == removes && o.object == "table" && !touches(s.up, o.table) && c.madeEarlier(s, o.table, ""):
			return o, fmt.Sprintf("drops table %s, which was there before", o.table), true
		case o.do == removes && o.object == "column" && o.name != "" && !touches(s.up, o.table, o.name) && !tablesMade(s.up)[o.table] && c.madeEarlier(s, o.table, o.name):
			return o, fmt.Sprintf("drops column %s.%s, which was there before", o.table, o.name), true
		case o.object == "column" && (o.do == makes || o.do == alters) && o.name != "" && !dropsAgain(s.down[i+1:], o):
			was, is := c.typeEarlier(s, o.table, o.name), typeIn(o)
			if was != "" && is != "" && was != is && changesColumn(s.up, o) {
				return o, fmt.Sprintf("brings column %s.%s back as %s, which was %s", o.table, o.name, is, was), true
			}
		}
	}
	for _, o := range s.up {
		if o.do == removes && (o.object == "constraint" || o.object == "index") && o.name != "" && o.table != "" && !o.guarded && !makesKey(s.down, o.table) && c.keyedEarlier(s, o) {
			return o, fmt.Sprintf("does not bring back the key %s of %s, which the migration drops", o.name, o.table), true
		}
	}
	return operation{}, "", false
}

// makesKey says whether any step may make a key of the table.
func makesKey(ops []operation, table string) bool {
	for _, o := range ops {
		if o.do == opaque || o.template || o.do == makes && (o.object == "constraint" || o.object == "index" || o.object == "table") && (o.table == table || o.table == "") || o.do == makes && o.table == table && keyWord.MatchString(o.text) {
			return true
		}
	}
	return false
}

var keyWord = lazy.New(`(?i)unique|index|primary|\bkey\b`)

// keyedEarlier says whether an older migration made the key that a step drops, by its name.
func (c *changes) keyedEarlier(s *changed, o operation) bool {
	for _, old := range c.siblings(s) {
		for _, e := range old.up {
			if (e.object == "constraint" || e.object == "index") && e.name == o.name {
				return e.do == makes
			}
			if e.do == makes && e.object == "table" && e.table == o.table && (strings.Contains(old.text, "'"+o.name+"'") || strings.Contains(old.text, `"`+o.name+`"`)) {
				return true
			}
		}
	}
	return false
}

// touches says whether any step is about the table, or about the column of it.
func touches(ops []operation, table string, column ...string) bool {
	for _, o := range ops {
		if o.table != table && o.name != table {
			continue
		}
		if len(column) == 0 || o.name == column[0] || o.object == "rename" {
			return true
		}
		for _, c := range o.columns {
			if c == column[0] {
				return true
			}
		}
		if o.object == "column" && o.name == "" {
			return true
		}
	}
	return false
}

func dropsAgain(later []operation, o operation) bool {
	for _, l := range later {
		if l.do == removes && l.table == o.table && (l.name == o.name || l.object == "table") || l.do == alters && l.table == o.table && l.object == "rename" {
			return true
		}
	}
	return false
}

// changesColumn says whether up drops the column or changes its type.
func changesColumn(ops []operation, o operation) bool {
	for _, u := range ops {
		if u.object == "column" && u.table == o.table && u.name == o.name && (u.do == removes || u.do == alters) {
			return true
		}
	}
	return false
}

// madeEarlier says whether an older migration made the table, or the column, and none took it away since.
func (c *changes) madeEarlier(s *changed, table, column string) bool {
	for _, old := range c.siblings(s) {
		for _, o := range old.up {
			switch {
			case o.table != table:
			case o.do == removes && (o.object == "table" || o.name == column && column != ""):
				return false
			case o.do == makes && o.object == "table" && column == "", o.do == makes && o.object == "column" && column != "" && o.name == column:
				return true
			case o.do == makes && o.object == "table" && column != "" && typeOf(old.text, table, column) != "":
				return true
			}
		}
	}
	return false
}

// typeEarlier is the type that the newest older migration gives to a column, empty when it is not seen.
func (c *changes) typeEarlier(s *changed, table, column string) string {
	for _, old := range c.siblings(s) {
		for _, o := range old.up {
			if o.table != table {
				continue
			}
			if o.object == "column" && o.name == column {
				return typeIn(o)
			}
			if o.do == makes && o.object == "table" {
				if t := typeOf(o.definition, table, column); t != "" {
					return t
				}
			}
		}
	}
	return ""
}

var typeWord = lazy.New(`(?i)^\s*((?:double\s+precision|character\s+varying|timestamp\s+with(?:out)?\s+time\s+zone|[a-z]\w*)(?:\s*\(\s*\d+\s*(?:,\s*\d+\s*)?\))?(?:\[\])?)`)

// typeIn is the type that a SQL step gives to its column, in one spelling; empty where it does not say.
func typeIn(o operation) string {
	if o.definition == "" {
		return ""
	}
	name := `"?` + regexp.QuoteMeta(o.name) + `"?`
	for _, form := range []string{`(?i)\btype\b`, `(?i)\badd\s+(?:column\s+)?(?:if\s+not\s+exists\s+)?` + name} {
		if form == `(?i)\btype\b` && o.do != alters {
			continue
		}
		re := regexp.MustCompile(form)
		if o.do == alters {
			re = regexp.MustCompile(`(?i)\balter\s+(?:column\s+)?` + name + `\s+(?:set\s+data\s+)?type\b`)
		}
		if at := re.FindStringIndex(o.definition); at != nil {
			return spelledType(o.definition[at[1]:])
		}
	}
	return ""
}

// typeOf is the type of a column in the text of a CREATE TABLE.
func typeOf(text, table, column string) string {
	if text == "" || !strings.Contains(strings.ToLower(text), table) {
		return ""
	}
	at := regexp.MustCompile(`(?im)[(,]\s*["` + "`" + `]?` + regexp.QuoteMeta(column) + `["` + "`" + `]?\s`).FindStringIndex(text)
	if at == nil {
		return ""
	}
	return spelledType(text[at[1]:])
}

// spelledType is the type at the start of a text, in one spelling for each.
func spelledType(text string) string {
	m := typeWord.FindStringSubmatch(text)
	if m == nil {
		return ""
	}
	t := strings.Join(strings.Fields(strings.ToLower(m[1])), " ")
	t = strings.NewReplacer(" (", "(", "( ", "(", " )", ")", ", ", ",").Replace(t)
	for long, short := range map[string]string{"character varying": "varchar", "timestamp with time zone": "timestamptz", "timestamp without time zone": "timestamp", "double precision": "float8", "decimal": "numeric"} {
		t = strings.Replace(t, long, short, 1)
	}
	switch t {
	case "int", "int4", "serial":
		return "integer"
	case "int8", "bigserial":
		return "bigint"
	case "bool":
		return "boolean"
	case "int2":
		return "smallint"
	}
	return t
}
