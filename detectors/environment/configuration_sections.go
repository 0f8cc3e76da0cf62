package environment

// Sections of settings that a type is bound to, where an environment lacks one as a whole: one finding, at the place that binds it.

import (
	"fmt"
	"slices"
	"strings"

	"flightpoll/detectors"
)

// section reports a key's section, once, where the environments that lack the key lack all of it; false where they have a part.
func (m *missing) section(r Reference, g keyed, have, lack []Environment) bool {
	below := spelled(r.Section) + "."
	if r.Section == "" || slices.ContainsFunc(lack, func(env Environment) bool { return len(keysBelow(g, env, below)) > 0 }) {
		return false
	}
	if m.reported[r.Section] {
		return true
	}
	m.reported[r.Section] = true
	at := Reference{Path: r.BoundPath, Line: r.BoundLine}
	if f := m.pass.Branch.File(at.Path); f == nil || !f.Touched(at.Line) {
		at = r
	}
	var has, without, fields []string
	for _, env := range have {
		for _, key := range keysBelow(g, env, below) {
			has = append(has, g.units[env].Keys[key].At.Path)
			if field := lastKey(key); !slices.Contains(fields, field) {
				fields = append(fields, field)
			}
		}
	}
	for _, env := range lack {
		without = append(without, g.own(env)...)
	}
	f := detectors.Finding{
		Severity: detectors.Warning, Path: at.Path, Line: at.Line, Symbol: r.Section,
		Message:  fmt.Sprintf("The section %s (%s) is bound here, set for %s (%s) and absent for %s (%s)", r.Section, clip(strings.Join(fields, ", ")), join(have), short(has), join(lack), short(without)),
		Why:      fmt.Sprintf("In %s every field of it has its type's zero value, which the code takes for a setting.", join(lack)),
		Fix:      fmt.Sprintf("Add %s to the configuration of %s, or give its fields defaults in code.", r.Section, join(lack)),
		Evidence: []string{r.Section, join(lack)},
	}
	if r.FailFast {
		f.Why = fmt.Sprintf("What it is bound to must be there, so the program does not start in %s, or stops at the first use.", join(lack))
		if slices.Contains(lack, Production) {
			f.Severity = detectors.Blocker
		}
	}
	m.lackingPlaces(&f, r, without)
	m.pass.Report(f)
	return true
}

// keysBelow are an environment's keys of a section, as its files write them.
func keysBelow(g keyed, env Environment, section string) []string {
	var list []string
	for key := range g.units[env].Keys {
		if k := spelled(key); strings.HasPrefix(k, section) {
			list = append(list, key)
		}
	}
	slices.Sort(list)
	return list
}
