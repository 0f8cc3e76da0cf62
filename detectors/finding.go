package detectors

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// Severity says how much a finding weighs.
type Severity string

// The severities: only blockers gate, and only what is certain and breaks something is one.
const (
	Blocker Severity = "blocker"
	Warning Severity = "warning"
	Note    Severity = "note"
)

// Rank orders severities: blocker 0, warning 1, note 2.
func (s Severity) Rank() int {
	switch s {
	case Blocker:
		return 0
	case Warning:
		return 1
	case Note:
		return 2
	}
	return 3
}

// Finding is one thing that a detector reports, with the evidence on both sides:
// Path and Line are where the branch changed something, Related who still expects the old
// (or, where the fault is at the consumer, the other way round: Related then holds the change).
type Finding struct {
	Detector string   `json:"detector"`
	Pattern  Pattern  `json:"pattern"`
	Severity Severity `json:"severity"`
	// Path is relative to the repository's root, with forward slashes; Line counts from 1, 0 is the whole file.
	Path    string `json:"path"`
	Line    int    `json:"line"`
	EndLine int    `json:"end_line"`
	// Symbol is the name that the finding is about: a variable, a field, a table, a function.
	Symbol string `json:"symbol"`
	// Message says in one line what was found, Why in one plain sentence what it breaks, Fix what to do.
	Message string `json:"message"`
	Why     string `json:"why"`
	Fix     string `json:"fix"`
	// Fingerprint identifies the finding across rebases and rewordings; see fingerprint.
	Fingerprint string    `json:"fingerprint"`
	Related     []Related `json:"related"`
	// Evidence is what the fingerprint stands on: the normalised text of both sides (an old and a new
	// signature, the stale key set, the statement). It holds no secret's value and is not reported.
	Evidence []string `json:"-"`
}

// Related is another place that belongs to a finding.
type Related struct {
	Path    string `json:"path"`
	Line    int    `json:"line"`
	Message string `json:"message"`
}

// compareFindings orders by pattern, severity, path, line and then everything that is left,
// so that the same branch always gives the same list.
func compareFindings(a, b Finding) int {
	return cmp.Or(
		cmp.Compare(slices.Index(Patterns, a.Pattern), slices.Index(Patterns, b.Pattern)),
		cmp.Compare(a.Severity.Rank(), b.Severity.Rank()),
		cmp.Compare(a.Path, b.Path),
		cmp.Compare(a.Line, b.Line),
		cmp.Compare(a.Detector, b.Detector),
		cmp.Compare(a.Symbol, b.Symbol),
		cmp.Compare(a.Message, b.Message),
	)
}

// SortFindings puts findings into the order of every report.
func SortFindings(list []Finding) { slices.SortStableFunc(list, compareFindings) }

// seal fills in what the runner owns: detector, pattern, an end line, related places that are never nil,
// and fingerprints. A fingerprint is the first 16 hex digits of a sha256 over detector, path, symbol, the
// evidence and an ordinal among equals; no line number and no message, so it survives a rebase.
func seal(d *Detector, list []Finding) {
	for i := range list {
		f := &list[i]
		f.Detector, f.Pattern = d.ID, d.Pattern()
		f.EndLine = max(f.EndLine, f.Line)
		if f.Related == nil {
			f.Related = []Related{}
		}
	}
	SortFindings(list)
	seen := map[string]int{}
	for i := range list {
		f := &list[i]
		parts := []string{f.Detector, f.Path, f.Symbol}
		for _, e := range f.Evidence {
			parts = append(parts, strings.Join(strings.Fields(e), " "))
		}
		places := make([]string, 0, len(f.Related))
		for _, r := range f.Related {
			places = append(places, r.Path)
		}
		slices.Sort(places)
		key := strings.Join(append(parts, slices.Compact(places)...), "\x00")
		sum := sha256.Sum256([]byte(fmt.Sprintf("%s\x00%d", key, seen[key])))
		seen[key]++
		f.Fingerprint = hex.EncodeToString(sum[:])[:16]
	}
}
