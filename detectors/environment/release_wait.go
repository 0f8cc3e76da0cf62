package environment

// A job that brings out code and that, since the branch, no longer waits for the job which migrates.

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/environment/delivery"
)

// droppedWait reports the pipelines whose roll-out waited for the migration at the base, and says whether there are any.
func droppedWait(pass *detectors.Pass) bool {
	found := false
	for _, f := range pass.Branch.Files {
		if f.Status != branch.Modified || f.Binary || f.TooLarge || !ciPath.MatchString(f.Path) || !delivery.Orders(f.Path) {
			continue
		}
		before, err := f.Before()
		if err != nil {
			continue
		}
		after, err := f.After()
		if err != nil {
			continue
		}
		base, head := orderedUnits(pass, f.Path, before), orderedUnits(pass, f.Path, after)
		for _, u := range head {
			if u.Open || !bringsOut(u) || notProduction(u.Environment) || waitedMigration(head, u) != nil || slices.ContainsFunc(u.Steps, migrates) {
				continue
			}
			was := slices.IndexFunc(base, func(o delivery.Unit) bool { return o.Key == u.Key })
			if was < 0 || !bringsOut(base[was]) {
				continue
			}
			m := waitedMigration(base, base[was])
			if m == nil {
				continue
			}
			now := slices.IndexFunc(head, func(o delivery.Unit) bool { return o.Key == m.Key })
			if now < 0 || !slices.ContainsFunc(head[now].Steps, migrates) || waitsFor(head, head[now], u.Key) {
				continue // it is gone, or put after the roll-out on purpose
			}
			name, step := path.Base(m.Key), head[now].Steps[slices.IndexFunc(head[now].Steps, migrates)]
			found = true
			pass.Report(detectors.Finding{
				Severity: detectors.Warning, Path: f.Path, Line: u.Line, Symbol: path.Base(u.Key),
				Message:  fmt.Sprintf("%s brings out the code and no longer waits for %s, which migrates the database", capital(u.Title), name),
				Why:      "New code may start before the columns that it needs are there, and a migration that fails no longer stops the roll-out.",
				Fix:      fmt.Sprintf("Let %s wait for %s again.", path.Base(u.Key), name),
				Evidence: []string{u.Key, m.Key, "wait"},
				Related:  []detectors.Related{{Path: f.Path, Line: step.Line, Message: "migrates"}},
			})
			break
		}
	}
	return found
}

// orderedUnits are the jobs of a pipeline with the steps of the scripts that they run.
func orderedUnits(pass *detectors.Pass, p string, text []byte) []delivery.Unit {
	units, err := delivery.Read(p, text)
	if err != nil {
		return nil
	}
	units = slices.DeleteFunc(units, func(u delivery.Unit) bool { return !strings.HasPrefix(u.Key, "job/") })
	for i := range units {
		units[i].Steps = expanded(pass, units[i].Steps, 0)
	}
	return units
}

func migrates(s delivery.Step) bool { return s.Migrates }

func bringsOut(u delivery.Unit) bool {
	return slices.ContainsFunc(u.Steps, func(s delivery.Step) bool { return !s.Migrates })
}

// waitedMigration is a job that migrates and that a job waits for, directly or through others, nil without one.
func waitedMigration(units []delivery.Unit, u delivery.Unit) *delivery.Unit {
	for i := range units {
		if slices.ContainsFunc(units[i].Steps, migrates) && waitsFor(units, u, units[i].Key) {
			return &units[i]
		}
	}
	return nil
}

// waitsFor says whether a job begins only after another one, directly or through others.
func waitsFor(units []delivery.Unit, u delivery.Unit, key string) bool {
	seen := map[string]bool{u.Key: true}
	for queue := slices.Clone(u.Needs); len(queue) > 0; queue = queue[1:] {
		for _, o := range units {
			if path.Base(o.Key) != queue[0] || seen[o.Key] {
				continue
			}
			if o.Key == key {
				return true
			}
			seen[o.Key] = true
			queue = append(queue, o.Needs...)
		}
	}
	return false
}
