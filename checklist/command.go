package checklist

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"flightpoll/detectors/branch"
)

// DefaultCommandTimeout bounds a command that names no time-out of its own.
const DefaultCommandTimeout = 10 * time.Minute

// maxShown bounds the bytes of output that are passed on; digest and count go on behind it.
const maxShown = 1 << 20

// grace is how long a command that was ended may hold its output open.
const grace = 2 * time.Second

func runCommand(ctx context.Context, b *branch.Branch, line string, timeout time.Duration, out func([]byte)) (CommandResult, error) {
	if strings.TrimSpace(line) == "" {
		return CommandResult{}, errors.New("the command is empty")
	}
	if timeout <= 0 {
		timeout = DefaultCommandTimeout
	}
	tree, err := treeOf(ctx, b)
	if err != nil {
		return CommandResult{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()

	sink := &output{hash: sha256.New(), pass: out}
	cmd := exec.CommandContext(ctx, "sh", "-c", line) //nolint:gosec // it is the engineer's own line, shown before it runs
	cmd.Dir, cmd.Stdout, cmd.Stderr, cmd.WaitDelay = b.Root, sink, sink, grace
	cmd.Env = besideUs(os.Environ())
	ownGroup(cmd)

	start := time.Now()
	if err := cmd.Start(); err != nil {
		return CommandResult{}, fmt.Errorf("cannot start `%s`: %w", line, err)
	}
	_ = cmd.Wait() // the exit status says it
	endGroup(cmd)
	res := CommandResult{Line: line, Exit: cmd.ProcessState.ExitCode(), Millis: time.Since(start).Milliseconds(), Tree: tree, Dirty: len(b.Dirty()) > 0}
	res.OutputSHA256, res.Bytes = sink.sum()
	if ctx.Err() != nil {
		res.Exit = -1
	}
	return res, nil
}

// besideUs lets a line say "flightpoll" and mean this very program, wherever it is installed.
func besideUs(env []string) []string {
	program, err := os.Executable()
	if err != nil {
		return env
	}
	return append(env, "PATH="+filepath.Dir(program)+string(os.PathListSeparator)+os.Getenv("PATH"))
}

// treeOf is the tree of HEAD now: what the command runs on, together with Dirty.
func treeOf(ctx context.Context, b *branch.Branch) (string, error) {
	cmd := exec.CommandContext(ctx, "git", "rev-parse", "--verify", "--quiet", "HEAD^{tree}")
	cmd.Dir = b.Root
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("cannot read the tree of HEAD in %s: %w", b.Root, err)
	}
	return strings.TrimSpace(string(out)), nil
}

// output digests and counts everything and passes the first part on as it comes.
type output struct {
	mu    sync.Mutex
	hash  hash.Hash
	bytes int64
	pass  func([]byte)
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	_, _ = o.hash.Write(p) // a hash takes everything
	if room := maxShown - o.bytes; room > 0 && o.pass != nil {
		o.pass(append([]byte(nil), p[:min(int64(len(p)), room)]...))
	}
	o.bytes += int64(len(p))
	return len(p), nil
}

func (o *output) sum() (string, int64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return hex.EncodeToString(o.hash.Sum(nil)), o.bytes
}
