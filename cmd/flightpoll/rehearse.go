package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"flightpoll/checklist/report"
	"flightpoll/detectors"
	"flightpoll/detectors/scripts/rehearse"
)

// newRehearseCommand runs the branch's migrations in a throw-away database.
func newRehearseCommand(a *app) *cobra.Command {
	var base, seed string
	var timeout time.Duration
	var o rehearse.Options
	cmd := &cobra.Command{
		Use:   "rehearse",
		Short: "Run the branch's migrations, twice and back, in a disposable database",
		Long: "rehearse brings an empty database to the base's schema, puts rows into the tables concerned, and runs each migration and SQL script of the branch: up, up again, back, and up anew. " +
			"It compares schema and content after each step and says what differs.\n\n" +
			"The database is a SQLite file, or a server started for the rehearsal alone from the PostgreSQL or MariaDB programs on this machine; nothing of it stays. With --dsn it makes and drops databases of its own on a scratch server. " +
			"Migrations that only their framework can run need its commands in the policy of the target branch (rehearse: up, down, dsn_env); they are shown before they run.",
		Example: "  flightpoll rehearse\n  flightpoll rehearse --seed testdata/plans.sql\n  flightpoll rehearse --dsn postgres://me@localhost/scratch",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			l, err := a.open(cmd.Context(), base)
			if err != nil {
				return err
			}
			if seed != "" {
				if o.Seed, err = rehearse.ReadSeed(seed); err != nil {
					return err
				}
			}
			p := l.policy.Rehearse
			o.Command = rehearse.Command{Up: p.Up, Down: p.Down, DSNEnv: p.DSNEnv, Show: func(line string) {
				fmt.Fprintln(a.out, "  $ "+report.Clean(line))
			}}
			o.Begin = func(r rehearse.Report) {
				fmt.Fprintf(a.out, "%s in %s\n", report.Clean(r.Title), report.Clean(r.Engine))
			}
			o.Step = func(s rehearse.Step) { a.printStep(s) }
			ctx, cancel := context.WithTimeoutCause(cmd.Context(), timeout, fmt.Errorf("the rehearsal took longer than %s; --timeout gives it more", timeout))
			defer cancel()
			reports, err := rehearse.Run(ctx, &detectors.Pass{Context: ctx, Branch: l.branch, Source: l.source, Settings: l.policy.Settings()}, o)
			if err != nil {
				if errors.Is(err, context.DeadlineExceeded) {
					return context.Cause(ctx)
				}
				return err
			}
			failed := 0
			for _, r := range reports {
				failed += r.Failed()
			}
			if failed > 0 {
				fmt.Fprintf(a.out, "HOLD: %d of the steps failed.\n", failed)
				return &exitError{status: exitHold}
			}
			fmt.Fprintln(a.out, "GO: no step failed"+unrehearsed(reports)+".")
			return nil
		},
	}
	cmd.Flags().StringVar(&base, "base", "", "compare with this ref or commit instead of the one found")
	cmd.Flags().StringVar(&o.Engine, "engine", "", "sqlite, postgres or mysql instead of what the migrations are written for")
	cmd.Flags().StringVar(&o.DSN, "dsn", "", "an empty database of a scratch server to work beside")
	cmd.Flags().StringVar(&seed, "seed", "", "a SQL `file` with rows to load instead of made ones")
	cmd.Flags().DurationVar(&timeout, "timeout", 5*time.Minute, "end the rehearsal after this time")
	return cmd
}

// unrehearsed says which part of the way could not be tried.
func unrehearsed(reports []rehearse.Report) string {
	for _, r := range reports {
		for _, s := range r.Steps {
			if s.What == "down" && s.Verdict == rehearse.Skipped {
				return "; there was no way back to try"
			}
		}
	}
	return ""
}

// printStep prints a step when it is done: what ran, on which file, and what was seen.
func (a *app) printStep(s rehearse.Step) {
	if s.Verdict == "" {
		return
	}
	line := fmt.Sprintf("  %-8s %-8s", s.What, strings.ToUpper(string(s.Verdict)))
	if s.Path != "" {
		line += " " + s.Path
	}
	fmt.Fprintf(a.out, "%s  %.1fs\n", report.Clean(line), s.Took.Seconds())
	for _, w := range s.Says {
		fmt.Fprintln(a.out, "           "+report.Clean(w))
	}
}
