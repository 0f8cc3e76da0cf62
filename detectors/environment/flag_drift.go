package environment

import (
	"fmt"
	"slices"
	"strings"

	"flightpoll/detectors"
)

// FlagDrift reports a feature flag whose definitions for two environments do not fit each other: production has none, or
// its values have another type or other names. Different values and roll-outs are what environments are for.
var FlagDrift = &detectors.Detector{
	ID:    "environment/flag-drift",
	Title: "A feature flag is defined otherwise, or not at all, in production",
	Run:   runFlagDrift,
}

func runFlagDrift(pass *detectors.Pass) error {
	f, err := newFlags(pass, false)
	if err != nil {
		return err
	}
	fresh := map[string]bool{}
	for _, u := range f.introduced() {
		fresh[u.key] = true
	}
	var production, others, everywhere []*manifest
	for _, m := range f.now {
		switch {
		case m.environment == Production:
			production = append(production, m)
		case m.environment == Everywhere:
			everywhere = append(everywhere, m)
		case m.environment != Testing:
			others = append(others, m)
		}
	}
	if len(production) == 0 || len(others) == 0 {
		return detectors.ErrNotApplicable
	}
	seen := map[string]bool{}
	for _, m := range others {
		for _, d := range m.sorted() {
			if seen[d.key] {
				continue
			}
			target, counterpart := f.counterpart(m, d, production)
			switch {
			case target == nil:
			case counterpart == nil:
				based := slices.ContainsFunc(everywhere, func(b *manifest) bool { return b.flags[d.key] != nil && b.format == m.format })
				if removed := f.removedFrom(target, d.key); !based && (fresh[d.key] || f.changed(m, d) && f.was(m, d.key) == nil || removed) && f.sharesKeys(m, target) {
					seen[d.key] = f.lacks(m, target, d, removed)
				}
			case f.changed(m, d) || f.changed(target, counterpart):
				seen[d.key] = f.differs(m, target, d, counterpart)
			}
		}
	}
	return nil
}

// counterpart is production's manifest of the same kind, and its definition of the flag.
func (f *flags) counterpart(m *manifest, d *flag, production []*manifest) (*manifest, *flag) {
	var target *manifest
	for _, p := range production {
		if p.format != m.format || familyOf(p.path) != familyOf(m.path) {
			continue
		}
		if p.flags[d.key] != nil {
			return p, p.flags[d.key]
		}
		if target == nil {
			target = p
		}
	}
	return target, nil
}

// familyOf is a path with its environment's word replaced, the same for the files of all environments.
func familyOf(p string) string {
	if place, ok := placeOf(p); ok {
		return place.family
	}
	return p
}

// removedFrom says whether the branch takes the flag out of a manifest.
func (f *flags) removedFrom(m *manifest, key string) bool {
	return slices.ContainsFunc(f.before, func(old *manifest) bool {
		return old.path == m.path && old.environment == m.environment && old.flags[key] != nil
	})
}

// sharesKeys says whether two manifests have most of their flags in common, so that both are meant to be whole.
func (f *flags) sharesKeys(a, b *manifest) bool {
	shared := 0
	for key := range a.flags {
		if b.flags[key] != nil {
			shared++
		}
	}
	return shared > 0 && 2*shared >= min(len(a.flags), len(b.flags))
}

// lacks reports a flag that code evaluates and production's definitions have not.
func (f *flags) lacks(m, target *manifest, d *flag, removed bool) bool {
	users := f.users(d.key)
	if len(users) == 0 {
		return false
	}
	u := users[0]
	message := fmt.Sprintf("The flag %s is defined for %s and not for production (%s)", d.key, m.environment, target.path)
	if removed {
		message = fmt.Sprintf("This branch removes the flag %s for production (%s), and code still evaluates it", d.key, target.path)
	}
	why := "In production the provider does not know the flag, and the code goes on with its default there alone."
	if u.risky() {
		why = "In production the provider does not know the flag, and the default that the code gives switches it on for everybody."
	}
	f.pass.Report(detectors.Finding{
		Severity: detectors.Warning, Path: u.path, Line: u.line, Symbol: d.key, Message: message, Why: why,
		Fix:      "Define the flag for production too, switched off as long as it is not to be used there.",
		Related:  []detectors.Related{{Path: m.path, Line: d.line, Message: fmt.Sprintf("the definition for %s", m.environment)}, {Path: target.path, Message: "production's definitions, without it"}},
		Evidence: []string{d.key, string(m.environment)},
	})
	return true
}

// differs reports definitions whose values have other types or names in production.
func (f *flags) differs(m, target *manifest, d, counterpart *flag) bool {
	var what string
	switch {
	case d.kind != "" && counterpart.kind != "" && d.kind != counterpart.kind:
		if slices.ContainsFunc(f.users(d.key), func(u use) bool { return u.mismatches(d) || u.mismatches(counterpart) }) {
			return true // the type that code asks for says which of them is wrong: unknown-flag reports that one
		}
		what = fmt.Sprintf("holds %s for %s and %s for production", one(d.kind), m.environment, one(counterpart.kind))
	case len(d.variants) > 0 && len(counterpart.variants) > 0 && variantsOf(d) != variantsOf(counterpart):
		what = fmt.Sprintf("has the variants %s for %s and %s for production", clip(variantsOf(d)), m.environment, clip(variantsOf(counterpart)))
	default:
		return false
	}
	at, from, other, there := target, counterpart, m, d
	if !f.changed(target, counterpart) {
		at, from, other, there = m, d, target, counterpart
	}
	f.pass.Report(detectors.Finding{
		Severity: detectors.Warning, Path: at.path, Line: from.line, Symbol: d.key,
		Message:  fmt.Sprintf("The flag %s %s", d.key, what),
		Why:      "What was tried in the one environment is not what the code receives in the other.",
		Fix:      "Give the flag the same variants in every environment, and let only who gets which of them differ.",
		Related:  append([]detectors.Related{{Path: other.path, Line: there.line, Message: "the other definition"}}, f.evaluatedAt(d.key)...),
		Evidence: []string{d.key, what},
	})
	return true
}

func variantsOf(d *flag) string {
	set := map[string]bool{}
	for name := range d.variants {
		set[name] = true
	}
	return strings.Join(sortedKeys(set), ", ")
}
