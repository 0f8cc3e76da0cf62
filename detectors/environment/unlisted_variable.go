package environment

// Variables that no definition of a deployment and no example lists, told by what these list besides: where a deployment gives nearly all that
// the example file shows, it is the list of what the program gets.

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/environment/effective"
)

// unlisted judges a variable that only examples declare, or nothing.
func (m *missing) unlisted(r Reference, found []evidence) {
	if m.reported[r.Name] || slices.ContainsFunc(found, func(e evidence) bool { return e.kind != sampleFile && e.kind != docFile }) {
		return
	}
	samples := m.samplesFor(r.Path)
	for _, sample := range slices.Sorted(maps.Keys(samples)) {
		names := samples[sample]
		if u := m.deploysListed(names, r.Name); u != nil {
			m.reported[r.Name] = true
			m.pass.Report(sampleOnly(r, found, u.At.Path))
			return
		}
	}
	if declared(found) || !r.FailFast {
		return
	}
	for _, sample := range slices.Sorted(maps.Keys(samples)) {
		if names := samples[sample]; !names[r.Name] && m.listsSiblings(names) {
			m.reported[r.Name] = true
			m.pass.Report(detectors.Finding{
				Severity: detectors.Warning, Path: r.Path, Line: r.Line, Symbol: r.Name,
				Message:  fmt.Sprintf("%s is needed here and declared nowhere; %s lists %d other variables", r.Name, sample, len(names)),
				Why:      "The program stops without it, and whoever sets an environment up by that list does not give it.",
				Fix:      fmt.Sprintf("Add %s to %s, and to every environment.", r.Name, sample),
				Evidence: []string{r.Name, sample},
				Related:  []detectors.Related{{Path: sample, Message: "lists the others, lacks this one"}},
			})
			return
		}
	}
}

// samplesFor are the example files in the folders above a path, with their names.
func (m *missing) samplesFor(p string) map[string]map[string]bool {
	list := map[string]map[string]bool{}
	for sample, names := range m.samples() {
		if dir := path.Dir(sample); dir == "." || strings.HasPrefix(p, dir+"/") {
			list[sample] = names
		}
	}
	return list
}

// deploysListed is a definition of a deployment that shows all that it gives, and gives nearly all names of a list but not one; nil without
// one.
func (m *missing) deploysListed(names map[string]bool, name string) *effective.Unit {
	head := m.head()
	for _, key := range slices.Sorted(maps.Keys(head.groups)) {
		g := head.groups[key]
		for _, env := range sortedEnvironments(g.units) {
			u := g.units[env]
			if u.Open || u.Has(name) || env != Production && (env != Everywhere || developersKind(u.Kind)) {
				continue
			}
			shared, total := 0, 0
			for other := range names {
				if other == name || platform(other) || m.new(other) {
					continue
				}
				total++
				if u.Has(other) {
					shared++
				}
			}
			if shared >= 2 && shared*10 >= total*8 {
				return u
			}
		}
	}
	return nil
}

// listsSiblings says whether a list holds all other variables that the code cannot do without.
func (m *missing) listsSiblings(names map[string]bool) bool {
	for _, other := range m.asked.siblings {
		if !names[other] {
			return false
		}
	}
	return true
}
