package record

// Runs git itself, only to read: no hooks, no pager, no replaced objects, no grafts, no network.

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// gitTimeout bounds one git command.
const gitTimeout = 2 * time.Minute

// hardened are the settings that every reading git command runs with.
var hardened = []string{
	"--no-pager", "--no-optional-locks", "--literal-pathspecs",
	"-c", "core.fsmonitor=false", "-c", "core.hooksPath=" + os.DevNull, "-c", "core.quotePath=false",
	"-c", "gc.auto=0", "-c", "maintenance.auto=false", "-c", "protocol.allow=never",
}

// foreign are variables by which a hook of one repository would redirect git in another, or change what it prints.
var foreign = []string{
	"GIT_DIR=", "GIT_WORK_TREE=", "GIT_INDEX_FILE=", "GIT_COMMON_DIR=", "GIT_PREFIX=", "GIT_NAMESPACE=",
	"GIT_EXTERNAL_DIFF=", "GIT_REPLACE_REF_BASE=", "GIT_SHALLOW_FILE=", "GIT_GRAFT_FILE=", "GIT_TRACE",
	"GIT_GLOB_PATHSPECS=", "GIT_NOGLOB_PATHSPECS=", "GIT_ICASE_PATHSPECS=", "LC_ALL=", "LANGUAGE=",
}

// git runs commands for one repository.
type git struct {
	dir string
	env []string
}

func newGit(dir string) git {
	env := []string{}
	for _, kv := range os.Environ() {
		drop := false
		for _, f := range foreign {
			drop = drop || strings.HasPrefix(kv, f)
		}
		if !drop {
			env = append(env, kv)
		}
	}
	env = append(env, "GIT_NO_REPLACE_OBJECTS=1", "GIT_GRAFT_FILE="+os.DevNull, "GIT_NO_LAZY_FETCH=1",
		"GIT_ALLOW_PROTOCOL=none", "GIT_TERMINAL_PROMPT=0", "GIT_OPTIONAL_LOCKS=0", "LC_ALL=C")
	return git{dir: dir, env: env}
}

// gitError is a git command that failed.
type gitError struct {
	command, stderr string
	err             error
}

func (e *gitError) Error() string {
	line, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(e.stderr), "fatal: "), "\n")
	if line == "" {
		line = e.err.Error()
	}
	return "git " + e.command + ": " + clean(line)
}

func (e *gitError) Unwrap() error { return e.err }

// status is the exit status of a git command that failed, -1 when it did not come that far.
func status(err error) int {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode()
	}
	return -1
}

// run gives the standard output of one command.
func (g git) run(ctx context.Context, args ...string) (string, error) {
	return g.exec(ctx, g.env, append(append([]string(nil), hardened...), args...))
}

// write runs a command as the user would, with their configuration and hooks: for adding and committing the record.
func (g git) write(ctx context.Context, args ...string) (string, error) {
	return g.exec(ctx, append(g.env, "GIT_OPTIONAL_LOCKS=1"), append([]string{"--no-pager", "--literal-pathspecs"}, args...))
}

func (g git) exec(ctx context.Context, env, args []string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, gitTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, "git", args...) // #nosec G204 -- arguments are ours; names stand behind "--" or are verified ids
	cmd.Dir, cmd.Env = g.dir, env
	cmd.WaitDelay = time.Second
	var out, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &stderr
	err := cmd.Run()
	switch {
	case err == nil:
		return out.String(), nil
	case errors.Is(err, exec.ErrNotFound):
		return "", errors.New("git is not on the PATH: install git")
	case ctx.Err() != nil:
		return "", fmt.Errorf("git %s: %w", command(args), ctx.Err())
	}
	return out.String(), &gitError{command: command(args), stderr: stderr.String(), err: err}
}

// command is the first argument that is not one of git's own settings.
func command(args []string) string {
	for i := 0; i < len(args); i++ {
		switch {
		case args[i] == "-c":
			i++
		case !strings.HasPrefix(args[i], "-"):
			return args[i]
		}
	}
	return ""
}
