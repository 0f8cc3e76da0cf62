package branch

// How the base is found, and what is said when there is none.

import (
	"path/filepath"
	"strings"
	"testing"
)

// clone makes a clone of r beside it.
func (r *repo) clone(args ...string) *repo {
	r.t.Helper()
	dir, err := filepath.EvalSymlinks(r.t.TempDir())
	if err != nil {
		r.t.Fatal(err)
	}
	r.git(append(append([]string{"clone", "-q"}, args...), "file://"+r.dir, dir)...)
	return &repo{r.t, dir}
}

func TestBaseIsFoundByItself(t *testing.T) {
	cases := []struct {
		name    string
		origin  string // the branch that origin has, besides what the case makes
		remote  bool   // whether the branch is read in a clone
		do      func(r *repo)
		options Options
		ref     string
		target  string
	}{
		{name: "local main", do: func(r *repo) { r.git("switch", "-qc", "feature") }, ref: "refs/heads/main", target: "main"},
		{name: "master", origin: "master", do: func(r *repo) { r.git("switch", "-qc", "feature") }, ref: "refs/heads/master", target: "master"},
		{name: "origin/HEAD is trunk", origin: "trunk", remote: true, do: func(r *repo) { r.git("switch", "-qc", "feature") }, ref: "refs/remotes/origin/trunk", target: "trunk"},
		{name: "no origin/HEAD", remote: true, do: func(r *repo) {
			r.git("remote", "set-head", "origin", "-d")
			r.git("switch", "-qc", "feature")
			r.git("branch", "-qD", "main")
		}, ref: "refs/remotes/origin/main", target: "main"},
		{name: "pushed feature is not its own base", remote: true, do: func(r *repo) {
			r.git("switch", "-qc", "feature")
			r.commit("One")
			r.git("push", "-qu", "origin", "feature")
		}, ref: "refs/remotes/origin/main", target: "main"},
		{name: "feature pushed below a person's name is not its own base", remote: true, do: func(r *repo) {
			r.git("switch", "-qc", "feature")
			r.git("push", "-qu", "origin", "feature:dana/feature")
		}, ref: "refs/remotes/origin/main", target: "main"},
		{name: "stacked on another branch", do: func(r *repo) {
			r.git("switch", "-qc", "first")
			r.commit("One")
			r.git("switch", "-qc", "second", "--track", "first")
		}, ref: "refs/heads/first", target: "first"},
		{name: "upstream is gone", remote: true, do: func(r *repo) {
			r.git("switch", "-qc", "feature")
			r.git("config", "branch.feature.remote", "origin")
			r.git("config", "branch.feature.merge", "refs/heads/deleted")
		}, ref: "refs/remotes/origin/main", target: "main"},
		{name: "local main behind origin", remote: true, do: func(r *repo) {
			r.commit("On main")
			r.git("push", "-q")
			r.git("switch", "-qc", "feature")
			r.git("branch", "-qf", "main", "main~1")
		}, ref: "refs/remotes/origin/main", target: "main"},
		{name: "local main ahead of origin", remote: true, do: func(r *repo) {
			r.commit("Not pushed yet")
			r.git("switch", "-qc", "feature")
		}, ref: "refs/heads/main", target: "main"},
		{name: "on main with an upstream", remote: true, do: func(r *repo) { r.commit("Not pushed yet") }, ref: "refs/remotes/origin/main", target: "main"},
		{name: "policy target", do: func(r *repo) {
			r.git("branch", "release/1")
			r.git("switch", "-qc", "feature")
		}, options: Options{Target: "release/1"}, ref: "refs/heads/release/1", target: "release/1"},
		{name: "policy target on the remote only", remote: true, do: func(r *repo) {
			r.git("push", "-q", "origin", "main:develop")
			r.git("switch", "-qc", "feature")
		}, options: Options{Target: "develop"}, ref: "refs/remotes/origin/develop", target: "develop"},
		{name: "--base wins", do: func(r *repo) {
			r.git("branch", "other")
			r.git("switch", "-qc", "feature")
		}, options: Options{Base: "other", Target: "main"}, ref: "refs/heads/other", target: "other"},
		{name: "--base names what only the remote has", remote: true, do: func(r *repo) {
			r.git("switch", "-qc", "feature")
			r.git("branch", "-qD", "main")
		}, options: Options{Base: "main"}, ref: "refs/remotes/origin/main", target: "main"},
		{name: "--base is an expression", do: func(r *repo) { r.commit("Two") }, options: Options{Base: "HEAD~1"}, ref: "HEAD~1", target: "HEAD~1"},
		{name: "detached HEAD", do: func(r *repo) { r.git("switch", "-q", "--detach"); r.commit("Two") }, ref: "refs/heads/main", target: "main"},
		{name: "remote with another name", remote: true, do: func(r *repo) {
			r.git("remote", "rename", "origin", "company")
			r.git("switch", "-qc", "feature")
			r.git("branch", "-qD", "main")
		}, ref: "refs/remotes/company/main", target: "main"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newRepo(t, map[string]string{"a": "1\n"})
			if c.origin != "" {
				r.git("branch", "-qm", c.origin)
			}
			if c.remote {
				r = newBare(r).clone()
			}
			c.do(r)
			b := r.open(c.options)
			if b.BaseRef != c.ref || b.Target != c.target {
				t.Errorf("base ref %q, target %q; want %q, %q", b.BaseRef, b.Target, c.ref, c.target)
			}
			if c.name == "detached HEAD" && (b.Name != "" || len(b.Commits) != 1) {
				t.Errorf("name %q, %d commits", b.Name, len(b.Commits))
			}
		})
	}
}

// newBare is a bare copy of r, which can be pushed to.
func newBare(r *repo) *repo { return r.clone("--bare") }

func TestMainAloneIsAnEmptyChange(t *testing.T) {
	r := newRepo(t, map[string]string{"a": "1\n"})
	b := r.open()
	if b.Base != b.Head || len(b.Files) != 0 || len(b.Commits) != 0 {
		t.Errorf("base %s, head %s, %d files, %d commits", b.Base, b.Head, len(b.Files), len(b.Commits))
	}
	r.write(map[string]string{"a": "2\n"})
	if got, want := listing(r.open()), "modified a uncommitted"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestSeveralMergeBases(t *testing.T) {
	r := newRepo(t, map[string]string{"a": "1\n"})
	r.git("switch", "-qc", "feature")
	r.write(map[string]string{"f": "1\n"})
	one := r.commit("Feature")
	r.git("switch", "-q", "main")
	r.write(map[string]string{"m": "1\n"})
	two := r.commit("Main")
	r.git("merge", "-q", "--no-edit", one)
	r.git("switch", "-q", "feature")
	r.git("merge", "-q", "--no-edit", two)
	r.write(map[string]string{"g": "1\n"})
	head := r.commit("More")
	b := r.open()
	if len(b.MergeBases) != 2 || b.Base != b.MergeBases[0] {
		t.Errorf("merge bases %v, base %s", b.MergeBases, b.Base)
	}
	if len(b.Commits) != 2 || b.Commits[0].ID != head || len(b.Commits[1].Parents) != 2 {
		t.Errorf("commits %+v", b.Commits)
	}
}

func TestMainMergedIntoTheBranch(t *testing.T) {
	r := newRepo(t, map[string]string{"a": "1\n"})
	r.git("switch", "-qc", "feature")
	r.write(map[string]string{"f": "1\n"})
	r.commit("Feature")
	r.git("switch", "-q", "main")
	r.write(map[string]string{"m": "1\n"})
	r.commit("Main")
	r.git("switch", "-q", "feature")
	r.git("merge", "-q", "--no-edit", "main")
	if got, want := listing(r.open()), "added f"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestOpenSaysWhyNot(t *testing.T) {
	plain := map[string]string{"a": "1\n"}
	cases := []struct {
		name    string
		make    func(t *testing.T) *repo
		options Options
		say     []string
	}{
		{name: "no repository", make: func(t *testing.T) *repo { return &repo{t, t.TempDir()} }, say: []string{"is in no git repository", "git init"}},
		{name: "no folder", make: func(t *testing.T) *repo { return &repo{t, filepath.Join(t.TempDir(), "nowhere")} }, say: []string{"does not exist"}},
		{name: "bare repository", make: func(t *testing.T) *repo { return newBare(newRepo(t, plain)) }, say: []string{"bare repository", "git worktree add"}},
		{name: "inside the git directory", make: func(t *testing.T) *repo {
			r := newRepo(t, plain)
			return &repo{t, filepath.Join(r.dir, ".git")}
		}, say: []string{"inside a git directory"}},
		{name: "unborn branch", make: func(t *testing.T) *repo { return newRepo(t, nil) }, say: []string{"no commit yet"}},
		{name: "sha256", make: func(t *testing.T) *repo {
			r := &repo{t, t.TempDir()}
			r.git("init", "-q", "--object-format=sha256")
			r.git("-c", "user.name=D", "-c", "user.email=d@example.com", "commit", "-q", "--allow-empty", "-m", "One")
			return r
		}, say: []string{"sha256", "SHA-1"}},
		{name: "no base", make: func(t *testing.T) *repo {
			r := newRepo(t, plain)
			r.git("branch", "-qm", "work")
			return r
		}, say: []string{"nothing to compare work with", "--base REF"}},
		{name: "base is nothing", make: func(t *testing.T) *repo { return newRepo(t, plain) }, options: Options{Base: "nope"}, say: []string{`--base "nope" names no commit`}},
		{name: "base is an option", make: func(t *testing.T) *repo { return newRepo(t, plain) }, options: Options{Base: "--output=x"}, say: []string{"is no revision"}},
		{name: "policy target is nothing", make: func(t *testing.T) *repo { return newRepo(t, plain) }, options: Options{Target: "nope"}, say: []string{`target of the policy "nope" names no commit`}},
		{name: "no common commit", make: func(t *testing.T) *repo {
			r := newRepo(t, plain)
			r.git("switch", "-q", "--orphan", "feature")
			r.commit("Alone")
			return r
		}, say: []string{"no common commit", "--base REF"}},
		{name: "shallow clone without the merge base", make: func(t *testing.T) *repo {
			r := newRepo(t, plain)
			r.git("switch", "-qc", "feature")
			r.write(map[string]string{"b": "1\n"})
			r.commit("Feature")
			r.git("switch", "-q", "main")
			r.write(map[string]string{"c": "1\n"})
			r.commit("Main")
			return r.clone("--depth=1", "--no-single-branch", "--branch=feature")
		}, say: []string{"shallow clone", "git fetch --unshallow", "fetch-depth: 0"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := c.make(t)
			o := c.options
			o.Dir = r.dir
			_, err := r.try(o)
			if err == nil {
				t.Fatal("it opened")
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("more than one line: %q", err)
			}
			for _, want := range c.say {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q does not say %q", err, want)
				}
			}
			t.Log(err)
		})
	}
}

func TestShallowCloneWithTheMergeBase(t *testing.T) {
	r := newRepo(t, map[string]string{"a": "1\n"})
	for range 5 {
		r.commit("Main")
	}
	r.git("switch", "-qc", "feature")
	r.write(map[string]string{"b": "1\n"})
	r.commit("Feature")
	b := r.clone("--depth=3", "--no-single-branch", "--branch=feature").open()
	if !b.Shallow || listing(b) != "added b" || len(b.Commits) != 1 {
		t.Errorf("shallow %v, files %q, %d commits", b.Shallow, listing(b), len(b.Commits))
	}
}

func TestLinkedWorktree(t *testing.T) {
	r := newRepo(t, map[string]string{"a": "1\n"})
	r.git("config", "extensions.worktreeConfig", "true")
	dir := filepath.Join(t.TempDir(), "linked")
	r.git("worktree", "add", "-qb", "feature", dir)
	linked := &repo{t, dir}
	linked.write(map[string]string{"b": "1\n"})
	linked.commit("Feature")
	linked.write(map[string]string{"c": "1\n"})
	b := linked.open()
	if b.CommonDir != filepath.Join(r.dir, ".git") || b.Name != "feature" {
		t.Errorf("common dir %q, name %q", b.CommonDir, b.Name)
	}
	if got, want := listing(b), "added b\nadded c uncommitted"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAHooksEnvironmentDoesNotRedirect(t *testing.T) {
	other := newRepo(t, map[string]string{"other": "1\n"})
	r := newRepo(t, map[string]string{"a": "1\n"})
	r.git("switch", "-qc", "feature")
	r.write(map[string]string{"b": "1\n"})
	r.commit("Feature")
	t.Setenv("GIT_DIR", filepath.Join(other.dir, ".git"))
	t.Setenv("GIT_INDEX_FILE", filepath.Join(other.dir, ".git", "index"))
	if b := r.open(); b.Root != r.dir || listing(b) != "added b" {
		t.Errorf("root %q, files %q", b.Root, listing(b))
	}
}

func TestPartialClone(t *testing.T) {
	r := newRepo(t, map[string]string{"a": "1\n", "b": "b\n"})
	r.git("switch", "-qc", "feature")
	r.write(map[string]string{"a": "2\n"})
	r.commit("Feature")
	r.git("config", "uploadpack.allowFilter", "true")
	c := r.clone("--filter=blob:none", "--branch=feature")
	_, err := c.try()
	if err == nil || !strings.Contains(err.Error(), "partial clone") || strings.Contains(err.Error(), "\n") {
		t.Fatalf("got %v", err)
	}
	t.Log(err)
	c.git("diff", "origin/main", "HEAD") // what the message says
	b := c.open()
	if listing(b) != "modified a" {
		t.Errorf("files %q", listing(b))
	}
	if data, err := b.ReadBase("b"); string(data) != "b\n" {
		t.Errorf("b at the base: %q, %v", data, err)
	}
}
