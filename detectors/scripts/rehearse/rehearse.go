package rehearse

// The rehearsal itself: the base, then every migration of the branch up, again, back and up anew.

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"regexp"
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
			return reports, err
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

func (r *run) begin(ctx context.Context, title string) {
	r.report.Title, r.report.Engine = title, r.engine.title(ctx)
	if r.Begin != nil {
		r.Begin(r.report)
	}
}

// step runs one step and keeps what it says. Its error ends the rehearsal.
func (r *run) step(what, p string, do func(*Step) error) (Step, error) {
	s := Step{What: what, Path: p}
	if r.Step != nil {
		r.Step(s)
	}
	start := time.Now()
	s.Verdict = OK
	err := do(&s)
	s.Took = time.Since(start)
	if err != nil {
		return s, err
	}
	s.Says = append(s.Says, r.mended...)
	r.mended = nil
	r.report.Steps = append(r.report.Steps, s)
	if r.Step != nil {
		r.Step(s)
	}
	return s, nil
}

func (s *Step) fail(says ...string) {
	s.Verdict = Failed
	s.Says = append(s.Says, says...)
}

func (s *Step) note(says ...string) {
	if s.Verdict != Failed {
		s.Verdict = Noted
	}
	s.Says = append(s.Says, says...)
}

// base brings an empty database to where production is: all migrations of the merge base, or its schema's dump.
func (r *run) base(ctx context.Context, pass *detectors.Pass, plan scripts.Plan, seq scripts.Sequence, d *database) error {
	_, err := r.step("base", "", func(s *Step) error {
		for _, m := range seq.Base {
			if err := r.execute(ctx, d, m, m.Up, m.UpSteps); err != nil {
				return fmt.Errorf("%s of the base does not run on an empty %s: %w", m.Path, r.engine.dialect(), err)
			}
		}
		s.Says = append(s.Says, count(len(seq.Base), "migration"))
		if len(seq.Base) == 0 && len(plan.Schemas) > 0 {
			text, err := pass.Branch.ReadBase(plan.Schemas[0])
			if err != nil {
				return err
			}
			if err := r.execute(ctx, d, scripts.Migration{Whole: true}, string(text), nil); err != nil {
				return fmt.Errorf("%s of the base does not run on an empty %s: %w", plan.Schemas[0], r.engine.dialect(), err)
			}
			s.Says = []string{plan.Schemas[0]}
		}
		if len(seq.Code) > 0 {
			s.note(fmt.Sprintf("%s that is not SQL (%s ...) was left out", count(len(seq.Code), "migration"), seq.Code[0]))
		}
		if len(seq.Edited) > 0 {
			s.note(seq.Edited[0] + " is edited on the branch; a database that has run it will not see that")
		}
		return nil
	})
	return err
}

var word = regexp.MustCompile(`\w+`)

// data loads the seed, or makes rows for the tables that the migrations name.
func (r *run) data(ctx context.Context, d *database, all []scripts.Migration) error {
	if r.Seed != "" {
		_, err := r.step("seed", "", func(*Step) error {
			if err := r.execute(ctx, d, scripts.Migration{Whole: true}, r.Seed, nil); err != nil {
				return fmt.Errorf("--seed does not load: %w", err)
			}
			return nil
		})
		return err
	}
	_, err := r.step("rows", "", func(s *Step) error {
		tables, err := r.engine.tables(ctx, d)
		if err != nil {
			return err
		}
		named := map[string]bool{}
		for _, m := range all {
			for _, w := range word.FindAllString(m.Up+" "+m.Down, -1) {
				named[strings.ToLower(w)] = true
			}
		}
		var wanted []string
		for _, t := range tables {
			if last := t.name[strings.LastIndexByte(t.name, '.')+1:]; named[strings.ToLower(last)] {
				wanted = append(wanted, t.name)
			}
		}
		filled, failed, err := fillTables(ctx, r.engine, d, wanted)
		if err != nil {
			return err
		}
		if len(filled) > 0 {
			s.Says = append(s.Says, fmt.Sprintf("made %d in each of %s", rowsMade, strings.Join(filled, ", ")))
		}
		for _, f := range failed {
			s.note("none could be made for " + f + "; --seed takes your own")
		}
		if len(filled)+len(failed) == 0 {
			s.Verdict = Skipped
			s.Says = append(s.Says, "no table of the base is touched")
		}
		return nil
	})
	return err
}

// migrations runs the branch's migrations there, again, back, and there anew.
func (r *run) migrations(ctx context.Context, d *database, added []scripts.Migration) error {
	var before []snapshot
	for i, m := range added {
		now, err := takeSnapshot(ctx, r.engine, d, r.since)
		if err != nil {
			return err
		}
		ok, err := r.forward(ctx, d, m, now)
		if err != nil {
			return err
		}
		if !ok {
			added = added[:i]
			break
		}
		before = append(before, now)
	}
	if len(added) == 0 {
		return nil
	}
	top, err := takeSnapshot(ctx, r.engine, d, r.since)
	if err != nil {
		return err
	}
	back := len(added)
	for back > 0 {
		s, err := r.backward(ctx, d, added[back-1], before[back-1])
		if err != nil {
			return err
		}
		if s.Verdict == Failed {
			return nil // going there again would only tell the same once more
		}
		if s.Verdict == Skipped {
			break
		}
		back--
	}
	if back == len(added) {
		return nil
	}
	_, err = r.step("up anew", "", func(s *Step) error {
		for _, m := range added[back:] {
			if err := r.execute(ctx, d, m, m.Up, m.UpSteps); err != nil {
				s.fail(fmt.Sprintf("after going back, %s stops: %s", path.Base(m.Path), firstLine(err)))
				return ctx.Err()
			}
		}
		now, err := takeSnapshot(ctx, r.engine, d, r.since)
		if err != nil {
			return err
		}
		s.judgeAnew(compare(top, now))
		return nil
	})
	return err
}

// forward runs one file, then again by itself on a copy, then as a retry after it stopped half way.
func (r *run) forward(ctx context.Context, d *database, m scripts.Migration, before snapshot) (bool, error) {
	fresh, err := r.engine.clone(ctx, d)
	if err != nil {
		return false, err
	}
	defer func() { _ = r.engine.drop(context.WithoutCancel(ctx), fresh) }()
	var after snapshot
	s, err := r.step("up", m.Path, func(s *Step) error {
		if err := r.execute(ctx, d, m, m.Up, m.UpSteps); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			s.fail("stops: " + firstLine(err))
			return nil
		}
		var err error
		if after, err = takeSnapshot(ctx, r.engine, d, r.since); err != nil {
			return err
		}
		s.Says = append(s.Says, shortened(compare(before, after).words())...)
		return nil
	})
	if err != nil || s.Verdict == Failed {
		return false, err
	}
	if err := r.again(ctx, d, m, after); err != nil {
		return false, err
	}
	return true, r.retry(ctx, fresh, m, after)
}

// again runs the file a second time, by itself.
func (r *run) again(ctx context.Context, d *database, m scripts.Migration, after snapshot) error {
	_, err := r.step("again", m.Path, func(s *Step) error {
		again, err := r.engine.clone(ctx, d)
		if err != nil {
			return err
		}
		defer func() { _ = r.engine.drop(context.WithoutCancel(ctx), again) }()
		failure := r.execute(ctx, again, m, m.Up, m.UpSteps)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		now, err := takeSnapshot(ctx, r.engine, again, r.since)
		if err != nil {
			return err
		}
		diff := compare(after, now)
		for _, w := range diff.words() {
			s.fail("second run " + w)
		}
		switch {
		case failure != nil && !diff.none():
			s.fail("and then stopped: " + firstLine(failure))
		case failure != nil && m.Tracked:
			s.note(fmt.Sprintf("a second run stops and changes nothing (%s); %s keeps it from running twice", firstLine(failure), m.Runner))
		case failure != nil:
			s.fail("second run stops: " + firstLine(failure))
		case diff.none():
			s.Says = append(s.Says, "second run changes nothing")
		case m.Tracked:
			s.Says = append(s.Says, m.Runner+" runs it once, as long as its table of versions is right")
		}
		return nil
	})
	return err
}

// maxRetries bounds at how many places a file is stopped.
const maxRetries = 8

// retry stops the file behind its first statements, one more each time, and runs it again from the start: what
// happens where no transaction takes the first ones back.
func (r *run) retry(ctx context.Context, fresh *database, m scripts.Migration, after snapshot) error {
	if len(m.UpSteps) < 2 || r.atomic(m) {
		return nil
	}
	_, err := r.step("retry", m.Path, func(s *Step) error {
		for n := 1; n < len(m.UpSteps) && n <= maxRetries; n++ {
			d, err := r.engine.clone(ctx, fresh)
			if err != nil {
				return err
			}
			says, loud, err := r.stopAt(ctx, d, m, n, after)
			_ = r.engine.drop(context.WithoutCancel(ctx), d)
			if err != nil {
				return err
			}
			if says == "" {
				continue
			}
			says = fmt.Sprintf("stopped behind statement %d of %d, a retry %s", n, len(m.UpSteps), says)
			if loud && m.Tracked {
				s.note(says + "; somebody has to finish it by hand")
				return nil
			}
			s.fail(says)
			return nil
		}
		s.Says = append(s.Says, "stopped anywhere, a retry comes to the same end")
		return nil
	})
	return err
}

// stopAt runs the first n statements and then the whole file. It says how that ends otherwise than one run does, and
// whether by an error that nobody overlooks.
func (r *run) stopAt(ctx context.Context, d *database, m scripts.Migration, n int, after snapshot) (says string, loud bool, err error) {
	part := m
	part.Atomic, part.Whole = false, false
	if err := r.execute(ctx, d, part, "", m.UpSteps[:n]); err != nil {
		return "", false, ctx.Err()
	}
	if err := r.execute(ctx, d, m, m.Up, m.UpSteps); err != nil {
		return "stops: " + firstLine(err), true, ctx.Err()
	}
	now, err := takeSnapshot(ctx, r.engine, d, r.since)
	if err != nil {
		return "", false, err
	}
	if words := compare(after, now).words(); len(words) > 0 {
		return "ends differently: " + strings.Join(shortened(words), ", "), false, nil
	}
	return "", false, nil
}

// backward runs a file's way back and compares with the moment before its way there.
func (r *run) backward(ctx context.Context, d *database, m scripts.Migration, before snapshot) (Step, error) {
	return r.step("down", cmp.Or(m.DownPath, m.Path), func(s *Step) error {
		if !m.HasDown || len(m.DownSteps) == 0 && strings.TrimSpace(m.Down) == "" {
			s.Verdict = Skipped
			s.Says = append(s.Says, "there is no way back")
			return nil
		}
		if err := r.execute(ctx, d, m, m.Down, m.DownSteps); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			s.fail("stops: " + firstLine(err))
			return nil
		}
		now, err := takeSnapshot(ctx, r.engine, d, r.since)
		if err != nil {
			return err
		}
		s.judgeBack(compare(before, now))
		return nil
	})
}

// judgeBack says how the state after going back differs from the one before going there.
func (s *Step) judgeBack(diff difference) {
	for _, o := range diff.appeared {
		s.fail("down left " + o)
	}
	for _, o := range diff.vanished {
		s.fail("down removed " + o + ", which was there before")
	}
	for _, o := range diff.altered {
		s.fail("down leaves a difference: " + o)
	}
	for _, c := range diff.rows {
		if c.added > 0 {
			s.fail(fmt.Sprintf("down left %s in %s", rowCount(c.added), c.table))
		}
		if c.removed+c.changed > 0 {
			s.note(fmt.Sprintf("down does not bring back the content of %s in %s", rowCount(c.removed+c.changed), c.table))
		}
	}
	if diff.none() {
		s.Says = append(s.Says, "everything is as before")
	}
}

// judgeAnew compares the end of the second way there with that of the first. Values drawn by chance differ each time:
// the schema has to be the same, the rows to be as many.
func (s *Step) judgeAnew(diff difference) {
	for _, w := range (difference{appeared: diff.appeared, vanished: diff.vanished, altered: diff.altered}).words() {
		s.fail("going back and up again " + w)
	}
	for _, c := range diff.rows {
		if c.added+c.removed > 0 {
			s.note("going back and up again " + change{table: c.table, added: c.added, removed: c.removed}.words())
		}
	}
}

// scripts runs what no runner tracks, there and again.
func (r *run) scripts(ctx context.Context, d *database, loose []scripts.Migration) error {
	for _, m := range loose {
		now, err := takeSnapshot(ctx, r.engine, d, r.since)
		if err != nil {
			return err
		}
		if _, err := r.forward(ctx, d, m, now); err != nil {
			return err
		}
	}
	return nil
}

// atomic says whether a file happens wholly or not at all.
func (r *run) atomic(m scripts.Migration) bool {
	if !r.engine.transactional() {
		return false
	}
	return m.Atomic || m.Whole
}

// shortened keeps a list fit for a line.
func shortened(words []string) []string {
	if len(words) > 4 {
		return append(words[:3:3], fmt.Sprintf("and %d more", len(words)-3))
	}
	return words
}

// ReadSeed reads a seed file; its size is bounded.
func ReadSeed(name string) (string, error) {
	const most = 64 << 20
	info, err := os.Stat(name)
	if err != nil {
		return "", fmt.Errorf("--seed: %w", err)
	}
	if info.Size() > most {
		return "", fmt.Errorf("--seed %s: larger than 64 MB", name)
	}
	text, err := os.ReadFile(name) //nolint:gosec // the engineer named it
	if err != nil {
		return "", fmt.Errorf("--seed: %w", err)
	}
	return string(text), nil
}
