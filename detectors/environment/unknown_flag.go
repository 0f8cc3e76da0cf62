package environment

import (
	"fmt"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
)

// UnknownFlag reports a feature flag that code evaluates and the repository's definitions do not have: newly asked for,
// or removed from the definitions while something still asks.
var UnknownFlag = &detectors.Detector{
	ID:    "environment/unknown-flag",
	Title: "Code evaluates a feature flag that is not defined",
	Run:   runFlags,
}

func runFlags(pass *detectors.Pass) error {
	head, err := pass.Branch.HeadPaths()
	if err != nil {
		return err
	}
	base, err := pass.Branch.BasePaths()
	if err != nil {
		return err
	}
	now := manifests(head, pass.Settings.FlagManifests, func(p string) []byte { text, _ := pass.Branch.ReadHead(p); return text })
	f := &flags{pass: pass, defined: map[string]string{}, wrappers: map[string]int{}}
	for _, m := range now {
		for key := range m.keys {
			f.defined[key] = m.path
		}
		f.where = append(f.where, m.path)
	}
	gone := manifestsChanged(pass, base, now)
	if len(now)+len(gone) > 0 { // wrappers matter only where there is something to compare with
		f.learn()
	}
	asked := f.introduced()
	removed := f.removed(gone)
	f.definitions(now)
	f.types(asked, now)
	switch {
	case len(asked) == 0 && len(removed) == 0:
		return detectors.ErrNotApplicable
	case len(now) == 0 && len(removed) == 0:
		if !slices.ContainsFunc(asked, func(u use) bool { return u.sdk }) {
			return detectors.ErrNotApplicable
		}
		return detectors.Inconclusive("flags are evaluated, and no definition of them is in this repository")
	}
	for _, u := range asked {
		if _, ok := f.defined[u.key]; !ok && f.knowsOthers(u) {
			f.report(u, fmt.Sprintf("The flag %s is evaluated here and defined nowhere (%s)", u.key, short(f.where)), nil)
		}
	}
	for _, r := range removed {
		for _, u := range f.users(r.key) {
			f.report(u, fmt.Sprintf("The flag %s is evaluated here, and this branch removes its definition (%s)", u.key, r.path),
				[]detectors.Related{{Path: r.path, Message: "the definition is removed"}})
		}
	}
	return nil
}

// flags is one run: what is defined, and which functions of the repository evaluate a flag (by argument index).
type flags struct {
	pass     *detectors.Pass
	defined  map[string]string
	where    []string
	wrappers map[string]int
}

// knowsOthers says whether the definitions hold the other flags of the code, so that they are meant to be complete.
func (f *flags) knowsOthers(u use) bool {
	known, unknown := 0, 0
	for key := range f.defined {
		if len(f.users(key)) > 0 {
			known++
		}
		if known > 3 {
			break
		}
	}
	if file, err := f.pass.Source.Head(u.path); err == nil && file != nil {
		for _, other := range f.usesIn(u.path, file) {
			if _, ok := f.defined[other.key]; !ok && other.key != u.key {
				unknown++
			}
		}
	}
	return known > 0 && unknown <= known
}

type removal struct{ key, path string }

// manifestsChanged are the flags that the branch takes out of the definitions.
func manifestsChanged(pass *detectors.Pass, base []string, now []manifest) []removal {
	var changed []string
	for _, file := range pass.Branch.Files {
		if p := file.Path; file.Status != branch.Added && flagEnd.MatchString(p) && slices.Contains(base, p) {
			changed = append(changed, p)
		}
	}
	before := manifests(changed, pass.Settings.FlagManifests, func(p string) []byte { text, _ := pass.Branch.ReadBase(p); return text })
	defined := map[string]bool{}
	for _, m := range now {
		for key := range m.keys {
			defined[key] = true
		}
	}
	var list []removal
	for _, m := range before {
		for key := range m.keys {
			if !defined[key] {
				list = append(list, removal{key: key, path: m.path})
			}
		}
	}
	slices.SortFunc(list, func(a, b removal) int { return strings.Compare(a.path+a.key, b.path+b.key) })
	return list
}

func (f *flags) removed(list []removal) []removal {
	return slices.DeleteFunc(list, func(r removal) bool { return len(f.users(r.key)) == 0 })
}

func (f *flags) report(u use, message string, related []detectors.Related) {
	f.pass.Report(detectors.Finding{
		Severity: detectors.Warning, Path: u.path, Line: u.line, Symbol: u.key, Message: message, Related: related,
		Why:      "The provider answers that it does not know the flag, and the code goes on with its default in every environment.",
		Fix:      "Define the flag for each environment before this code runs, or take the evaluation out with the definition.",
		Evidence: []string{u.key},
	})
}
