package contracts

import (
	"fmt"
	"path"
	"slices"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/source"
	"flightpoll/detectors/source/options"
)

// ExitStatusChanged finds scripts, services and code that still test a program's exit status for a number which the branch
// gave up.
var ExitStatusChanged = &detectors.Detector{
	ID:    "contracts/exit-status-changed",
	Title: "A caller still tests for an exit status that the branch changed",
	Run:   runExitStatus,
}

// A lostExit is an exit status that a program no longer ends with, and the one that took its place, 0 where none did.
type lostExit struct {
	code, to int
	name     string // the constant's, if it has one
	path     string
	line     int
}

func runExitStatus(pass *detectors.Pass) error {
	before, after := side{pass.Branch, pass.Source, true}, side{pass.Branch, pass.Source, false}
	var lost []lostExit
	living := map[int]bool{}
	ran := false
	for _, f := range pass.Branch.Files {
		if f.Status == branch.Deleted || f.Binary || f.TooLarge || f.Vendored || f.Generated || !declares(f.Path) {
			continue
		}
		now := exitsIn(after, f.Path)
		var old []exit
		if f.Status != branch.Added {
			old = exitsIn(before, cmpOr(f.OldPath, f.Path))
		}
		ran = ran || len(old) > 0
		for _, e := range now {
			if !slices.ContainsFunc(old, func(o exit) bool { return o.code == e.code }) || len(old) == 0 {
				continue
			}
			living[e.code] = true
		}
		lost = append(lost, lostExits(f, old, now)...)
	}
	if !ran {
		return detectors.ErrNotApplicable
	}
	for i, l := range lost {
		if i >= 10 || living[l.code] || l.livesBeside(after) {
			continue
		}
		if err := l.report(pass, before); err != nil {
			return err
		}
	}
	return nil
}

// lostExits pairs the statuses of both sides of a file: by the constant's name, else the only one that went with the only one
// that came.
func lostExits(f *branch.File, old, now []exit) []lostExit {
	var list []lostExit
	var added []int
	for _, n := range now {
		if !slices.ContainsFunc(old, func(o exit) bool { return o.code == n.code }) && !slices.Contains(added, n.code) {
			added = append(added, n.code)
		}
	}
	for _, o := range old {
		if o.code < 1 || o.code > 255 || slices.ContainsFunc(now, func(n exit) bool { return n.code == o.code && (o.name == "" || n.name == o.name) }) ||
			slices.ContainsFunc(list, func(l lostExit) bool { return l.code == o.code }) {
			continue
		}
		l := lostExit{code: o.code, name: o.name, path: f.Path, line: max(1, f.NewLine(o.line))}
		if i := slices.IndexFunc(now, func(n exit) bool { return o.name != "" && n.name == o.name }); i >= 0 {
			l.to = now[i].code
		}
		list = append(list, l)
	}
	if len(list) == 1 && len(added) == 1 && list[0].to == 0 {
		list[0].to = added[0]
	}
	return slices.DeleteFunc(list, func(l lostExit) bool { return l.code == 1 && l.to == 0 })
}

// livesBeside says that another file of the same folder still ends with the status.
func (l lostExit) livesBeside(at side) bool {
	for i, p := range at.below(path.Dir(l.path)) {
		if i > 60 {
			break
		}
		if path.Dir(p) == path.Dir(l.path) && p != l.path && slices.ContainsFunc(exitsIn(at, p), func(e exit) bool { return e.code == l.code }) && source.LanguageOf(l.path) != "" {
			return true
		}
	}
	return false
}

func (l lostExit) report(pass *detectors.Pass, before side) error {
	programs := options.Programs(before.text, l.path)
	naming, err := pass.Source.Naming(pass.Context, programs...)
	if err != nil || len(programs) == 0 {
		return err
	}
	var files []string
	for _, p := range programs {
		files = union(files, naming[p])
	}
	story := fmt.Sprintf("no longer ends with %d", l.code)
	if l.to > 0 {
		story = fmt.Sprintf("ends with %d instead of %d", l.to, l.code)
	}
	if l.name != "" {
		story += " (" + l.name + ")"
	}
	tests := newStatusTests(programs, l.code)
	for i, p := range files {
		if i >= 3*maxCandidates || p == l.path || skipped(p) || prose(p) {
			continue
		}
		text, err := pass.Branch.ReadHead(p)
		if err != nil || len(text) > branch.MaxFile {
			continue
		}
		line := tests.in(p, string(text))
		if line == 0 || touched(pass.Branch, p, line) {
			continue
		}
		pass.Report(detectors.Finding{
			Severity: detectors.Warning, Path: p, Line: line, Symbol: fmt.Sprint(l.code),
			Message:  fmt.Sprintf("still tests for the exit status %d; the branch's %s %s", l.code, path.Base(l.path), story),
			Why:      "A number that the program no longer ends with falls into the branch for unknown failures, or is taken for success.",
			Fix:      "Test for the new status here, or keep the old number for what it has always meant.",
			Related:  []detectors.Related{{Path: l.path, Line: l.line, Message: "the program " + story + " here"}},
			Evidence: []string{fmt.Sprint(l.code), path.Base(l.path)},
		})
	}
	return nil
}
