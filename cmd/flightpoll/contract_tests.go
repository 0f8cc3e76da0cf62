package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"flightpoll/checklist/report"
	"flightpoll/detectors"
	"flightpoll/detectors/contracts/pin"
)

// newContractTestsCommand writes tests that pin the contracts which the branch changed.
func newContractTestsCommand(a *app) *cobra.Command {
	var base string
	var dryRun bool
	cmd := &cobra.Command{
		Use:   "contract-tests",
		Short: "Write tests that pin the contracts which the branch changes",
		Long: "For each contract that the branch changed, contract-tests writes a test in the repository's own framework (go test, vitest, jest, node --test, pytest; " +
			"a JSON Schema and a fixture elsewhere) that passes with the new shape and fails with the old one. It runs nothing, and never overwrites a file that it did not write.",
		Example: "  flightpoll contract-tests --dry-run\n  flightpoll contract-tests && go test ./...",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			l, err := a.open(cmd.Context(), base)
			if err != nil {
				return err
			}
			files, err := pin.Plan(&detectors.Pass{Context: cmd.Context(), Branch: l.branch, Source: l.source, Settings: l.policy.Settings()})
			if err != nil {
				return err
			}
			if len(files) == 0 {
				fmt.Fprintln(a.out, "The branch changes no contract that a test could pin.")
				return nil
			}
			if dryRun {
				for _, f := range files {
					title := "==> " + f.Path
					if f.Pins != "" {
						title += " pins " + f.Pins
					}
					fmt.Fprintln(a.out, report.Clean(title))
					for line := range strings.Lines(string(f.Text)) {
						parts := strings.Split(strings.TrimRight(line, "\r\n"), "\t") // only tabs may stay of what Clean takes away
						for i := range parts {
							parts[i] = report.Clean(parts[i])
						}
						fmt.Fprintln(a.out, strings.Join(parts, "\t"))
					}
				}
				return nil
			}
			written, err := pin.Write(l.branch.Root, files)
			for _, path := range written {
				fmt.Fprintln(a.out, "wrote "+report.Clean(path))
			}
			if err == nil && len(written) == 0 {
				fmt.Fprintln(a.out, "Every contract that the branch changes is pinned already.")
			}
			return err
		},
	}
	cmd.Flags().StringVar(&base, "base", "", "compare with this ref or commit instead of the one found")
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "print the tests instead of writing them")
	return cmd
}
