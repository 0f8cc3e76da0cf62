package record

// Commits the record and nothing else, and then reads back from git what really went in.

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"flightpoll/detectors/branch"
)

// commitRecord makes a commit of what Sign wrote, with the engineer's own hooks and identity.
func (r *repository) commitRecord(ctx context.Context, b *branch.Branch, w written, s Signed) (string, error) {
	before, err := r.resolve(ctx, "HEAD")
	if err != nil {
		return "", err
	}
	g := newGit(b.Root)
	paths := slices.Sorted(maps.Keys(w.files))
	for _, old := range w.gone {
		tracked, err := g.run(ctx, "ls-files", "-z", "--", old)
		if err != nil {
			return "", err
		}
		if tracked != "" {
			paths = append(paths, old)
		}
	}
	if _, err := g.write(ctx, append([]string{"add", "-A", "-f", "--"}, paths...)...); err != nil {
		return "", fmt.Errorf("the record is written but not committed: %w", err)
	}
	changed, err := g.run(ctx, append([]string{"diff", "--cached", "--no-ext-diff", "--name-only", "HEAD", "--"}, paths...)...)
	if err != nil {
		return "", err
	}
	if changed == "" { // this very record is committed already
		return before, r.compareCommitted(before, w)
	}
	message := fmt.Sprintf("Record the launch readiness of %s\n\nSigned as %s by %s.", clean(branchName(b)), s.Role, s.Principal)
	args := append([]string{"commit", "--quiet", "--cleanup=whitespace", "-m", message, "--only", "--"}, paths...)
	if _, err := g.write(ctx, args...); err != nil {
		_, undo := g.write(ctx, append([]string{"reset", "--quiet", "--"}, paths...)...)
		if undo != nil {
			return "", fmt.Errorf("the record is written and staged but not committed: %w", err)
		}
		return "", fmt.Errorf("the record is written but not committed: %w", err)
	}
	after, err := r.resolve(ctx, "HEAD")
	if err != nil {
		return "", err
	}
	if after == before {
		return "", fmt.Errorf("%w: git commit made none (a hook?); commit %s yourself and run flightpoll verify", ErrAltered, w.folder)
	}
	if err := r.compareCommitted(after, w); err != nil {
		return after, err
	}
	list, err := r.branchChanges(before, after)
	if err != nil {
		return after, err
	}
	if len(list) > 0 {
		return after, fmt.Errorf("%w: a hook changed %s too, so the record is stale: git reset --soft HEAD~1, keep the hook away, sign again", ErrAltered, clean(list[0].path))
	}
	return after, nil
}

// compareCommitted compares each file of the record in a commit with what was written.
func (r *repository) compareCommitted(id string, w written) error {
	c, err := r.commit(id)
	if err != nil {
		return err
	}
	for _, path := range slices.Sorted(maps.Keys(w.files)) {
		e, ok, err := r.lookup(c.tree, path)
		if err != nil {
			return err
		}
		if !ok {
			return fmt.Errorf("%w: %s is missing in %.12s (a hook dropped it): undo with git reset --soft HEAD~1, keep the hook away from %s, sign again", ErrAltered, path, id, Dir)
		}
		if e.mode != modeFile {
			return fmt.Errorf("%w: %s has the mode %s in %.12s: undo with git reset --soft HEAD~1 and sign again", ErrAltered, path, e.mode, id)
		}
		text, err := r.read(e.id, "blob", maxBeside)
		if err != nil {
			return err
		}
		if !bytes.Equal(text, w.files[path]) {
			return fmt.Errorf("%w: %s differs in %.12s (a filter or a hook changed it): undo with git reset --soft HEAD~1, keep it away from %s, sign again", ErrAltered, path, id, Dir)
		}
	}
	for _, old := range w.gone {
		if _, left, err := r.lookup(c.tree, old); err != nil {
			return err
		} else if left {
			return fmt.Errorf("%w: the older record %s is still there: git rm -r it", ErrAltered, strings.TrimPrefix(old, Dir+"/"))
		}
	}
	return nil
}
