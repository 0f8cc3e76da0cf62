package review

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/hmarr/codeowners"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// Gaps that the branch opens in the list of owners: rules that no forge can read, rules that later ones override, files that moved
// away from their rule, folders that got none.

// anOwner is a user, a team, a role of GitLab or an address.
var anOwner = lazy.New(`^@@?[\w.-]+(?:/[\w./-]+)*$|^[^@\s]+@[^@\s]+\.[^@\s]+$|^@\w`)

// maxOwned bounds the paths whose owners are compared on both sides.
const maxOwned = 4000

func ownerGaps(pass *detectors.Pass, now *ownerRules) error {
	was, err := readOwners(pass.Branch.ReadBase)
	if err != nil {
		return err
	}
	if f := pass.Branch.File(now.path); f != nil {
		if err := unreadableRules(pass, f, now); err != nil {
			return err
		}
		if was != nil {
			if err := overridden(pass, f, was, now); err != nil {
				return err
			}
		}
	}
	movedAway(pass, was, now)
	return newFolders(pass, now)
}

// unreadableRules reports rules of the branch whose owners no forge knows what to do with, or that have none.
func unreadableRules(pass *detectors.Pass, f *branch.File, now *ownerRules) error {
	text, err := f.After()
	if err != nil {
		return err
	}
	n := 0
	for line := range strings.Lines(string(text)) {
		n++
		line, _, _ = strings.Cut(strings.TrimSpace(line), " #")
		if !f.Touched(n) || line == "" || strings.HasPrefix(line, "#") || section.MatchString(line) {
			continue
		}
		fields := strings.Fields(strings.ReplaceAll(line, `\ `, "_"))
		for _, o := range fields[1:] {
			if !anOwner.MatchString(o) {
				pass.Report(detectors.Finding{
					Severity: detectors.Warning, Path: f.Path, Line: n, Symbol: fields[0],
					Message:  fmt.Sprintf("%s is given to %q, which is no user, team or address", fields[0], o),
					Why:      "The forge leaves out a rule that it cannot read: nobody is asked to review these files, and nobody is told so.",
					Fix:      "Write @user, @organisation/team or an address.",
					Evidence: []string{"owner", fields[0], o},
				})
			}
		}
		if rule := strings.Trim(fields[0], "/*"); len(fields) == 1 && now.approvals[n] == 0 && rule != "" && ownedBefore(now, n, rule) && !inSection(string(text), n) {
			pass.Report(detectors.Finding{
				Severity: detectors.Warning, Path: f.Path, Line: n, Symbol: fields[0],
				Message:  fmt.Sprintf("%s has a rule without owners, which takes it away from those that it had", fields[0]),
				Why:      "Nobody is asked to review these files any more.",
				Fix:      "Name the owners, or take the line out.",
				Evidence: []string{"no owner", fields[0]},
			})
		}
	}
	return nil
}

// ownedBefore says whether an earlier rule gives what a rule is about to somebody.
func ownedBefore(o *ownerRules, line int, p string) bool {
	return slices.ContainsFunc(o.rules, func(r codeowners.Rule) bool {
		if r.LineNumber >= line || len(r.Owners) == 0 {
			return false
		}
		ok, err := r.Match(p + "/x")
		return err == nil && ok
	})
}

// inSection says whether a line stands in a section of GitLab's that has owners for all of its rules.
func inSection(text string, n int) bool {
	owners := ""
	i := 0
	for line := range strings.Lines(text) {
		if i++; i > n {
			break
		}
		if m := section.FindStringSubmatch(strings.TrimSpace(line)); m != nil {
			owners = m[4]
		}
	}
	return owners != ""
}

// movedAway reports files that had owners of their own and moved to where they have none.
func movedAway(pass *detectors.Pass, was, now *ownerRules) {
	if was == nil || pass.Branch.File(now.path) != nil {
		return
	}
	for _, f := range pass.Branch.Files {
		old := f.OldPath
		if f.Status == branch.Deleted {
			if old = movedFrom(pass.Branch, f); old == "" {
				continue
			}
		} else if f.Status != branch.Renamed {
			continue
		}
		from, to := old, f.Path
		if f.Status == branch.Deleted {
			from, to = f.Path, old
		}
		if source.IsTest(from) || source.IsDoc(from) || f.Generated || f.Vendored {
			continue
		}
		rule, err := was.rules.Match(from)
		if err != nil || rule == nil || len(rule.Owners) == 0 || catchAll(rule.RawPattern()) {
			continue
		}
		owners, narrow := now.of(to)
		if narrow && len(owners) > 0 {
			continue
		}
		pass.Report(detectors.Finding{
			Severity: detectors.Warning, Path: now.path, Line: rule.LineNumber, Symbol: rule.RawPattern(),
			Message:  fmt.Sprintf("%s moved to %s, where the rule %s does not reach: %s no longer own it", from, to, rule.RawPattern(), ownersOf(rule.Owners)),
			Why:      "Those who own the code are not asked to review it any more, from this very change on.",
			Fix:      "Let the rule name the new place, on this branch.",
			Related:  []detectors.Related{{Path: to, Message: "has no owners of its own now"}},
			Evidence: []string{"moved", rule.RawPattern()},
		})
		return
	}
}

// movedFrom is the only file that the branch adds under the name of a deleted one, empty for none.
func movedFrom(b *branch.Branch, gone *branch.File) string {
	found := ""
	for _, f := range b.Files {
		if f.Status == branch.Added && path.Base(f.Path) == path.Base(gone.Path) {
			if found != "" {
				return ""
			}
			found = f.Path
		}
	}
	return found
}
