package branch

// Any path of the repository, changed or not: what is there, and its content on either side.

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/object"
)

// treeOf is the id of a commit's tree.
func (r *repository) treeOf(commit string) (string, error) {
	c, err := object.GetCommit(r.objects, plumbing.NewHash(commit))
	if err != nil {
		return "", r.unreadable("commit "+commit, err)
	}
	return c.TreeHash.String(), nil
}

// treeAt is a commit's tree.
func (r *repository) treeAt(commit string) (*object.Tree, error) {
	id, err := r.treeOf(commit)
	if err != nil {
		return nil, err
	}
	t, err := object.GetTree(r.objects, plumbing.NewHash(id))
	if err != nil {
		return nil, r.unreadable("tree of "+commit, err)
	}
	return t, nil
}

// readTree is the content of a path in a tree.
func (r *repository) readTree(t *object.Tree, name string) ([]byte, error) {
	r.treeLock.Lock() // go-git's tree keeps the folders that it found, unguarded
	entry, err := t.FindEntry(name)
	r.treeLock.Unlock()
	notThere := errors.Is(err, object.ErrEntryNotFound) || errors.Is(err, object.ErrDirectoryNotFound) || errors.Is(err, plumbing.ErrObjectNotFound)
	if notThere || err == nil && !entry.Mode.IsFile() {
		return nil, &fs.PathError{Op: "read", Path: name, Err: fs.ErrNotExist}
	}
	if err != nil {
		return nil, r.unreadable(strconv.Quote(name), err)
	}
	if entry.Mode == filemode.Submodule {
		return nil, &fs.PathError{Op: "read", Path: name, Err: fs.ErrNotExist}
	}
	data, err := r.objects.blob(entry.Hash.String())
	if err != nil {
		return nil, r.unreadable(strconv.Quote(name), err)
	}
	return data, nil
}

func (b *Branch) readBase(name string) ([]byte, error) {
	if f := b.byOldPath[name]; f != nil {
		if data, err := f.before(); data != nil || err != nil {
			return data, err
		}
	}
	if !validPath(name) {
		return nil, &fs.PathError{Op: "read", Path: name, Err: fs.ErrNotExist}
	}
	t, err := b.repo.baseTree()
	if err != nil {
		return nil, err
	}
	return b.repo.readTree(t, name)
}

func (b *Branch) readHead(name string) ([]byte, error) {
	if f := b.byPath[name]; f != nil && f.NewMode != 0 && f.NewMode != gitlink {
		return f.after()
	}
	if !validPath(name) {
		return nil, &fs.PathError{Op: "read", Path: name, Err: fs.ErrNotExist}
	}
	data, err := b.repo.workFile(name)
	if !errors.Is(err, fs.ErrNotExist) || b.repo.uncommitted.gone[name] {
		return data, err
	}
	t, err := b.repo.headTree() // not in the work tree, and git does not miss it: sparse
	if err != nil {
		return nil, err
	}
	return b.repo.readTree(t, name)
}

// validPath says whether a path can be tracked: relative, clean, and not git's own.
func validPath(name string) bool {
	if name == "" || strings.HasPrefix(name, "/") || path.Clean(name) != name {
		return false
	}
	first, _, _ := strings.Cut(name, "/")
	return first != ".." && first != "." && !strings.EqualFold(first, ".git")
}

// workFile is a file of the work tree, with git's line ends where the checkout has others.
func (r *repository) workFile(name string) ([]byte, error) {
	data, err := r.workBytes(name)
	if err == nil && bytes.Contains(data, []byte("\r\n")) && r.config()["core.autocrlf"] == "true" && !isBinary(data) {
		data = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
	}
	return data, err
}

// workBytes is a file of the work tree as it is; a link gives its text. Nothing is read through a linked folder.
func (r *repository) workBytes(name string) ([]byte, error) {
	full := filepath.Join(r.root, filepath.FromSlash(name))
	notThere := &fs.PathError{Op: "read", Path: name, Err: fs.ErrNotExist}
	if !r.realFolder(path.Dir(name)) {
		return nil, notThere
	}
	info, err := os.Lstat(full)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, notThere
	case err != nil:
		return nil, err
	case info.Mode()&fs.ModeSymlink != 0:
		text, err := os.Readlink(full)
		return []byte(text), err
	case !info.Mode().IsRegular():
		return nil, notThere
	case info.Size() > MaxFile:
		return nil, fmt.Errorf("%q, %d bytes: %w", name, info.Size(), errTooLarge)
	}
	in, err := os.Open(full) // #nosec G304 -- a path of the work tree, no link on the way
	if err != nil {
		return nil, err
	}
	defer func() { _ = in.Close() }()
	return io.ReadAll(io.LimitReader(in, MaxFile))
}

// stagedFile is a file of the work tree with the line ends that git would commit: id says which those are.
func (r *repository) stagedFile(name, id string) ([]byte, error) {
	data, err := r.workBytes(name)
	if err != nil || !bytes.Contains(data, []byte("\r\n")) || plumbing.ComputeHash(plumbing.BlobObject, data).String() == id {
		return data, err
	}
	if unix := bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n")); plumbing.ComputeHash(plumbing.BlobObject, unix).String() == id {
		return unix, nil
	}
	return data, nil
}

// isBinary is git's own rule: a NUL in the first 8000 bytes.
func isBinary(data []byte) bool { return bytes.IndexByte(data[:min(len(data), 8000)], 0) >= 0 }

// realFolder says whether a folder of the work tree is one all the way, not a link to somewhere.
func (r *repository) realFolder(name string) bool {
	if name == "." {
		return true
	}
	if is, ok := r.dirs.Load(name); ok {
		return is.(bool)
	}
	is := r.realFolder(path.Dir(name))
	if is {
		info, err := os.Lstat(filepath.Join(r.root, filepath.FromSlash(name)))
		is = err == nil && info.IsDir()
	}
	r.dirs.Store(name, is)
	return is
}

// listBase are the paths of a commit's tree.
func (r *repository) listBase(commit string) ([]string, error) {
	out, err := r.git.output(context.Background(), "ls-tree", "-r", "-z", "--full-tree", commit)
	if err != nil {
		return nil, err
	}
	return listed(string(out)), nil
}

// listHead are the paths of the index that the work tree did not lose, and the new ones.
func (r *repository) listHead(u uncommitted) ([]string, error) {
	out, err := r.git.output(context.Background(), "ls-files", "-z", "--stage")
	if err != nil {
		return nil, err
	}
	paths := slices.DeleteFunc(listed(string(out)), func(name string) bool { return u.gone[name] })
	paths = append(paths, u.untracked...)
	slices.Sort(paths)
	return slices.Compact(paths), nil
}

// listed reads "mode ... TAB path NUL" and leaves out submodules and records.
func listed(out string) []string {
	paths := make([]string, 0, strings.Count(out, "\x00"))
	for entry := range strings.SplitSeq(out, "\x00") {
		head, name, ok := strings.Cut(entry, "\t")
		if ok && !strings.HasPrefix(head, "160000") && !strings.HasPrefix(name, recordsFolder) {
			paths = append(paths, name)
		}
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}

func (b *Branch) basePaths() ([]string, error) { return b.repo.basePaths() }

func (b *Branch) headPaths() ([]string, error) { return b.repo.headPaths() }
