package rehearse

// What is rehearsed where: the plan of a branch, an engine that fits, and one run over each sequence.

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"flightpoll/detectors"
	"flightpoll/detectors/scripts"
)

// Options say how to rehearse.
type Options struct {
	// Engine is "sqlite", "postgres" or "mysql"; empty takes what the migrations are written for.
	Engine string
	// DSN names an empty database of a scratch server to use instead of a server of our own.
	DSN string
	// Seed is SQL text that is loaded on top of the base's schema; empty makes rows for the tables concerned.
	Seed string
	// Command is the runner's own, when migrations are not SQL; see Command.
	Command Command
	// Step is called as each step begins (no verdict yet) and when it is done; Begin before the first of each report.
	Begin func(Report)
	Step  func(Step)
}

// errNothing says that the branch brings nothing to rehearse.
var errNothing = errors.New("the branch adds no migration and no SQL script: there is nothing to rehearse")

// Run rehearses everything that the branch adds. An error says why a rehearsal could not take place; what a rehearsal
// found wrong is in its report.
func Run(ctx context.Context, pass *detectors.Pass, o Options) ([]Report, error) {
	plan, err := scripts.PlanOf(pass)
	if errors.Is(err, detectors.ErrNotApplicable) {
		return nil, errNothing
	}
	if err != nil {
		return nil, err
	}
	if o.Command.Up != "" && (len(plan.Foreign) > 0 || len(plan.Sequences) > 0) {
		r, err := o.byCommand(ctx, pass, plan)
		if err != nil {
			err = cmp.Or(ctx.Err(), err)
		}
		return []Report{r}, err
	}
	if len(plan.Foreign) > 0 && len(plan.Sequences) == 0 && len(plan.Loose) == 0 {
		f := plan.Foreign[0]
		return nil, fmt.Errorf("%s runs by %s: name its commands in .readiness/policy.yaml (rehearse: {up: ..., down: ..., dsn_env: ...})", f.Path, f.Runner)
	}
	sequences := plan.Sequences
	if len(sequences) == 0 && len(plan.Loose) > 0 {
		sequences = []scripts.Sequence{{Dialect: plan.Dialect}}
	}
	var reports []Report
	for i, seq := range sequences {
		loose := plan.Loose
		if i > 0 {
			loose = nil
		}
		if len(seq.Added)+len(loose) == 0 {
			continue
		}
		r, err := o.sequence(ctx, pass, plan, seq, loose)
		reports = append(reports, r)
		if err != nil {
			return reports, cmp.Or(ctx.Err(), err) // a driver has its own words for a context that ended
		}
	}
	if len(reports) == 0 {
		return nil, errNothing
	}
	return reports, nil
}

// run is one rehearsal under way.
type run struct {
	Options
	engine engine
	report Report
	since  time.Time
	// roles and the like that were made on the way
	mended []string
}

// open starts the engine that was asked for, or that fits the dialect.
func (o Options) open(ctx context.Context, f *folder, d scripts.Dialect) (engine, error) {
	kind := strings.ToLower(o.Engine)
	if o.DSN != "" {
		switch scheme, _, _ := strings.Cut(o.DSN, ":"); scheme {
		case "postgres", "postgresql":
			return scratchPostgres(ctx, o.DSN)
		case "mysql", "mariadb":
			return scratchMySQL(ctx, o.DSN)
		}
		return nil, errors.New("--dsn: expected postgres://user@host/database or mysql://user@host/database")
	}
	if kind == "" {
		kind = map[scripts.Dialect]string{scripts.PostgreSQL: "postgres", scripts.MySQL: "mysql"}[d]
	}
	switch kind {
	case "postgres", "postgresql":
		e, err := startPostgres(ctx, f)
		return e, hint(err, "install PostgreSQL's server, or name a scratch server with --dsn postgres://...")
	case "mysql", "mariadb":
		e, err := startMySQL(ctx, f)
		return e, hint(err, "install MariaDB's server, or name a scratch server with --dsn mysql://...")
	case "sqlite", "":
		return openSQLite(f), nil
	}
	return nil, fmt.Errorf("--engine %s: there is no such engine; take sqlite, postgres or mysql", o.Engine)
}

func hint(err error, what string) error {
	if errors.Is(err, errNoServer) {
		return fmt.Errorf("%w: %s", err, what)
	}
	return err
}

// within opens folder and engine, and leaves nothing behind.
func (o Options) within(ctx context.Context, d scripts.Dialect, do func(*run) error) (Report, error) {
	f, err := openFolder()
	if err != nil {
		return Report{}, err
	}
	defer func() { _ = f.remove() }()
	e, err := o.open(ctx, f, d)
	if err != nil {
		return Report{}, err
	}
	r := &run{Options: o, engine: e, since: time.Now()}
	defer e.close()
	err = do(r)
	return r.report, err
}

func (o Options) sequence(ctx context.Context, pass *detectors.Pass, plan scripts.Plan, seq scripts.Sequence, loose []scripts.Migration) (Report, error) {
	return o.within(ctx, seq.Dialect, func(r *run) error {
		r.begin(ctx, title(seq, loose))
		d, err := r.engine.create(ctx)
		if err != nil {
			return err
		}
		defer func() { _ = r.engine.drop(context.WithoutCancel(ctx), d) }()
		if err := r.base(ctx, pass, plan, seq, d); err != nil {
			return err
		}
		if err := r.data(ctx, d, slices.Concat(seq.Added, loose)); err != nil {
			return err
		}
		if err := r.migrations(ctx, d, seq.Added); err != nil {
			return err
		}
		return r.scripts(ctx, d, loose)
	})
}

func title(seq scripts.Sequence, loose []scripts.Migration) string {
	var parts []string
	if len(seq.Added) > 0 {
		parts = append(parts, fmt.Sprintf("%s (%s)", count(len(seq.Added), "migration")+" of "+seq.Folder, seq.Runner))
	}
	if len(loose) > 0 {
		parts = append(parts, count(len(loose), "SQL script"))
	}
	return strings.Join(parts, " and ")
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
