package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"flightpoll/content/demo"
	"flightpoll/tui"
)

// newDemoCommand makes the sample shop and opens the program on its branch.
func newDemoCommand(a *app) *cobra.Command {
	var dir string
	var noUI bool
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Try it on a sample repository with all five failures",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			kept := dir != "" || noUI
			if dir == "" {
				tmp, err := os.MkdirTemp("", "flightpoll-demo-")
				if err != nil {
					return err
				}
				dir = tmp
			}
			shop, err := demo.Create(cmd.Context(), dir)
			if err != nil {
				return err
			}
			if !kept {
				defer func() { _ = os.RemoveAll(dir) }()
			}
			if noUI {
				fmt.Fprintf(a.out, "the sample shop lies in %s, on its branch %s\n", shop.Dir, shop.Branch)
				return nil
			}
			a.dir = shop.Dir
			if !a.terminal {
				return a.printPoll(cmd.Context(), "")
			}
			if err := a.openProgram(cmd.Context(), "", tui.Options{Banner: shop.Hint}); err != nil {
				return err
			}
			if kept {
				fmt.Fprintf(a.out, "the sample shop is kept in %s\n", shop.Dir)
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&dir, "dir", "", "make it in this empty folder and keep it")
	cmd.Flags().BoolVar(&noUI, "no-ui", false, "make it and say where; do not open the program")
	return cmd
}
