package checklist

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/rogpeppe/go-internal/lockedfile"

	"flightpoll/detectors/branch"
)

// identity names a branch's log. It is kept as branch.<name>.flightpoll in git's configuration, so that git itself carries
// it along when the branch is renamed and drops it when the branch is deleted, and all worktrees share it. A detached
// HEAD goes by its commit.
type identity struct {
	// dir is <common git directory>/flightpoll, root the work tree, key the configuration key (empty for a detached HEAD).
	dir, root, key string
	// id is empty until the branch has one.
	id string
	// config is what the configuration file looked like when id was looked for.
	config fileMark
}

// fileMark tells whether a file is the one that was read.
type fileMark struct {
	size, modified int64
}

var identityForm = regexp.MustCompile(`^[0-9a-f]{32}$`)

func readIdentity(b *branch.Branch) (identity, error) {
	i := identity{dir: filepath.Join(b.CommonDir, "flightpoll"), root: b.Root}
	if b.Name == "" {
		i.id = "detached-" + b.Head
		return i, nil
	}
	i.key = "branch." + b.Name + ".flightpoll"
	return i, i.refresh()
}

// refresh looks for an id that another program gave the branch meanwhile.
func (i *identity) refresh() error {
	if i.id != "" {
		return nil
	}
	mark := markOf(filepath.Join(filepath.Dir(i.dir), "config"))
	if mark == i.config {
		return nil
	}
	id, err := i.configured()
	if err != nil {
		return err
	}
	i.id, i.config = id, mark
	return nil
}

// create gives the branch an id when it has none. Programs take turns, so that two of them end with the same one.
func (i *identity) create() error {
	if err := os.MkdirAll(i.dir, 0o700); err != nil {
		return fmt.Errorf("cannot save the answer: %w", err)
	}
	if i.id != "" {
		return nil
	}
	unlock, err := lockedfile.MutexAt(filepath.Join(i.dir, "lock")).Lock()
	if err != nil {
		return fmt.Errorf("cannot save the answer: %w", err)
	}
	defer unlock()
	id, err := i.configured()
	if err != nil || id != "" {
		i.id = id
		return err
	}
	fresh := make([]byte, 16)
	_, _ = rand.Read(fresh) // never fails, by its documentation
	id = hex.EncodeToString(fresh)
	if _, err := i.git("config", "--local", i.key, id); err != nil {
		return fmt.Errorf("cannot save the answer: git config %s: %w", i.key, err)
	}
	i.id = id
	return nil
}

// configured is the id in git's configuration, empty when there is none of the right form: the id becomes a file's
// name, so nothing else is taken.
func (i *identity) configured() (string, error) {
	out, err := i.git("config", "--local", "--get", i.key)
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == 1 {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("cannot read git's configuration of this branch: %w", err)
	}
	if id := strings.TrimSpace(out); identityForm.MatchString(id) {
		return id, nil
	}
	return "", nil
}

func (i *identity) git(args ...string) (string, error) {
	cmd := exec.CommandContext(context.Background(), "git", args...) //nolint:gosec // the arguments are ours; the branch's name is one key
	cmd.Dir = i.root
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	if line, _, _ := strings.Cut(strings.TrimSpace(errs.String()), "\n"); err != nil && line != "" {
		err = fmt.Errorf("%w: %s", err, line)
	}
	return out.String(), err
}

// markOf is absent for what cannot be looked at: opening it says why.
func markOf(path string) fileMark {
	info, err := os.Stat(path)
	if err != nil {
		return absent
	}
	return fileMark{size: info.Size(), modified: info.ModTime().UnixNano()}
}
