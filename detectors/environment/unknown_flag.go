package environment

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"flightpoll/detectors"
)

// UnknownFlag reports a feature flag that code evaluates and the repository's definitions do not have, newly asked for
// or removed from the definitions while something still asks, and one that is asked for as another type than it has.
var UnknownFlag = &detectors.Detector{
	ID:    "environment/unknown-flag",
	Title: "Code evaluates a feature flag that is not defined",
	Run:   runFlags,
}

func runFlags(pass *detectors.Pass) error {
	f, err := newFlags(pass, false)
	if err != nil {
		return err
	}
	asked := f.introduced()
	removed := f.removed()
	retyped := f.retyped()
	switch {
	case len(asked) == 0 && len(removed) == 0 && len(retyped) == 0:
		return detectors.ErrNotApplicable
	case len(f.now) == 0:
		if len(removed) == 0 && !slices.ContainsFunc(asked, func(u use) bool { return u.served }) {
			return detectors.ErrNotApplicable
		}
		return detectors.Inconclusive("flags are evaluated, and no definition of them is in this repository")
	}
	unsure := false
	reported, judged := map[string]bool{}, map[string]bool{}
	for _, u := range asked {
		if len(f.definitions(u.key)) > 0 || slices.ContainsFunc(removed, func(r removal) bool { return r.key == u.key }) {
			continue
		}
		switch known, others := f.acquaintance(u); {
		case known == 0 || others > known || others > 0 && f.registersOnly():
			if m, near := f.nearest(u.key); others == 0 && near != nil && folded(near.key) == folded(u.key) && len(f.users(near.key)) == 0 && !reported[u.path+u.key] {
				reported[u.path+u.key] = true
				f.unknown(u, m.complete)
				continue
			}
			unsure = true
		case !reported[u.path+u.key]:
			reported[u.path+u.key] = true
			f.unknown(u, known >= 2 && others == 0)
		}
	}
	for _, r := range removed {
		for _, u := range f.users(r.key) {
			f.gone(u, r)
		}
	}
	for _, u := range append(asked, retyped...) {
		if at := fmt.Sprint(u.path, u.line, u.key); !judged[at] {
			judged[at] = true
			f.mistyped(u)
		}
	}
	if unsure {
		return detectors.Inconclusive("flags are evaluated that no definition in this repository speaks of")
	}
	return nil
}

// acquaintance counts the other flags of the same library that the definitions have, and those that they lack.
func (f *flags) acquaintance(u use) (known, unknown int) {
	missing := map[string]bool{}
	looked := 0
	seen := map[string]bool{}
	for _, m := range f.now {
		for _, d := range m.sorted() {
			if seen[d.key] || looked > 60 || known > 5 {
				continue
			}
			seen[d.key] = true
			looked++
			for _, other := range f.users(d.key) {
				if !sameLibrary(other, u) {
					continue
				}
				known++
				file, err := f.pass.Source.Head(other.path)
				if err == nil && file != nil {
					f.lacking(other.path, u, missing)
				}
				break
			}
		}
	}
	f.lacking(u.path, u, missing)
	return known, len(missing)
}

// sameLibrary says whether two evaluations may ask the same definitions.
func sameLibrary(a, b use) bool {
	return a.sdk == b.sdk || a.sdk == "own" || b.sdk == "own"
}

// lacking notes the flags that a file evaluates beside u and no definition has.
func (f *flags) lacking(p string, u use, missing map[string]bool) {
	file, err := f.pass.Source.Head(p)
	if err != nil || file == nil {
		return
	}
	changed := f.pass.Branch.File(p)
	for _, other := range f.usesIn(p, file) {
		if other.key != u.key && sameLibrary(other, u) && len(f.definitions(other.key)) == 0 && (changed == nil || !changed.Touched(other.line)) {
			missing[other.key] = true
		}
	}
}

// unknown reports a flag without a definition.
func (f *flags) unknown(u use, certain bool) {
	severity := detectors.Warning
	if certain && slices.ContainsFunc(f.now, func(m *manifest) bool { return m.complete }) {
		severity = detectors.Blocker
	}
	message := fmt.Sprintf("The flag %s is evaluated here and defined nowhere (%s)", u.key, short(f.paths()))
	why := "The provider answers that it does not know the flag, and the code goes on with its default in every environment."
	if u.risky() {
		why = "The provider answers that it does not know the flag, and the default that the code gives switches it on for everybody."
	}
	var related []detectors.Related
	if m, near := f.nearest(u.key); near != nil {
		related = []detectors.Related{{Path: m.path, Line: near.line, Message: "the definition of " + near.key}}
	} else if m := f.now[0]; len(m.flags) > 0 {
		related = []detectors.Related{{Path: m.path, Message: fmt.Sprintf("defines %d other flags", len(m.flags))}}
	}
	f.pass.Report(detectors.Finding{
		Severity: severity, Path: u.path, Line: u.line, Symbol: u.key, Message: message, Related: related, Why: why,
		Fix:      "Define the flag for each environment before this code runs, or evaluate the one that is defined.",
		Evidence: []string{u.key},
	})
}

// risky says whether the call's default switches the flag on.
func (u use) risky() bool { return strings.EqualFold(u.fallback, "true") }

// nearest is the definition whose key is spelt most alike, nil when none is near.
func (f *flags) nearest(key string) (*manifest, *flag) {
	best, limit := (*flag)(nil), len(key)/4+1
	var in *manifest
	for _, m := range f.now {
		for _, d := range m.sorted() {
			distance := edits(folded(key), folded(d.key))
			if strings.Contains(d.key, key) || strings.Contains(key, d.key) {
				distance = min(distance, limit-1)
			}
			if distance < limit {
				best, in, limit = d, m, distance
			}
		}
	}
	return in, best
}

func folded(key string) string {
	return strings.ToLower(strings.NewReplacer("-", "", "_", "", ".", "").Replace(key))
}

// edits is the Levenshtein distance of two keys.
func edits(a, b string) int {
	if len(a) > 100 || len(b) > 100 {
		return 100
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		corner := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			corner, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, corner+cost)
		}
	}
	return row[len(b)]
}

// removal is a flag that the branch takes out of the definitions, and the new one that took its place.
type removal struct {
	key, path string
	line      int
	renamed   *flag
	old       *flag
	complete  bool
}

// removed are the flags that were defined before the branch, are not any more, and that code still evaluates.
func (f *flags) removed() []removal {
	var list []removal
	for _, old := range f.before {
		for _, d := range old.sorted() {
			if len(f.definitions(d.key)) > 0 || slices.ContainsFunc(list, func(r removal) bool { return r.key == d.key }) || f.broken[old.path] != "" || len(f.users(d.key)) == 0 {
				continue
			}
			r := removal{key: d.key, path: old.path, line: d.line, old: d, complete: old.complete}
			for _, m := range f.now {
				for _, fresh := range m.sorted() {
					if m.path == old.path && !f.existed(fresh.key) && (fresh.shape == d.shape && len(d.shape) > 8 || edits(folded(fresh.key), folded(d.key)) <= len(d.key)/4) {
						r.renamed = fresh
					}
				}
			}
			list = append(list, r)
		}
	}
	slices.SortFunc(list, func(a, b removal) int { return cmp.Or(strings.Compare(a.path, b.path), strings.Compare(a.key, b.key)) })
	return list
}

// gone reports an evaluation whose definition the branch removes or renames.
func (f *flags) gone(u use, r removal) {
	severity := detectors.Warning
	same := r.old.on && u.risky() || r.old.off && strings.EqualFold(u.fallback, "false")
	if r.complete && !same {
		severity = detectors.Blocker
	}
	finding := detectors.Finding{
		Severity: severity, Path: u.path, Line: u.line, Symbol: u.key,
		Message:  fmt.Sprintf("The flag %s is evaluated here, and this branch removes its definition (%s)", u.key, r.path),
		Related:  []detectors.Related{{Path: r.path, Message: fmt.Sprintf("the definition is removed (it was on line %d)", r.line)}},
		Why:      "The provider answers that it does not know the flag, and the code goes on with its default in every environment.",
		Fix:      "Take this evaluation out, release that, and remove the definition afterwards.",
		Evidence: []string{u.key},
	}
	if r.renamed != nil {
		finding.Message = fmt.Sprintf("The flag %s is evaluated here, and this branch renames it to %s (%s)", u.key, r.renamed.key, r.path)
		finding.Related = []detectors.Related{{Path: r.path, Line: r.renamed.line, Message: "the definition has another key now"}}
		finding.Fix = "Evaluate " + r.renamed.key + " here too, or keep both keys until every running version knows the new one."
	}
	f.pass.Report(finding)
}

// retyped are the evaluations of flags whose values the branch defines, or makes of another type.
func (f *flags) retyped() []use {
	var list []use
	for _, m := range f.now {
		for _, d := range m.sorted() {
			if d.kind == "" || !f.changed(m, d) {
				continue
			}
			if old := f.was(m, d.key); old == nil || old.kind != d.kind && old.kind != "" {
				for _, u := range f.users(d.key) {
					if u.mismatches(d) {
						list = append(list, u)
					}
				}
			}
		}
	}
	return list
}

// mismatches says whether an evaluation fails for the values that a definition has.
func (u use) mismatches(d *flag) bool {
	return u.kind != "" && d.kind != "" && d.kind != "mixed" && d.kind != u.kind && u.kind != "object" && typed(u)
}

// mistyped reports an evaluation that asks for another type than the flag's values have.
func (f *flags) mistyped(u use) {
	for _, m := range f.definitions(u.key) {
		has := m.flags[u.key].kind
		if !u.mismatches(m.flags[u.key]) {
			continue
		}
		severity := detectors.Warning
		if m.complete {
			severity = detectors.Blocker
		}
		f.pass.Report(detectors.Finding{
			Severity: severity, Path: u.path, Line: u.line, Symbol: u.key,
			Message:  fmt.Sprintf("The flag %s holds %s and is asked for as %s", u.key, one(has), one(u.kind)),
			Related:  []detectors.Related{{Path: m.path, Line: m.flags[u.key].line, Message: "its definition"}},
			Why:      "The provider answers with a type mismatch, and the code goes on with its default in every environment.",
			Fix:      "Ask for the type that the flag's values have, or give it values of the type that is asked for.",
			Evidence: []string{u.key, has, u.kind},
		})
		return
	}
}

// typed says whether an evaluation fails for a value of another type; a reader of the repository does when what it calls does.
func typed(u use) bool { return u.sdk == "own" || typedName(u.call, u.sdk) }

// plainlyTyped are the calls of OpenFeature's Go client that answer the default without an error.
var plainlyTyped = wordSet(`boolean string int float object`)

// typedName says so of an SDK's call: those that have the type in their name do, while "is it enabled" may be asked of a
// flag of any type.
func typedName(call, sdk string) bool {
	name := strings.ToLower(call)
	return strings.Contains(name, "value") || strings.Contains(name, "details") || strings.Contains(name, "variation") || (strings.HasPrefix(name, "use") || plainlyTyped[name]) && sdk == "openfeature"
}
