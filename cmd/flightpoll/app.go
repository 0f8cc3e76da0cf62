package main

import (
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// app is what every command is given: the streams, what is known of the terminal, and the clock.
type app struct {
	in          io.Reader
	out, errOut io.Writer
	// terminal says that both input and output are one; color that output may carry styles.
	terminal, color bool
	width           int
	now             func() time.Time

	// dir is the folder to work in (-C); warnings are what the policy said when it was read.
	dir      string
	warnings []string
}

func newApp(in io.Reader, out, errOut io.Writer) *app {
	a := &app{in: in, out: out, errOut: errOut, now: time.Now, width: 100}
	stdin, inOK := in.(*os.File)
	stdout, outOK := out.(*os.File)
	if outOK && term.IsTerminal(int(stdout.Fd())) {
		a.color = os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
		a.terminal = inOK && term.IsTerminal(int(stdin.Fd()))
		if w, _, err := term.GetSize(int(stdout.Fd())); err == nil {
			a.width = min(w, 120)
		}
	}
	return a
}

// newRoot is the whole command line.
func newRoot(a *app) *cobra.Command {
	root := newPollCommand(a)
	root.PersistentFlags().StringVarP(&a.dir, "directory", "C", "", "work in this folder instead of the current one")
	root.SilenceErrors, root.SilenceUsage = true, true
	root.CompletionOptions.HiddenDefaultCmd = false
	root.AddCommand(
		newCheckCommand(a), newAnswerCommand(a), newWaiveCommand(a), newSignCommand(a), newVerifyCommand(a),
		newShowCommand(a), newExplainCommand(a), newInitCommand(a), newContractTestsCommand(a), newContextCommand(a), newRehearseCommand(a), newDemoCommand(a),
	)
	return root
}
