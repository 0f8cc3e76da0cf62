package main

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"flightpoll/checklist/record"
	"flightpoll/checklist/report"
)

// newVerifyCommand is the CI gate: it judges the record and runs no detector.
func newVerifyCommand(a *app) *cobra.Command {
	var format string
	o := record.VerifyOptions{}
	cmd := &cobra.Command{
		Use:     "verify [REV]",
		Short:   "Is this code covered by a valid, trusted, fresh record?",
		Example: "  flightpoll verify\n  flightpoll verify v1.4.0 --format json",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if format != "text" && format != "json" {
				return fmt.Errorf("--format %s: there is no such format; take text or json", format)
			}
			o.Dir, o.Now = a.dir, a.now()
			if len(args) == 1 {
				o.Rev = args[0]
			}
			v, err := record.Verify(cmd.Context(), o)
			if err != nil {
				return err
			}
			if format == "json" {
				enc := json.NewEncoder(a.out)
				enc.SetIndent("", "  ")
				if err := enc.Encode(v); err != nil {
					return err
				}
			} else {
				a.printVerification(v)
			}
			if !v.Covered {
				return &exitError{status: exitHold}
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&o.Base, "base", "", "the target's ref instead of the one found")
	cmd.Flags().StringVar(&format, "format", "text", "text or json")
	return cmd
}

func (a *app) printVerification(v record.Verification) {
	fmt.Fprintln(a.out, report.Clean(v.Sentence))
	for _, s := range v.Signers {
		touched := ""
		if s.Present {
			touched = ", key touched"
		}
		fmt.Fprintf(a.out, "  signed by %s as %s (%s%s)\n", report.Clean(s.Principal), s.Role, s.Fingerprint, touched)
	}
	for _, path := range v.Stale {
		fmt.Fprintf(a.out, "  changed since: %s\n", report.Clean(path))
	}
	for _, w := range v.Warnings {
		fmt.Fprintf(a.out, "  %s\n", report.Clean(w))
	}
}
