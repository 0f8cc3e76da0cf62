package branch

// Puts the changed files together: merge base to HEAD, or to the work tree where that differs.

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// committedChanges are the changed files from the merge base to HEAD.
func (r *repository) committedChanges(ctx context.Context, base string) ([]*File, error) {
	return r.changes(ctx, r.git, base, r.head)
}

// allChanges are the changed files from the merge base to the work tree.
func (r *repository) allChanges(ctx context.Context, base string) ([]*File, error) {
	staged, remove, err := r.snapshot(ctx)
	if err != nil {
		return nil, fmt.Errorf("cannot compare the work tree of %s: %w", r.root, err)
	}
	defer remove()
	files, err := r.changes(ctx, staged, "--cached", base)
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		f.Uncommitted = r.uncommitted.at(f.Path) || f.OldPath != "" && r.uncommitted.at(f.OldPath)
	}
	return files, nil
}

// changes runs git diff and sorts what it says by path.
func (r *repository) changes(ctx context.Context, g git, sides ...string) ([]*File, error) {
	files, err := diff(ctx, g, sides...)
	if err != nil {
		return nil, r.compareFailed(err)
	}
	files = slices.DeleteFunc(files, func(f *File) bool { return strings.HasPrefix(f.Path, recordsFolder) })
	slices.SortFunc(files, func(a, b *File) int { return strings.Compare(a.Path, b.Path) })
	return files, nil
}

// compareFailed says what to do about a comparison that did not work.
func (r *repository) compareFailed(err error) error {
	if r.partial() {
		return fmt.Errorf("this partial clone (%s) lacks files of the branch or its base, and nothing is fetched unasked: run git log --patch BASE..HEAD and git diff BASE once, git then fetches them (%w)", r.root, err)
	}
	return fmt.Errorf("cannot compare the branch with its base in %s: %w", r.root, err)
}

// partial says whether objects may be missing because a remote promised them.
func (r *repository) partial() bool {
	for key, value := range r.config() {
		if key == "extensions.partialclone" || strings.HasSuffix(key, ".promisor") && value == "true" {
			return true
		}
	}
	return false
}
