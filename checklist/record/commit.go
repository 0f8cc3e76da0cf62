package record

// Commits and the history between them.

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// commit is what a record needs of one.
type commit struct {
	id, tree string
	parents  []string
	when     time.Time // of the committer
}

// resolve is the commit that a name stands for.
func (r *repository) resolve(ctx context.Context, name string) (string, error) {
	out, err := r.git.run(ctx, "rev-parse", "--verify", "--quiet", "--end-of-options", name+"^{commit}")
	id := strings.TrimSpace(out)
	if err != nil || !r.isID(id) {
		return "", fmt.Errorf("%s is no commit here: fetch it, or name another", clean(name))
	}
	return id, nil
}

// commit reads one by its id.
func (r *repository) commit(id string) (commit, error) {
	raw, err := r.read(id, "commit", maxCommit)
	if err != nil {
		return commit{}, err
	}
	head, _, _ := strings.Cut(string(raw), "\n\n")
	c := commit{id: id}
	for i, line := range strings.Split(head, "\n") {
		key, value, _ := strings.Cut(line, " ")
		switch key {
		case "tree":
			if i != 0 || !r.isID(value) {
				return commit{}, refuse(Malformed, "commit %s is not written as git writes one", id)
			}
			c.tree = value
		case "parent":
			if len(c.parents) != i-1 || !r.isID(value) {
				return commit{}, refuse(Malformed, "commit %s is not written as git writes one", id)
			}
			c.parents = append(c.parents, value)
		case "committer":
			c.when = committed(value)
		}
	}
	if c.tree == "" {
		return commit{}, refuse(Malformed, "commit %s names no tree", id)
	}
	return c, nil
}

// committed is the time in "Name <address> 1700000000 +0100".
func committed(line string) time.Time {
	f := strings.Fields(line)
	if len(f) < 2 {
		return time.Time{}
	}
	seconds, err := strconv.ParseInt(f[len(f)-2], 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.Unix(seconds, 0).UTC()
}

// reaches says whether ancestor is tip or one of the commits before it.
func (r *repository) reaches(ctx context.Context, tip, ancestor string) (bool, error) {
	_, err := r.git.run(ctx, "merge-base", "--is-ancestor", ancestor, tip)
	switch {
	case err == nil:
		return true, nil
	case status(err) == 1:
		return false, nil
	}
	return false, err
}

// mergeBases are all best common ancestors; none is an error that says what to do.
func (r *repository) mergeBases(ctx context.Context, a, b string) ([]string, error) {
	out, err := r.git.run(ctx, "merge-base", "--all", a, b)
	if err != nil && status(err) != 1 {
		return nil, err
	}
	if list := strings.Fields(out); len(list) > 0 {
		return list, nil
	}
	if r.shallow {
		return nil, errors.New("this clone is shallow and holds no merge base with the target: fetch with depth 0 (git fetch --unshallow; fetch-depth: 0 in a workflow)")
	}
	return nil, fmt.Errorf("%.12s and the target %.12s have no commit in common: name the target with --base", b, a)
}

// count is the number of commits that tip reaches and base does not.
func (r *repository) count(ctx context.Context, base, tip string) (int, error) {
	out, err := r.git.run(ctx, "rev-list", "--count", tip, "^"+base, "--")
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(strings.TrimSpace(out))
}

// root is the first commit of tip's first parents: what names a repository without an id of its own.
func (r *repository) root(ctx context.Context, tip string) (string, error) {
	if r.shallow {
		return "", errors.New("this clone is shallow, so the first commit is not known: fetch with depth 0, or give the policy a repository id (flightpoll init)")
	}
	out, err := r.git.run(ctx, "rev-list", "--first-parent", "--max-parents=0", tip, "--")
	if err != nil {
		return "", err
	}
	return strings.TrimSpace(out), nil
}
