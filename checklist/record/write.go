package record

// Writes below .readiness/records so that a kill at any moment leaves the old record or the new one: a whole
// folder, or one file, is made beside its place and renamed into it.

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// scratchPrefix marks what is not in its place yet; verify refuses it, and the next Sign clears it away.
const scratchPrefix = ".writing-"

// abandoned is how old scratch must be before another run removes it.
const abandoned = time.Hour

// writer writes below one records folder.
type writer struct{ dir string }

// newWriter makes the records folder, with its .gitattributes, and clears away what a killed run left.
func newWriter(root string) (*writer, error) {
	w := &writer{dir: filepath.Join(root, filepath.FromSlash(Dir))}
	for _, dir := range []string{filepath.Dir(w.dir), w.dir} {
		if info, err := os.Lstat(dir); err == nil && !info.IsDir() {
			return nil, fmt.Errorf("%s is no folder: remove it, records go there", dir)
		}
	}
	if err := os.MkdirAll(w.dir, 0o755); err != nil { // #nosec G301 -- a folder of the work tree, like its others
		return nil, fmt.Errorf("the record cannot be written: %w", err)
	}
	entries, err := os.ReadDir(w.dir)
	if err != nil {
		return nil, fmt.Errorf("the record cannot be written: %w", err)
	}
	for _, e := range entries {
		if info, err := e.Info(); err == nil && strings.HasPrefix(e.Name(), scratchPrefix) && time.Since(info.ModTime()) > abandoned {
			_ = os.RemoveAll(filepath.Join(w.dir, e.Name())) // another run may have been faster
		}
	}
	text, err := os.ReadFile(filepath.Join(w.dir, attributesFile))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return w, w.file(attributesFile, []byte(attributes))
	case err != nil:
		return nil, fmt.Errorf("the record cannot be written: %w", err)
	case string(text) != attributes:
		return nil, fmt.Errorf("%s/%s must say %q and nothing else: restore it", Dir, attributesFile, strings.TrimSpace(attributes))
	}
	return w, nil
}

// folder makes a folder with these files in one step.
func (w *writer) folder(name string, files map[string][]byte) error {
	scratch, err := os.MkdirTemp(w.dir, scratchPrefix)
	if err != nil {
		return fmt.Errorf("the record cannot be written: %w", err)
	}
	defer func() { _ = os.RemoveAll(scratch) }()
	if err := os.Chmod(scratch, 0o755); err != nil { // #nosec G302 -- a folder of the work tree, like its others
		return fmt.Errorf("the record cannot be written: %w", err)
	}
	for file, content := range files {
		if err := writeSynced(filepath.Join(scratch, file), content); err != nil {
			return err
		}
	}
	if err := syncDir(scratch); err != nil {
		return err
	}
	if err := os.Rename(scratch, filepath.Join(w.dir, name)); err != nil {
		return fmt.Errorf("the record cannot be written: %w", err)
	}
	return syncDir(w.dir)
}

// file makes or replaces one file, by its slash-separated path below the records folder, in one step.
func (w *writer) file(name string, content []byte) error {
	scratch, err := os.MkdirTemp(w.dir, scratchPrefix)
	if err != nil {
		return fmt.Errorf("the record cannot be written: %w", err)
	}
	defer func() { _ = os.RemoveAll(scratch) }()
	target := filepath.Join(w.dir, filepath.FromSlash(name))
	made := filepath.Join(scratch, filepath.Base(target))
	if err := writeSynced(made, content); err != nil {
		return err
	}
	if err := os.Rename(made, target); err != nil {
		return fmt.Errorf("the record cannot be written: %w", err)
	}
	return syncDir(filepath.Dir(target))
}

// remove takes a folder away in one step.
func (w *writer) remove(name string) error {
	scratch, err := os.MkdirTemp(w.dir, scratchPrefix)
	if err != nil {
		return fmt.Errorf("the old record cannot be removed: %w", err)
	}
	defer func() { _ = os.RemoveAll(scratch) }()
	if err := os.Rename(filepath.Join(w.dir, name), filepath.Join(scratch, "old")); err != nil {
		return fmt.Errorf("the old record cannot be removed: %w", err)
	}
	return syncDir(w.dir)
}

func writeSynced(path string, content []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644) // #nosec G302 G304 -- a file of the work tree, like its others
	if err != nil {
		return fmt.Errorf("the record cannot be written: %w", err)
	}
	_, err = f.Write(content)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("the record cannot be written: %w", err)
	}
	return nil
}

// syncDir makes names last through a power cut.
func syncDir(path string) error {
	d, err := os.Open(path) // #nosec G304 -- a folder made above
	if err != nil {
		return fmt.Errorf("the record cannot be written: %w", err)
	}
	if err := errors.Join(d.Sync(), d.Close()); err != nil {
		return fmt.Errorf("the record cannot be written: %w", err)
	}
	return nil
}
