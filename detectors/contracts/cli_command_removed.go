package contracts

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/source"
	"flightpoll/detectors/source/options"
)

// CLICommandRemoved finds scripts, schedules, workflows, images and documents that still call a command of a program which the
// branch removed or renamed.
var CLICommandRemoved = &detectors.Detector{
	ID:    "contracts/cli-command-removed",
	Title: "A script or schedule still calls a command that the branch removed",
	Run:   runCLICommands,
}

func runCLICommands(pass *detectors.Pass) error {
	before, after := side{pass.Branch, pass.Source, true}, side{pass.Branch, pass.Source, false}
	var old, now []options.Command
	for _, f := range pass.Branch.Files {
		if f.Binary || f.TooLarge || f.Vendored || f.Generated || source.IsTest(f.Path) || source.IsDoc(f.Path) || source.IsExample(f.Path) {
			continue
		}
		if f.Status != branch.Added {
			for _, c := range commandsIn(before, cmpOr(f.OldPath, f.Path)) {
				if f.Status != branch.Deleted {
					c.Path = f.Path
				}
				old = append(old, c)
			}
		}
		if f.Status != branch.Deleted {
			now = append(now, commandsIn(after, f.Path)...)
		}
	}
	lost := options.PairCommands(old, now)
	if len(old) == 0 {
		return detectors.ErrNotApplicable
	}
	for i, c := range lost {
		if i >= 20 {
			break
		}
		if err := reportCommand(pass, c, slices.Concat(old, now)); err != nil {
			return err
		}
	}
	return nil
}

func commandsIn(at side, p string) []options.Command {
	text, err := at.text(p)
	if err != nil || len(text) > branch.MaxFile {
		return nil
	}
	return options.Commands(p, text, func() (*source.File, error) {
		if f := at.file(p); f != nil {
			return f, nil
		}
		return nil, fs.ErrNotExist
	})
}

func reportCommand(pass *detectors.Pass, c options.RemovedCommand, known []options.Command) error {
	last := c.Name[strings.LastIndexAny(c.Name, ":")+1:]
	naming, err := pass.Source.Naming(pass.Context, c.Name, last)
	if err != nil {
		return err
	}
	files := slices.Concat(naming[c.Name], naming[last])
	slices.Sort(files)
	files = slices.Compact(files)
	before, after := side{pass.Branch, pass.Source, true}, side{pass.Branch, pass.Source, false}
	for _, p := range files { // still declared somewhere: another program's, or the same command elsewhere
		if slices.ContainsFunc(commandsIn(after, p), func(n options.Command) bool { return n.Name == c.Name }) {
			return nil
		}
	}
	calls := commandCalls{name: c.Name, runner: c.Runner, programs: programsOf(before, c)}
	for _, k := range known {
		calls.known = append(calls.known, k.Name)
	}
	if c.Runner == "" && len(calls.programs) == 0 {
		return nil
	}
	calls.image = onlyImage(after, calls.programs)
	story := "removed the command " + c.Name
	if c.To != "" {
		story = "renamed the command " + c.Name + " to " + c.To
	}
	for i, p := range files {
		if i >= 2*maxCandidates || skipped(p) || p == c.Path || noCaller.MatchString(p) {
			continue
		}
		text, err := pass.Branch.ReadHead(p)
		if err != nil || len(text) > branch.MaxFile {
			continue
		}
		line := calls.in(after, p, string(text))
		if changed := pass.Branch.File(p); line == 0 || changed != nil && changed.Touched(line) {
			continue
		}
		pass.Report(detectors.Finding{
			Severity: detectors.Warning, Path: p, Line: line, Symbol: c.Name,
			Message:  fmt.Sprintf("still calls the command %s; the branch %s in %s", c.Name, story, path.Base(c.Path)),
			Why:      "The program refuses a command that it does not know, usually at night and not in a test.",
			Fix:      "Change the call, or keep the old name as a hidden alias until every caller has followed.",
			Related:  []detectors.Related{{Path: c.Path, Message: "the branch " + story + " here"}},
			Evidence: []string{c.Name, c.To},
		})
	}
	return nil
}
