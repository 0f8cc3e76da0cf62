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

// overridden reports rules of the branch that take files away from the owners of an earlier rule that is still there.
func overridden(pass *detectors.Pass, f *branch.File, was, now *ownerRules) error {
	paths, err := pass.Branch.HeadPaths()
	if err != nil {
		return err
	}
	takes := map[int]*takenOver{}
	var order []int
	for _, p := range paths[:min(len(paths), maxOwned)] {
		if err := pass.Context.Err(); err != nil {
			return err
		}
		before, err := was.rules.Match(p)
		if err != nil || before == nil || len(before.Owners) == 0 || catchAll(before.RawPattern()) {
			continue
		}
		after, err := now.rules.Match(p)
		if err != nil || after == nil || after.RawPattern() == before.RawPattern() || !f.Touched(after.LineNumber) {
			continue
		}
		i := slices.IndexFunc(now.rules, func(r codeowners.Rule) bool { return r.RawPattern() == before.RawPattern() })
		narrower := strings.HasPrefix(strings.Trim(after.RawPattern(), "/"), strings.TrimRight(strings.Trim(before.RawPattern(), "/"), "*/"))
		if i < 0 || now.rules[i].LineNumber > after.LineNumber || narrower || slices.ContainsFunc(after.Owners, func(o codeowners.Owner) bool { return slices.Contains(before.Owners, o) }) {
			continue
		}
		t := takes[after.LineNumber]
		if t == nil {
			t = &takenOver{rule: after}
			takes[after.LineNumber] = t
			order = append(order, after.LineNumber)
		}
		if !slices.ContainsFunc(t.from, func(r codeowners.Rule) bool { return r.RawPattern() == before.RawPattern() }) {
			t.from, t.paths = append(t.from, now.rules[i]), append(t.paths, p)
		}
	}
	for _, line := range order {
		takes[line].report(pass, f.Path)
	}
	return nil
}

// takenOver is a rule that takes files away from earlier ones, with an example for each.
type takenOver struct {
	rule  *codeowners.Rule
	from  []codeowners.Rule
	paths []string
}

func (t *takenOver) report(pass *detectors.Pass, p string) {
	var said []string
	var related []detectors.Related
	for i, r := range t.from[:min(len(t.from), 4)] {
		said = append(said, fmt.Sprintf("%s away from %s (%s)", t.paths[i], ownersOf(r.Owners), r.RawPattern()))
		related = append(related, detectors.Related{Path: p, Line: r.LineNumber, Message: "gives it to " + ownersOf(r.Owners)}, detectors.Related{Path: t.paths[i], Message: "loses its owners"})
	}
	pass.Report(detectors.Finding{
		Severity: detectors.Warning, Path: p, Line: t.rule.LineNumber, Symbol: t.rule.RawPattern(),
		Message:  fmt.Sprintf("the later rule %s takes %s: the last rule that matches wins", t.rule.RawPattern(), strings.Join(said, ", ")),
		Why:      "Those who own the code are no longer asked, although their rule still stands in the file.",
		Fix:      "Put the broad rule above the narrow ones.",
		Related:  related,
		Evidence: []string{"overridden", t.from[0].RawPattern(), t.rule.RawPattern()},
	})
}

func ownersOf(list []codeowners.Owner) string {
	var names []string
	for _, o := range list {
		names = append(names, o.String())
	}
	return strings.Join(names, " ")
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

// newFolders reports a folder of code that the branch adds beside folders that all have owners of their own.
func newFolders(pass *detectors.Pass, now *ownerRules) error {
	paths, err := pass.Branch.HeadPaths()
	if err != nil {
		return err
	}
	told := map[string]bool{}
	for _, f := range pass.Branch.Files {
		if f.Status != branch.Added || source.LanguageOf(f.Path) == "" || source.IsTest(f.Path) || source.IsExample(f.Path) || f.Generated || f.Vendored {
			continue
		}
		parts := strings.Split(f.Path, "/")
		for depth := 1; depth < len(parts); depth++ {
			parent, folder := strings.Join(parts[:depth-1], "/"), strings.Join(parts[:depth], "/")
			if told[folder] || !isNewFolder(pass.Branch, folder, paths) {
				continue
			}
			told[folder] = true
			if owners, narrow := now.of(f.Path); narrow && len(owners) > 0 {
				break
			}
			owned, all, example := ownRules(now, paths, parent, folder)
			beside := fmt.Sprintf("each of the %d beside it has", all)
			if all < 2 {
				if owners, _ := now.of(f.Path); len(owners) > 0 || !allOwned(pass, now, paths) {
					break
				}
				beside, owned, all, example = "all other code has", 1, 1, now.rules[0].LineNumber
			}
			if owned < all {
				break
			}
			pass.Report(detectors.Finding{
				Severity: detectors.Warning, Path: f.Path, Line: 1, Symbol: folder,
				Message:  fmt.Sprintf("the new folder %s has no owners, as %s", folder, beside),
				Why:      "Nobody in particular is asked to review it, now or later.",
				Fix:      "Add it to " + now.path + " on this branch.",
				Related:  []detectors.Related{{Path: now.path, Line: example, Message: "gives a folder beside it its owners"}},
				Evidence: []string{"new folder", folder},
			})
			return nil
		}
	}
	return nil
}

// allOwned says whether all code that was there has owners, by at least two rules.
func allOwned(pass *detectors.Pass, now *ownerRules, paths []string) bool {
	n := 0
	for _, p := range paths[:min(len(paths), maxOwned)] {
		if source.LanguageOf(p) == "" || source.IsTest(p) || source.IsExample(p) {
			continue
		}
		if f := pass.Branch.File(p); f != nil && f.Status == branch.Added {
			continue
		}
		if owners, _ := now.of(p); len(owners) == 0 {
			return false
		}
		n++
	}
	return n >= 2 && len(now.rules) >= 2
}

// isNewFolder says whether everything below a folder is new.
func isNewFolder(b *branch.Branch, folder string, paths []string) bool {
	for _, p := range paths {
		if strings.HasPrefix(p, folder+"/") {
			if f := b.File(p); f == nil || f.Status != branch.Added {
				return false
			}
		}
	}
	return true
}

// ownRules counts the folders with code beside a new one, and those of them that have a rule of their own.
func ownRules(o *ownerRules, paths []string, parent, fresh string) (owned, all, line int) {
	seen := map[string]bool{}
	for _, p := range paths {
		rest := p
		if parent != "" {
			var ok bool
			if rest, ok = strings.CutPrefix(p, parent+"/"); !ok {
				continue
			}
		}
		name, _, below := strings.Cut(rest, "/")
		folder := strings.TrimPrefix(parent+"/"+name, "/")
		if !below || folder == fresh || seen[folder] || source.LanguageOf(p) == "" || source.IsTest(p) || source.IsExample(p) || strings.HasPrefix(name, ".") {
			continue
		}
		seen[folder] = true
		all++
		i := slices.IndexFunc(o.rules, func(r codeowners.Rule) bool {
			return len(r.Owners) > 0 && strings.TrimRight(strings.Trim(r.RawPattern(), "/"), "/*") == folder
		})
		if i >= 0 {
			owned++
			line = o.rules[i].LineNumber
		}
	}
	return owned, all, line
}
