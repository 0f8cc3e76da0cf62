package record

// Judges a commit that the target reaches: by which change did it land, and does a record cover that change?

import (
	"context"
	"slices"
)

// How far the walk back goes: to find where a record came in, and over commits that only add records.
const (
	maxWalk        = 1000
	maxRecordSteps = 100
)

// landed judges by the record that the commit or one before it brought: a merge by the branch that it merged, a
// squash or a rebase by walking the first parents back, at most as many as the signed commit count.
func (j *judge) landed(ctx context.Context, head commit) (*judged, error) {
	var best *judged
	if len(head.parents) == 2 {
		g, err := j.landedMerge(ctx, head)
		if err != nil || (g != nil && g.refusal == nil) {
			return g, err
		}
		best = g
	}
	g, err := j.landedLine(ctx, head)
	if err != nil || g == nil {
		return best, err
	}
	return better(best, g), nil
}

// landedMerge judges the second parent of a merge into the target's first parents.
func (j *judge) landedMerge(ctx context.Context, head commit) (*judged, error) {
	side, err := j.repository.commit(head.parents[1])
	if err != nil {
		return nil, err
	}
	if inside, err := j.repository.reaches(ctx, head.parents[0], side.id); err != nil || inside {
		return nil, err
	}
	g, err := j.branch(ctx, side, head.parents[0], head.when)
	if err != nil || g == nil || g.refusal != nil {
		return g, err
	}
	return g, j.cleanMerge(ctx, head)
}

// landedLine walks the first parents back from head.
func (j *judge) landedLine(ctx context.Context, head commit) (*judged, error) {
	r := j.repository
	var best *judged
	limit, free := maxWalk, 0
	at := head
	for step := 1; step <= limit+free && len(at.parents) > 0; step++ {
		before, err := r.commit(at.parents[0])
		if err != nil {
			return nil, err
		}
		if same, err := j.onlyRecords(before, at); err != nil {
			return nil, err
		} else if same && free < maxRecordSteps {
			free++
		}
		at = before
		list, err := r.added(at, head)
		if err != nil {
			return nil, err
		}
		known := 0
		for _, c := range list {
			g, err := j.open(ctx, c)
			if err != nil {
				return nil, err
			}
			count := g.statement.Predicate.Commits
			if g.stage >= stageBelongs && step > count+free {
				best = better(best, staleLanding(g))
				continue
			}
			known = max(known, count)
			if err := j.against(ctx, g, at, head, head.when); err != nil {
				return nil, err
			}
			if best = better(best, g); best.refusal == nil {
				return best, nil
			}
		}
		if len(list) > 0 {
			limit = min(known, maxWalk)
		}
	}
	if best == nil {
		return nil, nil
	}
	return j.fromSignedBase(ctx, best, head)
}

// staleLanding is a record that came in before, with other changes after it.
func staleLanding(g *judged) *judged {
	if g.refusal == nil {
		g.refusal = &refusal{Stale, g.candidate.folder + " landed before and does not cover what came after it"}
	}
	return g
}

// onlyRecords says whether a commit changes records and nothing else.
func (j *judge) onlyRecords(before, after commit) (bool, error) {
	a, err := j.repository.pruned(before.tree)
	if err != nil {
		return false, err
	}
	b, err := j.repository.pruned(after.tree)
	return a == b, err
}

// fromSignedBase holds the record against the change since the base that it names: a branch's own head, after the
// branch took the target in and landed by a merge.
func (j *judge) fromSignedBase(ctx context.Context, g *judged, head commit) (*judged, error) {
	id := g.statement.Predicate.Base
	if g.stage < stageBelongs || g.stage >= stageFresh || !j.repository.isID(id) {
		return g, nil
	}
	reaches, err := j.repository.reaches(ctx, head.id, id)
	if err != nil || !reaches {
		return g, nil //nolint:nilerr // a base that this clone does not have cannot help
	}
	base, err := j.repository.commit(id)
	if err != nil {
		return nil, err
	}
	list, err := j.repository.added(base, head)
	if err != nil || !slices.ContainsFunc(list, func(c candidate) bool { return c.folder == g.candidate.folder }) {
		return g, nil //nolint:nilerr // the records changed otherwise since then: the first answer stands
	}
	return g, j.against(ctx, g, base, head, head.when)
}
