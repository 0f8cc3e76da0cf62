package main

import (
	"github.com/spf13/cobra"

	"flightpoll/checklist/record"
	"flightpoll/detectors/branch"
)

// newShowCommand reads a record as people read it.
func newShowCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "show [FILE]",
		Short: "Read a record: the newest one in the work tree, or the one named",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			path := ""
			if len(args) == 1 {
				path = args[0]
			} else {
				b, err := branch.Open(cmd.Context(), branch.Options{Dir: a.dir})
				if err != nil {
					return err
				}
				if path, err = record.Newest(b.Root); err != nil {
					return err
				}
			}
			text, err := record.Show(cmd.Context(), path)
			if err != nil {
				return err
			}
			return a.printGuide(string(text))
		},
	}
}
