package branch

// The work tree as git would commit it: a copy of the index in a temporary folder, where everything that is changed or new is
// added, with the objects beside it. So git itself applies filters, line ends and rename detection, and the
// repository stays as it is.

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// emptyBlob is the id of an empty file. It stands in for files that are not read.
const emptyBlob = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"

// snapshot gives a git whose index is the work tree; remove deletes it again.
func (r *repository) snapshot(ctx context.Context) (staged git, remove func(), err error) {
	dir, err := os.MkdirTemp("", "flightpoll-index-")
	if err != nil {
		return git{}, nil, err
	}
	remove = func() { _ = os.RemoveAll(dir) }
	defer func() {
		if err != nil {
			remove()
		}
	}()
	index, objects := filepath.Join(dir, "index"), filepath.Join(dir, "objects")
	if err := copyFile(filepath.Join(r.dir, "index"), index); err != nil {
		return git{}, nil, err
	}
	if err := os.Mkdir(objects, 0o700); err != nil {
		return git{}, nil, err
	}
	staged = r.git.with("GIT_INDEX_FILE="+index, "GIT_OBJECT_DIRECTORY="+objects,
		"GIT_ALTERNATE_OBJECT_DIRECTORIES="+filepath.Join(r.common, "objects"))
	var read, named strings.Builder
	for _, path := range r.uncommitted.paths() {
		if mode := r.unread(path); mode != "" {
			named.WriteString(mode + " " + emptyBlob + "\t" + path + "\x00")
		} else {
			read.WriteString(path + "\x00")
		}
	}
	add := []string{"-c", "core.safecrlf=false", "update-index", "--add", "--remove", "--replace", "-z"}
	if _, err = staged.filter(ctx, strings.NewReader(read.String()), append(add, "--stdin")...); err != nil {
		return git{}, nil, err
	}
	if named.Len() > 0 {
		if _, err = staged.output(ctx, "hash-object", "-w", "--stdin"); err != nil {
			return git{}, nil, err
		}
		if _, err = staged.filter(ctx, strings.NewReader(named.String()), "update-index", "-z", "--index-info"); err != nil {
			return git{}, nil, err
		}
	}
	return staged, remove, nil
}

// unread is the mode of a regular file that is too large or may not be read, empty for all others.
func (r *repository) unread(path string) string {
	full := filepath.Join(r.root, path)
	info, err := os.Lstat(full)
	if err != nil || !info.Mode().IsRegular() {
		return ""
	}
	if info.Size() <= MaxFile {
		in, err := os.Open(full) // #nosec G304 -- a regular file that git status names
		if err == nil {
			_ = in.Close()
			return ""
		}
	}
	if info.Mode()&0o100 != 0 {
		return "100755"
	}
	return "100644"
}

// copyFile copies a file that may not be there, with its time: git takes entries that are not older than the index
// for possibly changed.
func copyFile(from, to string) error {
	in, err := os.Open(from) // #nosec G304 -- the repository's own index
	if errors.Is(err, fs.ErrNotExist) {
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
	_, err = io.Copy(out, in)
	if err := errors.Join(err, out.Close()); err != nil {
		return err
	}
	info, err := in.Stat()
	if err != nil {
		return err
	}
	return os.Chtimes(to, info.ModTime(), info.ModTime())
}
