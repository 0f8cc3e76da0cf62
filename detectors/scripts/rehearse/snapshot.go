package rehearse

// What a database holds at one moment, and in plain words how two moments differ.

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"flightpoll/detectors/lazy"
)

// maxRows is how many rows of one table are told apart; of larger ones only their number is compared.
const maxRows = 20000

// snapshot is a database's schema and a fingerprint of every row. No value is kept.
type snapshot struct {
	schema map[string]object
	rows   map[string]contents
}

type contents struct {
	count int
	// each counts the rows with the same content, nil for a table over maxRows.
	each map[[32]byte]int
}

// ledgers are the tables in which runners write down what ran.
var ledgers = lazy.New(`(?i)^(.*\.)?(schema_migrations?|schema_info|schema_version|goose_db_version|flyway_schema_history|gorp_migrations|migrations?|migrations_lock|knex_migrations(_lock)?|alembic_version\w*|django_migrations|ar_internal_metadata|_prisma_migrations|__drizzle_migrations|databasechangelog(lock)?|_sqlx_migrations|sequelizemeta|__diesel_schema_migrations|doctrine_migration_versions)(\b|$)`)

// takeSnapshot reads everything. Moments of the rehearsal itself, which a clock wrote into rows, count as equal.
func takeSnapshot(ctx context.Context, e engine, d *database, since time.Time) (snapshot, error) {
	schema, err := e.schema(ctx, d)
	if err != nil {
		return snapshot{}, err
	}
	s := snapshot{schema: schema, rows: map[string]contents{}}
	for key, o := range schema {
		if ledgers.MatchString(o.name) || o.parent != "" && ledgers.MatchString(o.parent) {
			delete(schema, key)
			continue
		}
		if o.kind != "table" {
			continue
		}
		if s.rows[o.name], err = contentsOf(ctx, e, d, o.name, since); err != nil {
			return snapshot{}, err
		}
	}
	return s, nil
}

func contentsOf(ctx context.Context, e engine, d *database, table string, since time.Time) (contents, error) {
	var c contents
	if err := d.QueryRowContext(ctx, "SELECT count(*) FROM "+e.quote(table)).Scan(&c.count); err != nil {
		return c, fmt.Errorf("cannot read %s: %w", table, err)
	}
	if c.count > maxRows {
		return c, nil
	}
	rows, err := d.QueryContext(ctx, "SELECT * FROM "+e.quote(table))
	if err != nil {
		return c, fmt.Errorf("cannot read %s: %w", table, err)
	}
	defer func() { _ = rows.Close() }()
	names, err := rows.Columns()
	if err != nil {
		return c, err
	}
	c.each = map[[32]byte]int{}
	values, into := make([]any, len(names)), make([]any, len(names))
	for i := range values {
		into[i] = &values[i]
	}
	row := map[string]any{}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return c, err
		}
		for i, name := range names {
			row[name] = settled(values[i], since)
		}
		text, err := json.Marshal(row)
		if err != nil {
			return c, err
		}
		c.each[sha256.Sum256(text)]++
	}
	return c, rows.Err()
}

const clock = "now"

// settled is a value in a form that is equal for equal values, the rehearsal's own time folded into one word.
func settled(v any, since time.Time) any {
	now := func(t time.Time) bool {
		return t.After(since.Add(-time.Minute)) && t.Before(time.Now().Add(time.Minute))
	}
	switch v := v.(type) {
	case time.Time:
		if now(v) {
			return clock
		}
		return v.UTC().Format(time.RFC3339Nano)
	case []byte:
		return settled(string(v), since)
	case string:
		for _, layout := range []string{time.RFC3339Nano, "2006-01-02 15:04:05.999999999Z07:00", "2006-01-02 15:04:05.999999999-07", "2006-01-02 15:04:05.999999999"} {
			if t, err := time.Parse(layout, v); err == nil && now(t) {
				return clock
			}
		}
		return v
	case int64:
		if now(time.Unix(v, 0)) || now(time.UnixMilli(v)) {
			return clock
		}
		return v
	case float64:
		return fmt.Sprint(v)
	}
	return v
}

// difference is how one moment differs from an earlier one.
type difference struct {
	// appeared, vanished and altered are objects of the schema in words ("column plans.tier"), without those whose table
	// went or came with them.
	appeared, vanished, altered []string
	// rows speaks of each table whose rows differ; more counts the rows that came, fewer those that went or changed.
	rows        []change
	more, fewer int
}

// change is how the rows of one table differ.
type change struct {
	table                   string
	added, removed, changed int
}

func (d difference) schema() bool { return len(d.appeared)+len(d.vanished)+len(d.altered) > 0 }
func (d difference) none() bool   { return !d.schema() && len(d.rows) == 0 }

// compare tells what changed from a to b.
func compare(a, b snapshot) difference {
	var d difference
	for key, o := range b.schema {
		old, was := a.schema[key]
		switch {
		case !was && !hasNew(o.parent, b.schema, a.schema):
			d.appeared = append(d.appeared, o.kind+" "+o.name)
		case was && old.definition != o.definition:
			d.altered = append(d.altered, fmt.Sprintf("%s %s is %s, was %s", o.kind, o.name, orNothing(o.definition), orNothing(old.definition)))
		}
	}
	for key, o := range a.schema {
		if _, is := b.schema[key]; !is && !hasNew(o.parent, a.schema, b.schema) {
			d.vanished = append(d.vanished, o.kind+" "+o.name)
		}
	}
	reshaped := reshapedTables(a, b)
	for table, now := range b.rows {
		was, ok := a.rows[table]
		if !ok {
			continue
		}
		c := change{table: table}
		if now.each == nil || was.each == nil || reshaped[table] {
			c.added, c.removed = max(now.count-was.count, 0), max(was.count-now.count, 0)
		} else {
			came, went := surplus(now.each, was.each), surplus(was.each, now.each)
			c.changed = min(came, went)
			c.added, c.removed = came-c.changed, went-c.changed
		}
		if c.added+c.removed+c.changed > 0 {
			d.rows = append(d.rows, c)
			d.more += c.added
			d.fewer += c.removed + c.changed
		}
	}
	slices.Sort(d.appeared)
	slices.Sort(d.vanished)
	slices.Sort(d.altered)
	slices.SortFunc(d.rows, func(a, b change) int { return strings.Compare(a.table, b.table) })
	return d
}

// reshapedTables are those whose columns came or went, so that their rows can only be counted.
func reshapedTables(a, b snapshot) map[string]bool {
	tables := map[string]bool{}
	for _, pair := range [][2]snapshot{{a, b}, {b, a}} {
		for key, o := range pair[0].schema {
			if _, both := pair[1].schema[key]; o.kind == "column" && !both {
				tables[o.parent] = true
			}
		}
	}
	return tables
}

// hasNew says that the parent itself is only in one of the two, so that its parts need no word of their own.
func hasNew(parent string, in, out map[string]object) bool {
	if parent == "" {
		return false
	}
	_, is := in["table "+parent]
	_, was := out["table "+parent]
	return is && !was
}

func surplus(a, b map[[32]byte]int) int {
	n := 0
	for k, count := range a {
		n += max(count-b[k], 0)
	}
	return n
}

func orNothing(definition string) string {
	if definition == "" {
		return "plain"
	}
	return definition
}

func (c change) words() string {
	var parts []string
	if c.added > 0 {
		parts = append(parts, fmt.Sprintf("added %s to %s", rowCount(c.added), c.table))
	}
	if c.removed > 0 {
		parts = append(parts, fmt.Sprintf("removed %s of %s", rowCount(c.removed), c.table))
	}
	if c.changed > 0 {
		parts = append(parts, fmt.Sprintf("changed %s of %s", rowCount(c.changed), c.table))
	}
	return strings.Join(parts, " and ")
}

func rowCount(n int) string {
	if n == 1 {
		return "1 row"
	}
	return fmt.Sprintf("%d rows", n)
}

// words says a difference as what somebody did: "added column plans.tier", "added 3 rows to plans".
func (d difference) words() []string {
	var list []string
	for _, o := range d.appeared {
		list = append(list, "added "+o)
	}
	for _, o := range d.vanished {
		list = append(list, "removed "+o)
	}
	for _, o := range d.altered {
		list = append(list, "changed "+o)
	}
	for _, c := range d.rows {
		list = append(list, c.words())
	}
	return list
}
