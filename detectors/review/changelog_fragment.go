package review

import (
	"fmt"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
)

// ChangelogFragment finds a change that users notice without the entry that the project asks for: a fragment of its tool, or a
// line in the section of what is not released yet.
var ChangelogFragment = &detectors.Detector{
	ID:    "review/changelog-fragment",
	Title: "Users notice the change, and the entry that the project asks for is missing",
	Run:   runChangelogFragment,
}

func runChangelogFragment(pass *detectors.Pass) error {
	b := pass.Branch
	if len(productFiles(b)) == 0 || exempt(b) {
		return detectors.ErrNotApplicable
	}
	rules := &entryRules{pass: pass, known: map[string]*entryPlace{}}
	if kept, err := rules.kept(); err != nil || !kept {
		return orNotApplicable(err)
	}
	seen, err := noticeable(pass)
	if err != nil || len(seen) == 0 {
		return err
	}
	told := map[string]bool{}
	for _, s := range seen {
		rule, err := rules.of(s.path)
		if err != nil {
			return err
		}
		if rule == nil || told[rule.place+s.packageName(pass)] || rule.met(pass, s) {
			continue
		}
		told[rule.place+s.packageName(pass)] = true
		reportEntry(pass, rule, s)
	}
	return nil
}

func orNotApplicable(err error) error {
	if err != nil {
		return err
	}
	return detectors.ErrNotApplicable
}

func reportEntry(pass *detectors.Pass, rule *entryPlace, s seenChange) {
	message := fmt.Sprintf("%s, and the branch adds no entry to %s", s.what, rule.place)
	related := detectors.Related{Path: rule.told, Line: rule.line, Message: rule.why}
	fix := fmt.Sprintf("Add an entry to %s that says what changes for users.", rule.place)
	if own := s.packageName(pass); rule.packages && own != "" {
		if names, p := releasedBy(pass.Branch, rule.place); len(names) > 0 {
			message = fmt.Sprintf("%s in %s, and the branch's entry releases %s only", s.what, own, strings.Join(names, ", "))
			related = detectors.Related{Path: p, Line: 1, Message: "releases " + strings.Join(names, ", ")}
			fix = fmt.Sprintf("Name %s in an entry of %s.", own, rule.place)
		}
	}
	pass.Report(detectors.Finding{
		Severity: detectors.Warning, Path: s.path, Line: s.line, Symbol: s.name, Message: message,
		Why: "Whoever updates reads of it nowhere, and the release notes are made of these entries.",
		Fix: fix, Related: []detectors.Related{related}, Evidence: []string{rule.place, s.name},
	})
}

// noEntry marks changes that say of themselves that nobody notices them.
var noEntry = lazy.New(`(?i)^(?:chore|refactor|test|tests|ci|build|docs?|style|release|revert|deps)(?:\([^)]*\))?!?:|#trivial|skip[ -]?(?:changelog|changeset|news)|no[ -]?changelog|^(?:release|bump|prepare)\b|^version \d|^v?\d+\.\d+`)

func exempt(b *branch.Branch) bool {
	return len(b.Commits) > 0 && !slices.ContainsFunc(b.Commits, func(c branch.Commit) bool {
		return len(c.Parents) < 2 && !noEntry.MatchString(c.Subject) && !strings.Contains(strings.ToLower(c.Message), "skip-changelog")
	})
}
