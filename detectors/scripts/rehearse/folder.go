package rehearse

// The temporary folder of one rehearsal, and how the next start finds what a killed one has left behind.

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// folder is a place on disk that holds everything of one rehearsal. It is held by a lock that dies with the process.
type folder struct {
	path string
	lock *os.File
}

// room is where the folders of one user lie. The name is short: the path of a unix socket has about a hundred bytes.
func room() string { return filepath.Join(os.TempDir(), "flightpoll-"+strconv.Itoa(os.Getuid())) }

// openFolder clears away what dead rehearsals left, then makes a folder of its own.
func openFolder() (*folder, error) {
	root := room()
	if err := os.Mkdir(root, 0o711); err != nil && !errors.Is(err, os.ErrExist) { //nolint:gosec // the server's user passes through; nobody lists it
		return nil, fmt.Errorf("no folder for the rehearsal: %w", err)
	}
	if info, err := os.Lstat(root); err != nil || !info.IsDir() || !ours(info) {
		return nil, fmt.Errorf("%s is not a folder of ours; set TMPDIR to a place of your own", root)
	}
	gate, err := os.OpenFile(filepath.Join(root, "lock"), os.O_CREATE|os.O_RDWR, 0o600) //nolint:gosec // below a folder of ours
	if err != nil {
		return nil, fmt.Errorf("no folder for the rehearsal: %w", err)
	}
	defer func() { _ = gate.Close() }()
	if err := lockFile(gate, true); err != nil {
		return nil, fmt.Errorf("cannot lock %s: %w", gate.Name(), err)
	}
	if sweeps {
		sweep(root)
	}
	path, err := os.MkdirTemp(root, "")
	if err != nil {
		return nil, fmt.Errorf("no folder for the rehearsal: %w", err)
	}
	if err := os.Chmod(path, 0o711); err != nil { //nolint:gosec // as above
		return nil, err
	}
	lock, err := os.OpenFile(filepath.Join(path, "lock"), os.O_CREATE|os.O_RDWR, 0o600) //nolint:gosec // just made
	if err == nil {
		err = lockFile(lock, false)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot lock %s: %w", path, err)
	}
	return &folder{path: path, lock: lock}, nil
}

func (f *folder) join(name string) string { return filepath.Join(f.path, name) }

// remove deletes the folder; what runs in it has ended before.
func (f *folder) remove() error {
	err := os.RemoveAll(f.path)
	_ = f.lock.Close()
	return err
}

// serverFile holds the process id of the server that runs in a folder.
const serverFile = "server"

// sweep ends the servers of rehearsals whose process is gone and deletes their folders.
func sweep(root string) {
	entries, err := os.ReadDir(root)
	if err != nil {
		return
	}
	for _, e := range entries {
		path := filepath.Join(root, e.Name())
		if !e.IsDir() {
			continue
		}
		lock, err := os.OpenFile(filepath.Join(path, "lock"), os.O_RDWR, 0o600) //nolint:gosec // below a folder of ours
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err == nil {
			held := lockFile(lock, false) != nil
			_ = lock.Close()
			if held {
				continue
			}
		}
		endServer(path)
		_ = os.RemoveAll(path)
	}
}

// endServer stops the server of a dead rehearsal, when the process with its number still is that server.
func endServer(path string) {
	text, err := os.ReadFile(filepath.Join(path, serverFile)) //nolint:gosec // below a folder of ours
	if err != nil {
		return
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || pid <= 1 || !strings.Contains(commandLine(pid), path) {
		return
	}
	process, err := os.FindProcess(pid)
	if err != nil {
		return
	}
	stopAtOnce(process)
	for range 60 {
		if !strings.Contains(commandLine(pid), path) {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	_ = process.Kill()
}
