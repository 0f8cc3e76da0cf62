// Command flightpoll is a launch-readiness checklist for the branch that is about to become a pull request.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"

	"charm.land/fang/v2"

	"flightpoll/checklist/report"
	"flightpoll/tui"
)

// version is what --version prints and reports carry.
const version = "0.1.0"

// Exit statuses, see the table in the README.
const (
	exitHold        = 1
	exitCannotTell  = 2
	exitInterrupted = 130
)

// exitError ends the program with a status; a message of nil was already printed.
type exitError struct {
	status int
	err    error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit status %d", e.status)
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// run is the program with its streams given, so that tests run the real thing.
func run(args []string, in io.Reader, out, errOut io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	root := newRoot(newApp(in, out, errOut))
	root.SetArgs(args)
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(errOut)
	root.Version = version

	// Styled help asks the terminal for its background colour, so only help goes that way.
	err := func() error {
		if slices.ContainsFunc(args, func(a string) bool { return a == "-h" || a == "--help" || a == "help" || a == "man" }) {
			return fang.Execute(ctx, root, fang.WithVersion(version), fang.WithErrorHandler(func(io.Writer, fang.Styles, error) {}))
		}
		return root.ExecuteContext(ctx)
	}()
	return status(ctx, err, errOut)
}

// status turns an error into one line on standard error and an exit status.
func status(ctx context.Context, err error, errOut io.Writer) int {
	if err == nil {
		return 0
	}
	var exit *exitError
	if errors.As(err, &exit) && exit.err == nil {
		return exit.status
	}
	if ctx.Err() != nil || errors.Is(err, tui.ErrInterrupted) {
		fmt.Fprintln(errOut, "flightpoll: interrupted; what was answered is saved")
		return exitInterrupted
	}
	fmt.Fprintln(errOut, "flightpoll: "+oneLine(err))
	if exit != nil {
		return exit.status
	}
	return exitCannotTell
}

func oneLine(err error) string { return report.Clean(err.Error()) }
