package rehearse

// PostgreSQL: a cluster of our own, or databases of our own on a scratch server.

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/lib/pq"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/scripts"
)

type postgresEngine struct {
	// admin may create databases; owner is the user who runs the migrations.
	admin  *sql.DB
	at     *url.URL
	owner  string
	mark   string
	made   int
	server *server
	words  string
}

// postgresPlaces are where packages put the server's programs.
var postgresPlaces = []string{"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql*/bin", "/usr/local/opt/postgresql*/bin"}

// startPostgres makes a cluster in the folder and starts it. Migrations run as "postgres", who owns the databases and is
// no superuser here: nothing in them reaches the machine's files or programs.
func startPostgres(ctx context.Context, f *folder) (engine, error) {
	initdb, err := findProgram("initdb", postgresPlaces...)
	if err != nil {
		return nil, err
	}
	u := stepDown("postgres")
	data, socket := f.join("data"), f.join("s")
	for _, dir := range []string{data, socket} {
		if err := errors.Join(os.Mkdir(dir, 0o700), u.give(dir)); err != nil {
			return nil, err
		}
	}
	if err := setUp(ctx, f, u, initdb, "-D", data, "-U", "flightpoll", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"); err != nil {
		return nil, err
	}
	program, err := findProgram("postgres", filepath.Dir(initdb))
	if err != nil {
		return nil, err
	}
	s, err := startServer(f, u, program, "-D", data, "-k", socket, "-c", "listen_addresses=", "-c", "unix_socket_permissions=0777", "-c", "fsync=off",
		"-c", "synchronous_commit=off", "-c", "full_page_writes=off", "-c", "shared_buffers=32MB", "-c", "max_connections=20", "-c", "autovacuum=off",
		"-c", "timezone=UTC", "-c", "log_min_messages=fatal", "-c", "jit=off")
	if err != nil {
		return nil, err
	}
	e := &postgresEngine{server: s, owner: "postgres", at: &url.URL{Scheme: "postgres", User: url.User("flightpoll"), Path: "/postgres", RawQuery: url.Values{"host": {socket}, "port": {"5432"}, "sslmode": {"disable"}}.Encode()}}
	if err := s.ready(ctx, e.connect); err != nil {
		s.stop()
		return nil, err
	}
	e.words = "a server of its own"
	if _, err := e.admin.ExecContext(ctx, `CREATE ROLE postgres LOGIN`); err != nil {
		e.close()
		return nil, err
	}
	return e, nil
}

// scratchPostgres works on the server that a DSN names. It refuses a database that holds anything.
func scratchPostgres(ctx context.Context, dsn string) (engine, error) {
	at, err := url.Parse(dsn)
	if err != nil || at.Scheme != "postgres" && at.Scheme != "postgresql" {
		return nil, errors.New("--dsn: expected postgres://user@host/database")
	}
	e := &postgresEngine{at: at, words: "databases of its own on the server of --dsn"}
	if err := e.connect(ctx); err != nil {
		return nil, fmt.Errorf("--dsn: cannot connect: %w", err)
	}
	var relations int
	if err := e.admin.QueryRowContext(ctx, `SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\_toast%'`).Scan(&relations); err != nil {
		e.close()
		return nil, fmt.Errorf("--dsn: %w", err)
	}
	if relations > 0 {
		e.close()
		return nil, fmt.Errorf("--dsn: the database is not empty (%d relations); name an empty one of a scratch server", relations)
	}
	return e, e.clear(ctx)
}

// clear drops what rehearsals left whose session is gone.
func (e *postgresEngine) clear(ctx context.Context) error {
	return dropLeft(ctx, e.admin, `SELECT datname FROM pg_database d WHERE datname LIKE 'flightpoll\_rehearsal\_%'
		AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE starts_with(d.datname, a.application_name || '_') AND a.application_name LIKE 'flightpoll\_rehearsal\_%')`,
		func(name string) string { return "DROP DATABASE IF EXISTS " + e.quote(name) + " WITH (FORCE)" })
}

func (e *postgresEngine) connect(ctx context.Context) error {
	if e.mark == "" {
		e.mark = databasePrefix + strings.ToLower(rand.Text()[:12])
	}
	db, err := sql.Open("postgres", e.source(e.at.Path, e.at.User, e.mark))
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	if err := db.PingContext(ctx); err != nil {
		_ = db.Close()
		return err
	}
	e.admin = db
	return nil
}

// source is the connection string of one database; a statement without parameters goes as it is, so several may go at once.
func (e *postgresEngine) source(path string, as *url.Userinfo, application string) string {
	u := *e.at
	u.Path, u.User = path, as
	q := u.Query()
	if !q.Has("sslmode") {
		q.Set("sslmode", "prefer") // as psql does
	}
	q.Set("application_name", application)
	u.RawQuery = q.Encode()
	return u.String()
}

func (e *postgresEngine) title(ctx context.Context) string {
	var version string
	_ = e.admin.QueryRowContext(ctx, "SHOW server_version").Scan(&version)
	version, _, _ = strings.Cut(version, " ")
	return "PostgreSQL " + version + ", " + e.words
}

func (e *postgresEngine) dialect() scripts.Dialect { return scripts.PostgreSQL }
func (e *postgresEngine) transactional() bool      { return true }
func (e *postgresEngine) confine(*sql.Conn) error  { return nil }
func (e *postgresEngine) quote(name string) string { return quoted(name, `"`) }

// quoted quotes each part of a name that may hold a schema.
func quoted(name, mark string) string {
	parts := strings.Split(name, ".")
	for i, p := range parts {
		parts[i] = mark + strings.ReplaceAll(p, mark, mark+mark) + mark
	}
	return strings.Join(parts, ".")
}

func (e *postgresEngine) create(ctx context.Context) (*database, error) {
	return e.make(ctx, "template1")
}

func (e *postgresEngine) clone(ctx context.Context, from *database) (*database, error) {
	return e.make(ctx, from.name)
}

func (e *postgresEngine) make(ctx context.Context, template string) (*database, error) {
	e.made++
	name := fmt.Sprintf("%s_%d", e.mark, e.made)
	statement := "CREATE DATABASE " + e.quote(name) + " TEMPLATE " + e.quote(template) //nolint:gosec // both are quoted
	as := e.at.User
	if e.owner != "" {
		statement += " OWNER " + e.quote(e.owner)
		as = url.User(e.owner)
	}
	if _, err := e.admin.ExecContext(ctx, statement); err != nil {
		return nil, fmt.Errorf("cannot create a database: %w", err)
	}
	plain := *e.at
	plain.Path, plain.User = "/"+name, as
	return newDatabase("postgres", e.source("/"+name, as, e.mark), name, plain.String())
}

func (e *postgresEngine) drop(ctx context.Context, d *database) error {
	_ = d.Close()
	_, err := e.admin.ExecContext(ctx, "DROP DATABASE IF EXISTS "+e.quote(d.name)+" WITH (FORCE)")
	return err
}

func (e *postgresEngine) close() {
	_ = e.admin.Close()
	if e.server != nil {
		e.server.stop()
	}
}

var missingRole = lazy.New(`role "([^"]+)" does not exist`)

// mend makes a role that only exists where the product runs.
func (e *postgresEngine) mend(ctx context.Context, err error) string {
	var refused *pq.Error
	if e.server == nil || !errors.As(err, &refused) || refused.Code != "42704" {
		return ""
	}
	m := missingRole.FindStringSubmatch(refused.Message)
	if m == nil {
		return ""
	}
	if _, err := e.admin.ExecContext(ctx, "CREATE ROLE "+e.quote(m[1])+" NOLOGIN ROLE postgres"); err != nil {
		return ""
	}
	return "made the role " + m[1] + ", which the migrations name"
}

// postgresSchema lists kind, name, parent and definition of everything that is not an extension's own. The catalogues
// are those of https://www.postgresql.org/docs/15/catalogs.html.
const postgresSchema = `
WITH mine AS (SELECT n.oid, CASE WHEN n.nspname = 'public' THEN '' ELSE n.nspname || '.' END AS prefix FROM pg_namespace n
	WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\_%'),
owned AS (SELECT objid FROM pg_depend WHERE deptype = 'e'),
rel AS (SELECT c.oid, c.relkind, m.prefix || c.relname AS name, c.relrowsecurity FROM pg_class c JOIN mine m ON m.oid = c.relnamespace WHERE c.oid NOT IN (SELECT objid FROM owned))
SELECT 'table', name, '', CASE WHEN relrowsecurity THEN 'row security' ELSE '' END FROM rel WHERE relkind IN ('r', 'p', 'f')
UNION ALL SELECT 'column', rel.name || '.' || a.attname, rel.name, format_type(a.atttypid, a.atttypmod) || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END ||
	coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '') || CASE WHEN a.attidentity <> '' THEN ' identity' ELSE '' END || CASE WHEN a.attgenerated <> '' THEN ' generated' ELSE '' END
	FROM rel JOIN pg_attribute a ON a.attrelid = rel.oid AND a.attnum > 0 AND NOT a.attisdropped LEFT JOIN pg_attrdef d ON d.adrelid = rel.oid AND d.adnum = a.attnum
	WHERE rel.relkind IN ('r', 'p', 'f')
UNION ALL SELECT 'constraint', k.conname || ' of ' || rel.name, rel.name, pg_get_constraintdef(k.oid) || CASE WHEN k.convalidated THEN '' ELSE ' (not validated)' END
	FROM pg_constraint k JOIN rel ON rel.oid = k.conrelid WHERE k.contype <> 'n'
UNION ALL SELECT 'index', i.name, rel.name, pg_get_indexdef(i.oid) || CASE WHEN x.indisvalid THEN '' ELSE ' (invalid)' END
	FROM pg_index x JOIN rel ON rel.oid = x.indrelid JOIN rel i ON i.oid = x.indexrelid WHERE NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = x.indexrelid AND k.conrelid = x.indrelid)
UNION ALL SELECT 'view', name, '', pg_get_viewdef(oid) FROM rel WHERE relkind IN ('v', 'm')
UNION ALL SELECT 'sequence', rel.name, coalesce((SELECT t.name FROM pg_depend d JOIN rel t ON t.oid = d.refobjid WHERE d.objid = rel.oid AND d.deptype IN ('a', 'i') LIMIT 1), ''), '' FROM rel WHERE relkind = 'S'
UNION ALL SELECT 'function', p.oid::regprocedure::text, '', md5(pg_get_functiondef(p.oid)) FROM pg_proc p JOIN mine ON mine.oid = p.pronamespace
	WHERE p.prokind IN ('f', 'p') AND p.oid NOT IN (SELECT objid FROM owned)
UNION ALL SELECT 'trigger', t.tgname || ' of ' || rel.name, rel.name, pg_get_triggerdef(t.oid) FROM pg_trigger t JOIN rel ON rel.oid = t.tgrelid WHERE NOT t.tgisinternal
UNION ALL SELECT 'policy', p.polname || ' of ' || rel.name, rel.name, coalesce(pg_get_expr(p.polqual, p.polrelid), '') || p.polcmd::text FROM pg_policy p JOIN rel ON rel.oid = p.polrelid
UNION ALL SELECT 'type', m.prefix || t.typname, '', coalesce((SELECT string_agg(e.enumlabel, ', ' ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid), t.typtype::text)
	FROM pg_type t JOIN mine m ON m.oid = t.typnamespace WHERE t.typtype IN ('e', 'd', 'r') AND t.oid NOT IN (SELECT objid FROM owned)
UNION ALL SELECT 'extension', extname, '', '' FROM pg_extension WHERE extname <> 'plpgsql'
UNION ALL SELECT 'schema', left(prefix, -1), '', '' FROM mine WHERE prefix <> ''`

func (e *postgresEngine) schema(ctx context.Context, d *database) (map[string]object, error) {
	all := map[string]object{}
	return all, each(ctx, d, postgresSchema, func(row []string) {
		o := object{row[0], row[1], row[2], row[3]}
		all[o.key()] = o
	})
}

func (e *postgresEngine) tables(ctx context.Context, d *database) ([]table, error) {
	var list []table
	at := map[string]int{}
	const name = `CASE WHEN n.nspname = 'public' THEN '' ELSE n.nspname || '.' END || c.relname`
	err := each(ctx, d, `SELECT `+name+`, a.attname, format_type(a.atttypid, NULL), CASE WHEN a.atttypid IN (1042, 1043) THEN greatest(a.atttypmod - 4, 0) ELSE 0 END,
		a.attnotnull, a.atthasdef OR a.attidentity <> '' OR a.attgenerated <> '', coalesce((SELECT string_agg(e.enumlabel, chr(31) ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = a.atttypid), '')
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
		WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\_%'
		AND c.oid NOT IN (SELECT objid FROM pg_depend WHERE deptype = 'e') ORDER BY 1, a.attnum`, func(row []string) {
		if _, ok := at[row[0]]; !ok {
			at[row[0]] = len(list)
			list = append(list, table{name: row[0]})
		}
		c := column{name: row[1], typ: strings.ToLower(row[2]), notNull: row[4] == "true", filled: row[5] == "true"}
		_, _ = fmt.Sscan(row[3], &c.length)
		if row[6] != "" {
			c.labels = strings.Split(row[6], "\x1f")
		}
		list[at[row[0]]].columns = append(list[at[row[0]]].columns, c)
	})
	if err != nil {
		return nil, err
	}
	return list, each(ctx, d, `SELECT `+name+`, k.contype, pg_get_constraintdef(k.oid),
		coalesce((SELECT string_agg(a.attname, chr(31) ORDER BY p.i) FROM unnest(k.conkey) WITH ORDINALITY p(n, i) JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = p.n), ''),
		coalesce((SELECT string_agg(a.attname, chr(31) ORDER BY p.i) FROM unnest(k.confkey) WITH ORDINALITY p(n, i) JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = p.n), ''),
		coalesce((SELECT CASE WHEN m.nspname = 'public' THEN '' ELSE m.nspname || '.' END || f.relname FROM pg_class f JOIN pg_namespace m ON m.oid = f.relnamespace WHERE f.oid = k.confrelid), '')
		FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE k.contype IN ('f', 'c')`, func(row []string) {
		i, ok := at[row[0]]
		switch {
		case !ok:
		case row[1] == "c":
			list[i].checks = append(list[i].checks, row[2])
		default:
			list[i].keys = append(list[i].keys, foreignKey{strings.Split(row[3], "\x1f"), row[5], strings.Split(row[4], "\x1f")})
		}
	})
}
