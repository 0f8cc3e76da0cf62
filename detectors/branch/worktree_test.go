package branch

// What is not committed is part of the change, marked, and read as git would commit it.

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// feature is a repository on a branch of its own.
func feature(t *testing.T, files map[string]string) *repo {
	t.Helper()
	r := newRepo(t, files)
	r.git("switch", "-qc", "feature")
	return r
}

const tenLines = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n"

func TestUncommittedWork(t *testing.T) {
	cases := []struct {
		name string
		do   func(r *repo)
		want string
	}{
		{"clean", func(*repo) {}, ""},
		{"staged", func(r *repo) { r.write(map[string]string{"a": "2\n"}); r.git("add", "-A") }, "modified a uncommitted"},
		{"unstaged", func(r *repo) { r.write(map[string]string{"a": "2\n"}) }, "modified a uncommitted"},
		{"staged, then changed again", func(r *repo) {
			r.write(map[string]string{"a": "2\n"})
			r.git("add", "-A")
			r.write(map[string]string{"a": "3\n"})
		}, "modified a uncommitted"},
		{"new", func(r *repo) { r.write(map[string]string{"dir/new": "n\n"}) }, "added dir/new uncommitted"},
		{"ignored", func(r *repo) { r.write(map[string]string{".gitignore": "*.log\n", "x.log": "n\n"}) }, "added .gitignore uncommitted"},
		{"deleted", func(r *repo) { _ = os.Remove(filepath.Join(r.dir, "a")) }, "deleted a uncommitted"},
		{"moved without git", func(r *repo) { _ = os.Rename(filepath.Join(r.dir, "ten"), filepath.Join(r.dir, "zehn")) }, "renamed zehn from ten uncommitted"},
		{"removed from the index, still there", func(r *repo) { r.git("rm", "-q", "--cached", "a") }, ""},
		{"intent to add", func(r *repo) { r.write(map[string]string{"new": "n\n"}); r.git("add", "-N", "new") }, "added new uncommitted"},
		{"committed and reverted", func(r *repo) {
			r.write(map[string]string{"a": "2\n"})
			r.commit("Two")
			r.write(map[string]string{"a": "1\n"})
		}, ""},
		{"committed and changed further", func(r *repo) {
			r.write(map[string]string{"a": "2\n", "b": "2\n"})
			r.commit("Two")
			r.write(map[string]string{"a": "3\n"})
		}, "modified a uncommitted\nadded b"},
		{"file becomes a folder", func(r *repo) {
			_ = os.Remove(filepath.Join(r.dir, "a"))
			r.write(map[string]string{"a/b": "2\n"})
		}, "deleted a uncommitted\nadded a/b uncommitted"},
		{"file becomes a link", func(r *repo) { r.write(map[string]string{"ten": "->a"}) }, "modified ten uncommitted"},
		{"touched only", func(r *repo) { r.write(map[string]string{"a": "1\n"}) }, ""},
		{"records", func(r *repo) { r.write(map[string]string{".readiness/records/x/readiness.json": "{}\n"}) }, ""},
		{"packages nobody commits", func(r *repo) {
			r.write(map[string]string{"node_modules/x/index.js": "x\n", "web/node_modules/y.js": "y\n"})
		}, ""},
		{"a repository inside", func(r *repo) { r.git("init", "-q", "inner"); r.write(map[string]string{"inner/f": "x\n"}) }, ""},
		{"unmerged", func(r *repo) {
			r.write(map[string]string{"a": "ours\n"})
			r.commit("Ours")
			r.git("switch", "-q", "main")
			r.write(map[string]string{"a": "theirs\n"})
			r.git("commit", "-qam", "Theirs")
			r.git("switch", "-q", "feature")
			_ = attempt(r, "-c", "core.editor=true", "merge", "main")
		}, "modified a uncommitted"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := feature(t, map[string]string{"a": "1\n", "ten": tenLines})
			c.do(r)
			index := r.git("ls-files", "--stage")
			b := r.open()
			if got := listing(b); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
			for _, f := range b.Files {
				if data, err := f.After(); err != nil || (data == nil) != (f.Status == Deleted) {
					t.Errorf("%s: %q, %v", f.Path, data, err)
				}
			}
			if r.git("ls-files", "--stage") != index {
				t.Error("the index was changed")
			}
		})
	}
}

// attempt runs git, which may fail.
func attempt(r *repo, args ...string) error {
	_, err := newGit(r.dir).output(r.t.Context(), args...)
	return err
}

func TestNothingIsWritten(t *testing.T) {
	r := feature(t, map[string]string{"a": "1\n"})
	r.write(map[string]string{"a": "2\n", "b": "new\n"})
	list := func() (paths []string) {
		err := filepath.WalkDir(filepath.Join(r.dir, ".git"), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			info, err := d.Info()
			paths = append(paths, path+" "+info.ModTime().String())
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return paths
	}
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	before := list()
	b := r.open()
	if _, err := b.HeadPaths(); err != nil {
		t.Fatal(err)
	}
	if after := list(); !slices.Equal(before, after) {
		t.Errorf("before\n%s\nafter\n%s", strings.Join(before, "\n"), strings.Join(after, "\n"))
	}
	if left, _ := os.ReadDir(temp); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestDirtyPathsNameWhatFilesDoNot(t *testing.T) {
	r := feature(t, map[string]string{"a": "1\n"})
	r.write(map[string]string{"a": "2\n"})
	r.commit("Two")
	r.write(map[string]string{"a": "1\n", "b": "new\n", ".readiness/records/x": "r\n"})
	b := r.open()
	if got := strings.Join(b.DirtyPaths(), " "); got != "a b" {
		t.Errorf("dirty %q", got)
	}
	if len(b.Dirty()) != 1 || b.Dirty()[0].Path != "b" {
		t.Errorf("dirty files %q", listing(b))
	}
}

func TestLineEndsOfTheWorkTreeAreNoChange(t *testing.T) {
	r := feature(t, map[string]string{"a": "1\n2\n", "b": "1\n2\n"})
	r.git("config", "core.autocrlf", "true")
	r.write(map[string]string{"a": "1\r\n2\r\n", "b": "1\r\n3\r\n"})
	b := r.open()
	if got, want := listing(b), "modified b uncommitted"; got != want {
		t.Fatalf("got %q, want %q", got, want)
	}
	if data, _ := b.File("b").After(); string(data) != "1\n3\n" {
		t.Errorf("after %q", data)
	}
	if h := b.File("b").Hunks(); len(h) != 1 || h[0] != (Hunk{2, 1, 2, 1}) {
		t.Errorf("hunks %v", h)
	}
	if data, _ := b.ReadHead("a"); string(data) != "1\n2\n" {
		t.Errorf("a %q", data)
	}
}

func TestSparseCheckoutReadsHead(t *testing.T) {
	r := feature(t, map[string]string{"in/a": "1\n", "out/b": "1\n", "out/c": "1\n"})
	r.write(map[string]string{"in/a": "2\n", "out/b": "2\n"})
	r.commit("Two")
	r.git("sparse-checkout", "set", "--cone", "in")
	r.write(map[string]string{"in/new": "n\n"})
	b := r.open()
	if got, want := listing(b), "modified in/a\nadded in/new uncommitted\nmodified out/b"; got != want {
		t.Fatalf("got %q, want %q", got, want)
	}
	if _, err := os.Stat(filepath.Join(r.dir, "out/b")); !errors.Is(err, fs.ErrNotExist) {
		t.Fatal("the checkout is not sparse")
	}
	if data, err := b.File("out/b").After(); string(data) != "2\n" {
		t.Errorf("out/b %q, %v", data, err)
	}
	if data, err := b.ReadHead("out/c"); string(data) != "1\n" {
		t.Errorf("out/c %q, %v", data, err)
	}
	if paths, _ := b.HeadPaths(); strings.Join(paths, " ") != "in/a in/new out/b out/c" {
		t.Errorf("paths %q", paths)
	}
}

func TestFilesThatMayNotBeRead(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("root reads every file")
	}
	r := feature(t, map[string]string{"a": "1\n"})
	r.write(map[string]string{"secret": "s\n", "open": "o\n"})
	if err := os.Chmod(filepath.Join(r.dir, "secret"), 0); err != nil {
		t.Fatal(err)
	}
	if got, want := listing(r.open()), "added open uncommitted\nadded secret uncommitted"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
