package branch

// Any path of the repository on either side.

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func TestReadEitherSide(t *testing.T) {
	r := feature(t, map[string]string{"same": "s\n", "dir/changed": "1\n", "gone": "g\n", "moved": tenLines, "folder/f": "f\n"})
	r.write(map[string]string{"dir/changed": "2\n", "new": "n\n"})
	r.git("rm", "-q", "gone")
	r.git("mv", "moved", "there")
	r.commit("Two")
	r.write(map[string]string{"loose": "l\n", ".readiness/records/a/readiness.json": "{}\n"})
	b := r.open()
	const none = "<none>"
	cases := []struct{ path, base, head string }{
		{"same", "s\n", "s\n"},
		{"dir/changed", "1\n", "2\n"},
		{"gone", "g\n", none},
		{"new", none, "n\n"},
		{"moved", tenLines, none},
		{"there", none, tenLines},
		{"loose", none, "l\n"},
		{"dir", none, none},
		{"nowhere/at/all", none, none},
		{"same/below", none, none},
		{"", none, none},
		{"/etc/passwd", none, none},
		{"../x", none, none},
		{"dir/../same", none, none},
		{".git/config", none, none},
		{".GIT/config", none, none},
	}
	read := func(data []byte, err error) string {
		if errors.Is(err, fs.ErrNotExist) {
			return none
		}
		if err != nil {
			return err.Error()
		}
		return string(data)
	}
	for _, c := range cases {
		if got := read(b.ReadBase(c.path)); got != c.base {
			t.Errorf("%q at the base: %q, want %q", c.path, got, c.base)
		}
		if got := read(b.ReadHead(c.path)); got != c.head {
			t.Errorf("%q now: %q, want %q", c.path, got, c.head)
		}
	}
	base, err := b.BasePaths()
	if got := strings.Join(base, " "); got != "dir/changed folder/f gone moved same" || err != nil {
		t.Errorf("base paths %q, %v", got, err)
	}
	head, err := b.HeadPaths()
	if got := strings.Join(head, " "); got != "dir/changed folder/f loose new same there" || err != nil {
		t.Errorf("head paths %q, %v", got, err)
	}
	if b.HeadTree() != r.git("rev-parse", "HEAD^{tree}") {
		t.Errorf("tree %s", b.HeadTree())
	}
}

func TestLinksAreNotFollowed(t *testing.T) {
	secret := t.TempDir()
	if err := os.WriteFile(filepath.Join(secret, "key"), []byte("secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r := feature(t, map[string]string{"a": "1\n"})
	r.write(map[string]string{"file": "->" + filepath.Join(secret, "key"), "folder": "->" + secret, "inside": "->.git"})
	b := r.open()
	if data, err := b.ReadHead("file"); string(data) != filepath.Join(secret, "key") {
		t.Errorf("file: %q, %v", data, err)
	}
	for _, path := range []string{"folder/key", "inside/config"} {
		if data, err := b.ReadHead(path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %q, %v", path, data, err)
		}
	}
}

func TestManyReadersAtOnce(t *testing.T) {
	files := map[string]string{}
	for _, name := range strings.Split("abcdefghij", "") {
		files["dir/"+name+"/f"] = name + " was\n"
	}
	r := feature(t, files)
	for name := range files {
		files[name] = "is\n"
	}
	r.write(files)
	r.commit("Two")
	b := r.open()
	var readers sync.WaitGroup
	for range 8 {
		for path := range files {
			readers.Go(func() {
				was, err1 := b.ReadBase(path)
				is, err2 := b.File(path).After()
				if !strings.HasSuffix(string(was), " was\n") || string(is) != "is\n" || err1 != nil || err2 != nil {
					t.Errorf("%s: %q %q %v %v", path, was, is, err1, err2)
				}
			})
		}
		readers.Go(func() { _, _ = b.ReadBase("dir/none/f") })
	}
	readers.Wait()
}

func TestConfig(t *testing.T) {
	r := feature(t, map[string]string{"a": "1\n"})
	r.write(map[string]string{"more.config": "[user]\n\temail = included@example.com\n"})
	r.git("config", "user.email", "first@example.com")
	r.git("config", "include.path", filepath.Join(r.dir, "more.config"))
	r.git("config", "branch.Feature/X.flightpoll", "abc")
	b := r.open()
	cases := map[string]string{
		"user.email": "included@example.com", "User.Email": "included@example.com", "branch.Feature/X.flightPoll": "abc",
		"branch.feature/x.flightpoll": "", "nothing.here": "", "plain": "",
	}
	for key, want := range cases {
		if got := b.Config(key); got != want {
			t.Errorf("%s is %q, want %q", key, got, want)
		}
	}
	if out, err := b.Git(t.Context(), "rev-parse", "--show-toplevel"); strings.TrimSpace(string(out)) != r.dir {
		t.Errorf("git in %q, %v", out, err)
	}
	if _, err := b.Git(t.Context(), "no-such-command"); err == nil || strings.Contains(err.Error(), "\n") {
		t.Errorf("error %v", err)
	}
}
