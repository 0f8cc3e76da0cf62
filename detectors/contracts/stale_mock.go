package contracts

import (
	"fmt"
	"path"

	"flightpoll/detectors"
)

// StaleMock finds mocks, fixtures, golden files, cassettes and documented calls that still have a shape which the
// branch changed, so that tests stay green on something that no longer exists.
var StaleMock = &detectors.Detector{
	ID:    "contracts/stale-mock",
	Title: "A mock, fixture or example still has the shape that the branch changed",
	Run: func(pass *detectors.Pass) error {
		return reportPlaces(pass, standsIn, func(p *place) detectors.Finding {
			what := standIn(p.path)
			return detectors.Finding{
				Severity: detectors.Warning,
				Message:  fmt.Sprintf("%s still has %s; the branch %s in %s", what, quoted(p.gone), story(p.gone), p.change.old.owner),
				Why:      "Tests on it stay green although the real thing looks different, and readers who copy it get an error.",
				Fix:      fmt.Sprintf("Give %s the new shape of %s, best generated from it.", path.Base(p.path), p.change.old.owner),
			}
		})
	},
}
