package branch

// Runs git itself, hardened: nothing from the environment redirects it, no hooks, no pager, no optional locks,
// no replace objects, no network.

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"
)

// commandTimeout bounds one git command.
const commandTimeout = 2 * time.Minute

// hardened are the settings that every git command runs with.
var hardened = []string{
	"--no-optional-locks", "--no-pager", "--literal-pathspecs",
	"-c", "core.fsmonitor=false",
	"-c", "core.hooksPath=" + os.DevNull,
	"-c", "core.quotePath=false",
	"-c", "gc.auto=0",
	"-c", "maintenance.auto=false",
	"-c", "submodule.recurse=false",
	"-c", "protocol.allow=never",
}

// git runs commands in one folder.
type git struct {
	dir string
	env []string
}

// gitError is a git command that failed, with the last line that it wrote on standard error.
type gitError struct {
	command string
	stderr  string
	err     error
}

func (e *gitError) Error() string {
	if line := e.line(); line != "" {
		return fmt.Sprintf("git %s: %s", e.command, line)
	}
	return fmt.Sprintf("git %s: %v", e.command, e.err)
}

func (e *gitError) Unwrap() error { return e.err }

// line is what git says went wrong, without its "fatal:".
func (e *gitError) line() string {
	lines := strings.Split(strings.TrimSpace(e.stderr), "\n")
	for _, l := range lines {
		if rest, ok := strings.CutPrefix(l, "fatal: "); ok {
			return rest
		}
	}
	return lines[len(lines)-1]
}

// newGit runs git in dir. Variables that point git at another repository, index or diff program are dropped:
// a hook sets them for its own repository.
func newGit(dir string) git {
	dropped := map[string]bool{
		"GIT_DIR": true, "GIT_WORK_TREE": true, "GIT_INDEX_FILE": true, "GIT_COMMON_DIR": true, "GIT_PREFIX": true,
		"GIT_NAMESPACE": true, "GIT_OBJECT_DIRECTORY": true, "GIT_ALTERNATE_OBJECT_DIRECTORIES": true,
		"GIT_EXTERNAL_DIFF": true, "GIT_DIFF_OPTS": true, "GIT_GLOB_PATHSPECS": true, "GIT_NOGLOB_PATHSPECS": true,
		"GIT_ICASE_PATHSPECS": true, "GIT_REPLACE_REF_BASE": true, "GIT_SHALLOW_FILE": true, "GIT_GRAFT_FILE": true,
		"LC_ALL": true, "LANGUAGE": true,
	}
	var env []string
	for _, kv := range os.Environ() {
		key, _, _ := strings.Cut(kv, "=")
		if !dropped[key] && !strings.HasPrefix(key, "GIT_TRACE") {
			env = append(env, kv)
		}
	}
	env = append(env, "GIT_NO_REPLACE_OBJECTS=1", "GIT_NO_LAZY_FETCH=1", "GIT_ALLOW_PROTOCOL=none",
		"GIT_TERMINAL_PROMPT=0", "GIT_OPTIONAL_LOCKS=0", "LC_ALL=C")
	return git{dir: dir, env: env}
}

// with is the same git with one more environment variable.
func (g git) with(env ...string) git {
	g.env = append(append([]string(nil), g.env...), env...)
	return g
}

// command is one git command, not yet started.
func (g git) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "git", append(append([]string(nil), hardened...), args...)...) // #nosec G204 -- the arguments are ours, names are behind "--" or verified ids
	cmd.Dir, cmd.Env = g.dir, g.env
	cmd.WaitDelay = time.Second
	return cmd
}

// output runs a command to its end and gives its standard output.
func (g git) output(ctx context.Context, args ...string) ([]byte, error) {
	return g.filter(ctx, nil, args...)
}

// filter is output with something on standard input. What was written before a failure is given too.
func (g git) filter(ctx context.Context, in io.Reader, args ...string) ([]byte, error) {
	var out bytes.Buffer
	err := g.stream(ctx, in, func(r io.Reader) error {
		_, err := out.ReadFrom(r)
		return err
	}, args...)
	return out.Bytes(), err
}

// stream runs a command and lets read consume its standard output while it runs.
func (g git) stream(ctx context.Context, in io.Reader, read func(io.Reader) error, args ...string) error {
	parent := ctx
	ctx, cancel := context.WithTimeout(parent, commandTimeout)
	defer cancel()
	cmd := g.command(ctx, args...)
	var stderr bytes.Buffer
	cmd.Stdin, cmd.Stderr = in, &stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return fmt.Errorf("git %s: %w", subcommand(args), err)
	}
	if err := cmd.Start(); err != nil {
		if errors.Is(err, exec.ErrNotFound) {
			return errors.New("git is not on the PATH: install git 2.31 or newer")
		}
		return fmt.Errorf("git %s: %w", subcommand(args), err)
	}
	readErr := read(out)
	if n, _ := out.Read(make([]byte, 1)); readErr != nil && n > 0 {
		cancel() // there is more, and nobody wants it
	}
	err = cmd.Wait()
	switch {
	case parent.Err() != nil:
		return fmt.Errorf("git %s: %w", subcommand(args), parent.Err())
	case exitStatus(err) > 0:
		return &gitError{command: subcommand(args), stderr: stderr.String(), err: err}
	case readErr != nil:
		return readErr
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return fmt.Errorf("git %s in %s took longer than %s and was stopped", subcommand(args), g.dir, commandTimeout)
	case err != nil:
		return &gitError{command: subcommand(args), stderr: stderr.String(), err: err}
	}
	return nil
}

// subcommand is what a command is called, without settings before it.
func subcommand(args []string) string {
	for len(args) > 2 && args[0] == "-c" {
		args = args[2:]
	}
	return args[0]
}

// exitStatus is the status that a git command ended with, -1 when it did not get that far.
func exitStatus(err error) int {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode()
	}
	return -1
}

// Git runs git in Root with the hardened environment (no hooks, no pager, no network, nothing redirected) and
// gives its standard output: for the few rooms that must ask or write something of their own.
func (b *Branch) Git(ctx context.Context, args ...string) ([]byte, error) {
	return b.repo.git.output(ctx, args...)
}
