package rehearse

// The ways that a file is run: there, again, as a retry, back, and there anew.

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"strings"

	"flightpoll/detectors/scripts"
)

// migrations runs the branch's migrations there, again, back, and there anew.
func (r *run) migrations(ctx context.Context, d *database, added []scripts.Migration) error {
	var before []snapshot
	for i, m := range added {
		now, err := takeSnapshot(ctx, r.engine, d, r.since)
		if err != nil {
			return err
		}
		ok, err := r.forward(ctx, d, m, now)
		if err != nil {
			return err
		}
		if !ok {
			added = added[:i]
			break
		}
		before = append(before, now)
	}
	if len(added) == 0 {
		return nil
	}
	top, err := takeSnapshot(ctx, r.engine, d, r.since)
	if err != nil {
		return err
	}
	back := len(added)
	for back > 0 {
		s, err := r.backward(ctx, d, added[back-1], before[back-1])
		if err != nil {
			return err
		}
		if s.Verdict == Failed {
			return nil // going there again would only tell the same once more
		}
		if s.Verdict == Skipped {
			break
		}
		back--
	}
	if back == len(added) {
		return nil
	}
	_, err = r.step("up anew", "", func(s *Step) error {
		for _, m := range added[back:] {
			if err := r.execute(ctx, d, m, m.Up, m.UpSteps); err != nil {
				s.fail(fmt.Sprintf("after going back, %s stops: %s", path.Base(m.Path), firstLine(err)))
				return ctx.Err()
			}
		}
		now, err := takeSnapshot(ctx, r.engine, d, r.since)
		if err != nil {
			return err
		}
		s.judgeAnew(compare(top, now))
		return nil
	})
	return err
}

// forward runs one file, then again by itself on a copy, then as a retry after it stopped half way.
func (r *run) forward(ctx context.Context, d *database, m scripts.Migration, before snapshot) (bool, error) {
	fresh, err := r.engine.clone(ctx, d)
	if err != nil {
		return false, err
	}
	defer func() { _ = r.engine.drop(context.WithoutCancel(ctx), fresh) }()
	var after snapshot
	s, err := r.step("up", m.Path, func(s *Step) error {
		if err := r.execute(ctx, d, m, m.Up, m.UpSteps); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			s.fail("stops: " + firstLine(err))
			return nil
		}
		var err error
		if after, err = takeSnapshot(ctx, r.engine, d, r.since); err != nil {
			return err
		}
		s.Says = append(s.Says, shortened(compare(before, after).words())...)
		return nil
	})
	if err != nil || s.Verdict == Failed {
		return false, err
	}
	if err := r.again(ctx, d, m, after); err != nil {
		return false, err
	}
	return true, r.retry(ctx, fresh, m, after)
}

// again runs the file a second time, by itself.
func (r *run) again(ctx context.Context, d *database, m scripts.Migration, after snapshot) error {
	_, err := r.step("again", m.Path, func(s *Step) error {
		again, err := r.engine.clone(ctx, d)
		if err != nil {
			return err
		}
		defer func() { _ = r.engine.drop(context.WithoutCancel(ctx), again) }()
		failure := r.execute(ctx, again, m, m.Up, m.UpSteps)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		now, err := takeSnapshot(ctx, r.engine, again, r.since)
		if err != nil {
			return err
		}
		diff := compare(after, now)
		for _, w := range diff.words() {
			s.fail("second run " + w)
		}
		switch {
		case failure != nil && !diff.none():
			s.fail("and then stopped: " + firstLine(failure))
		case failure != nil && m.Tracked:
			s.note(fmt.Sprintf("a second run stops and changes nothing (%s); %s keeps it from running twice", firstLine(failure), m.Runner))
		case failure != nil:
			s.fail("second run stops: " + firstLine(failure))
		case diff.none():
			s.Says = append(s.Says, "second run changes nothing")
		case m.Tracked:
			s.Says = append(s.Says, m.Runner+" runs it once, as long as its table of versions is right")
		}
		return nil
	})
	return err
}

// maxRetries bounds at how many places a file is stopped.
const maxRetries = 8

// retry stops the file behind its first statements, one more each time, and runs it again from the start: what
// happens where no transaction takes the first ones back.
func (r *run) retry(ctx context.Context, fresh *database, m scripts.Migration, after snapshot) error {
	if len(m.UpSteps) < 2 || r.atomic(m) {
		return nil
	}
	_, err := r.step("retry", m.Path, func(s *Step) error {
		for n := 1; n < len(m.UpSteps) && n <= maxRetries; n++ {
			d, err := r.engine.clone(ctx, fresh)
			if err != nil {
				return err
			}
			says, loud, err := r.stopAt(ctx, d, m, n, after)
			_ = r.engine.drop(context.WithoutCancel(ctx), d)
			if err != nil {
				return err
			}
			if says == "" {
				continue
			}
			says = fmt.Sprintf("stopped behind statement %d of %d, a retry %s", n, len(m.UpSteps), says)
			if loud && m.Tracked {
				s.note(says + "; somebody has to finish it by hand")
				return nil
			}
			s.fail(says)
			return nil
		}
		s.Says = append(s.Says, "stopped anywhere, a retry comes to the same end")
		return nil
	})
	return err
}

// stopAt runs the first n statements and then the whole file. It says how that ends otherwise than one run does, and
// whether by an error that nobody overlooks.
func (r *run) stopAt(ctx context.Context, d *database, m scripts.Migration, n int, after snapshot) (says string, loud bool, err error) {
	part := m
	part.Atomic, part.Whole = false, false
	if err := r.execute(ctx, d, part, "", m.UpSteps[:n]); err != nil {
		return "", false, ctx.Err()
	}
	if err := r.execute(ctx, d, m, m.Up, m.UpSteps); err != nil {
		return "stops: " + firstLine(err), true, ctx.Err()
	}
	now, err := takeSnapshot(ctx, r.engine, d, r.since)
	if err != nil {
		return "", false, err
	}
	if words := compare(after, now).words(); len(words) > 0 {
		return "ends differently: " + strings.Join(shortened(words), ", "), false, nil
	}
	return "", false, nil
}

// backward runs a file's way back and compares with the moment before its way there.
func (r *run) backward(ctx context.Context, d *database, m scripts.Migration, before snapshot) (Step, error) {
	return r.step("down", cmp.Or(m.DownPath, m.Path), func(s *Step) error {
		if !m.HasDown || len(m.DownSteps) == 0 && strings.TrimSpace(m.Down) == "" {
			s.Verdict = Skipped
			s.Says = append(s.Says, "there is no way back")
			return nil
		}
		if err := r.execute(ctx, d, m, m.Down, m.DownSteps); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			s.fail("stops: " + firstLine(err))
			return nil
		}
		now, err := takeSnapshot(ctx, r.engine, d, r.since)
		if err != nil {
			return err
		}
		s.judgeBack(compare(before, now))
		return nil
	})
}

// judgeBack says how the state after going back differs from the one before going there.
func (s *Step) judgeBack(diff difference) {
	for _, o := range diff.appeared {
		s.fail("down left " + o)
	}
	for _, o := range diff.vanished {
		s.fail("down removed " + o + ", which was there before")
	}
	for _, o := range diff.altered {
		s.fail("down leaves a difference: " + o)
	}
	for _, c := range diff.rows {
		if c.added > 0 {
			s.fail(fmt.Sprintf("down left %s in %s", rowCount(c.added), c.table))
		}
		if c.removed+c.changed > 0 {
			s.note(fmt.Sprintf("down does not bring back the content of %s in %s", rowCount(c.removed+c.changed), c.table))
		}
	}
	if diff.none() {
		s.Says = append(s.Says, "everything is as before")
	}
}

// judgeAnew compares the end of the second way there with that of the first. Values drawn by chance differ each time:
// the schema has to be the same, the rows to be as many.
func (s *Step) judgeAnew(diff difference) {
	for _, w := range (difference{appeared: diff.appeared, vanished: diff.vanished, altered: diff.altered}).words() {
		s.fail("going back and up again " + w)
	}
	for _, c := range diff.rows {
		if c.added+c.removed > 0 {
			s.note("going back and up again " + change{table: c.table, added: c.added, removed: c.removed}.words())
		}
	}
}

// scripts runs what no runner tracks, there and again.
func (r *run) scripts(ctx context.Context, d *database, loose []scripts.Migration) error {
	for _, m := range loose {
		now, err := takeSnapshot(ctx, r.engine, d, r.since)
		if err != nil {
			return err
		}
		if _, err := r.forward(ctx, d, m, now); err != nil {
			return err
		}
	}
	return nil
}

// atomic says whether a file happens wholly or not at all.
func (r *run) atomic(m scripts.Migration) bool {
	if !r.engine.transactional() {
		return false
	}
	return m.Atomic || m.Whole
}

// shortened keeps a list fit for a line.
func shortened(words []string) []string {
	if len(words) > 4 {
		return append(words[:3:3], fmt.Sprintf("and %d more", len(words)-3))
	}
	return words
}
