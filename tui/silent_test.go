package tui_test

// A terminal that answers no question: the first frame does not wait for it, and --version writes nothing but text.

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/creack/pty"

	"flightpoll/content/demo"
)

func TestSilentTerminal(t *testing.T) {
	dir := t.TempDir()
	bin := filepath.Join(dir, "flightpoll")
	build := exec.CommandContext(t.Context(), "go", "build", "-buildvcs=false", "-o", bin, "../cmd/flightpoll") //nolint:gosec // a path of our own
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	env := append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1", "HOME="+dir, "SSH_AUTH_SOCK=",
		"TERM=xterm-256color", "NO_COLOR=", "ACCESSIBLE=")
	shop, err := demo.Create(t.Context(), filepath.Join(dir, "demo"))
	if err != nil {
		t.Fatal(err)
	}

	t.Run("first frame", func(t *testing.T) {
		cmd := exec.CommandContext(t.Context(), bin) //nolint:gosec // the program under test
		cmd.Dir, cmd.Env = shop.Dir, env
		start := time.Now()
		term, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 30, Cols: 100})
		if err != nil {
			t.Skipf("this machine has no pseudo terminal: %v", err)
		}
		defer func() { _, _ = cmd.Process.Kill(), cmd.Wait(); _ = term.Close() }()
		readUntil(t, term, "CONTRACTS")
		if took := time.Since(start); took > 2*time.Second {
			t.Errorf("the first frame took %v", took)
		} else {
			t.Logf("first frame after %v", took)
		}
		readUntil(t, term, "swallowed-error") // a finding of the last station but one
		t.Logf("polled after %v", time.Since(start))
		if _, err := term.Write([]byte("q")); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		go func() { _, _ = bytes.NewBuffer(nil).ReadFrom(term) }()
		select {
		case err := <-ended:
			if err != nil {
				t.Errorf("q ended it with %v", err)
			}
		case <-time.After(10 * time.Second):
			t.Error("q does not end it")
		}
	})

	t.Run("version", func(t *testing.T) {
		cmd := exec.CommandContext(t.Context(), bin, "--version") //nolint:gosec // the program under test
		cmd.Dir, cmd.Env = shop.Dir, env
		term, err := pty.Start(cmd)
		if err != nil {
			t.Skipf("this machine has no pseudo terminal: %v", err)
		}
		defer func() { _ = term.Close() }()
		var out bytes.Buffer
		_, _ = out.ReadFrom(term) // the end of a pty is an error
		if err := cmd.Wait(); err != nil || !bytes.Contains(out.Bytes(), []byte("flightpoll")) || bytes.ContainsRune(out.Bytes(), '\x1b') {
			t.Errorf("%q, %v", out.String(), err)
		}
	})
}

// readUntil reads until the text was seen, and gives up after a while.
func readUntil(t *testing.T, term *os.File, text string) {
	t.Helper()
	found := make(chan bool, 1)
	go func() {
		var out bytes.Buffer
		buf := make([]byte, 4096)
		for {
			n, err := term.Read(buf)
			out.Write(buf[:n])
			if bytes.Contains(out.Bytes(), []byte(text)) || err != nil {
				found <- err == nil
				return
			}
		}
	}()
	select {
	case ok := <-found:
		if !ok {
			t.Fatalf("it ended before %q", text)
		}
	case <-time.After(20 * time.Second):
		t.Fatalf("never saw %q", text)
	}
}
