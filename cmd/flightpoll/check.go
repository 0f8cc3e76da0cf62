package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"flightpoll/checklist/report"
	"flightpoll/detectors"
)

// newCheckCommand runs the detectors only: what CI calls beside verify.
func newCheckCommand(a *app) *cobra.Command {
	var base, format, failOn string
	cmd := &cobra.Command{
		Use:     "check",
		Short:   "Run the detectors and report what they found",
		Example: "  flightpoll check\n  flightpoll check --format json --fail-on warning",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			limit, err := failLevel(failOn)
			if err != nil {
				return err
			}
			if format != "text" && format != "json" {
				return fmt.Errorf("--format %s: there is no such format; take text or json", format)
			}
			l, err := a.open(cmd.Context(), base)
			if err != nil {
				return err
			}
			r, _, err := l.poll(cmd.Context())
			if err != nil {
				return err
			}
			if format == "json" {
				err = report.JSON(a.out, r, true)
			} else {
				err = report.Text(a.out, r, a.textOptions())
			}
			if err != nil {
				return err
			}
			if holds(r, limit) {
				return &exitError{status: exitHold}
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&base, "base", "", "compare with this ref or commit instead of the one found")
	cmd.Flags().StringVar(&format, "format", "text", "text or json")
	cmd.Flags().StringVar(&failOn, "fail-on", "blocker", "exit with 1 when something is open at this level: blocker, warning or never")
	return cmd
}

// failLevel is the weakest severity's rank that fails a check, -1 for none.
func failLevel(name string) (int, error) {
	switch name {
	case "blocker", "warning":
		return detectors.Severity(name).Rank(), nil
	case "never":
		return -1, nil
	}
	return 0, fmt.Errorf("--fail-on %s: there is no such level; take blocker, warning or never", name)
}

// holds says whether a finding of at most that rank is open.
func holds(r report.Report, rank int) bool {
	for _, f := range r.Findings {
		if f.Waived == nil && f.Severity.Rank() <= rank {
			return true
		}
	}
	return false
}
