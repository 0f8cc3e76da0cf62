package record

// Verifies a commit: finds the target, the branch, its record, and puts the answer together.

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"flightpoll/checklist/policy"
)

func verify(ctx context.Context, o VerifyOptions) (Verification, error) {
	r, err := openRepository(ctx, o.Dir)
	if err != nil {
		return Verification{}, err
	}
	defer r.close()
	id, err := r.resolve(ctx, cmp.Or(o.Rev, "HEAD"))
	if err != nil {
		return Verification{}, err
	}
	t, err := findTrust(ctx, r, o)
	if err != nil {
		return Verification{}, err
	}
	if o.Now.IsZero() {
		o.Now = time.Now()
	}
	j := &judge{repository: r, trust: t, now: o.Now, opened: map[string]*judged{}}
	g, err := j.commit(ctx, id)
	return j.answer(g, err)
}

// commit judges one commit: landed, a merge of a branch into the target, or a branch's own. Refusals come as errors.
func (j *judge) commit(ctx context.Context, id string) (*judged, error) {
	r, tip := j.repository, j.trust.target.Tip
	head, err := r.commit(id)
	if err != nil {
		return nil, err
	}
	landed, err := r.reaches(ctx, tip, id)
	if err != nil {
		return nil, err
	}
	if landed {
		return j.landed(ctx, head)
	}
	if side, ok, err := j.mergedBranch(ctx, head); err != nil {
		return nil, err
	} else if ok {
		if err := j.cleanMerge(ctx, head); err != nil {
			return nil, err
		}
		return j.branch(ctx, side, tip, time.Time{})
	}
	return j.branch(ctx, head, tip, time.Time{})
}

// mergedBranch is the branch that head merges into its target, as GitHub's merge of a pull request does: the second
// parent, when the target reaches the first and not it.
func (j *judge) mergedBranch(ctx context.Context, head commit) (commit, bool, error) {
	if len(head.parents) != 2 {
		return commit{}, false, nil
	}
	tip := j.trust.target.Tip
	first, err := j.repository.reaches(ctx, tip, head.parents[0])
	if err != nil || !first {
		return commit{}, false, err
	}
	second, err := j.repository.reaches(ctx, tip, head.parents[1])
	if err != nil || second {
		return commit{}, false, err
	}
	side, err := j.repository.commit(head.parents[1])
	return side, err == nil, err
}

// branch judges a branch's head against what it left: onto is a commit of the target.
func (j *judge) branch(ctx context.Context, head commit, onto string, landed time.Time) (*judged, error) {
	bases, err := j.repository.mergeBases(ctx, onto, head.id)
	if err != nil {
		return nil, err
	}
	var best *judged
	for _, id := range bases {
		base, err := j.repository.commit(id)
		if err != nil {
			return nil, err
		}
		list, err := j.repository.added(base, head)
		if err != nil {
			return nil, err
		}
		for _, c := range list {
			g, err := j.open(ctx, c)
			if err != nil {
				return nil, err
			}
			if len(bases) > 1 && g.stage >= stageBelongs && g.statement.Predicate.Base != base.id {
				if !slices.Contains(bases, g.statement.Predicate.Base) {
					return nil, fmt.Errorf("%.12s and the target have %d merge bases, and %s names none of them: merge the target into the branch, or rebase it", head.id, len(bases), c.folder)
				}
				continue
			}
			if err := j.against(ctx, g, base, head, landed); err != nil {
				return nil, err
			}
			best = better(best, g)
		}
	}
	return best, nil
}

// against holds a record against a change; what speaks against it is kept in it. Once it is fresh, that is settled.
func (j *judge) against(ctx context.Context, g *judged, base, head commit, landed time.Time) error {
	if g.stage < stageBelongs || g.stage >= stageFresh {
		return nil
	}
	g.refusal = nil
	err := j.fresh(g, base, head)
	if err == nil {
		err = j.stands(ctx, g, landed)
	}
	if err != nil && !errors.As(err, &g.refusal) {
		return err
	}
	return nil
}

// better is the record to tell of: one that covers, else the one that came furthest, else the newer.
func better(a, b *judged) *judged {
	if a == nil {
		return b
	}
	rank := func(g *judged) int {
		if g.refusal == nil {
			return 1000
		}
		return g.stage
	}
	if c := cmp.Or(cmp.Compare(rank(a), rank(b)), a.statement.Predicate.IssuedAt.Compare(b.statement.Predicate.IssuedAt)); c > 0 {
		return a
	}
	return b
}

// answer puts a judgement into words. A refusal is an answer, any other error is not.
func (j *judge) answer(g *judged, err error) (Verification, error) {
	v := Verification{Signers: []Signer{}, Stale: []string{}, Warnings: cleanAll(j.trust.warnings)}
	var against *refusal
	switch {
	case errors.As(err, &against):
	case err != nil:
		return Verification{}, err
	case g == nil:
		against = &refusal{None, fmt.Sprintf("no record comes with this change to %s: run flightpoll and sign", clean(j.trust.target.Name))}
	default:
		against = g.refusal
		v.Folder = g.candidate.folder
		v.Signers = append(v.Signers, g.signers...)
		v.Warnings = append(v.Warnings, j.weakened(g)...)
	}
	if against == nil {
		v.Covered, v.Outcome, v.Sentence = true, Covered, g.says()
		return v, nil
	}
	if g != nil && against.outcome == Stale {
		v.Stale = append(v.Stale, g.stale...)
	}
	v.Outcome, v.Sentence = against.outcome, sentence(against)
	return v, nil
}

// sentence is the refusal as a sentence that begins with its outcome.
func sentence(r *refusal) string {
	return strings.ToUpper(r.outcome[:1]) + r.outcome[1:] + ": " + r.sentence + "."
}

// weakened says aloud that the change edits its own rules, which do not count before they landed.
func (j *judge) weakened(g *judged) []string {
	list := []string{}
	for _, e := range g.statement.Predicate.Delta.Entries {
		if path, _ := e.path(); path == policy.Path || path == policy.Signers || path == RevokedSigners {
			list = append(list, fmt.Sprintf("this change edits %s: it is judged by the one of %s", path, clean(j.trust.target.Ref)))
		}
	}
	return list
}
