package branch

// Puts the changed files together: merge base to HEAD, or to the work tree where that differs.

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// emptyBlob is the id of an empty file, which git always knows.
const emptyBlob = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"

// maxUntracked bounds how many new files that nobody added yet are looked at.
const maxUntracked = 5000

// changes are the changed files from base to now, sorted by path.
func (r *repository) changes(ctx context.Context, base string, u uncommitted) ([]*File, error) {
	g, to := r.git, r.head
	if !u.clean() {
		to = ""
	}
	if len(u.untracked) > 0 {
		index, remove, err := r.indexWith(ctx, u.untracked[:min(len(u.untracked), maxUntracked)])
		if err != nil {
			return nil, err
		}
		defer remove()
		g = g.with("GIT_INDEX_FILE=" + index)
	}
	files, err := diff(ctx, g, base, to)
	if err != nil {
		return nil, fmt.Errorf("cannot compare %.12s with the work tree in %s: %w", base, r.root, err)
	}
	files = slices.DeleteFunc(files, func(f *File) bool { return strings.HasPrefix(f.Path, recordsFolder) })
	slices.SortFunc(files, func(a, b *File) int { return strings.Compare(a.Path, b.Path) })
	for _, f := range files {
		_, tracked := slices.BinarySearch(u.tracked, f.Path)
		_, untracked := slices.BinarySearch(u.untracked, f.Path)
		_, moved := slices.BinarySearch(u.tracked, f.OldPath)
		f.Uncommitted = tracked || untracked || moved && f.OldPath != ""
	}
	return files, nil
}

// indexWith is a copy of the index that names new files too, so that git diff sees them and their renames.
// The repository's own index stays as it is.
func (r *repository) indexWith(ctx context.Context, paths []string) (name string, remove func(), err error) {
	dir, err := os.MkdirTemp("", "flightpoll-index-")
	if err != nil {
		return "", nil, err
	}
	remove = func() { _ = os.RemoveAll(dir) }
	defer func() {
		if err != nil {
			remove()
		}
	}()
	name = filepath.Join(dir, "index")
	if err := copyFile(filepath.Join(r.dir, "index"), name); err != nil {
		return "", nil, err
	}
	var in strings.Builder
	for _, path := range paths {
		mode := "100644"
		if info, err := os.Lstat(filepath.Join(r.root, path)); err == nil && info.Mode()&os.ModeSymlink != 0 {
			mode = "120000"
		} else if err == nil && info.Mode()&0o100 != 0 {
			mode = "100755"
		}
		in.WriteString(mode + " " + emptyBlob + "\t" + path + "\x00")
	}
	_, err = r.git.with("GIT_INDEX_FILE="+name).filter(ctx, strings.NewReader(in.String()), "update-index", "-z", "--index-info")
	return name, remove, err
}

func copyFile(from, to string) (err error) {
	in, err := os.Open(from) // #nosec G304 -- the repository's own index
	if os.IsNotExist(err) {
		return nil // nothing was ever added
	}
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) // #nosec G304 -- in a folder of our own
	if err != nil {
		return err
	}
	defer func() {
		if e := out.Close(); err == nil {
			err = e
		}
	}()
	_, err = io.Copy(out, in)
	return err
}
