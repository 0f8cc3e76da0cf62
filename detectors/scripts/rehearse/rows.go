package rehearse

// Rows for the tables that a branch touches, where nobody gave a seed: a migration on empty tables proves nothing.

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/lib/pq"
)

// rowsMade is how many rows a table gets. The last of them has NULL where the schema allows it.
const rowsMade = 3

// fillTables puts rows into the named tables and those that they refer to. It says which got some, and which could not.
func fillTables(ctx context.Context, e engine, d *database, wanted []string) (filled, failed []string, err error) {
	tables, err := e.tables(ctx, d)
	if err != nil {
		return nil, nil, err
	}
	byName := map[string]*table{}
	for i := range tables {
		byName[strings.ToLower(tables[i].name)] = &tables[i]
	}
	seen := map[string]bool{}
	var visit func(name string)
	visit = func(name string) {
		t := byName[name]
		if t == nil || seen[name] || ctx.Err() != nil {
			return
		}
		seen[name] = true
		for _, k := range t.keys {
			visit(strings.ToLower(k.table))
		}
		if reason := fillTable(ctx, e, d, t); reason != "" {
			failed = append(failed, t.name+" ("+reason+")")
		} else {
			filled = append(filled, t.name)
		}
	}
	for _, name := range wanted {
		visit(strings.ToLower(name))
	}
	return filled, failed, ctx.Err()
}

// fillTable puts rows into one table unless it has some. The answer is why none could be made.
func fillTable(ctx context.Context, e engine, d *database, t *table) string {
	var have int
	if err := d.QueryRowContext(ctx, "SELECT count(*) FROM "+e.quote(t.name)).Scan(&have); err != nil || have > 0 {
		return ""
	}
	reason := ""
	made := 0
	for i := range rowsMade {
		for _, nulls := range []bool{i == rowsMade-1, false} {
			statement := t.insert(e, i, nulls)
			_, err := d.ExecContext(ctx, statement)
			if err == nil {
				d.ran = append(d.ran, statement)
				made++
				break
			}
			reason = firstLine(err)
			if !nulls {
				break
			}
		}
	}
	if made > 0 {
		return ""
	}
	return reason
}

// insert is the statement for row i. Columns that a key binds take their values from a row of the table it refers to.
func (t *table) insert(e engine, i int, nulls bool) string {
	var names, values []string
	bound := map[string]string{}
	for _, k := range t.keys {
		for j, c := range k.columns {
			if j < len(k.refers) && k.refers[j] != "" && !strings.EqualFold(k.table, t.name) {
				bound[c] = fmt.Sprintf("(SELECT %s FROM %s ORDER BY 1 LIMIT 1 OFFSET %d)", quoteWith(e, k.refers[j]), e.quote(k.table), i%rowsMade)
			} else if strings.EqualFold(k.table, t.name) {
				bound[c] = ""
			}
		}
	}
	for _, c := range t.columns {
		from, isBound := bound[c.name]
		switch {
		case isBound && from != "":
			if c.notNull || !nulls {
				names, values = append(names, quoteWith(e, c.name)), append(values, from)
			}
		case isBound && !c.notNull, c.filled, nulls && !c.notNull:
		default:
			names, values = append(names, quoteWith(e, c.name)), append(values, c.value(i, t.checks))
		}
	}
	if len(names) == 0 {
		if e.transactional() {
			return "INSERT INTO " + e.quote(t.name) + " DEFAULT VALUES"
		}
		return "INSERT INTO " + e.quote(t.name) + " () VALUES ()"
	}
	return "INSERT INTO " + e.quote(t.name) + " (" + strings.Join(names, ", ") + ") VALUES (" + strings.Join(values, ", ") + ")"
}

// quoteWith quotes a column's name, which never holds a schema.
func quoteWith(e engine, name string) string {
	return strings.ReplaceAll(e.quote(strings.ReplaceAll(name, ".", "\x00")), "\x00", ".")
}

// value is what row i has in a column, as a SQL literal, with what its type and checks allow.
func (c column) value(i int, checks []string) string {
	if allowed := c.allowed(checks); len(allowed) > 0 {
		return literal(allowed[i%len(allowed)])
	}
	number := fmt.Sprint(i + 1)
	is := func(words ...string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(c.typ, w) })
	}
	switch {
	case strings.HasSuffix(c.typ, "[]"), is("json"):
		return "'{}'"
	case is("bool"):
		return []string{"TRUE", "FALSE"}[i%2]
	case is("interval"):
		return "'" + number + " days'"
	case is("point"):
		return "'(" + number + ",1)'"
	case is("int", "serial", "numeric", "decimal", "real", "double", "float", "money", "number", "oid", "bit"):
		return number
	case is("uuid"):
		return fmt.Sprintf("'00000000-0000-4000-8000-%012d'", i+1)
	case is("timestamp", "datetime"):
		return fmt.Sprintf("'2024-01-%02d 12:00:00'", i+1)
	case is("date"):
		return fmt.Sprintf("'2024-01-%02d'", i+1)
	case is("time"):
		return fmt.Sprintf("'12:00:%02d'", i+1)
	case is("year"):
		return fmt.Sprint(2024 + i)
	case is("bytea"):
		return fmt.Sprintf(`'\x%02d'`, i+1)
	case is("blob", "binary"):
		return fmt.Sprintf(`x'%02d'`, i+1)
	case is("inet", "cidr"):
		return "'192.0.2." + number + "'"
	case is("macaddr"):
		return "'08:00:2b:01:02:0" + number + "'"
	case is("xml"):
		return "'<row/>'"
	}
	text := c.name + " " + number
	switch name := strings.ToLower(c.name); {
	case strings.Contains(name, "email"):
		text = "row" + number + "@example.com"
	case strings.Contains(name, "url"):
		text = "https://example.com/" + number
	}
	if c.length > 0 && len(text) > c.length {
		text = (number + text)[:c.length]
	}
	return literal(text)
}

var quotedText = regexp.MustCompile(`'((?:[^']|'')*)'`)

// allowed are the texts that the type or a check constraint lists for the column.
func (c column) allowed(checks []string) []string {
	if len(c.labels) > 0 {
		return c.labels
	}
	for _, check := range checks {
		if regexp.MustCompile(`\b` + regexp.QuoteMeta(c.name) + `\b`).MatchString(check) {
			if list := literalsIn(check); len(list) > 0 {
				return list
			}
		}
	}
	return nil
}

func literalsIn(text string) []string {
	var list []string
	for _, m := range quotedText.FindAllStringSubmatch(text, 50) {
		list = append(list, strings.ReplaceAll(m[1], "''", "'"))
	}
	return list
}

// firstLine is a server's message, as its own client would show it.
func firstLine(err error) string {
	text := err.Error()
	if refused := (*pq.Error)(nil); errors.As(err, &refused) {
		text = refused.Severity + ": " + refused.Message
	}
	text, _, _ = strings.Cut(strings.TrimSpace(text), "\n")
	return text
}
