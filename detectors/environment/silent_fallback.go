package environment

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/environment/effective"
	"flightpoll/detectors/lazy"
)

// SilentFallback reports a read that the branch adds with a default for a developer's machine, which production takes since
// nothing sets the variable there.
var SilentFallback = &detectors.Detector{
	ID:    "environment/silent-fallback",
	Title: "Production takes a default that is meant for developers",
	Run:   runSilentFallback,
}

var (
	bindingName = lazy.New(`(?i)(bind|listen|_addr$|^addr$|allow|origin|cors|trusted|proxy|exporter|statsd|agent|sidecar|health|probe|otel|collector)`)
	serviceHost = lazy.New(`//(?:[^@/\s]*@)?([a-z][a-z0-9-]*)[:/"']`)
)

func runSilentFallback(pass *detectors.Pass) error {
	l, err := newLedger(pass)
	if err != nil {
		return err
	}
	asked, changed := l.code()
	if changed == 0 {
		return detectors.ErrNotApplicable
	}
	var names []string
	for _, r := range asked.introduced {
		if r.Default && !r.Key && !r.Client && !platform(r.Name) && (r.LocalDefault || r.WeakDefault && secretName.MatchString(r.Name)) && !bindingName.MatchString(r.Name) {
			names = append(names, r.Name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	found, _, err := l.find(pass.Context, names)
	if err != nil {
		return err
	}
	for _, r := range asked.introduced {
		if !slices.Contains(names, r.Name) {
			continue
		}
		var sets []evidence
		elsewhere := false
		for _, e := range found[r.Name] {
			if e.kind == configFile && e.giving != named || e.kind == ciFile && e.giving != named {
				sets = append(sets, e)
				elsewhere = elsewhere || e.environment == Everywhere || e.environment == Production || e.kind == ciFile
			}
		}
		// What some environment sets and production lacks is missing-in-environment's, where the default is a local one.
		if elsewhere || r.LocalDefault && slices.ContainsFunc(sets, func(e evidence) bool { return e.environment.Deployed() }) {
			continue
		}
		unit := l.productionUnit(asked, r)
		if unit == nil || r.LocalDefault && l.inCluster(r, unit) {
			continue
		}
		finding := detectors.Finding{
			Severity: detectors.Warning, Path: r.Path, Line: r.Line, Symbol: r.Name,
			Message:  fmt.Sprintf("%s has a default for a developer's machine, and production (%s) does not set it", r.Name, unit.At.Path),
			Why:      "Production takes the default without a word: it talks to itself, or to nobody.",
			Fix:      fmt.Sprintf("Set %s for production, or let the program stop where it is not set.", r.Name),
			Evidence: []string{r.Name, "local default"},
			Related:  []detectors.Related{{Path: unit.At.Path, Line: unit.At.Line, Message: "sets the other variables of this code, not this one"}},
		}
		if r.WeakDefault && !r.LocalDefault {
			finding.Message = fmt.Sprintf("%s has a written-out default for a secret, and production (%s) does not set it", r.Name, unit.At.Path)
			finding.Why = "Production then runs with a secret that everybody who reads the code knows."
			finding.Evidence[1] = "known secret"
		}
		for _, e := range sets {
			finding.Related = append(finding.Related, detectors.Related{Path: e.path, Line: e.line, Message: "sets it for " + string(e.environment)})
		}
		pass.Report(finding)
	}
	return nil
}

// productionUnit is a closed unit of production which sets the other variables that the code around a read asks for, and
// not this one; nil without one.
func (l *ledger) productionUnit(asked *asked, r Reference) *effective.Unit {
	near := map[string]bool{}
	for name, refs := range asked.head {
		if name == r.Name || asked.fresh(name) {
			continue
		}
		for _, o := range refs {
			if o.Path == r.Path || path.Dir(o.Path) == path.Dir(r.Path) {
				near[name] = true
			}
		}
	}
	var best *effective.Unit
	for _, g := range l.head().groups {
		u := g.units[Production]
		if u == nil || u.Has(r.Name) {
			if u != nil {
				return nil
			}
			continue
		}
		shared := 0
		for name := range near {
			if u.Has(name) {
				shared++
			}
		}
		if shared < 2 {
			continue
		}
		if u.Open {
			return nil
		}
		if best == nil || u.At.Path < best.At.Path {
			best = u
		}
	}
	return best
}

// fresh says whether the branch itself introduces the name.
func (a *asked) fresh(name string) bool {
	return slices.ContainsFunc(a.introduced, func(r Reference) bool { return r.Name == name })
}

// inCluster says whether the default names a service that is deployed beside the unit, or an address to listen on.
func (l *ledger) inCluster(r Reference, unit *effective.Unit) bool {
	lines := l.text(r.Path)
	if r.Line < 1 || r.Line > len(lines) {
		return true
	}
	around := strings.Join(lines[r.Line-1:min(r.Line+2, len(lines))], "\n")
	if strings.Contains(around, "0.0.0.0") {
		return true
	}
	for _, m := range serviceHost.FindAllStringSubmatch(around, 4) {
		for _, u := range l.head().Units {
			if u.Name == m[1] && (u.Environment == Production || u.Environment == Everywhere) && m[1] != "localhost" && u.Kind == unit.Kind {
				return true
			}
		}
	}
	return false
}
