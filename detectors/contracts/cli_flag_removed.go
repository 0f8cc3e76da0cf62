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

// CLIFlagRemoved finds scripts, schedules and images that still pass an option which the branch removed or renamed.
var CLIFlagRemoved = &detectors.Detector{
	ID:    "contracts/cli-flag-removed",
	Title: "A script still passes an option that the branch removed",
	Run:   runCLIFlags,
}

func runCLIFlags(pass *detectors.Pass) error {
	before, after := side{pass.Branch, pass.Source, true}, side{pass.Branch, pass.Source, false}
	var old, now []options.Option
	for _, f := range pass.Branch.Files {
		if f.Binary || f.TooLarge || f.Vendored || source.IsTest(f.Path) || prose(f.Path) {
			continue
		}
		if f.Status != branch.Added {
			old = append(old, flagsIn(before, cmpOr(f.OldPath, f.Path))...)
		}
		if f.Status != branch.Deleted {
			now = append(now, flagsIn(after, f.Path)...)
		}
	}
	var lost []options.Option
	for _, o := range old {
		same := func(n options.Option) bool { return n.Name == o.Name }
		if !slices.ContainsFunc(now, same) && !slices.ContainsFunc(lost, same) {
			lost = append(lost, o)
		}
	}
	if len(lost) == 0 {
		return detectors.ErrNotApplicable
	}
	for _, flag := range lost {
		if err := reportFlag(pass, after, flag, renamedTo(flag, old, now)); err != nil {
			return err
		}
	}
	return nil
}

func flagsIn(at side, p string) []options.Option {
	text, err := at.text(p)
	if err != nil {
		return nil
	}
	return options.In(p, text, func() (*source.File, error) {
		if f := at.file(p); f != nil {
			return f, nil
		}
		return nil, fs.ErrNotExist
	})
}

// renamedTo is the one new option of the same file, where there is one.
func renamedTo(flag options.Option, old, now []options.Option) string {
	var added []string
	for _, n := range now {
		if n.Path == flag.Path && !slices.ContainsFunc(old, func(o options.Option) bool { return o.Name == n.Name }) {
			added = append(added, n.Name)
		}
	}
	if len(added) == 1 {
		return added[0]
	}
	return ""
}

func reportFlag(pass *detectors.Pass, after side, flag options.Option, to string) error {
	word := strings.TrimPrefix(flag.Name, "--")
	naming, err := pass.Source.Naming(pass.Context, word, flag.Name)
	if err != nil {
		return err
	}
	files := slices.Concat(naming[word], naming[flag.Name])
	slices.Sort(files)
	files = slices.Compact(files)
	// Another file that still declares it means another command, or the same one elsewhere: nothing is certain then.
	for _, p := range files {
		if slices.ContainsFunc(flagsIn(after, p), func(f options.Option) bool { return f.Name == flag.Name }) {
			return nil
		}
	}
	names := options.Programs(after.text, flag.Path)
	story := "removed " + flag.Name
	if to != "" {
		story = "renamed " + flag.Name + " to " + to
	}
	line := 0
	if f := pass.Branch.File(flag.Path); f != nil && len(f.Hunks()) > 0 {
		line = hunkAt(f, flag.Line)
	}
	for _, p := range files {
		if skipped(p) || source.IsTest(p) || source.IsDoc(p) || p == flag.Path { // documents are review/undocumented-behaviour's
			continue
		}
		text, err := pass.Branch.ReadHead(p)
		if err != nil {
			continue
		}
		at := options.PassedAt(string(text), flag.Name, names)
		if at == 0 {
			continue
		}
		pass.Report(detectors.Finding{
			Severity: detectors.Warning, Path: p, Line: at, Symbol: flag.Name,
			Message:  fmt.Sprintf("still passes %s; the branch %s in %s", flag.Name, story, path.Base(flag.Path)),
			Why:      "The program refuses an option that it does not know, usually at night and not in a test.",
			Fix:      "Change the call, or keep the old option as an alias until every caller has followed.",
			Related:  []detectors.Related{{Path: flag.Path, Line: line, Message: "the branch " + story + " here"}},
			Evidence: []string{flag.Name, to},
		})
	}
	return nil
}

// hunkAt is the new side's line of the hunk that took an old line away.
func hunkAt(f *branch.File, old int) int {
	for _, h := range f.Hunks() {
		if old >= h.OldStart && old < h.OldStart+max(1, h.OldLines) {
			return h.NewStart
		}
	}
	return 0
}
