package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

// newWaiveCommand lets a finding or an item pass for a while.
func newWaiveCommand(a *app) *cobra.Command {
	var base, reason, until string
	cmd := &cobra.Command{
		Use:     "waive ID",
		Short:   "Let a finding (by fingerprint) or a question pass, with a reason and a date",
		Example: "  flightpoll waive 3fa94c1be0d2 --reason \"v1 clients are gone on Friday\" --until 2027-01-31",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			l, err := a.open(cmd.Context(), base)
			if err != nil {
				return err
			}
			if _, _, err := l.poll(cmd.Context()); err != nil {
				return err
			}
			if err := l.session.Waive(args[0], reason, until); err != nil {
				return err
			}
			fmt.Fprintf(a.out, "%s: waived until %s, saved\n", args[0], until)
			return nil
		},
	}
	cmd.Flags().StringVar(&base, "base", "", "compare with this ref or commit instead of the one found")
	cmd.Flags().StringVar(&reason, "reason", "", "why it may pass (required)")
	cmd.Flags().StringVar(&until, "until", "", "the last day it may, as 2027-01-31 (required)")
	_ = cmd.MarkFlagRequired("reason")
	_ = cmd.MarkFlagRequired("until")
	return cmd
}
