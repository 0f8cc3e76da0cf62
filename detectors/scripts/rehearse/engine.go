package rehearse

// What a rehearsal asks of a database, whichever it is.

import (
	"context"
	"database/sql"

	"flightpoll/detectors/scripts"
)

// engine makes and drops databases of one kind, and reads their shape.
type engine interface {
	// title is the engine with its version: "PostgreSQL 15.7, a server of its own".
	title(ctx context.Context) string
	// create makes an empty database; clone one with everything that another holds.
	create(ctx context.Context) (*database, error)
	clone(ctx context.Context, from *database) (*database, error)
	drop(ctx context.Context, d *database) error
	// schema gives every object of a database with its definition.
	schema(ctx context.Context, d *database) (map[string]object, error)
	// tables gives the tables with what is needed to put rows into them.
	tables(ctx context.Context, d *database) ([]table, error)
	// quote makes a name safe inside of a statement.
	quote(name string) string
	// mend takes the cause of an error out of the way (a role that only production has) and says what it did, empty where
	// it cannot.
	mend(ctx context.Context, err error) string
	// confine keeps the statements of a connection away from what lies outside of its database.
	confine(c *sql.Conn) error
	// transactional says whether changes of the schema are part of a transaction.
	transactional() bool
	dialect() scripts.Dialect
	close()
}

// database is one database of an engine. Connections are not kept: one that is open would keep it from being copied.
type database struct {
	*sql.DB
	name string
	// dsn is how a runner's own command reaches it.
	dsn string
	// ran is what was executed on it, in order, for engines that copy by running again.
	ran []string
}

func newDatabase(driver, source, name, dsn string) (*database, error) {
	db, err := sql.Open(driver, source)
	if err != nil {
		return nil, err
	}
	db.SetMaxIdleConns(0)
	return &database{DB: db, name: name, dsn: dsn}, nil
}

// object is one thing of a schema: "column plans.tier" of the table "plans" with its definition.
type object struct {
	kind, name, parent, definition string
}

func (o object) key() string { return o.kind + " " + o.name }

// table is what is needed to put rows into one. Name may hold a schema; columns are in their order.
type table struct {
	name    string
	columns []column
	keys    []foreignKey
	// checks are the conditions of its check constraints.
	checks []string
}

// column is one column of a table. typ is the database's name of its type, in lower case; labels are an enumeration's.
type column struct {
	name, typ string
	length    int
	notNull   bool
	// filled: the database gives it a value by itself (default, identity, generated).
	filled bool
	labels []string
}

// foreignKey says which columns point to which columns of another table.
type foreignKey struct {
	columns []string
	table   string
	refers  []string
}
