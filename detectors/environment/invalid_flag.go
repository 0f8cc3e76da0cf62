package environment

import (
	"fmt"
	"slices"
	"strings"

	"flightpoll/detectors"
)

// InvalidFlag reports a definition of a feature flag that the branch writes and that its provider refuses or reads
// otherwise than it is meant: a default that is no variant, shares that do not add up, a key that is there twice.
var InvalidFlag = &detectors.Detector{
	ID:    "environment/invalid-flag",
	Title: "A feature flag's definition is invalid",
	Run:   runInvalidFlags,
}

func runInvalidFlags(pass *detectors.Pass) error {
	f, err := newFlags(pass, false)
	if err != nil {
		return err
	}
	looked := len(f.broken) > 0
	for _, p := range sortedTexts(f.broken) {
		pass.Report(detectors.Finding{
			Severity: detectors.Blocker, Path: p, Symbol: p,
			Message:  fmt.Sprintf("The file defined flags and does not parse any more: %s", clip(f.broken[p])),
			Why:      "The provider cannot load any flag of the file, and every caller takes its own default.",
			Fix:      "Mend the syntax.",
			Evidence: []string{f.broken[p]},
		})
	}
	for _, m := range f.now {
		if pass.Branch.File(m.path) == nil {
			continue
		}
		looked = true
		for _, d := range m.sorted() {
			if !f.changed(m, d) {
				continue
			}
			old := f.was(m, d.key)
			for _, wrong := range d.faults {
				if old != nil && slices.ContainsFunc(old.faults, func(o fault) bool { return o.text == wrong.text }) {
					continue
				}
				f.invalid(m, d, wrong)
			}
		}
	}
	if !looked {
		return detectors.ErrNotApplicable
	}
	return nil
}

func (f *flags) invalid(m *manifest, d *flag, wrong fault) {
	severity := detectors.Warning
	why := "The provider reads the definition otherwise than it is meant, so that others get the feature than those it is for."
	if wrong.certain {
		severity = detectors.Blocker
		why = "The provider refuses the definition or cannot evaluate it, and every caller takes its own default."
	}
	f.pass.Report(detectors.Finding{
		Severity: severity, Path: m.path, Line: wrong.line, Symbol: d.key,
		Message: strings.ToUpper(wrong.text[:1]) + wrong.text[1:], Why: why,
		Fix:      "Correct the definition, and let the provider's own linter or schema check the file in CI.",
		Related:  f.evaluatedAt(d.key),
		Evidence: []string{d.key, wrong.text},
	})
}

// evaluatedAt is where code asks for the flag by an SDK.
func (f *flags) evaluatedAt(key string) []detectors.Related {
	for _, u := range f.users(key) {
		return []detectors.Related{{Path: u.path, Line: u.line, Message: "evaluates the flag"}}
	}
	return nil
}

func sortedTexts(m map[string]string) []string {
	set := map[string]bool{}
	for k := range m {
		set[k] = true
	}
	return sortedKeys(set)
}
