package detectors_test

import (
	"slices"
	"testing"

	"flightpoll/detectors"
)

func at(detector string, pattern detectors.Pattern, severity detectors.Severity, symbol, path string, related ...string) detectors.Finding {
	f := detectors.Finding{Detector: detector, Pattern: pattern, Severity: severity, Symbol: symbol, Path: path, Line: 1}
	for _, r := range related {
		f.Related = append(f.Related, detectors.Related{Path: r, Line: 1})
	}
	return f
}

func TestWhatIsToldFromBothEndsIsToldOnce(t *testing.T) {
	const w, n = detectors.Warning, detectors.Note
	drop := func(related ...string) detectors.Finding {
		return at("contracts/drop", detectors.Contracts, w, "net_amount", "migration.sql", related...)
	}
	user := func(path string, severity detectors.Severity) detectors.Finding {
		return at("contracts/stale", detectors.Contracts, severity, "net_amount", path, "migration.sql")
	}
	cases := []struct {
		name string
		list []detectors.Finding
		want []string
	}{
		{"one user: the first in the order of reports stays", []detectors.Finding{drop("report.sql"), user("report.sql", w)}, []string{"migration.sql"}},
		{"two users", []detectors.Finding{drop("report.sql", "job.ts"), user("report.sql", w), user("job.ts", w)}, []string{"job.ts", "report.sql"}},
		{"a user that only the change names", []detectors.Finding{drop("report.sql", "job.ts"), user("job.ts", w)}, []string{"job.ts", "migration.sql"}},
		{"a user that weighs less", []detectors.Finding{drop("report.sql"), user("report.sql", n)}, []string{"migration.sql"}},
		{"another symbol", []detectors.Finding{drop("report.sql"), at("contracts/stale", detectors.Contracts, w, "gross", "report.sql", "migration.sql")}, []string{"migration.sql", "report.sql"}},
		{"the same detector", []detectors.Finding{drop("report.sql"), at("contracts/drop", detectors.Contracts, w, "net_amount", "report.sql", "migration.sql")}, []string{"migration.sql", "report.sql"}},
		{"another pattern, which has a verdict of its own", []detectors.Finding{drop("report.sql"), at("scripts/stale", detectors.Scripts, w, "net_amount", "report.sql", "migration.sql")}, []string{"migration.sql", "report.sql"}},
		{"nothing beside it", []detectors.Finding{drop("report.sql")}, []string{"migration.sql"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			for range 2 {
				var paths []string
				for _, f := range detectors.Settle(c.list) {
					paths = append(paths, f.Path)
				}
				slices.Sort(paths)
				if !slices.Equal(paths, c.want) {
					t.Errorf("left are %v, want %v", paths, c.want)
				}
				slices.Reverse(c.list)
			}
		})
	}
}
