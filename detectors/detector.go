package detectors

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"flightpoll/detectors/branch"
	"flightpoll/detectors/source"
)

// Pattern is one of the five failure patterns, a station of the poll.
type Pattern string

// The five patterns, in the order of the poll.
const (
	Contracts     Pattern = "contracts"
	Environment   Pattern = "environment"
	Scripts       Pattern = "scripts"
	Observability Pattern = "observability"
	Review        Pattern = "review"
)

// Patterns lists the five patterns in the order of the poll.
var Patterns = []Pattern{Contracts, Environment, Scripts, Observability, Review}

// Title is the name shown to people.
func (p Pattern) Title() string {
	switch p {
	case Contracts:
		return "Silent contracts"
	case Environment:
		return "Environment divergence"
	case Scripts:
		return "Non-idempotent scripts"
	case Observability:
		return "Missing observability"
	case Review:
		return "Invisible human review"
	}
	return string(p)
}

// Detector is one automatic check. It is a value, like an Analyzer of golang.org/x/tools/go/analysis.
type Detector struct {
	// ID is "pattern/name" in the field's terms, e.g. "contracts/stale-mock".
	ID string
	// Title is one line: what a finding of this detector means.
	Title string
	// Run looks at the branch and calls pass.Report for each finding. It ends with nil (ran),
	// with NotApplicable (nothing of its kind is on the branch) or with Inconclusive (it could not
	// decide, and says why). Any other error is inconclusive too.
	Run func(pass *Pass) error
	// Timeout bounds one run; zero means DefaultTimeout.
	Timeout time.Duration
}

// DefaultTimeout bounds the run of a detector that names none.
const DefaultTimeout = 20 * time.Second

// Pattern is the part of the id before the slash.
func (d *Detector) Pattern() Pattern {
	p, _, _ := strings.Cut(d.ID, "/")
	return Pattern(p)
}

// Pass is what one detector sees of one branch.
type Pass struct {
	// Context ends when the run is cancelled or the detector's time is up; long loops look at it.
	Context  context.Context
	Branch   *branch.Branch
	Source   *source.Source
	Settings Settings
	// Report takes one finding; Detector, Pattern and Fingerprint are filled in by the runner.
	Report func(Finding)
}

// Settings are the plain values that the policy gives to detectors.
type Settings struct {
	// Environments maps an environment's name to its files, base first, overlay last.
	// Empty means: discover them.
	Environments map[string][]string
	// FlagManifests are the paths of feature flag definitions.
	FlagManifests []string
	// Severity overrides the severity of a detector's findings, by detector id; "off" silences it.
	Severity map[string]string
}

// ErrNotApplicable says that nothing a detector looks at is on the branch.
var ErrNotApplicable = errors.New("nothing of its kind on this branch")

// InconclusiveError says why a detector could not decide.
type InconclusiveError struct{ Reason string }

func (e *InconclusiveError) Error() string { return "inconclusive: " + e.Reason }

// Inconclusive ends a detector that could not decide, with the reason as one short clause
// ("no manifest of flags in this repository").
func Inconclusive(format string, args ...any) error {
	return &InconclusiveError{Reason: fmt.Sprintf(format, args...)}
}
