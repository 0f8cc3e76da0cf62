package review

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/source"
)

// CodeOwners names the owners of what the branch changes, who are the reviewers to plan with, and files that nobody owns where
// their neighbours have owners: notes, as nobody can have read anything before a pull request exists. It warns of the gaps that the
// branch itself opens in the list of owners.
var CodeOwners = &detectors.Detector{
	ID:    "review/codeowners",
	Title: "Who owns what the branch changes",
	Run:   runCodeOwners,
}

func runCodeOwners(pass *detectors.Pass) error {
	b := pass.Branch
	rules, err := readOwners(b.ReadHead)
	if err != nil {
		return err
	}
	if rules == nil {
		return detectors.ErrNotApplicable
	}
	owned := map[string][]string{}
	var orphans []string
	for _, f := range b.Files {
		if f.Status == branch.Deleted || f.Generated || f.Vendored {
			continue
		}
		owners, _ := rules.of(f.Path)
		for _, o := range owners {
			owned[o] = append(owned[o], f.Path)
		}
		if len(owners) == 0 && source.LanguageOf(f.Path) != "" && !source.IsTest(f.Path) {
			orphans = append(orphans, f.Path)
		}
	}
	if len(owned) > 0 {
		names := make([]string, 0, len(owned))
		for o := range owned {
			names = append(names, o)
		}
		slices.SortFunc(names, func(x, y string) int {
			if len(owned[x]) != len(owned[y]) {
				return len(owned[y]) - len(owned[x])
			}
			return strings.Compare(x, y)
		})
		var shown []string
		for _, o := range names[:min(6, len(names))] {
			shown = append(shown, fmt.Sprintf("%s (%d files)", o, len(owned[o])))
		}
		pass.Report(detectors.Finding{
			Severity: detectors.Note, Path: owned[names[0]][0], Symbol: strings.Join(names[:min(6, len(names))], " "),
			Message: "planned reviewers by ownership: " + strings.Join(shown, ", "),
			Why:     "They are asked when the pull request opens; telling them before saves a day.",
			Fix:     "Nothing to mend.", Related: []detectors.Related{{Path: rules.path, Line: 1, Message: "says so"}},
			Evidence: []string{"reviewers"},
		})
	}
	if err := reportOrphans(pass, rules, orphans); err != nil {
		return err
	}
	return ownerGaps(pass, rules)
}

// reportOrphans names the files that nobody owns beside files of the same folder that somebody does.
func reportOrphans(pass *detectors.Pass, rules *ownerRules, orphans []string) error {
	if len(orphans) == 0 {
		return nil
	}
	paths, err := pass.Branch.HeadPaths()
	if err != nil {
		return err
	}
	ownedIn := map[string]string{}
	for _, p := range paths {
		dir := path.Dir(p)
		if ownedIn[dir] != "" || !slices.ContainsFunc(orphans, func(o string) bool { return path.Dir(o) == dir }) {
			continue
		}
		if owners, narrow := rules.of(p); len(owners) > 0 && narrow {
			ownedIn[dir] = p
		}
	}
	for _, p := range orphans {
		beside := ownedIn[path.Dir(p)]
		if beside == "" {
			continue
		}
		pass.Report(detectors.Finding{
			Severity: detectors.Note, Path: p, Symbol: "CODEOWNERS",
			Message: "nobody owns this file, while its neighbours have owners",
			Why:     "Nobody in particular is asked to review it.",
			Fix:     "Add it to " + rules.path + ".",
			Related: []detectors.Related{{Path: beside, Message: "has an owner"}}, Evidence: []string{"orphan"},
		})
	}
	return nil
}
