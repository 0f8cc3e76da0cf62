package branch

// Where the repository is, and what kind it is.

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/go-git/go-git/v5/plumbing/object"
)

// repository is an opened git repository with a work tree.
type repository struct {
	git     git
	root    string
	common  string
	dir     string // the work tree's own git directory
	shallow bool
	head    string // commit id
	tree    string // HEAD's tree id
	ref     string // full name of the branch that HEAD is on, empty when detached
	objects *objects

	config func() map[string]string
	dirs   sync.Map // folder -> bool: a real folder of the work tree, not behind a link

	uncommitted uncommitted

	treeLock  sync.Mutex
	baseTree  func() (*object.Tree, error)
	headTree  func() (*object.Tree, error)
	basePaths func() ([]string, error)
	headPaths func() ([]string, error)
}

// openRepository finds the repository around dir.
func openRepository(ctx context.Context, dir string) (*repository, error) {
	dir, err := folder(dir)
	if err != nil {
		return nil, err
	}
	out, err := newGit(dir).output(ctx, "rev-parse", "--is-bare-repository", "--is-shallow-repository", "--show-object-format",
		"--path-format=absolute", "--git-common-dir", "--git-dir", "--show-toplevel", "HEAD^{commit}", "HEAD^{tree}", "--symbolic-full-name", "HEAD")
	lines := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	if err := explainDiscovery(dir, lines, err); err != nil {
		return nil, err
	}
	if len(lines) != 9 {
		return nil, fmt.Errorf("cannot read where the repository around %q is: its path holds a line break", dir)
	}
	r := &repository{common: lines[3], dir: lines[4], root: lines[5], shallow: lines[1] == "true", head: lines[6], tree: lines[7]}
	if lines[8] != "HEAD" {
		r.ref = lines[8]
	}
	r.git = newGit(r.root)
	r.objects = newObjects(r.git)
	r.config = sync.OnceValue(r.readConfig)
	return r, nil
}

// folder is an existing folder, absolute: the one given, the current one, or the one that a file given is in.
func folder(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("%s does not exist: run in a folder of a git repository", dir)
	case err != nil:
		return "", err
	case !info.IsDir():
		dir = filepath.Dir(dir)
	}
	return dir, nil
}

// explainDiscovery turns what git rev-parse refused into what to do about it. The lines that it wrote before it
// stopped tell how far it came.
func explainDiscovery(dir string, lines []string, err error) error {
	if len(lines) >= 3 && lines[2] != "sha1" {
		return fmt.Errorf("the repository around %s has %s object ids, which are not supported: use a clone with SHA-1 ids", dir, lines[2])
	}
	if err == nil {
		return nil
	}
	var failed *gitError
	if !errors.As(err, &failed) {
		return err
	}
	switch {
	case strings.Contains(failed.stderr, "dubious ownership"):
		return fmt.Errorf("git refuses the repository around %s, which another user owns: git config --global --add safe.directory %s", dir, dir)
	case len(lines) >= 5 && lines[0] == "true":
		return fmt.Errorf("%s is a bare repository: run in a work tree of it (git worktree add)", lines[3])
	case len(lines) == 5:
		return fmt.Errorf("%s is inside a git directory: run in the work tree", dir)
	case len(lines) > 5 && strings.Contains(failed.stderr, "HEAD^{commit}"):
		return fmt.Errorf("%s has no commit yet: make a first one, then a branch", lines[5])
	case strings.Contains(failed.stderr, "not a git repository"):
		return fmt.Errorf("%s is in no git repository: run in one, or git init", dir)
	}
	return failed
}

// readConfig reads git's configuration once, as git itself sees it with all its includes.
func (r *repository) readConfig() map[string]string {
	values := map[string]string{}
	out, err := r.git.output(context.Background(), "config", "-lz")
	if err != nil {
		return values
	}
	for entry := range strings.SplitSeq(string(out), "\x00") {
		key, value, found := strings.Cut(entry, "\n")
		if !found {
			value = "true" // a key without "=" is a true boolean
		}
		if key != "" {
			values[key] = value
		}
	}
	return values
}

// Config is a value of git's configuration ("user.email", "gpg.format"), the last one when there are several,
// empty when it is not set. Section and variable ignore case, a subsection does not.
func (b *Branch) Config(key string) string {
	first, last := strings.IndexByte(key, '.'), strings.LastIndexByte(key, '.')
	if first < 0 {
		return ""
	}
	return b.repo.config()[strings.ToLower(key[:first])+key[first:last]+strings.ToLower(key[last:])]
}
