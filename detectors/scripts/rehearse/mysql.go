package rehearse

// MySQL and MariaDB: a server of our own, or databases of our own on a scratch server.

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

	"github.com/go-sql-driver/mysql"

	"flightpoll/detectors/scripts"
)

type mysqlEngine struct {
	admin  *sql.DB
	config *mysql.Config
	// owner runs the migrations; it reaches the rehearsal's databases and no file.
	owner  string
	mark   string
	made   int
	server *server
	words  string
}

var mysqlPlaces = []string{"/usr/sbin", "/usr/libexec", "/opt/homebrew/bin", "/usr/local/bin"}

// startMySQL makes a data folder and starts MariaDB's server, or MySQL's, on it.
func startMySQL(ctx context.Context, f *folder) (engine, error) {
	u := stepDown("mysql")
	data, files, socket := f.join("data"), f.join("files"), f.join("s")
	for _, dir := range []string{data, files, socket} {
		if err := errors.Join(os.Mkdir(dir, 0o711), u.give(dir)); err != nil { //nolint:gosec // the socket lies in one of them
			return nil, err
		}
	}
	program, err := findProgram("mariadbd", mysqlPlaces...)
	if err == nil {
		var install string
		if install, err = findProgram("mariadb-install-db", "/usr/bin", "/opt/homebrew/bin", "/usr/local/bin"); err == nil {
			err = setUp(ctx, f, u, install, "--no-defaults", "--datadir="+data, "--auth-root-authentication-method=normal", "--skip-test-db")
		}
	} else if program, err = findProgram("mysqld", mysqlPlaces...); err == nil {
		err = setUp(ctx, f, u, program, "--no-defaults", "--initialize-insecure", "--datadir="+data)
	}
	if err != nil {
		return nil, err
	}
	at := filepath.Join(socket, "s")
	s, err := startServer(f, u, program, "--no-defaults", "--datadir="+data, "--socket="+at, "--skip-networking", "--pid-file="+filepath.Join(socket, "pid"),
		"--secure-file-priv="+files, "--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=64M", "--default-time-zone=+00:00")
	if err != nil {
		return nil, err
	}
	config := mysql.NewConfig()
	config.User, config.Net, config.Addr = "root", "unix", at
	e := &mysqlEngine{server: s, config: config, words: "a server of its own"}
	if err := s.ready(ctx, e.connect); err != nil {
		s.stop()
		return nil, err
	}
	for _, statement := range []string{"CREATE USER rehearsal@localhost", "GRANT ALL ON `" + strings.ReplaceAll(databasePrefix, "_", `\_`) + "%`.* TO rehearsal@localhost"} {
		if _, err := e.admin.ExecContext(ctx, statement); err != nil {
			e.close()
			return nil, err
		}
	}
	e.owner = "rehearsal"
	return e, nil
}

// scratchMySQL works on the server that a DSN names. It refuses a database that holds anything.
func scratchMySQL(ctx context.Context, dsn string) (engine, error) {
	at, err := url.Parse(dsn)
	if err != nil || at.Host == "" && !at.Query().Has("socket") {
		return nil, errors.New("--dsn: expected mysql://user@host/database, or mysql://user@/database?socket=/path")
	}
	config := mysql.NewConfig()
	config.User, config.Net, config.Addr, config.DBName = at.User.Username(), "tcp", at.Host, strings.TrimPrefix(at.Path, "/")
	config.Passwd, _ = at.User.Password()
	switch socket := at.Query().Get("socket"); {
	case socket != "":
		config.Net, config.Addr = "unix", socket
	case at.Port() == "":
		config.Addr += ":3306"
	}
	e := &mysqlEngine{config: config, words: "databases of its own on the server of --dsn"}
	if err := e.connect(ctx); err != nil {
		return nil, fmt.Errorf("--dsn: cannot connect: %w", err)
	}
	var tables int
	if err := e.admin.QueryRowContext(ctx, "SELECT count(*) FROM information_schema.tables WHERE table_schema = ?", config.DBName).Scan(&tables); err != nil || tables > 0 {
		e.close()
		if err != nil {
			return nil, fmt.Errorf("--dsn: %w", err)
		}
		return nil, fmt.Errorf("--dsn: the database is not empty (%d tables); name an empty one of a scratch server", tables)
	}
	return e, e.clear(ctx)
}

// clear drops what rehearsals left: each holds a lock with its own name while it lives.
func (e *mysqlEngine) clear(ctx context.Context) error {
	return dropLeft(ctx, e.admin, `SELECT schema_name FROM information_schema.schemata WHERE schema_name LIKE 'flightpoll\_rehearsal\_%' AND is_free_lock(left(schema_name, 33)) = 1`,
		func(name string) string { return "DROP DATABASE IF EXISTS " + e.quote(name) })
}

// connect opens the one connection of the administrator, and takes the lock that says this rehearsal lives.
func (e *mysqlEngine) connect(ctx context.Context) error {
	if e.mark == "" {
		e.mark = databasePrefix + strings.ToLower(rand.Text()[:12])
	}
	db, err := sql.Open("mysql", e.config.FormatDSN())
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	var got int
	if err := db.QueryRowContext(ctx, "SELECT get_lock(?, 1)", e.mark).Scan(&got); err != nil {
		_ = db.Close()
		return err
	}
	e.admin = db
	return nil
}

func (e *mysqlEngine) title(ctx context.Context) string {
	var version string
	_ = e.admin.QueryRowContext(ctx, "SELECT version()").Scan(&version)
	number, rest, _ := strings.Cut(version, "-")
	if strings.Contains(rest, "MariaDB") {
		return "MariaDB " + number + ", " + e.words
	}
	return "MySQL " + number + ", " + e.words
}

func (e *mysqlEngine) dialect() scripts.Dialect { return scripts.MySQL }
func (e *mysqlEngine) transactional() bool      { return false }
func (e *mysqlEngine) confine(*sql.Conn) error  { return nil }
func (e *mysqlEngine) quote(name string) string {
	return "`" + strings.ReplaceAll(name, "`", "``") + "`"
}
func (e *mysqlEngine) mend(context.Context, error) string { return "" }

func (e *mysqlEngine) create(ctx context.Context) (*database, error) {
	e.made++
	name := fmt.Sprintf("%s_%d", e.mark, e.made)
	if _, err := e.admin.ExecContext(ctx, "CREATE DATABASE "+e.quote(name)+" CHARACTER SET utf8mb4"); err != nil {
		return nil, fmt.Errorf("cannot create a database: %w", err)
	}
	config := e.config.Clone()
	config.DBName, config.MultiStatements, config.ParseTime, config.InterpolateParams = name, true, true, true
	u := url.URL{Scheme: "mysql", Host: config.Addr, Path: "/" + name}
	if e.owner != "" {
		config.User = e.owner
		u.Host, u.RawQuery = "localhost", url.Values{"socket": {config.Addr}}.Encode()
	}
	u.User = url.User(config.User)
	if config.Passwd != "" {
		u.User = url.UserPassword(config.User, config.Passwd)
	}
	return newDatabase("mysql", config.FormatDSN(), name, u.String())
}

// clone runs again what ran on the other: the server has no copy of its own.
func (e *mysqlEngine) clone(ctx context.Context, from *database) (*database, error) {
	d, err := e.create(ctx)
	if err != nil {
		return nil, err
	}
	for _, text := range from.ran {
		if _, err := d.ExecContext(ctx, text); err != nil {
			return nil, fmt.Errorf("cannot bring a second database to the same state: %w", err)
		}
	}
	d.ran = append(d.ran, from.ran...)
	return d, nil
}

func (e *mysqlEngine) drop(ctx context.Context, d *database) error {
	_ = d.Close()
	_, err := e.admin.ExecContext(ctx, "DROP DATABASE IF EXISTS "+e.quote(d.name))
	return err
}

func (e *mysqlEngine) close() {
	_ = e.admin.Close()
	if e.server != nil {
		e.server.stop()
	}
}

// mysqlSchema lists kind, name, parent and definition, see
// https://dev.mysql.com/doc/refman/8.0/en/information-schema.html.
const mysqlSchema = `
SELECT 'table', table_name, '', '' FROM information_schema.tables WHERE table_schema = database() AND table_type = 'BASE TABLE'
UNION ALL SELECT 'view', table_name, '', md5(view_definition) FROM information_schema.views WHERE table_schema = database()
UNION ALL SELECT 'column', concat(c.table_name, '.', c.column_name), c.table_name, concat(c.column_type, if(c.is_nullable = 'NO', ' not null', ''),
	if(c.column_default IS NULL, '', concat(' default ', c.column_default)), if(c.extra = '', '', concat(' ', c.extra)))
	FROM information_schema.columns c JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name AND t.table_type = 'BASE TABLE' WHERE c.table_schema = database()
UNION ALL SELECT 'index', concat(index_name, ' of ', table_name), table_name, concat(if(min(non_unique) = 0, 'unique ', ''), group_concat(column_name ORDER BY seq_in_index))
	FROM information_schema.statistics WHERE table_schema = database() GROUP BY table_name, index_name
UNION ALL SELECT 'foreign key', concat(constraint_name, ' of ', table_name), table_name, concat(referenced_table_name, ' ', update_rule, ' ', delete_rule)
	FROM information_schema.referential_constraints WHERE constraint_schema = database()
UNION ALL SELECT 'trigger', trigger_name, event_object_table, md5(action_statement) FROM information_schema.triggers WHERE trigger_schema = database()
UNION ALL SELECT lower(routine_type), routine_name, '', md5(routine_definition) FROM information_schema.routines WHERE routine_schema = database()`

func (e *mysqlEngine) schema(ctx context.Context, d *database) (map[string]object, error) {
	all := map[string]object{}
	return all, each(ctx, d, mysqlSchema, func(row []string) {
		o := object{row[0], row[1], row[2], row[3]}
		all[o.key()] = o
	})
}

func (e *mysqlEngine) tables(ctx context.Context, d *database) ([]table, error) {
	var list []table
	at := map[string]int{}
	err := each(ctx, d, `SELECT c.table_name, c.column_name, c.data_type, coalesce(c.character_maximum_length, 0), c.is_nullable = 'NO',
		c.column_default IS NOT NULL AND c.column_default <> 'NULL' OR c.extra <> '', c.column_type FROM information_schema.columns c
		JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name AND t.table_type = 'BASE TABLE'
		WHERE c.table_schema = database() ORDER BY c.table_name, c.ordinal_position`, func(row []string) {
		if _, ok := at[row[0]]; !ok {
			at[row[0]] = len(list)
			list = append(list, table{name: row[0]})
		}
		c := column{name: row[1], typ: strings.ToLower(row[2]), notNull: row[4] == "1", filled: row[5] == "1"}
		_, _ = fmt.Sscan(row[3], &c.length)
		if c.typ == "enum" || c.typ == "set" {
			c.labels = literalsIn(row[6])
		}
		list[at[row[0]]].columns = append(list[at[row[0]]].columns, c)
	})
	if err != nil {
		return nil, err
	}
	return list, each(ctx, d, `SELECT table_name, constraint_name, group_concat(column_name ORDER BY ordinal_position), max(referenced_table_name), group_concat(referenced_column_name ORDER BY ordinal_position)
		FROM information_schema.key_column_usage WHERE table_schema = database() AND referenced_table_name IS NOT NULL GROUP BY table_name, constraint_name`, func(row []string) {
		if i, ok := at[row[0]]; ok {
			list[i].keys = append(list[i].keys, foreignKey{strings.Split(row[2], ","), row[3], strings.Split(row[4], ",")})
		}
	})
}
