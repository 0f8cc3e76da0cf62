package environment

// Secrets and variables of workflows: a step that the branch gives one in one environment and not in another, where the
// same command runs with the same names otherwise. What callers of a reusable workflow hand over, workflow-secret judges.

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/environment/effective"
)

func (m *missing) workflowSecrets() {
	head := m.head()
	for _, key := range slices.Sorted(maps.Keys(head.groups)) {
		g := head.groups[key]
		envs := g.environments()
		if len(envs) < 2 || g.units[envs[0]].Kind != effective.KindStep || strings.Contains(g.units[envs[0]].Name, "workflows") || !m.changes(g) {
			continue
		}
		before := m.base().groups[key]
		if before == nil {
			continue
		}
		for _, env := range envs {
			m.stepSecrets(g, before, env)
		}
	}
}

// stepSecrets judges the names from a store that the branch adds to a step of one environment.
func (m *missing) stepSecrets(g, before *group, env Environment) {
	u, old := g.units[env], before.units[env]
	if old == nil || !env.Deployed() {
		return
	}
	for _, name := range u.Names() {
		v := u.Variables[name]
		f := m.pass.Branch.File(v.At.Path)
		if old.Has(name) || len(v.From) == 0 || m.reported[name] || f == nil || !f.Touched(v.At.Line) {
			continue
		}
		for _, other := range g.environments() {
			peer, was := g.units[other], before.units[other]
			if other == env || !other.Deployed() || peer.Open || peer.Has(name) || was == nil || len(old.Variables) == 0 || !slices.Equal(old.Names(), was.Names()) {
				continue
			}
			m.reported[name] = true
			m.pass.Report(detectors.Finding{
				Severity: detectors.Warning, Path: v.At.Path, Line: v.At.Line, Symbol: name,
				Message:  fmt.Sprintf("The workflow gives the step %s from a store for %s, and not for %s", name, env, other),
				Why:      fmt.Sprintf("The same command runs for %s with the same names but this one, so it finds nothing there.", other),
				Fix:      fmt.Sprintf("Give %s to the step of %s as well, and set it in that environment's settings.", name, other),
				Evidence: []string{name, string(env), string(other)},
				Related:  []detectors.Related{{Path: peer.At.Path, Line: peer.At.Line, Message: fmt.Sprintf("the step of %s lacks it", other)}},
			})
			break
		}
	}
}
