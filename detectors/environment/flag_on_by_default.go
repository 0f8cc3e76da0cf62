package environment

import (
	"fmt"

	"flightpoll/detectors"
	"flightpoll/detectors/lazy"
)

// FlagOnByDefault reports a new feature flag that production serves to everybody from the moment it is released, so that
// there is nothing to roll out and nothing to watch first.
var FlagOnByDefault = &detectors.Detector{
	ID:    "environment/flag-on-by-default",
	Title: "A new feature flag is on for everybody in production",
	Run:   runFlagsOnByDefault,
}

// maxAdopted is how many new flags one file may bring before they are taken for an adoption of what runs already.
const maxAdopted = 6

func runFlagsOnByDefault(pass *detectors.Pass) error {
	f, err := newFlags(pass, false)
	if err != nil {
		return err
	}
	looked := false
	for _, m := range f.now {
		if pass.Branch.File(m.path) == nil || !m.reachesProduction() {
			continue
		}
		var fresh []*flag
		for _, d := range m.sorted() {
			if !f.existed(d.key) {
				fresh = append(fresh, d)
			}
		}
		looked = looked || len(fresh) > 0
		if len(fresh) > maxAdopted {
			continue
		}
		for _, d := range fresh {
			if d.on && !d.operational && !optOut.MatchString(d.key) && !f.overridden(m, d.key) && !f.renames(m) {
				f.onByDefault(m, d)
			}
		}
	}
	if !looked {
		return detectors.ErrNotApplicable
	}
	return nil
}

// optOut are flags whose "on" is what runs without them: the old way, logs and metrics, or a check.
var optOut = lazy.New(`(?i)(^|[-_.])(use[-_]?old|old|keep|no|skip|hide|opt[-_]?out|metrics?|telemetry|logging|debug)([-_.]|$)`)

// reachesProduction says whether the definitions count in production: they are production's, or every environment's.
func (m *manifest) reachesProduction() bool {
	return m.environment == Production || m.environment == Everywhere
}

// overridden says whether production itself has the flag otherwise than the definition for all environments.
func (f *flags) overridden(m *manifest, key string) bool {
	if m.environment == Production {
		return false
	}
	for _, other := range f.now {
		if d := other.flags[key]; d != nil && other.environment == Production && !d.on {
			return true
		}
	}
	return false
}

// renames says whether new flags take the place of another of the same file that was on before.
func (f *flags) renames(m *manifest) bool {
	for _, old := range f.before {
		for _, was := range old.sorted() {
			if old.path == m.path && m.flags[was.key] == nil && was.on {
				return true
			}
		}
	}
	return false
}

func (f *flags) onByDefault(m *manifest, d *flag) {
	where := "in every environment"
	if m.environment == Production {
		where = "in production"
	}
	f.pass.Report(detectors.Finding{
		Severity: detectors.Warning, Path: m.path, Line: d.line, Symbol: d.key,
		Message:  fmt.Sprintf("The new flag %s is on for everybody %s from the start", d.key, where),
		Why:      "The first release gives the new behaviour to all users at once, without the step that the flag is there for.",
		Fix:      "Start it off, or with a small share, in production; switch it on when the release has been watched.",
		Related:  f.evaluatedAt(d.key),
		Evidence: []string{d.key},
	})
}
