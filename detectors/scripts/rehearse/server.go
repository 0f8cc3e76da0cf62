package rehearse

// A database server of our own: started in a folder of the rehearsal, reachable through a socket in it, ended with it.

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

// server is a running database server. done is closed when it has ended.
type server struct {
	process *os.Process
	done    chan struct{}
	log     string
}

// startServer runs a program until stop is called. The thread that starts it lives as long as the server: on Linux the
// kernel stops the server when that thread is gone, however that comes about.
func startServer(f *folder, u *account, program string, args ...string) (*server, error) {
	s := &server{done: make(chan struct{}), log: f.join("log")}
	log, err := os.OpenFile(s.log, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, err
	}
	started := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with this goroutine
		defer close(s.done)
		defer func() { _ = log.Close() }()
		cmd := exec.Command(program, args...) //nolint:gosec,noctx // a database server found on this machine; stop ends it in its own way
		cmd.Dir, cmd.Stdout, cmd.Stderr, cmd.Env = f.path, log, log, plainEnvironment()
		asServer(cmd, u)
		endWithUs(cmd)
		if err := cmd.Start(); err != nil {
			started <- err
			return
		}
		s.process = cmd.Process
		started <- os.WriteFile(f.join(serverFile), []byte(strconv.Itoa(cmd.Process.Pid)), 0o600)
		_ = cmd.Wait() // how it ended is in its log
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("cannot start %s: %w", filepath.Base(program), err)
	}
	return s, nil
}

// ready asks until the server answers, has ended, or the context has.
func (s *server) ready(ctx context.Context, ask func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	for {
		err := ask(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the database server did not answer: %w", err)
		case <-s.done:
			return fmt.Errorf("the database server ended at once: %s", s.lastWords())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// lastWords is the last line of the server's log.
func (s *server) lastWords() string {
	text, _ := os.ReadFile(s.log)
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return lines[len(lines)-1]
}

// stop ends the server and waits until it is gone.
func (s *server) stop() {
	stopAtOnce(s.process)
	select {
	case <-s.done:
	case <-time.After(5 * time.Second):
		_ = s.process.Kill()
		<-s.done
	}
}

// plainEnvironment is this process's environment without what points a database program somewhere else.
func plainEnvironment() []string {
	return slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "PG") || strings.HasPrefix(v, "MYSQL") })
}

// setUp runs a program that prepares a server's folder.
func setUp(ctx context.Context, f *folder, u *account, program string, args ...string) error {
	cmd := exec.CommandContext(ctx, program, args...) //nolint:gosec // a database's own program found on this machine
	cmd.Dir, cmd.Env = f.path, plainEnvironment()
	asServer(cmd, u)
	out, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		lines := strings.Split(strings.TrimSpace(string(out)), "\n")
		return fmt.Errorf("%s: %s", filepath.Base(program), lines[len(lines)-1])
	}
	return nil
}

// errNoServer says that no database server of the kind is installed.
var errNoServer = errors.New("no server is installed")

// findProgram looks for a database's program in PATH, then in the places where packages put it, newest first.
func findProgram(name string, places ...string) (string, error) {
	var found []string
	for _, place := range places {
		list, _ := filepath.Glob(filepath.Join(place, name))
		slices.SortFunc(list, func(a, b string) int { return strings.Compare(b, a) })
		found = append(found, list...)
	}
	if len(found) > 0 {
		return found[0], nil
	}
	if p, err := exec.LookPath(name); err == nil {
		return p, nil
	}
	return "", fmt.Errorf("%s: %w", name, errNoServer)
}
