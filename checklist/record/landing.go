package record

// Judges a commit that the target reaches: by which change did it land, and does a record cover that change?

import (
	"context"
	"errors"
	"sort"
	"strings"
)

// How far the walk back goes: to find where a record came in, and over commits that only add records.
const (
	maxWalk        = 1000
	maxRecordSteps = 100
)

// landed judges by the record that the commit or one before it brought: a merge by the branch that it merged, a
// squash or a rebase by walking the first parents back, at most as many as the signed commit count. A commit that came
// in by a merge is judged as the branch that it was.
func (j *judge) landed(ctx context.Context, head commit) (*judged, error) {
	if by, ok, err := j.merging(ctx, head.id); err != nil {
		return nil, err
	} else if ok {
		return j.branch(ctx, head, by.parents[0], by.when)
	}
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
		var against *refusal
		if errors.As(err, &against) && step > 1 && best == nil {
			return nil, nil // an older commit tidied records up, and none came in since
		} else if err != nil {
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
	return best, nil
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

// merging is the commit of the target's first parents that took id in; false when id is one of them itself.
func (j *judge) merging(ctx context.Context, id string) (commit, bool, error) {
	r := j.repository
	out, err := r.git.run(ctx, "rev-list", "--first-parent", j.trust.target.Tip, "^"+id, "--")
	if err != nil {
		return commit{}, false, err
	}
	line := strings.Fields(out) // newest first; from some commit on, none reaches id
	var failed error
	n := sort.Search(len(line), func(i int) bool {
		inside, err := r.reaches(ctx, line[i], id)
		failed = errors.Join(failed, err)
		return !inside
	})
	if failed != nil || n == 0 {
		return commit{}, false, failed
	}
	c, err := r.commit(line[n-1])
	if err != nil || len(c.parents) == 0 {
		return commit{}, false, err
	}
	inside, err := r.reaches(ctx, c.parents[0], id)
	return c, !inside, err
}
