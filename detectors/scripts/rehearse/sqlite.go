package rehearse

// SQLite: a file in the rehearsal's folder.

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"strings"

	sqlite "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"flightpoll/detectors/scripts"
)

type sqliteEngine struct {
	folder *folder
	made   int
}

func openSQLite(f *folder) engine { return &sqliteEngine{folder: f} }

func (e *sqliteEngine) title(context.Context) string { return "SQLite, a file of its own" }
func (e *sqliteEngine) dialect() scripts.Dialect     { return scripts.SQLite }
func (e *sqliteEngine) transactional() bool          { return true }
func (e *sqliteEngine) close()                       {}
func (e *sqliteEngine) quote(name string) string {
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}
func (e *sqliteEngine) mend(context.Context, error) string { return "" }

func (e *sqliteEngine) create(ctx context.Context) (*database, error) {
	e.made++
	path := e.folder.join("db" + strconv.Itoa(e.made) + ".sqlite")
	d, err := newDatabase("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?_pragma=foreign_keys(1)&_pragma=busy_timeout(5000)&_pragma=synchronous(0)", path, "sqlite://"+path)
	if err != nil {
		return nil, err
	}
	return d, d.PingContext(ctx)
}

func (e *sqliteEngine) clone(ctx context.Context, from *database) (*database, error) {
	text, err := os.ReadFile(from.name) //nolint:gosec // a database that this made
	if err != nil {
		return nil, err
	}
	d, err := e.create(ctx)
	if err != nil {
		return nil, err
	}
	return d, os.WriteFile(d.name, text, 0o600) //nolint:gosec // as above
}

func (e *sqliteEngine) drop(_ context.Context, d *database) error {
	_ = d.Close()
	return os.Remove(d.name)
}

// confine keeps a connection's statements inside of its own file: no other file is attached.
func (e *sqliteEngine) confine(c *sql.Conn) error {
	_, err := sqlite.Limit(c, sqlite3.SQLITE_LIMIT_ATTACHED, 0)
	return err
}

func (e *sqliteEngine) schema(ctx context.Context, d *database) (map[string]object, error) {
	all := map[string]object{}
	err := each(ctx, d, `SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_master WHERE name NOT LIKE 'sqlite\_%' ESCAPE '\'`, func(row []string) {
		o := object{kind: row[0], name: row[1], definition: strings.Join(strings.Fields(row[3]), " ")}
		if o.kind == "table" {
			o.definition = ""
		} else if o.kind != "view" {
			o.parent = row[2]
		}
		all[o.key()] = o
	})
	if err != nil {
		return nil, err
	}
	err = each(ctx, d, `SELECT m.name, c.name, c.type, c."notnull", coalesce(c.dflt_value, ''), c.pk FROM sqlite_master m, pragma_table_xinfo(m.name) c
		WHERE m.type IN ('table', 'view') AND m.name NOT LIKE 'sqlite\_%' ESCAPE '\'`, func(row []string) {
		o := object{kind: "column", name: row[0] + "." + row[1], parent: row[0], definition: described(row[2], row[3] == "1", row[4])}
		if row[5] != "0" {
			o.definition += " primary key"
		}
		all[o.key()] = o
	})
	if err != nil {
		return nil, err
	}
	return all, each(ctx, d, `SELECT m.name, k."from", k."table", coalesce(k."to", ''), k.on_update, k.on_delete FROM sqlite_master m, pragma_foreign_key_list(m.name) k
		WHERE m.type = 'table'`, func(row []string) {
		o := object{kind: "foreign key", name: row[0] + "." + row[1], parent: row[0], definition: strings.Join(row[2:], " ")}
		all[o.key()] = o
	})
}

func (e *sqliteEngine) tables(ctx context.Context, d *database) ([]table, error) {
	var list []table
	at := map[string]int{}
	err := each(ctx, d, `SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\_%' ESCAPE '\' AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name`, func(row []string) {
		at[row[0]] = len(list)
		list = append(list, table{name: row[0], checks: checksIn(row[1])})
	})
	if err != nil {
		return nil, err
	}
	for name, i := range at {
		err := each(ctx, d, `SELECT name, lower(type), "notnull", dflt_value IS NOT NULL OR hidden > 0 OR (pk = 1 AND lower(type) = 'integer') FROM pragma_table_xinfo(`+literal(name)+`)`, func(row []string) {
			list[i].columns = append(list[i].columns, column{name: row[0], typ: row[1], length: lengthOf(row[1]), notNull: row[2] == "1", filled: row[3] == "1"})
		})
		if err != nil {
			return nil, err
		}
		last := ""
		err = each(ctx, d, `SELECT id, "table", "from", coalesce("to", '') FROM pragma_foreign_key_list(`+literal(name)+`) ORDER BY id, seq`, func(row []string) {
			if row[0] != last {
				list[i].keys, last = append(list[i].keys, foreignKey{table: row[1]}), row[0]
			}
			k := &list[i].keys[len(list[i].keys)-1]
			k.columns, k.refers = append(k.columns, row[2]), append(k.refers, row[3])
		})
		if err != nil {
			return nil, err
		}
	}
	return list, nil
}

// checksIn are the conditions behind CHECK in a table's definition.
func checksIn(definition string) []string {
	var list []string
	lower := strings.ToLower(definition)
	for i := 0; ; {
		j := strings.Index(lower[i:], "check")
		if j < 0 {
			return list
		}
		i += j + len("check")
		rest := strings.TrimSpace(definition[i:])
		if strings.HasPrefix(rest, "(") {
			list = append(list, rest[:closing(rest)])
		}
	}
}

// closing is the length of the parenthesis that text starts with.
func closing(text string) int {
	depth := 0
	for i := range len(text) {
		switch text[i] {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(text)
}

func literal(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// lengthOf is n of a type "varchar(n)", 0 without.
func lengthOf(typ string) int {
	if _, rest, ok := strings.Cut(typ, "("); ok {
		n, _ := strconv.Atoi(strings.TrimRight(strings.SplitN(rest, ",", 2)[0], ") "))
		return n
	}
	return 0
}

func described(typ string, notNull bool, def string) string {
	text := strings.ToLower(typ)
	if notNull {
		text += " not null"
	}
	if def != "" {
		text += " default " + def
	}
	return text
}

// each runs a query and gives every row as texts; NULL is an empty one.
func each(ctx context.Context, d *database, query string, row func([]string)) error {
	rows, err := d.QueryContext(ctx, query)
	if err != nil {
		return fmt.Errorf("cannot read the schema: %w", err)
	}
	defer func() { _ = rows.Close() }()
	names, err := rows.Columns()
	if err != nil {
		return err
	}
	for rows.Next() {
		cells := make([]sql.NullString, len(names))
		into := make([]any, len(names))
		for i := range cells {
			into[i] = &cells[i]
		}
		if err := rows.Scan(into...); err != nil {
			return err
		}
		texts := make([]string, len(cells))
		for i, c := range cells {
			texts[i] = c.String
		}
		row(texts)
	}
	return rows.Err()
}
