package main

import (
	"context"
	"os"

	"github.com/spf13/cobra"

	"flightpoll/checklist"
	"flightpoll/checklist/record"
	"flightpoll/checklist/report"
	"flightpoll/content"
	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/environment/matrix"
	"flightpoll/tui"
)

// newPollCommand is flightpoll itself: the checklist of the current branch.
func newPollCommand(a *app) *cobra.Command {
	var base string
	o := tui.Options{}
	cmd := &cobra.Command{
		Use:   "flightpoll",
		Short: "Poll a branch before the pull request: go or no-go",
		Long: "flightpoll polls the current branch on the five ways in which AI-assisted changes break production, " +
			"asks what only a person can know, and leaves a signed readiness file in the repository.",
		Example: "  flightpoll            # the checklist of this branch\n  flightpoll check      # detectors only, for CI\n  flightpoll demo       # try it on a sample",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !a.terminal && !o.Accessible {
				return a.printPoll(cmd.Context(), base)
			}
			return a.openProgram(cmd.Context(), base, o)
		},
	}
	cmd.Flags().StringVar(&base, "base", "", "compare with this ref or commit instead of the one found")
	cmd.Flags().BoolVar(&o.ASCII, "ascii", false, "draw with ASCII characters only")
	cmd.Flags().StringVar(&o.Theme, "theme", "", "dark or light; found by itself otherwise")
	cmd.Flags().BoolVar(&o.Accessible, "accessible", false, "numbered prompts instead of a screen (also ACCESSIBLE=1)")
	return cmd
}

// printPoll writes the plain report and ends with 0 for go, 1 for hold and no-go.
func (a *app) printPoll(ctx context.Context, base string) error {
	l, err := a.open(ctx, base)
	if err != nil {
		return err
	}
	r, board, err := l.poll(ctx)
	if err != nil {
		return err
	}
	if err := report.Text(a.out, r, a.textOptions()); err != nil {
		return err
	}
	if board.Verdict != checklist.VerdictGo {
		return &exitError{status: exitHold}
	}
	return nil
}

func (a *app) textOptions() report.TextOptions {
	return report.TextOptions{Color: a.color, Width: a.width}
}

// openProgram gives the terminal to the checklist.
func (a *app) openProgram(ctx context.Context, base string, o tui.Options) error {
	o.Input, o.Output, o.Env = a.in, a.out, os.Environ()
	o.NoColor = o.NoColor || !a.color
	var l *launch
	return tui.Run(ctx, tui.Backend{
		Open: func(ctx context.Context) (*branch.Branch, *checklist.Session, error) {
			opened, err := a.open(ctx, base)
			if err != nil {
				return nil, nil, err
			}
			l = opened
			return l.branch, l.session, nil
		},
		Detect: func(ctx context.Context, only []string, onDone func(detectors.Done)) detectors.Result {
			return l.detect(ctx, only, onDone)
		},
		Report: func(b checklist.Board, r detectors.Result) report.Report { return l.report(ctx, b, r) },
		Draft:  func(b checklist.Board, r report.Report) (*record.Draft, error) { return l.draft(b, r) },
		Key: func(ctx context.Context) (record.KeyInfo, error) {
			return record.FindKey(ctx, l.branch, record.SignOptions{Role: authorRole})
		},
		Sign: func(ctx context.Context, d *record.Draft, so record.SignOptions) (record.Signed, error) {
			return record.Sign(ctx, l.branch, d, so)
		},
		Matrix: func(ctx context.Context) (matrix.Document, error) { return l.matrix(ctx, false) },
		Guide:  content.Guide,
	}, o)
}
