package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/mail"
	"slices"
	"strings"

	"flightpoll/checklist"
	"flightpoll/checklist/policy"
	"flightpoll/checklist/record"
	"flightpoll/checklist/report"
	"flightpoll/detectors"
	"flightpoll/detectors/all"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/environment"
	"flightpoll/detectors/environment/matrix"
	"flightpoll/detectors/source"
)

// launch is everything about one branch that commands share: it is opened once and then asked.
type launch struct {
	app     *app
	branch  *branch.Branch
	policy  policy.Policy
	source  *source.Source
	session *checklist.Session
}

// open reads branch, policy, record and answers. The policy is the one on the target's tip: a branch cannot change
// the rules that it is judged by.
func (a *app) open(ctx context.Context, base string) (*launch, error) {
	b, err := branch.Open(ctx, branch.Options{Dir: a.dir, Base: base})
	if err != nil {
		return nil, err
	}
	p, warnings, err := targetPolicy(b)
	if err != nil {
		return nil, err
	}
	if base == "" && p.Target != "" && p.Target != b.Target {
		if b, err = branch.Open(ctx, branch.Options{Dir: a.dir, Target: p.Target}); err != nil {
			return nil, err
		}
	}
	standing, err := record.Waivers(ctx, b, a.now())
	if err != nil {
		return nil, err
	}
	session, err := checklist.OpenSession(b, checklist.SessionOptions{
		By: identity(b), Now: a.now, Weights: p.Weights, Extra: p.Items, Ignore: p.Ignored(a.now()), Standing: standing,
	})
	if err != nil {
		return nil, err
	}
	a.warnings = warnings
	return &launch{app: a, branch: b, policy: p, source: source.New(b), session: session}, nil
}

// targetPolicy is the policy on the target's tip, or the default where it has none.
func targetPolicy(b *branch.Branch) (policy.Policy, []string, error) {
	text, err := b.ReadTarget(policy.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return policy.Default(), nil, nil
	}
	if err != nil {
		return policy.Policy{}, nil, err
	}
	p, warnings, err := policy.Parse(b.Target+":"+policy.Path, text)
	if err != nil {
		return policy.Policy{}, nil, err
	}
	known := make([]string, 0, len(all.Detectors))
	for _, d := range all.Detectors {
		known = append(known, d.ID)
	}
	for _, id := range p.Unknown(known) {
		warnings = append(warnings, fmt.Sprintf("%s:%s: no detector is called %s; `flightpoll explain` lists them", b.Target, policy.Path, id))
	}
	return p, warnings, nil
}

// identity is who answers, as git's configuration names them.
func identity(b *branch.Branch) string {
	name, address := b.Config("user.name"), b.Config("user.email")
	if address == "" {
		return strings.TrimSpace(name)
	}
	return (&mail.Address{Name: name, Address: address}).String()
}

// detect runs the detectors named in only, or all of them.
func (l *launch) detect(ctx context.Context, only []string, onDone func(detectors.Done)) detectors.Result {
	list := all.Detectors
	if len(only) > 0 {
		list = slices.DeleteFunc(slices.Clone(list), func(d *detectors.Detector) bool { return !slices.Contains(only, d.ID) })
	}
	in := detectors.Input{Branch: l.branch, Source: l.source, Settings: l.policy.Settings()}
	return detectors.Run(ctx, in, list, onDone)
}

// poll runs every detector and puts the report together.
func (l *launch) poll(ctx context.Context) (report.Report, checklist.Board, error) {
	for _, w := range l.app.warnings {
		fmt.Fprintln(l.app.errOut, "flightpoll: "+report.Clean(w))
	}
	result := l.detect(ctx, nil, nil)
	if err := ctx.Err(); err != nil {
		return report.Report{}, checklist.Board{}, err
	}
	l.session.Update(result)
	board := l.session.Board()
	return l.report(ctx, board, result), board, nil
}

// matrix is which variable is in which environment: those that the branch changes, or all of them.
func (l *launch) matrix(ctx context.Context, changed bool) (matrix.Document, error) {
	inv, err := environment.TakeInventory(&detectors.Pass{Context: ctx, Branch: l.branch, Source: l.source, Settings: l.policy.Settings()}, changed)
	if err != nil {
		return matrix.Document{}, err
	}
	return matrix.Of(inv, environment.Everywhere), nil
}

// report puts a report together. Without a matrix it still says everything else, so what keeps that from being read
// (the run is cancelled) is left to who asked.
func (l *launch) report(ctx context.Context, board checklist.Board, result detectors.Result) report.Report {
	r := report.New(version, l.branch, board, result)
	if doc, err := l.matrix(ctx, true); err == nil && len(doc.Variables) > 0 {
		r.Matrix = &doc
	}
	return r
}

// draft makes the record's bytes from what the board says now.
func (l *launch) draft(board checklist.Board, r report.Report) (*record.Draft, error) {
	return record.Build(l.branch, l.policy, board, r, l.app.now())
}
