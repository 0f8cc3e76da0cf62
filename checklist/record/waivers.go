package record

// The waivers that a valid record brings along.

import (
	"context"
	"errors"
	"time"

	"flightpoll/checklist"
	"flightpoll/detectors/branch"
)

// Waivers are what the record at the branch's head waives, when it covers the code and is valid; nil when there is no
// such record, or nobody has said on the target who may sign.
func Waivers(ctx context.Context, b *branch.Branch, now time.Time) ([]checklist.Waiver, error) {
	if b.TargetTip == "" || b.Head == b.Base {
		return nil, nil
	}
	r, err := openRepository(ctx, b.Root)
	if err != nil {
		return nil, err
	}
	defer r.close()
	t, err := findTrust(ctx, r, VerifyOptions{Dir: b.Root, Base: b.BaseRef})
	if err != nil {
		return nil, ctx.Err() // whatever keeps a record from being trusted leaves no waiver
	}
	j := &judge{repository: r, trust: t, now: now, opened: map[string]*judged{}}
	g, err := j.commit(ctx, b.Head)
	var refused *refusal
	if errors.As(err, &refused) || err == nil && (g == nil || g.refusal != nil) {
		return nil, nil
	}
	if err != nil {
		return nil, ctx.Err()
	}
	list := make([]checklist.Waiver, 0, len(g.statement.Predicate.Waivers))
	for _, w := range g.statement.Predicate.Waivers {
		list = append(list, checklist.Waiver{Target: w.Target, By: w.By, Reason: w.Reason, Until: w.Until, At: w.At})
	}
	return list, nil
}
