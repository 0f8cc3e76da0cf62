package policy

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/bmatcuk/doublestar/v4"

	"flightpoll/checklist"
	"flightpoll/detectors"
)

// By is who an ignore's waiver names.
const By = "policy"

// Settings are the plain values for the detectors.
func (p Policy) Settings() detectors.Settings {
	s := detectors.Settings{Environments: p.Environments, FlagManifests: p.Flags.Manifests, Severity: map[string]string{}}
	for id, d := range p.Detectors {
		if d.Severity != "" {
			s.Severity[id] = d.Severity
		}
	}
	return s
}

// Ignored says for a finding which ignore lets it pass today, as a waiver by the policy. The findings stay in the report,
// and do not gate. It is made for checklist.SessionOptions.Ignore.
func (p Policy) Ignored(now time.Time) func(detectors.Finding) (checklist.Waiver, bool) {
	today := now.UTC().Format(dateForm)
	return func(f detectors.Finding) (checklist.Waiver, bool) {
		for _, ig := range p.Ignore {
			if ig.Until >= today && ig.silences(f) {
				return checklist.Waiver{Target: f.Fingerprint, By: By, Reason: ig.Reason, Until: ig.Until}, true
			}
		}
		return checklist.Waiver{}, false
	}
}

// silences looks at a finding's detector and its own path; no paths means everywhere.
func (ig Ignore) silences(f detectors.Finding) bool {
	return doublestar.MatchUnvalidated(ig.Detector, f.Detector) &&
		(len(ig.Paths) == 0 || slices.ContainsFunc(ig.Paths, func(g string) bool { return doublestar.MatchUnvalidated(g, f.Path) }))
}

// Unknown are the detector ids that the policy names and nobody has, sorted: typing errors that silence nothing.
func (p Policy) Unknown(known []string) []string {
	set := map[string]bool{}
	for id := range p.Detectors {
		set[id] = true
	}
	for _, ig := range p.Ignore {
		set[ig.Detector] = true
	}
	for id := range set {
		if slices.ContainsFunc(known, func(k string) bool { return doublestar.MatchUnvalidated(id, k) }) {
			delete(set, id)
		}
	}
	return sortedKeys(set)
}

// maxAge bounds how long a record may be good for.
const maxAge = 3650 * 24 * time.Hour

// ParseAge reads a length of time in hours, days or weeks: "36h", "14d", "2w".
func ParseAge(text string) (time.Duration, error) {
	units := map[byte]time.Duration{'h': time.Hour, 'd': 24 * time.Hour, 'w': 7 * 24 * time.Hour}
	wrong := fmt.Errorf("%q: expected hours, days or weeks up to ten years, e.g. 36h, 14d, 2w", text)
	if len(text) < 2 {
		return 0, wrong
	}
	unit, ok := units[text[len(text)-1]]
	n, err := strconv.Atoi(text[:len(text)-1])
	if !ok || err != nil || n <= 0 || n > int(maxAge/unit) {
		return 0, wrong
	}
	return time.Duration(n) * unit, nil
}

// Age is how long a record is good for landing.
func (r Require) Age() time.Duration {
	age, err := ParseAge(r.MaxAge)
	if err != nil {
		age, _ = ParseAge(Default().Require.MaxAge) // the default is well formed
	}
	return age
}
