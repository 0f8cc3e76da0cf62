package rehearse

// The steps of a run, and what comes before the first of them: the base's schema, and rows.

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"strings"
	"time"

	"flightpoll/detectors"
	"flightpoll/detectors/scripts"
)

func (r *run) begin(ctx context.Context, title string) {
	r.report.Title, r.report.Engine = title, r.engine.title(ctx)
	if r.Begin != nil {
		r.Begin(r.report)
	}
}

// step runs one step and keeps what it says. Its error ends the rehearsal.
func (r *run) step(what, p string, do func(*Step) error) (Step, error) {
	s := Step{What: what, Path: p}
	if r.Step != nil {
		r.Step(s)
	}
	start := time.Now()
	s.Verdict = OK
	err := do(&s)
	s.Took = time.Since(start)
	if err != nil {
		return s, err
	}
	s.Says = append(s.Says, r.mended...)
	r.mended = nil
	r.report.Steps = append(r.report.Steps, s)
	if r.Step != nil {
		r.Step(s)
	}
	return s, nil
}

func (s *Step) fail(says ...string) {
	s.Verdict = Failed
	s.Says = append(s.Says, says...)
}

func (s *Step) note(says ...string) {
	if s.Verdict != Failed {
		s.Verdict = Noted
	}
	s.Says = append(s.Says, says...)
}

// base brings an empty database to where production is: all migrations of the merge base, or its schema's dump.
func (r *run) base(ctx context.Context, pass *detectors.Pass, plan scripts.Plan, seq scripts.Sequence, d *database) error {
	_, err := r.step("base", "", func(s *Step) error {
		for _, m := range seq.Base {
			if err := r.execute(ctx, d, m, m.Up, m.UpSteps); err != nil {
				return fmt.Errorf("%s of the base does not run on an empty %s: %w", m.Path, r.engine.dialect(), err)
			}
		}
		s.Says = append(s.Says, count(len(seq.Base), "migration"))
		if len(seq.Base) == 0 && len(plan.Schemas) > 0 {
			text, err := pass.Branch.ReadBase(plan.Schemas[0])
			if err != nil {
				return err
			}
			if err := r.execute(ctx, d, scripts.Migration{Whole: true}, string(text), nil); err != nil {
				return fmt.Errorf("%s of the base does not run on an empty %s: %w", plan.Schemas[0], r.engine.dialect(), err)
			}
			s.Says = []string{plan.Schemas[0]}
		}
		if len(seq.Code) > 0 {
			s.note(fmt.Sprintf("%s that is not SQL (%s ...) was left out", count(len(seq.Code), "migration"), seq.Code[0]))
		}
		if len(seq.Edited) > 0 {
			s.note(seq.Edited[0] + " is edited on the branch; a database that has run it will not see that")
		}
		return nil
	})
	return err
}

var word = regexp.MustCompile(`\w+`)

// data loads the seed, or makes rows for the tables that the migrations name.
func (r *run) data(ctx context.Context, d *database, all []scripts.Migration) error {
	if r.Seed != "" {
		_, err := r.step("seed", "", func(*Step) error {
			if err := r.execute(ctx, d, scripts.Migration{Whole: true}, r.Seed, nil); err != nil {
				return fmt.Errorf("--seed does not load: %w", err)
			}
			return nil
		})
		return err
	}
	_, err := r.step("rows", "", func(s *Step) error {
		tables, err := r.engine.tables(ctx, d)
		if err != nil {
			return err
		}
		named := map[string]bool{}
		for _, m := range all {
			for _, w := range word.FindAllString(m.Up+" "+m.Down, -1) {
				named[strings.ToLower(w)] = true
			}
		}
		var wanted []string
		for _, t := range tables {
			if last := t.name[strings.LastIndexByte(t.name, '.')+1:]; named[strings.ToLower(last)] {
				wanted = append(wanted, t.name)
			}
		}
		filled, failed, err := fillTables(ctx, r.engine, d, wanted)
		if err != nil {
			return err
		}
		if len(filled) > 0 {
			s.Says = append(s.Says, fmt.Sprintf("made %d in each of %s", rowsMade, strings.Join(filled, ", ")))
		}
		for _, f := range failed {
			s.note("none could be made for " + f + "; --seed takes your own")
		}
		if len(filled)+len(failed) == 0 {
			s.Verdict = Skipped
			s.Says = append(s.Says, "no table of the base is touched")
		}
		return nil
	})
	return err
}

// ReadSeed reads a seed file; its size is bounded.
func ReadSeed(name string) (string, error) {
	const most = 64 << 20
	info, err := os.Stat(name)
	if err != nil {
		return "", fmt.Errorf("--seed: %w", err)
	}
	if info.Size() > most {
		return "", fmt.Errorf("--seed %s: larger than 64 MB", name)
	}
	text, err := os.ReadFile(name) //nolint:gosec // the engineer named it
	if err != nil {
		return "", fmt.Errorf("--seed: %w", err)
	}
	return string(text), nil
}
