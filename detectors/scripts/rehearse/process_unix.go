//go:build unix

package rehearse

// Locks, signals and users where there are any.

import (
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"strings"
	"syscall"
)

// sweeps says that a dead rehearsal can be told from a living one.
const sweeps = true

// lockFile takes the lock of a file that is open, waiting for it or not. It ends with the process.
func lockFile(f *os.File, wait bool) error {
	how := syscall.LOCK_EX
	if !wait {
		how |= syscall.LOCK_NB
	}
	return syscall.Flock(int(f.Fd()), how) //nolint:gosec // a file descriptor
}

// ours says that a folder belongs to the user who runs this.
func ours(info os.FileInfo) bool {
	s, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(s.Uid) == os.Getuid()
}

// commandLine is what a process was started with, empty when there is none with that number.
func commandLine(pid int) string {
	if text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/cmdline"); err == nil {
		return strings.ReplaceAll(string(text), "\x00", " ")
	}
	out, err := exec.Command("ps", "-o", "command=", "-p", strconv.Itoa(pid)).Output() //nolint:gosec,noctx // a number; it answers at once
	if err != nil {
		return ""
	}
	return string(out)
}

// stopAtOnce asks a database server to end without waiting for its clients.
func stopAtOnce(p *os.Process) { _ = p.Signal(syscall.SIGQUIT) }

// asServer prepares a command that becomes a server: a process group of its own, so that Ctrl-C in the terminal is
// ours to answer, and an unprivileged user where we are root.
func asServer(cmd *exec.Cmd, u *account) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if u != nil {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: u.uid, Gid: u.gid}
	}
}

// account is a user that servers run as.
type account struct{ uid, gid uint32 }

// stepDown is the user to become for a server that refuses root, nil when we are not root. The names are tried in order.
func stepDown(names ...string) *account {
	if os.Geteuid() != 0 {
		return nil
	}
	for _, name := range append(names, "nobody") {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err := strconv.ParseUint(u.Uid, 10, 32)
		if err != nil || uid == 0 {
			continue
		}
		gid, err := strconv.ParseUint(u.Gid, 10, 32)
		if err != nil {
			continue
		}
		return &account{uint32(uid), uint32(gid)}
	}
	return nil
}

// give makes a folder the server's own.
func (u *account) give(path string) error {
	if u == nil {
		return nil
	}
	return os.Chown(path, int(u.uid), int(u.gid))
}

// ownGroup ends a command together with what it has started.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
