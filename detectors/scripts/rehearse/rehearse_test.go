//go:build unix

package rehearse

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"flightpoll/detectors"
	"flightpoll/detectors/scenario"
)

// needs leaves a test out where the server is not installed.
func needs(t *testing.T, engine string) {
	t.Helper()
	program := map[string]string{"postgres": "initdb", "mysql": "mariadbd"}[engine]
	if program == "" {
		return
	}
	if _, err := findProgram(program, append(postgresPlaces, mysqlPlaces...)...); err != nil {
		t.Skipf("no %s here: install the server to rehearse on it", program)
	}
}

// rehearse runs the branch of a scenario file and gives each step as one line.
func rehearse(t *testing.T, file string, o Options) []string {
	t.Helper()
	s, err := scenario.Read(file)
	if err != nil {
		t.Fatal(err)
	}
	in := scenario.Open(t, s.Build(t))
	reports, err := Run(t.Context(), &detectors.Pass{Context: t.Context(), Branch: in.Branch, Source: in.Source}, o)
	var lines []string
	for _, r := range reports {
		for _, s := range r.Steps {
			lines = append(lines, s.String())
		}
	}
	if err != nil {
		lines = append(lines, "error: "+err.Error())
	}
	return lines
}

func TestRehearse(t *testing.T) {
	for _, c := range []struct {
		name, file, engine string
		// each text has to stand in one line, in this order
		want []string
		// none of these stands anywhere
		not []string
	}{
		{"a backfill with random keys adds its rows a second time", "random-keys", "postgres",
			[]string{"base: ok; 1 migration", "made 3 in each of accounts", "up scripts/backfill_trials.sql: ok; added 3 rows to trials", "again scripts/backfill_trials.sql: failed; second run added 3 rows to trials"}, nil},
		{"its twin with a conflict guard does not, whatever the clock says", "upsert", "postgres",
			[]string{"up scripts/backfill_trials.sql: ok; changed 3 rows of trials", "again scripts/backfill_trials.sql: ok; second run changes nothing"}, []string{"failed"}},
		{"a way back that forgets a column is named", "forgotten-column", "postgres",
			[]string{"made the role reporting", "again db/migrations/002_tiers.sql: noted; a second run stops and changes nothing", "down db/migrations/002_tiers.sql: failed; down left column plans.price"}, []string{"up anew"}},
		{"the same on SQLite", "forgotten-column-sqlite", "sqlite",
			[]string{"up migrations/002_tiers.up.sql: ok; added column plans.price; added column plans.tier", "down migrations/002_tiers.down.sql: failed; down left column plans.price"}, nil},
		{"a migration that holds on every way", "whole", "sqlite",
			[]string{"again migrations/002_tiers.up.sql: ok; second run changes nothing", "down migrations/002_tiers.down.sql: ok; everything is as before", "up anew: ok"}, []string{"failed", "noted"}},
		{"statements without a transaction that stop half way", "half-way", "sqlite",
			[]string{"retry ops/split_names.sql: failed; stopped behind statement 1 of 2, a retry stops"}, nil},
		{"MariaDB keeps what ran before the statement that fails", "mariadb", "mysql",
			[]string{"up migrations/V2__tiers.sql: ok; added column users.tier; added 1 row to teams", "retry migrations/V2__tiers.sql: noted; stopped behind statement 1 of 2, a retry stops", "down migrations/V2__tiers.sql: skipped; there is no way back"}, []string{"failed"}},
		{"a file of the machine stays out of reach", "attach", "sqlite", []string{"up ops/export.sql: failed; stops: SQL logic error: too many attached databases"}, nil},
		{"and a program of the machine", "program", "postgres", []string{"up ops/export.sql: failed; stops: ERROR: must be superuser"}, nil},
		{"a framework's migrations need its command", "framework", "", []string{"error: db/migrate/20260101000000_add_tier.rb runs by Rails: name its commands"}, nil},
		{"a base that does not run cannot be built upon", "broken-base", "sqlite", []string{"error: migrations/001_init.sql of the base does not run on an empty SQLite"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			needs(t, c.engine)
			got := rehearse(t, "testdata/"+c.file+".txtar", Options{})
			rest := got
			for _, w := range c.want {
				for len(rest) > 0 && !strings.Contains(rest[0], w) {
					rest = rest[1:]
				}
				if len(rest) == 0 {
					t.Fatalf("nothing says %q:\n%s", w, strings.Join(got, "\n"))
				}
			}
			for _, w := range c.not {
				if strings.Contains(strings.Join(got, "\n"), w) {
					t.Errorf("something says %q:\n%s", w, strings.Join(got, "\n"))
				}
			}
		})
	}
}

func TestSeedTakesThePlaceOfMadeRows(t *testing.T) {
	got := strings.Join(rehearse(t, "testdata/whole.txtar", Options{Seed: "INSERT INTO plans (name) VALUES ('one'), ('two');"}), "\n")
	if !strings.Contains(got, "seed: ok") || strings.Contains(got, "rows: ") {
		t.Error(got)
	}
	got = strings.Join(rehearse(t, "testdata/whole.txtar", Options{Seed: "INSERT INTO nowhere VALUES (1);"}), "\n")
	if !strings.Contains(got, "error: --seed does not load") {
		t.Error(got)
	}
}

// A runner's own command gets the scratch database in the variable of the policy; here it is a line of shell.
func TestOwnCommand(t *testing.T) {
	needs(t, "postgres")
	if _, err := exec.LookPath("psql"); err != nil {
		t.Skip("no psql here: it stands for a runner's command")
	}
	var shown []string
	o := Options{Engine: "postgres", Command: Command{
		Up: `for f in schema/*.up.sql; do psql -qX -v ON_ERROR_STOP=1 -f "$f" "$SCRATCH" || exit 1; done`, Down: `psql -qX -f schema/2.down.sql "$SCRATCH"`,
		DSNEnv: "SCRATCH", Show: func(line string) { shown = append(shown, line) },
	}}
	got := strings.Join(rehearse(t, "testdata/own-command.txtar", o), "\n")
	for _, want := range []string{"up: ok; added column plans.tier", "again: ok; second run changes nothing", "down: failed; down left column plans.tier"} {
		if !strings.Contains(got, want) {
			t.Errorf("nothing says %q:\n%s", want, got)
		}
	}
	if len(shown) < 4 || shown[0] != o.Command.Up {
		t.Errorf("shown before they ran: %q", shown)
	}
}

// A scratch server's database that holds anything is refused, and nothing stays on the server.
func TestScratchServer(t *testing.T) {
	for _, c := range []struct {
		engine, file, found, refused, left string
		start                              func(context.Context, *folder) (engine, error)
		dsn                                func(engine) (string, *sql.DB)
	}{
		{"postgres", "random-keys", "second run added 3 rows to trials", "(1 relations)", `SELECT count(*) FROM pg_database WHERE datname LIKE 'flightpoll%'`, startPostgres,
			func(e engine) (string, *sql.DB) { s := e.(*postgresEngine); return s.at.String(), s.admin }},
		{"mysql", "mariadb", "stopped behind statement 1 of 2", "(1 tables)", `SELECT count(*) FROM information_schema.schemata WHERE schema_name LIKE 'flightpoll%'`, startMySQL,
			func(e engine) (string, *sql.DB) {
				s := e.(*mysqlEngine)
				return "mysql://root@/scratch?socket=" + s.config.Addr, s.admin
			}},
	} {
		t.Run(c.engine, func(t *testing.T) {
			needs(t, c.engine)
			f, err := openFolder()
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = f.remove() }()
			e, err := c.start(t.Context(), f)
			if err != nil {
				t.Fatal(err)
			}
			defer e.close()
			dsn, admin := c.dsn(e)
			do := func(statement string) {
				if _, err := admin.ExecContext(t.Context(), statement); err != nil {
					t.Fatal(err)
				}
			}
			table := "precious"
			if c.engine == "mysql" {
				do("CREATE DATABASE scratch")
				table = "scratch.precious"
			}
			if got := strings.Join(rehearse(t, "testdata/"+c.file+".txtar", Options{DSN: dsn}), "\n"); !strings.Contains(got, c.found) {
				t.Error(got)
			}
			left := 0
			if err := admin.QueryRowContext(t.Context(), c.left).Scan(&left); err != nil || left != 0 {
				t.Errorf("%d databases stay on the server (%v)", left, err)
			}
			do("CREATE TABLE " + table + " (id int)")
			if got := strings.Join(rehearse(t, "testdata/"+c.file+".txtar", Options{DSN: dsn}), "\n"); !strings.Contains(got, "error: --dsn: the database is not empty "+c.refused) {
				t.Error(got)
			}
		})
	}
}

// TestMain also is the rehearsal that TestKilled kills.
func TestMain(m *testing.M) {
	if os.Getenv("REHEARSAL_TO_KILL") == "" {
		os.Exit(m.Run())
	}
	f, err := openFolder()
	if err != nil {
		panic(err)
	}
	if _, err := startPostgres(context.Background(), f); err != nil {
		panic(err)
	}
	pid, _ := os.ReadFile(f.join(serverFile))
	println(f.path + " " + string(pid))
	select {}
}

func TestKilled(t *testing.T) {
	needs(t, "postgres")
	tmp, err := os.MkdirTemp("", "k") // short: the path of the socket is bounded
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(tmp) })
	if err := os.Chmod(tmp, 0o755); err != nil { //nolint:gosec // the server's user passes through
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0]) //nolint:gosec // this test's own program
	cmd.Env = append(os.Environ(), "REHEARSAL_TO_KILL=1", "TMPDIR="+tmp)
	pipe, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(pipe).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	path, pid, _ := strings.Cut(strings.TrimSpace(line), " ")
	if pid == "" {
		t.Fatal(line)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()

	t.Setenv("TMPDIR", tmp)
	f, err := openFolder()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.remove() }()
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s is still there", path)
	}
	if n := running(t, path); n != 0 {
		t.Errorf("%d processes of the killed rehearsal still run", n)
	}
}

// running counts the processes whose command line names a path.
func running(t *testing.T, path string) int {
	t.Helper()
	for range 40 {
		n := 0
		list, _ := filepath.Glob("/proc/[0-9]*/cmdline")
		for _, p := range list {
			if text, err := os.ReadFile(p); err == nil && strings.Contains(string(text), path) { //nolint:gosec // below /proc
				n++
			}
		}
		if n == 0 {
			return 0
		}
		time.Sleep(50 * time.Millisecond)
	}
	return 1
}

// What is stopped in the middle ends at once and leaves neither server nor folder.
func TestInterrupted(t *testing.T) {
	needs(t, "postgres")
	s, err := scenario.Read("testdata/sleeps.txtar")
	if err != nil {
		t.Fatal(err)
	}
	in := scenario.Open(t, s.Build(t))
	ctx, cancel := context.WithCancel(t.Context())
	var at string
	_, err = Run(ctx, &detectors.Pass{Context: ctx, Branch: in.Branch, Source: in.Source}, Options{Begin: func(Report) {
		list, _ := filepath.Glob(filepath.Join(room(), "*", serverFile))
		at = strings.Join(list, " ")
		time.AfterFunc(500*time.Millisecond, cancel)
	}})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("%v, want canceled", err)
	}
	if at == "" {
		t.Fatal("no server was running")
	}
	for _, p := range strings.Fields(at) {
		if _, err := os.Stat(filepath.Dir(p)); err == nil && lockedByUs(filepath.Dir(p)) {
			t.Errorf("%s is still there", p)
		}
	}
}

// lockedByUs leaves rehearsals of other processes out of the count.
func lockedByUs(path string) bool {
	f, err := os.OpenFile(filepath.Join(path, "lock"), os.O_RDWR, 0o600) //nolint:gosec // of this test
	if err != nil {
		return true
	}
	defer func() { _ = f.Close() }()
	return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil //nolint:gosec // a file descriptor
}

func TestVersionTablesOfRunnersAreLeftOut(t *testing.T) {
	for name, want := range map[string]bool{
		"schema_migrations": true, "public.goose_db_version": true, "alembic_version": true, "flyway_schema_history": true, "_prisma_migrations": true,
		"migration_requests": false, "plans": false,
	} {
		if got := ledgers.MatchString(name); got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}
