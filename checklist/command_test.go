//go:build unix

package checklist_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"flightpoll/detectors"
)

func TestACommandIsKeptWithWhatCameOfIt(t *testing.T) {
	dir := migration(t)
	s := session(t, dir, detectors.Result{})
	tree := strings.TrimSpace(git(t, dir, "rev-parse", "HEAD^{tree}"))
	sum := func(text string) string {
		h := sha256.Sum256([]byte(text))
		return hex.EncodeToString(h[:])
	}
	cases := []struct {
		name, line, output string
		exit               int
	}{
		{"passes", "echo one; echo two >&2", "one\ntwo\n", 0},
		{"fails", "echo one; exit 3", "one\n", 3},
		{"is not there", "exec 2>/dev/null; flightpoll-no-such-command", "", 127},
		{"is ended by a signal", "kill -TERM $$", "", -1},
		{"runs in the root", "test -f README.md", "", 0},
		{"leaves something running", "sleep 60 & echo started", "started\n", 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var shown bytes.Buffer
			got, err := s.RunCommand(context.Background(), c.line, time.Minute, func(p []byte) { shown.Write(p) })
			must(t, err)
			if got.Exit != c.exit || shown.String() != c.output || got.OutputSHA256 != sum(c.output) || got.Bytes != int64(len(c.output)) {
				t.Errorf("got %+v with output %q", got, shown.String())
			}
			if got.Tree != tree || got.Dirty || got.Line != c.line {
				t.Errorf("got %+v on tree %s", got, tree)
			}
		})
	}
}

func TestACommandsOutputIsShownInBounds(t *testing.T) {
	s := session(t, migration(t), detectors.Result{})
	shown := 0
	got, err := s.RunCommand(context.Background(), "head -c 3000000 /dev/zero", time.Minute, func(p []byte) { shown += len(p) })
	must(t, err)
	if shown != 1<<20 || got.Bytes != 3000000 {
		t.Errorf("%d bytes shown, %d counted", shown, got.Bytes)
	}
}

func TestACommandEndsWithItsWholeGroup(t *testing.T) {
	dir := migration(t)
	s := session(t, dir, detectors.Result{})
	pid := filepath.Join(t.TempDir(), "pid")
	line := "sleep 300 & echo $! > " + pid + "; wait"

	start := time.Now()
	got, err := s.RunCommand(context.Background(), line, 300*time.Millisecond, nil)
	must(t, err)
	if got.Exit != -1 || time.Since(start) > 10*time.Second {
		t.Errorf("exit %d after %s", got.Exit, time.Since(start))
	}
	text, err := os.ReadFile(pid) //nolint:gosec // the test's own file
	must(t, err)
	child, err := strconv.Atoi(strings.TrimSpace(string(text)))
	must(t, err)
	for range 100 {
		if stat, err := os.ReadFile("/proc/" + strconv.Itoa(child) + "/stat"); err != nil || strings.Contains(string(stat), ") Z ") || syscall.Kill(child, 0) != nil {
			return
		}
		time.Sleep(10 * time.Millisecond) // the kernel ends it on its own time
	}
	t.Error("the command's child is still running")
}

func TestACommandEndsWithItsContext(t *testing.T) {
	s := session(t, migration(t), detectors.Result{})
	ctx, cancel := context.WithCancel(context.Background())
	got, err := s.RunCommand(ctx, "echo up; sleep 300", time.Minute, func([]byte) { cancel() })
	must(t, err)
	if got.Exit != -1 {
		t.Errorf("exit %d", got.Exit)
	}
}
