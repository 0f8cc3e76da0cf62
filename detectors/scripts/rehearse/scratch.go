package rehearse

// What the engines share on a scratch server that --dsn names: the names of databases of ours, and clearing away.

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// databasePrefix starts the names of all databases that rehearsals make on a server.
const databasePrefix = "flightpoll_rehearsal_"

// dropLeft drops the databases that a query names: those of rehearsals that no longer live.
func dropLeft(ctx context.Context, admin *sql.DB, query string, drop func(name string) string) error {
	rows, err := admin.QueryContext(ctx, query)
	if err != nil {
		return fmt.Errorf("--dsn: %w", err)
	}
	var left []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return errors.Join(err, rows.Close())
		}
		left = append(left, name)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return err
	}
	for _, name := range left {
		if _, err := admin.ExecContext(ctx, drop(name)); err != nil {
			return fmt.Errorf("--dsn: cannot drop %s of an earlier rehearsal: %w", name, err)
		}
	}
	return nil
}
