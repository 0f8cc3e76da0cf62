package branch

// Opens a branch: what does not depend on each other is asked at the same time.

import (
	"context"
	"fmt"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/go-git/go-git/v5/plumbing/object"
)

func open(ctx context.Context, o Options) (*Branch, error) {
	dir, err := folder(o.Dir)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	asked := async(func() (uncommitted, error) { return status(ctx, newGit(dir)) }) // the slowest question, so it is first
	r, err := openRepository(ctx, dir)
	if err != nil {
		return nil, err
	}
	found, err := r.findBase(ctx, o)
	if err != nil {
		return nil, err
	}
	b := &Branch{
		Root: r.root, CommonDir: r.common, Name: shortName(r.ref), Head: r.head, Shallow: r.shallow, repo: r,
		Target: found.target, BaseRef: found.ref, TargetTip: found.tip, MergeBases: found.merges, Base: found.merges[0],
	}
	together, ctx := errgroup.WithContext(ctx)
	together.Go(func() (err error) {
		if b.Commits, err = r.commits(ctx, b.MergeBases); err != nil {
			return err
		}
		if len(b.Commits) > 0 {
			r.attribute(ctx, b.Commits)
			trace(r.traces(), b.Commits)
		}
		b.AI, err = r.sumUp(ctx, b.Commits)
		return err
	})
	together.Go(func() error { return b.readChanges(ctx, asked) })
	if err := together.Wait(); err != nil {
		return nil, err
	}
	r.baseTree = sync.OnceValues(func() (*object.Tree, error) { return r.treeAt(b.Base) })
	r.headTree = sync.OnceValues(func() (*object.Tree, error) { return r.treeAt(b.Head) })
	r.basePaths = sync.OnceValues(func() ([]string, error) { return r.listBase(b.Base) })
	r.headPaths = sync.OnceValues(func() ([]string, error) { return r.listHead(r.uncommitted) })
	return b, nil
}

// async starts a question whose answer is waited for later.
func async[T any](ask func() (T, error)) func() (T, error) {
	answer := sync.OnceValues(ask)
	go func() { _, _ = answer() }()
	return answer
}

// readChanges fills in the changed files. Most work trees are clean, so the commits are compared while git looks.
func (b *Branch) readChanges(ctx context.Context, asked func() (uncommitted, error)) (err error) {
	r := b.repo
	committed := async(func() ([]*File, error) { return r.committedChanges(ctx, b.Base) })
	if r.uncommitted, err = asked(); err != nil {
		return fmt.Errorf("cannot tell what is not committed in %s: %w", r.root, err)
	}
	read := committed
	if !r.uncommitted.clean() {
		read = func() ([]*File, error) { return r.allChanges(ctx, b.Base) }
	}
	files, err := read()
	if err != nil {
		return err
	}
	b.Files, b.byPath, b.byOldPath = files, map[string]*File{}, map[string]*File{}
	for _, f := range files {
		f.branch = b
		b.byPath[f.Path] = f
		if f.OldMode != 0 {
			b.byOldPath[f.oldPath()] = f
		}
	}
	if err := r.classify(ctx, files); err != nil {
		return err
	}
	for _, f := range files {
		if f.OldMode == gitlink || f.NewMode == gitlink {
			f.sides.hunks = nil
		}
		for _, h := range f.hunks() {
			b.Additions += h.NewLines
			b.Deletions += h.OldLines
		}
	}
	return nil
}

// HeadTree is the id of HEAD's tree.
func (b *Branch) HeadTree() string { return b.repo.tree }
