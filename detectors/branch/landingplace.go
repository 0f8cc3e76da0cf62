package branch

// What a branch would land on, without reading the branch itself: for judging a commit that is not checked out.

import "context"

// Target is what changes land on.
type Target struct {
	// Name is the short name ("main"), Ref the full one, or what --base said when that names no ref; Tip is its commit.
	Name, Ref, Tip string
	// Root is the work tree's root, Head the commit that is checked out.
	Root, Head string
}

// FindTarget finds the target as Open does, and nothing else.
func FindTarget(ctx context.Context, o Options) (Target, error) {
	r, err := openRepository(ctx, o.Dir)
	if err != nil {
		return Target{}, err
	}
	found, err := r.findTarget(ctx, o)
	if err != nil {
		return Target{}, err
	}
	return Target{Name: found.short(), Ref: found.name, Tip: found.id, Root: r.root, Head: r.head}, nil
}
