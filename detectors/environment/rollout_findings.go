package environment

// The findings of rollout-weakened in words, and workloads that begin without what their siblings have.

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/environment/delivery"
)

// harm and remedy say for each kind what its loss breaks and what to do.
var (
	harm = map[delivery.Kind]string{
		delivery.Gradual:  "A bad release then reaches everybody at the same moment.",
		delivery.Probe:    "Traffic then goes to instances that do not work, and a release that never becomes ready counts as done.",
		delivery.Rollback: "A release that fails stays where it is until a person notices and takes it back by hand.",
		delivery.Budget:   "A drained node may then take all instances down together.",
		delivery.Approval: "Nobody is asked any more before this reaches production.",
		delivery.Check:    "A release that does not work is then reported as done.",
		delivery.Capacity: "The first request after a quiet time, or the failure of one instance, then finds nobody there.",
	}
)

func (w *weakened) report(is *rolled, old, now placed, explicit bool) {
	p, line := w.place(is, old, now, explicit)
	unit := is.whole()
	message := fmt.Sprintf("%s no longer has %s (%s)", capital(unit.Title), article(old.What), old.Kind)
	if old.object != unit.Title && !is.any(func(u delivery.Unit) bool { return u.Title == old.object }) {
		message = fmt.Sprintf("%s no longer has %s (%s): %s is gone", capital(unit.Title), article(old.What), old.Kind, old.object)
	}
	if old.Kind == delivery.Gradual && explicit && now.Level == 0 {
		message = fmt.Sprintf("%s is now replaced all at once; at the base it had %s", capital(unit.Title), article(old.What))
		if way, ok := strings.CutPrefix(now.What, "strategy "); ok {
			message = fmt.Sprintf("%s is now replaced all at once (%s); at the base it had %s", capital(unit.Title), way, article(old.What))
		}
	}
	if old.Kind == delivery.Capacity {
		message = fmt.Sprintf("%s keeps %d instances where it kept %d (%s)", capital(unit.Title), now.Level, old.Level, old.What)
	}
	w.pass.Report(detectors.Finding{
		Severity: detectors.Warning, Path: p, Line: line, Symbol: symbolOf(old, unit),
		Message: message, Why: harm[old.Kind],
		Fix:      fmt.Sprintf("Keep %s, or say in the change why it is not needed any more and what takes its place.", article(old.What)),
		Evidence: []string{is.key, string(old.Kind), old.Key},
		Related:  []detectors.Related{{Path: old.path, Line: old.Line, Message: "at the base: " + old.What}},
	})
}

// symbolOf is the last part of the guard's key, or the unit's name.
func symbolOf(g placed, u delivery.Unit) string {
	if g.Kind == delivery.Probe {
		name, _, _ := strings.Cut(strings.TrimPrefix(g.Key, "."), "/")
		return name
	}
	_, name, _ := strings.Cut(u.Title, " ")
	return name
}

func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

func article(what string) string {
	for _, p := range []string{"the ", "Flagger", "PodDisruptionBudget ", "strategy", "environment:", "when:", "failure_action", "--", "helm ", "atomic"} {
		if strings.HasPrefix(what, p) {
			return what
		}
	}
	return "its " + what
}

// budget judges a PodDisruptionBudget that is gone while what it protected is not.
func (w *weakened) budget(was *rolled) {
	old := was.guards[string(delivery.Budget)+"/"]
	selector := was.parts[0].Selects
	for _, key := range slices.Sorted(maps.Keys(w.head)) {
		is := w.head[key]
		unit := is.whole()
		if !strings.HasPrefix(key, "workload/") || unit.Partial || len(selector) == 0 && path.Dir(unit.Path) != path.Dir(old.path) || !selects(selector, unit.Labels) {
			continue
		}
		other := false
		for k, r := range w.head {
			other = other || strings.HasPrefix(k, "budget/") && selects(r.parts[0].Selects, unit.Labels)
		}
		if !other {
			w.report(is, old, placed{}, false)
		}
		return
	}
}

// bare judges workloads that are new without a probe, where all that stand beside them have one.
func (w *weakened) bare() {
	for _, key := range slices.Sorted(maps.Keys(w.head)) {
		is := w.head[key]
		unit := is.whole()
		if w.base[key] != nil || unit.Partial || unit.Ends || !unit.Serves && !w.served(unit) || !is.touches(w.files) || hasProbe(is) || is.any(w.hidesMore) || developersFile(unit.Path) {
			continue
		}
		kind, _, _ := strings.Cut(key, "/")
		if kind != "workload" && (kind != "compose" || !unit.Deploys) {
			continue
		}
		probed, limited, loose, example := 0, 0, 0, delivery.Unit{}
		for _, k := range slices.Sorted(maps.Keys(w.head)) {
			other := w.head[k].whole()
			if k == key || !strings.HasPrefix(k, kind+"/") || other.Partial || other.Ends || w.base[k] == nil || around(other.Path) != around(unit.Path) && path.Dir(path.Dir(other.Path)) != path.Dir(path.Dir(unit.Path)) {
				continue
			}
			switch {
			case hasProbe(w.head[k]):
				probed++
				example = other
			case other.Serves || w.served(other):
				loose++
			}
			if other.Limited {
				limited++
			}
		}
		if loose > 0 || kind == "compose" && probed < 2 {
			continue
		}
		_, name, _ := strings.Cut(unit.Title, " ")
		probe := "readiness probe"
		if kind == "compose" {
			probe = "healthcheck"
		}
		finding := detectors.Finding{
			Severity: detectors.Warning, Path: unit.Path, Line: unit.Line, Symbol: name,
			Message:  fmt.Sprintf("%s is new, takes traffic and has no %s", capital(unit.Title), probe),
			Why:      harm[delivery.Probe],
			Fix:      fmt.Sprintf("Give it a %s that asks whether it can work.", probe),
			Evidence: []string{key, "unprobed"},
		}
		if limited > 0 && limited >= probed && !unit.Limited {
			finding.Message += ", and no limits of memory and processor"
		}
		switch {
		case probed == 1:
			finding.Message += fmt.Sprintf("; %s beside it has one", example.Title)
		case probed > 1:
			finding.Message += fmt.Sprintf("; %s and all others beside it have one", example.Title)
		}
		w.pass.Report(finding)
	}
}

// served says whether a service sends traffic to a workload's instances.
func (w *weakened) served(unit delivery.Unit) bool {
	for key, r := range w.head {
		if !strings.HasPrefix(key, "service/") {
			continue
		}
		for _, part := range r.parts {
			if len(part.Selects) > 0 && selects(part.Selects, unit.Labels) {
				return true
			}
		}
	}
	return false
}

// selects says whether a selector takes in what has the labels.
func selects(selector, labels map[string]string) bool {
	for k, v := range selector {
		if labels[k] != v {
			return false
		}
	}
	return true
}

func hasProbe(r *rolled) bool {
	for _, g := range r.guards {
		if g.Kind == delivery.Probe && g.Level > 0 {
			return true
		}
	}
	return false
}
