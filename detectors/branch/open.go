package branch

// Opens a branch: what does not depend on each other is asked at the same time.

import (
	"context"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/go-git/go-git/v5/plumbing/object"
)

func open(ctx context.Context, o Options) (*Branch, error) {
	r, err := openRepository(ctx, o.Dir)
	if err != nil {
		return nil, err
	}
	if r.tree, err = r.treeOf(r.head); err != nil {
		return nil, err
	}
	b := &Branch{Root: r.root, CommonDir: r.common, Name: shortName(r.ref), Head: r.head, Shallow: r.shallow, repo: r}
	together, ctx := errgroup.WithContext(ctx)
	status := make(chan struct{})
	together.Go(func() (err error) {
		defer close(status)
		r.uncommitted, err = r.status(ctx)
		return err
	})
	together.Go(func() error {
		found, err := r.findBase(ctx, o)
		if err != nil {
			return err
		}
		b.Target, b.BaseRef, b.TargetTip = found.target, found.ref, found.tip
		b.MergeBases, b.Base = found.merges, found.merges[0]
		together.Go(func() (err error) {
			if b.Commits, err = r.commits(ctx, b.MergeBases); err != nil {
				return err
			}
			b.AI, err = r.sumUp(ctx, b.Commits)
			return err
		})
		<-status
		return b.readChanges(ctx)
	})
	if err := together.Wait(); err != nil {
		return nil, err
	}
	r.baseTree = sync.OnceValues(func() (*object.Tree, error) { return r.treeAt(b.Base) })
	r.headTree = sync.OnceValues(func() (*object.Tree, error) { return r.treeAt(b.Head) })
	r.basePaths = sync.OnceValues(func() ([]string, error) { return r.listBase(b.Base) })
	r.headPaths = sync.OnceValues(func() ([]string, error) { return r.listHead(r.uncommitted) })
	return b, nil
}

// readChanges fills in the changed files.
func (b *Branch) readChanges(ctx context.Context) error {
	files, err := b.repo.changes(ctx, b.Base, b.repo.uncommitted)
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
	if err := b.repo.classify(ctx, files); err != nil {
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
