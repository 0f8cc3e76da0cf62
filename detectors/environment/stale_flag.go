package environment

import (
	"fmt"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/source"
)

// StaleFlag notes a feature flag whose last evaluation the branch takes out of the code while its definition stays.
var StaleFlag = &detectors.Detector{
	ID:    "environment/stale-flag",
	Title: "A feature flag is defined that no code evaluates any more",
	Run:   runStaleFlags,
}

func runStaleFlags(pass *detectors.Pass) error {
	f, err := newFlags(pass, false)
	if err != nil {
		return err
	}
	looked, noted := false, map[string]bool{}
	for _, file := range pass.Branch.Files {
		old := file.Path
		if file.OldPath != "" {
			old = file.OldPath
		}
		if file.Status == branch.Added || !readable(old) || file.Generated || file.Vendored || file.TooLarge {
			continue
		}
		parsed, err := pass.Source.Base(old)
		if err != nil || parsed == nil {
			continue
		}
		for _, u := range f.usesIn(old, parsed) {
			if looked = true; !file.Removed(u.line) || noted[u.key] {
				continue
			}
			for _, m := range f.definitions(u.key) {
				if source.LanguageOf(m.path) == "" && !f.named(u.key) {
					noted[u.key] = true
					pass.Report(detectors.Finding{
						Severity: detectors.Note, Path: m.path, Line: m.flags[u.key].line, Symbol: u.key,
						Message:  fmt.Sprintf("This branch removes the last evaluation of the flag %s, and its definition stays", u.key),
						Why:      "Whoever switches the flag later expects an effect that it has no more.",
						Fix:      "Remove the definition once no running version evaluates the flag.",
						Related:  []detectors.Related{{Path: old, Line: u.line, Message: "evaluated it before"}},
						Evidence: []string{u.key},
					})
					break
				}
			}
		}
	}
	if !looked {
		return detectors.ErrNotApplicable
	}
	return nil
}

// named says whether any code at the head still holds the key.
func (f *flags) named(key string) bool {
	naming, err := f.pass.Source.Naming(f.pass.Context, key)
	if err != nil {
		return true
	}
	for _, p := range naming[key] {
		if readable(p) {
			return true
		}
	}
	return false
}
