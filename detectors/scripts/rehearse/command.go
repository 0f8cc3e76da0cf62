package rehearse

// Rehearsing by a runner's own command, for migrations that only their framework can run.

import (
	"archive/tar"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"flightpoll/detectors"
	"flightpoll/detectors/scripts"
)

// Command is a migration runner's own: shell lines that run in the root of the repository, and the variable through
// which they are told where the database is.
type Command struct {
	Up, Down, DSNEnv string
	// Show is called with a line before it runs.
	Show func(line string)
}

// byCommand brings an empty database to the base's state with the base's own tree, then runs the work tree's way there,
// again, back, and there anew.
func (o Options) byCommand(ctx context.Context, pass *detectors.Pass, plan scripts.Plan) (Report, error) {
	dialect, files := plan.Dialect, len(plan.Foreign)
	for _, seq := range plan.Sequences {
		dialect, files = cmp.Or(seq.Dialect, dialect), files+len(seq.Added)
	}
	return o.within(ctx, dialect, func(r *run) error {
		r.begin(ctx, fmt.Sprintf("%s by `%s`", count(files, "migration"), o.Command.Up))
		d, err := r.engine.create(ctx)
		if err != nil {
			return err
		}
		defer func() { _ = r.engine.drop(context.WithoutCancel(ctx), d) }()
		tree, err := os.MkdirTemp("", "flightpoll-base-")
		if err != nil {
			return err
		}
		defer func() { _ = os.RemoveAll(tree) }()
		if err := checkOut(ctx, pass.Branch.Root, pass.Branch.Base, tree); err != nil {
			return err
		}
		if _, err := r.step("base", "", func(*Step) error {
			if err := o.Command.run(ctx, tree, o.Command.Up, d.dsn); err != nil {
				return fmt.Errorf("the base's own migrations do not run: %w", err)
			}
			return nil
		}); err != nil {
			return err
		}
		if err := r.data(ctx, d, texts(pass, plan)); err != nil {
			return err
		}
		return r.thereAndBack(ctx, d, pass.Branch.Root, files)
	})
}

// texts are the migrations of a framework as far as the tables that they name are concerned.
func texts(pass *detectors.Pass, plan scripts.Plan) []scripts.Migration {
	var list []scripts.Migration
	for _, f := range plan.Foreign {
		if text, err := pass.Branch.ReadHead(f.Path); err == nil {
			list = append(list, scripts.Migration{Path: f.Path, Up: string(text)})
		}
	}
	for _, seq := range plan.Sequences {
		list = append(list, seq.Added...)
	}
	return list
}

func (r *run) thereAndBack(ctx context.Context, d *database, root string, files int) error {
	c := r.Command
	before, err := takeSnapshot(ctx, r.engine, d, r.since)
	if err != nil {
		return err
	}
	var after snapshot
	// try runs one way; what stops is a finding unless the rehearsal itself was ended.
	try := func(s *Step, line string) (bool, error) {
		if err := c.run(ctx, root, line, d.dsn); err != nil {
			if ctx.Err() != nil {
				return false, ctx.Err()
			}
			s.fail("stops: " + err.Error())
			return false, nil
		}
		return true, nil
	}
	up, err := r.step("up", "", func(s *Step) error {
		if ok, err := try(s, c.Up); !ok {
			return err
		}
		if after, err = takeSnapshot(ctx, r.engine, d, r.since); err != nil {
			return err
		}
		s.Says = append(s.Says, shortened(compare(before, after).words())...)
		return nil
	})
	if err != nil || up.Verdict == Failed {
		return err
	}
	if _, err := r.step("again", "", func(s *Step) error {
		if ok, err := try(s, c.Up); !ok {
			return err
		}
		now, err := takeSnapshot(ctx, r.engine, d, r.since)
		if err != nil {
			return err
		}
		diff := compare(after, now)
		for _, w := range diff.words() {
			s.fail("second run " + w)
		}
		if diff.none() {
			s.Says = append(s.Says, "second run changes nothing")
		}
		return nil
	}); err != nil || c.Down == "" {
		return err
	}
	down, err := r.step("down", "", func(s *Step) error {
		var diff difference
		for range max(files, 1) { // a runner takes back one migration at a time
			if ok, err := try(s, c.Down); !ok {
				return err
			}
			now, err := takeSnapshot(ctx, r.engine, d, r.since)
			if err != nil {
				return err
			}
			if diff = compare(before, now); !diff.schema() {
				break
			}
		}
		s.judgeBack(diff)
		return nil
	})
	if err != nil || down.Verdict == Failed {
		return err
	}
	_, err = r.step("up anew", "", func(s *Step) error {
		if ok, err := try(s, c.Up); !ok {
			return err
		}
		now, err := takeSnapshot(ctx, r.engine, d, r.since)
		if err != nil {
			return err
		}
		s.judgeAnew(compare(after, now))
		return nil
	})
	return err
}

// run executes a line in a folder, the database in its environment. Its error is the last line that it printed.
func (c Command) run(ctx context.Context, dir, line, dsn string) error {
	if c.Show != nil {
		c.Show(line)
	}
	cmd := exec.CommandContext(ctx, "sh", "-c", line) //nolint:gosec // the target branch's policy names it, and it was shown
	out := &tail{}
	cmd.Dir, cmd.Stdout, cmd.Stderr, cmd.WaitDelay = dir, out, out, 2*time.Second
	cmd.Env = append(os.Environ(), cmp.Or(c.DSNEnv, "DATABASE_URL")+"="+dsn)
	ownGroup(cmd)
	err := cmd.Run()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return errors.New(cmp.Or(out.last(), err.Error()))
	}
	return nil
}

// tail keeps the end of what a program prints.
type tail struct{ text []byte }

func (t *tail) Write(p []byte) (int, error) {
	const most = 8 << 10
	t.text = append(t.text, p...)
	if len(t.text) > most {
		t.text = append([]byte(nil), t.text[len(t.text)-most:]...)
	}
	return len(p), nil
}

func (t *tail) last() string {
	lines := strings.FieldsFunc(string(t.text), func(c rune) bool { return c == '\n' || c == '\r' })
	for _, l := range slices.Backward(lines) {
		if l = strings.TrimSpace(l); l != "" {
			return l
		}
	}
	return ""
}

// installed are the folders in which languages keep what a project depends upon; they are not in the base's tree.
var installed = []string{"node_modules", "vendor", ".venv", "venv"}

// checkOut writes the tree of a commit into a folder, and lends it what is installed in the work tree.
func checkOut(ctx context.Context, root, commit, into string) error {
	cmd := exec.CommandContext(ctx, "git", "archive", "--format=tar", commit) //nolint:gosec // a commit's id
	cmd.Dir = root
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("cannot read the base's tree: %w", err)
	}
	unpackErr := unpack(tar.NewReader(out), into)
	_, _ = io.Copy(io.Discard, out)
	if err := errors.Join(unpackErr, cmd.Wait()); err != nil {
		return fmt.Errorf("cannot read the base's tree: %w", err)
	}
	for _, name := range installed {
		from, to := filepath.Join(root, name), filepath.Join(into, name)
		if _, err := os.Lstat(to); err == nil {
			continue
		}
		if info, err := os.Stat(from); err == nil && info.IsDir() {
			if err := os.Symlink(from, to); err != nil {
				return err
			}
		}
	}
	return nil
}

func unpack(t *tar.Reader, into string) error {
	root, err := os.OpenRoot(into)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }()
	for {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		name := path.Clean(h.Name)
		switch h.Typeflag {
		case tar.TypeDir:
			err = root.MkdirAll(name, 0o755)
		case tar.TypeSymlink:
			err = root.Symlink(h.Linkname, name)
		case tar.TypeReg:
			if err = root.MkdirAll(path.Dir(name), 0o755); err == nil {
				err = writeFile(root, name, t, os.FileMode(h.Mode).Perm()) //nolint:gosec // git's own modes
			}
		}
		if err != nil {
			return err
		}
	}
}

func writeFile(root *os.Root, name string, from io.Reader, mode os.FileMode) error {
	f, err := root.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, mode)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, from)
	return errors.Join(err, f.Close())
}
