package rehearse

// Running one file the way its runner does.

import (
	"context"
	"database/sql"
	"errors"

	"flightpoll/detectors/scripts"
)

// maxMended bounds how often a statement is tried anew after what it missed was made.
const maxMended = 20

// execute runs a text on a connection of its own: as one transaction, in one piece, or statement by statement. What
// succeeded is kept for engines that copy by running again.
func (r *run) execute(ctx context.Context, d *database, m scripts.Migration, text string, steps []string) error {
	c, err := d.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	if err := r.engine.confine(c); err != nil {
		return err
	}
	switch {
	case r.engine.transactional() && (m.Atomic || m.Whole && r.engine.dialect() == scripts.SQLite):
		// PostgreSQL takes a text of several statements as one transaction by itself, and some single ones in none only.
		return r.mending(ctx, func() error { return d.transaction(ctx, c, text) })
	case m.Whole || steps == nil:
		return r.mending(ctx, func() error { return d.one(ctx, c, text) })
	}
	for _, s := range steps {
		if err := r.mending(ctx, func() error { return d.one(ctx, c, s) }); err != nil {
			return err
		}
	}
	return nil
}

// mending tries again as long as the engine can take the cause of the error away.
func (r *run) mending(ctx context.Context, do func() error) error {
	for range maxMended {
		err := do()
		if err == nil || ctx.Err() != nil {
			return err
		}
		says := r.engine.mend(ctx, err)
		if says == "" {
			return err
		}
		r.mended = append(r.mended, says)
	}
	return errors.New("too many things are missing that only production has")
}

func (d *database) one(ctx context.Context, c *sql.Conn, text string) error {
	if _, err := c.ExecContext(ctx, text); err != nil {
		return err
	}
	d.ran = append(d.ran, text)
	return nil
}

func (d *database) transaction(ctx context.Context, c *sql.Conn, text string) error {
	tx, err := c.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, text); err != nil {
		_ = tx.Rollback()
		return err
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	d.ran = append(d.ran, text)
	return nil
}
