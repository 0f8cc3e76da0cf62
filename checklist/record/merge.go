package record

// A merge commit must hold what git makes of its two sides, and nothing that somebody slipped in.

import (
	"context"
	"fmt"
	"os"
	"strings"
)

// cleanMerge refuses a merge commit whose tree is not the one that merging its parents gives. What git writes for
// that goes to a folder of its own, never into the repository.
func (j *judge) cleanMerge(ctx context.Context, head commit) error {
	r := j.repository
	dir, err := os.MkdirTemp("", "flightpoll-merge-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	objects, err := r.git.run(ctx, "rev-parse", "--path-format=absolute", "--git-path", "objects")
	if err != nil {
		return err
	}
	g := r.git
	g.env = append(append([]string(nil), g.env...), "GIT_OBJECT_DIRECTORY="+dir, "GIT_ALTERNATE_OBJECT_DIRECTORIES="+strings.TrimSpace(objects))
	out, err := g.run(ctx, "-c", "merge.renames=true", "-c", "merge.directoryRenames=conflict", "merge-tree", "--write-tree", "--no-messages", "--name-only", "-z",
		head.parents[0], head.parents[1])
	if err != nil && status(err) != 1 {
		return fmt.Errorf("the merge commit %.12s cannot be judged (git 2.38 or newer is needed): %w", head.id, err)
	}
	fields := strings.Split(strings.Trim(out, "\x00"), "\x00")
	if !r.isID(fields[0]) {
		return fmt.Errorf("git merge-tree: unexpected answer for %.12s", head.id)
	}
	if fields[0] == head.tree {
		return nil
	}
	names, err := g.run(ctx, "diff-tree", "-r", "-z", "--name-only", "--no-renames", fields[0], head.tree, "--")
	if err != nil {
		return err
	}
	return refuse(Stale, "the merge commit %.12s changes %s beyond what its two sides give", head.id, some(strings.Split(strings.Trim(names, "\x00"), "\x00"), 5))
}
