package branch

// A branch in a small repository, read as it is.

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestMain makes git the same for everybody who runs the tests.
func TestMain(m *testing.M) {
	for key, value := range map[string]string{
		"GIT_CONFIG_GLOBAL": os.DevNull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_COUNT": "0",
		"GIT_AUTHOR_NAME": "Dana Dev", "GIT_AUTHOR_EMAIL": "dana@example.com", "GIT_AUTHOR_DATE": "2026-01-02T03:04:05Z",
		"GIT_COMMITTER_NAME": "Dana Dev", "GIT_COMMITTER_EMAIL": "dana@example.com", "GIT_COMMITTER_DATE": "2026-01-02T03:04:05Z",
	} {
		if err := os.Setenv(key, value); err != nil {
			panic(err)
		}
	}
	for _, key := range []string{"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"} { // as a hook sets them
		_ = os.Unsetenv(key)
	}
	os.Exit(m.Run())
}

// repo is a git repository in a temporary folder.
type repo struct {
	t   *testing.T
	dir string
}

// newRepo is a repository with main checked out and one commit of the files given.
func newRepo(t *testing.T, files map[string]string) *repo {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	r := &repo{t, dir}
	r.git("init", "-q", "-b", "main")
	if files != nil {
		r.write(files)
		r.commit("Start")
	}
	return r
}

// git runs git in the repository and gives what it prints.
func (r *repo) git(args ...string) string {
	r.t.Helper()
	cmd := exec.CommandContext(r.t.Context(), "git", args...) // #nosec G204 -- the tests' own arguments
	cmd.Dir = r.dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		r.t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

// write makes files in the work tree; "->x" makes a link to x.
func (r *repo) write(files map[string]string) {
	r.t.Helper()
	for name, text := range files {
		full := filepath.Join(r.dir, name)
		if err := os.MkdirAll(filepath.Dir(full), 0o750); err != nil {
			r.t.Fatal(err)
		}
		_ = os.Remove(full)
		var err error
		if to, ok := strings.CutPrefix(text, "->"); ok {
			err = os.Symlink(to, full)
		} else {
			err = os.WriteFile(full, []byte(text), 0o600)
		}
		if err != nil {
			r.t.Fatal(err)
		}
	}
}

// commit commits all there is.
func (r *repo) commit(message string) string {
	r.t.Helper()
	r.git("add", "-A")
	r.git("commit", "-q", "--allow-empty", "--allow-empty-message", "-m", message)
	return r.git("rev-parse", "HEAD")
}

// open opens the branch, which must work.
func (r *repo) open(o ...Options) *Branch {
	r.t.Helper()
	b, err := r.try(o...)
	if err != nil {
		r.t.Fatal(err)
	}
	return b
}

func (r *repo) try(o ...Options) (*Branch, error) {
	var options Options
	if len(o) > 0 {
		options = o[0]
	}
	if options.Dir == "" {
		options.Dir = r.dir
	}
	return Open(context.Background(), options)
}

// listing is the changed files, one a line: status, path, whether it is not committed.
func listing(b *Branch) string {
	var lines []string
	for _, f := range b.Files {
		line := string(f.Status) + " " + f.Path
		if f.OldPath != "" {
			line += " from " + f.OldPath
		}
		if f.Uncommitted {
			line += " uncommitted"
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

func TestOpenReadsTheBranch(t *testing.T) {
	r := newRepo(t, map[string]string{"a.txt": "one\ntwo\nthree\n", "old/name.go": "package old\n\nfunc Name() {}\n", "gone.txt": "x\n"})
	base := r.git("rev-parse", "HEAD")
	r.git("switch", "-q", "-c", "feature")
	r.write(map[string]string{"a.txt": "one\n2\nthree\nfour\n", "new.txt": "n\n"})
	r.git("mv", "old/name.go", "name.go")
	r.git("rm", "-q", "gone.txt")
	head := r.commit("Change a thing\n\nWhy it is so.\n\nCo-authored-by: Claude <noreply@anthropic.com>")

	b := r.open(Options{Dir: filepath.Join(r.dir, ".git", "..")})
	if b.Root != r.dir || b.Name != "feature" || b.Target != "main" || b.BaseRef != "refs/heads/main" {
		t.Errorf("got root %q, name %q, target %q, base ref %q", b.Root, b.Name, b.Target, b.BaseRef)
	}
	if b.Base != base || b.Head != head || b.TargetTip != base {
		t.Errorf("base %s head %s tip %s", b.Base, b.Head, b.TargetTip)
	}
	want := "modified a.txt\ndeleted gone.txt\nrenamed name.go from old/name.go\nadded new.txt"
	if got := listing(b); got != want {
		t.Errorf("files\n%s\nwant\n%s", got, want)
	}
	if b.Additions != 3 || b.Deletions != 2 {
		t.Errorf("+%d -%d, want +3 -2", b.Additions, b.Deletions)
	}
	a := b.File("a.txt")
	before, _ := a.Before()
	after, _ := a.After()
	if string(before) != "one\ntwo\nthree\n" || string(after) != "one\n2\nthree\nfour\n" {
		t.Errorf("sides %q and %q", before, after)
	}
	if hunks := a.Hunks(); len(hunks) != 2 || hunks[0] != (Hunk{2, 1, 2, 1}) || hunks[1] != (Hunk{3, 0, 4, 1}) {
		t.Errorf("hunks %v", hunks)
	}
	if a.Touched(1) || !a.Touched(2) || a.Touched(3) || !a.Touched(4) || !a.Removed(2) || a.Removed(3) {
		t.Error("touched and removed lines are wrong")
	}
	if len(b.Commits) != 1 || b.Commits[0].AI != "claude" || b.AI.Lines != 3 || b.AI.Source != "trailers" {
		t.Errorf("commits %+v, AI %+v", b.Commits, b.AI)
	}
}
