package policy

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/bmatcuk/doublestar/v4"

	"flightpoll/checklist"
	"flightpoll/detectors"
)

const dateForm = "2006-01-02"

var (
	roleForm     = regexp.MustCompile(`^[a-z][a-z0-9-]{0,31}$`)
	variableForm = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	severities   = []string{string(detectors.Blocker), string(detectors.Warning), string(detectors.Note), "off"}
)

// check looks at the values; the first one that is wrong is the error.
func (d document) check(p *Policy) error {
	if p.Version != 0 && p.Version != 1 {
		return d.errorAt("$.version", "version %d: expected 1; a newer policy needs a newer flightpoll", p.Version)
	}
	for _, step := range []func(*Policy) error{d.checkTexts, d.checkPlaces, d.checkWeights, d.checkDetectors, d.checkIgnores, d.checkItems, d.checkRequire} {
		if err := step(p); err != nil {
			return err
		}
	}
	return nil
}

func (d document) checkTexts(p *Policy) error {
	for key, text := range map[string]string{"repository": p.Repository, "target": p.Target, "rehearse.up": p.Rehearse.Up, "rehearse.down": p.Rehearse.Down} {
		if strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			return d.errorAt("$."+key, "%s: expected a text of one line", key)
		}
	}
	if p.Rehearse.DSNEnv != "" && !variableForm.MatchString(p.Rehearse.DSNEnv) {
		return d.errorAt("$.rehearse.dsn_env", "rehearse.dsn_env %q: expected a variable's name, e.g. DATABASE_URL", p.Rehearse.DSNEnv)
	}
	return nil
}

// checkPlaces looks at the paths of environments and flag manifests: below the repository's root, always.
func (d document) checkPlaces(p *Policy) error {
	for _, name := range sortedKeys(p.Environments) {
		for i, file := range p.Environments[name] {
			if !inside(file) {
				return d.errorAt(fmt.Sprintf("$.environments.%s[%d]", name, i), "environments.%s: %q: expected a path below the repository's root", name, file)
			}
		}
	}
	for i, file := range p.Flags.Manifests {
		if !inside(file) {
			return d.errorAt(fmt.Sprintf("$.flags.manifests[%d]", i), "flags.manifests: %q: expected a path below the repository's root", file)
		}
	}
	return nil
}

func inside(file string) bool {
	return file != "" && !path.IsAbs(file) && !strings.Contains(file, `\`) && path.Clean(file) != ".." && !strings.HasPrefix(path.Clean(file), "../")
}

func (d document) checkWeights(p *Policy) error {
	for _, pattern := range sortedKeys(p.Weights) {
		at := "$.weights." + string(pattern)
		if !slices.Contains(detectors.Patterns, pattern) {
			return d.errorAt(at, "weights: unknown pattern %q: expected one of %s", pattern, patternNames())
		}
		if w := p.Weights[pattern]; w < 0 || w > 1000 {
			return d.errorAt(at, "weights.%s: %d: expected a number from 0 to 1000", pattern, w)
		}
	}
	sum := 0
	for _, pattern := range detectors.Patterns {
		if w, ok := p.Weights[pattern]; ok {
			sum += w
		} else {
			sum += checklist.DefaultWeight(pattern)
		}
	}
	if sum == 0 {
		return d.errorAt("$.weights", "weights: all are 0: expected at least one above")
	}
	return nil
}

func (d document) checkDetectors(p *Policy) error {
	for _, id := range sortedKeys(p.Detectors) {
		if !isDetector(id) {
			return d.errorAt("$.detectors", "detectors: %q: expected pattern/name with a pattern of %s", id, patternNames())
		}
		if s := p.Detectors[id].Severity; s != "" && !slices.Contains(severities, s) {
			return d.errorAt("$.detectors.'"+id+"'.severity", "detectors.%s.severity %q: expected one of %s", id, s, strings.Join(severities, ", "))
		}
	}
	return nil
}

func (d document) checkIgnores(p *Policy) error {
	for i, ig := range p.Ignore {
		at := fmt.Sprintf("$.ignore[%d]", i)
		if !isDetector(ig.Detector) || !doublestar.ValidatePattern(ig.Detector) {
			return d.errorAt(at+".detector", "ignore[%d].detector %q: expected pattern/name (or pattern/*) with a pattern of %s", i, ig.Detector, patternNames())
		}
		for k, glob := range ig.Paths {
			if glob == "" || !doublestar.ValidatePattern(glob) {
				return d.errorAt(fmt.Sprintf("%s.paths[%d]", at, k), "ignore[%d].paths: %q is no glob", i, glob)
			}
		}
		if strings.TrimSpace(ig.Reason) == "" {
			return d.errorAt(at, "ignore[%d]: reason is missing: expected why this is let pass", i)
		}
		if _, err := time.Parse(dateForm, ig.Until); err != nil {
			return d.errorAt(at+".until", "ignore[%d].until %q: expected a date, YYYY-MM-DD", i, ig.Until)
		}
	}
	return nil
}

func (d document) checkItems(p *Policy) error {
	builtIn, err := checklist.Catalogue()
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, s := range builtIn {
		seen[s.ID] = true
	}
	for i, s := range p.Items {
		at := fmt.Sprintf("$.items[%d]", i)
		if err := s.Check(); err != nil {
			return d.errorAt(at, "items[%d]: %v", i, err)
		}
		if seen[s.ID] {
			return d.errorAt(at+".id", "items[%d]: there is an item %s already: expected another id", i, s.ID)
		}
		seen[s.ID] = true
	}
	return nil
}

func (d document) checkRequire(p *Policy) error {
	r := p.Require
	for _, role := range sortedKeys(r.Signers) {
		if !roleForm.MatchString(role) {
			return d.errorAt("$.require.signers", "require.signers: %q: expected a role of small letters, digits and dashes", role)
		}
		if n := r.Signers[role]; n < 1 || n > 100 {
			return d.errorAt("$.require.signers."+role, "require.signers.%s: %d: expected a number from 1 to 100", role, n)
		}
	}
	if r.Freshness != "" && r.Freshness != "delta" && r.Freshness != "tree" {
		return d.errorAt("$.require.freshness", "require.freshness %q: expected delta or tree", r.Freshness)
	}
	if r.MaxAge != "" {
		if _, err := ParseAge(r.MaxAge); err != nil {
			return d.errorAt("$.require.max_age", "require.max_age %v", err)
		}
	}
	for i, role := range r.WaiversBy {
		if !roleForm.MatchString(role) {
			return d.errorAt(fmt.Sprintf("$.require.waivers_by[%d]", i), "require.waivers_by: %q: expected a role of small letters, digits and dashes", role)
		}
	}
	return nil
}

// lapsing says which ignores are over or will soon be.
func (d document) lapsing(p Policy, now time.Time) []string {
	var list []string
	today, soon := now.UTC().Format(dateForm), now.UTC().Add(warnBefore).Format(dateForm)
	for i, ig := range p.Ignore {
		place := d.place(fmt.Sprintf("$.ignore[%d]", i))
		switch {
		case ig.Until < today:
			list = append(list, fmt.Sprintf("%s: the ignore of %s is over since %s and counts no more: renew it or take it out", place, ig.Detector, ig.Until))
		case ig.Until <= soon:
			list = append(list, fmt.Sprintf("%s: the ignore of %s lapses on %s", place, ig.Detector, ig.Until))
		}
	}
	return list
}

// isDetector says whether an id has the form pattern/name.
func isDetector(id string) bool {
	pattern, name, _ := strings.Cut(id, "/")
	return slices.Contains(detectors.Patterns, detectors.Pattern(pattern)) && name != ""
}

func patternNames() string {
	names := make([]string, 0, len(detectors.Patterns))
	for _, p := range detectors.Patterns {
		names = append(names, string(p))
	}
	return strings.Join(names, ", ")
}

func sortedKeys[K ~string, V any](m map[K]V) []K {
	keys := make([]K, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
