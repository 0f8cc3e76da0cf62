package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"flightpoll/checklist/report"
	"flightpoll/detectors"
	"flightpoll/detectors/environment"
	"flightpoll/detectors/environment/matrix"
)

// newContextCommand prints which variables and flags each environment has, without values.
func newContextCommand(a *app) *cobra.Command {
	var base, env, format string
	cmd := &cobra.Command{
		Use:     "context",
		Short:   "What exists in which environment, as context for a model's prompt",
		Long:    "context lists the variables and flags of each environment that the repository's files configure: names and where they come from, never a value.",
		Example: "  flightpoll context --env prod\n  flightpoll context --format json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if format != "markdown" && format != "json" {
				return fmt.Errorf("--format %s: there is no such format; take markdown or json", format)
			}
			l, err := a.open(cmd.Context(), base)
			if err != nil {
				return err
			}
			inv, err := environment.TakeInventory(&detectors.Pass{Context: cmd.Context(), Branch: l.branch, Source: l.source, Settings: l.policy.Settings()}, false)
			if err != nil {
				return err
			}
			only := environment.Everywhere
			if env != "" {
				var ok bool
				if only, ok = inv.Named(env); !ok {
					var names []string
					for _, e := range inv.Environments {
						names = append(names, string(e.Name))
					}
					if len(names) == 0 {
						return fmt.Errorf("--env %s: no file of this repository configures an environment", env)
					}
					return fmt.Errorf("--env %s: there is no such environment; take one of %s", env, strings.Join(names, ", "))
				}
			}
			doc := matrix.Of(inv, only)
			if format == "json" {
				return matrix.JSON(a.out, doc)
			}
			return matrix.Markdown(a.out, doc, report.Clean)
		},
	}
	cmd.Flags().StringVar(&base, "base", "", "compare with this ref or commit instead of the one found")
	cmd.Flags().StringVar(&env, "env", "", "this environment only (prod, staging ...)")
	cmd.Flags().StringVar(&format, "format", "markdown", "markdown or json")
	return cmd
}
