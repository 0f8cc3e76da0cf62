package scripts

// What a column was before a migration changes its type, and whether the change touches the rows.

import (
	"regexp"
	"strconv"
	"strings"

	"flightpoll/detectors/lazy"
)

// retyping is why a change of a column's type is no good, after what the column was. Where that is not known, only the
// changes that rewrite whatever it was count.
func (c *changes) retyping(s *changed, o operation) lock {
	switch s.runner.name {
	case "Rails":
		was := c.railsWas(o.table, o.name)
		if was == "" && (maybeSame.MatchString(o.kind) || o.kind == "string" || o.kind == "text" || o.kind == "citext") || was != "" && widens(was, o.kind) {
			return noLock
		}
		return retyped
	case "Django":
		was, null := c.djangoWas(s, o)
		switch {
		case was == "":
			return noLock
		case null && o.notNull:
			return setNotNull
		case !widens(was, o.kind) && (!djangoText.MatchString(was) || !djangoText.MatchString(o.kind)) && was != o.kind:
			return retyped
		}
		return noLock
	}
	return retyped
}

var (
	maybeSame  = lazy.New(`^(string|decimal|numeric|datetime|timestamp|timestamptz|time|interval|inet)\(?`)
	djangoText = lazy.New(`^(Text|Email|URL|Slug|FilePath|File|Image)Field|^ForeignKey|^(Big|Small)?AutoField|^OneToOneField|^ManyToManyField`)
	sizes      = lazy.New(`^(\w+)(?:\((\d+)(?:,(\d+))?\))?$`)
)

// sameKind are names of one type in Rails.
var sameKind = map[string]string{"numeric": "decimal", "timestamp": "datetime", "CharField": "string", "TextField": "text", "DecimalField": "decimal"}

// widens says whether PostgreSQL changes one type into the other without a look at the rows; see its
// ATColumnChangeRequiresRewrite.
func widens(was, is string) bool {
	a, b := sizes.FindStringSubmatch(was), sizes.FindStringSubmatch(is)
	if a == nil || b == nil {
		return false
	}
	from, to := a[1], b[1]
	if n := sameKind[from]; n != "" {
		from = n
	}
	if n := sameKind[to]; n != "" {
		to = n
	}
	old, _ := strconv.Atoi(a[2])
	now, _ := strconv.Atoi(b[2])
	texts := map[string]bool{"string": true, "text": true, "citext": true}
	switch {
	case texts[from] && texts[to] && b[2] == "":
		return true
	case from == "string" && to == "string":
		return a[2] != "" && now >= old
	case from == "decimal" && to == "decimal":
		return b[2] == "" || a[2] != "" && now >= old && a[3] == b[3]
	case from == to && (from == "datetime" || from == "timestamptz" || from == "time" || from == "interval"):
		return b[2] == "" || a[2] != "" && now >= old
	case from == "cidr" && to == "inet":
		return true
	}
	return was == is
}

// railsWas is a column's type in the base's db/schema.rb, empty where it does not say.
func (c *changes) railsWas(table, column string) string {
	schema := string(c.readBase("db/schema.rb"))
	at := strings.Index(schema, `create_table "`+table+`"`)
	if at < 0 {
		return ""
	}
	block, _, _ := strings.Cut(schema[at:], "\n  end")
	m := regexp.MustCompile(`t\.(\w+) "` + regexp.QuoteMeta(column) + `"(.*)`).FindStringSubmatch(block)
	if m == nil {
		return ""
	}
	_, options := rubyArgs(strings.TrimPrefix(strings.TrimSpace(m[2]), ","))
	return railsKind(m[1], options)
}

// djangoWas is the class of a field as the newest older migration of the app declares it, and whether it took NULL.
func (c *changes) djangoWas(s *changed, o operation) (kind string, null bool) {
	declared := regexp.MustCompile(`(?i)["']` + regexp.QuoteMeta(o.name) + `["']\s*,\s*(?:field=)?\s*models\.`)
	for _, old := range c.siblings(s) {
		found := declared.FindAllStringIndex(old.text, -1)
		if len(found) != 1 || !strings.Contains(strings.ToLower(old.text), o.table) {
			continue
		}
		rest := old.text[found[0][1]:]
		open := strings.IndexByte(rest, '(')
		if open < 0 {
			continue
		}
		args := rest[:open+1+parenthesised(rest[open+1:])]
		return djangoKind(args), strings.Contains(args, "null=True")
	}
	return "", false
}

// parenthesised is the length of the text up to the parenthesis that closes an open one.
func parenthesised(text string) int {
	depth := 1
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '"', '\'':
			i += quotedCode(text[i:]) - 1
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return len(text)
}
