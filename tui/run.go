package tui

// The entry point: what the program needs from outside, and Run.

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"

	tea "charm.land/bubbletea/v2"

	"flightpoll/checklist"
	"flightpoll/checklist/record"
	"flightpoll/checklist/report"
	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/environment/matrix"
)

// Backend is what the program does besides drawing. Every function may block; all are called from commands, never
// from Update. Detect, Report, Draft, Key and Sign are called after Open has succeeded; Open is called again before a rerun.
type Backend struct {
	Open func(ctx context.Context) (*branch.Branch, *checklist.Session, error)
	// Detect runs the detectors with the ids of only (nil means all) and tells each end to onDone.
	Detect func(ctx context.Context, only []string, onDone func(detectors.Done)) detectors.Result
	Report func(checklist.Board, detectors.Result) report.Report
	Draft  func(checklist.Board, report.Report) (*record.Draft, error)
	Key    func(ctx context.Context) (record.KeyInfo, error)
	Sign   func(ctx context.Context, d *record.Draft, o record.SignOptions) (record.Signed, error)
	// Matrix is which variable is in which environment.
	Matrix func(ctx context.Context) (matrix.Document, error)
	// Guide is the Markdown page of an id, false without one.
	Guide func(id string) (string, bool)
}

// Options say where and how to draw.
type Options struct {
	Input  io.Reader
	Output io.Writer
	// ASCII draws without any other character, NoColor without colours, Accessible without redrawing.
	ASCII, NoColor, Accessible bool
	// Theme is "dark", "light" or "" for what the terminal answers.
	Theme string
	// Env is the environment, as os.Environ gives it; nil means that one.
	Env []string
	// Banner is a line shown at first, for instance the demo's hint.
	Banner string
}

// ErrInterrupted is Run's error when the engineer left by ctrl+c.
var ErrInterrupted = errors.New("interrupted")

// Run shows the checklist until the engineer leaves it. Every answer is saved the moment it is given. The error is
// what Open said, ErrInterrupted, or the terminal's.
func Run(ctx context.Context, b Backend, o Options) error {
	if o.Env == nil {
		o.Env = os.Environ()
	}
	o.NoColor = o.NoColor || envValue(o.Env, "NO_COLOR") != ""
	if o.Accessible || envValue(o.Env, "ACCESSIBLE") != "" || envValue(o.Env, "TERM") == "dumb" {
		return runPlain(ctx, b, o)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	m := newModel(ctx, b, o)
	program := []tea.ProgramOption{tea.WithContext(ctx), tea.WithEnvironment(o.Env)}
	if o.Input != nil {
		program = append(program, tea.WithInput(o.Input))
	}
	if o.Output != nil {
		program = append(program, tea.WithOutput(o.Output))
	}
	_, err := tea.NewProgram(m, program...).Run()
	switch {
	case m.failed != nil:
		return m.failed
	case errors.Is(err, tea.ErrInterrupted):
		return ErrInterrupted
	}
	return err
}

// envValue is the last value of a variable in a list of "name=value", "" when it is not there.
func envValue(env []string, name string) string {
	value := ""
	for _, line := range env {
		if n, v, ok := strings.Cut(line, "="); ok && n == name {
			value = v
		}
	}
	return value
}
