// Package policy reads .readiness/policy.yaml, and knows what `flightpoll init` writes.
//
// It is strict: an unknown key, a wrong type or an expired ignore names file, line and what is expected.
package policy

import (
	"time"

	"flightpoll/checklist"
	"flightpoll/detectors"
)

// Path and Signers are where the team's rules and the allowed signers lie.
const (
	Path    = ".readiness/policy.yaml"
	Signers = ".readiness/allowed_signers"
)

// Policy is the whole file; the zero value is the default policy after Default filled it.
type Policy struct {
	Version      int                         `yaml:"version"`
	Repository   string                      `yaml:"repository"`
	Target       string                      `yaml:"target"`
	Environments map[string][]string         `yaml:"environments"`
	Flags        Flags                       `yaml:"flags"`
	Weights      map[detectors.Pattern]int   `yaml:"weights"`
	Detectors    map[string]DetectorSettings `yaml:"detectors"`
	Ignore       []Ignore                    `yaml:"ignore"`
	Items        []checklist.Spec            `yaml:"items"`
	Rehearse     Rehearse                    `yaml:"rehearse"`
	Require      Require                     `yaml:"require"`
}

// Flags names where feature flags are defined.
type Flags struct {
	Manifests []string `yaml:"manifests"`
}

// DetectorSettings change one detector; Severity is blocker, warning, note or off.
type DetectorSettings struct {
	Severity string `yaml:"severity"`
}

// Ignore silences a detector below some paths until a date, for a reason.
type Ignore struct {
	Detector string   `yaml:"detector"`
	Paths    []string `yaml:"paths"`
	Reason   string   `yaml:"reason"`
	Until    string   `yaml:"until"`
}

// Rehearse names a migration runner's own commands.
type Rehearse struct {
	Up     string `yaml:"up"`
	Down   string `yaml:"down"`
	DSNEnv string `yaml:"dsn_env"`
}

// Require says when a record counts.
type Require struct {
	// Signers is how many signatures of each role are needed; default author: 1.
	Signers map[string]int `yaml:"signers"`
	// Freshness is "delta" (default) or "tree".
	Freshness string `yaml:"freshness"`
	// MaxAge is how long a record is good for landing, e.g. "14d"; default 14d.
	MaxAge string `yaml:"max_age"`
	// Presence asks for keys that were touched.
	Presence bool `yaml:"presence"`
	// WaiversBy are the roles that may waive; empty means any signer.
	WaiversBy []string `yaml:"waivers_by"`
}

// Parse reads a policy; name stands in errors and warnings. Warnings are what lapses soon or has expired.
// The error is one line, "name:line: what is wrong: what is expected".
func Parse(name string, text []byte) (p Policy, warnings []string, err error) {
	return parse(name, text, time.Now())
}

// Default is the policy of a repository without one.
func Default() Policy {
	var p Policy
	p.fill()
	return p
}
