package review

// Rules of owners that a later rule takes files away from, and folders that got none.

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

// newFolders reports a folder of code that the branch adds beside folders that all have owners of their own.
func newFolders(pass *detectors.Pass, now *ownerRules) error {
	paths, err := pass.Branch.HeadPaths()
	if err != nil {
		return err
	}
	told := map[string]bool{}
	for _, f := range pass.Branch.Files {
		if !ownable(f) {
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
			related := []detectors.Related{{Path: now.path, Line: example, Message: "gives a folder beside it its owners"}}
			files := unownedCode(pass.Branch, now, folder)
			for _, p := range files[1:min(len(files), maxUnowned)] {
				related = append(related, detectors.Related{Path: p, Message: "has no owners either"})
			}
			pass.Report(detectors.Finding{
				Severity: detectors.Warning, Path: files[0], Line: 1, Symbol: folder,
				Message:  fmt.Sprintf("the new folder %s has no owners, as %s", folder, beside),
				Why:      "Nobody in particular is asked to review it, now or later.",
				Fix:      "Add it to " + now.path + " on this branch.",
				Related:  related,
				Evidence: []string{"new folder", folder},
			})
			return nil
		}
	}
	return nil
}

// maxUnowned bounds the files of a new folder that one finding names.
const maxUnowned = 5

// entryFile is where a program or a package begins, by the customs of languages.
var entryFile = lazy.New(`(?i)^(?:main|index|app|server|lib|mod|__main__|__init__|program|application)\.\w+$`)

// unownedCode are the new files of code in a folder that nobody owns by a rule of their own, the ones it begins with first.
func unownedCode(b *branch.Branch, now *ownerRules, folder string) []string {
	var first, rest []string
	for _, f := range b.Files {
		if !ownable(f) || !strings.HasPrefix(f.Path, folder+"/") {
			continue
		}
		if owners, narrow := now.of(f.Path); narrow && len(owners) > 0 {
			continue
		}
		if text, err := f.After(); err == nil && len(text) > 0 && entryFile.MatchString(path.Base(f.Path)) {
			first = append(first, f.Path)
		} else {
			rest = append(rest, f.Path)
		}
	}
	return append(first, rest...)
}

// ownable says whether a file is new code that somebody should own.
func ownable(f *branch.File) bool {
	return f.Status == branch.Added && source.LanguageOf(f.Path) != "" && !source.IsTest(f.Path) && !source.IsExample(f.Path) && !f.Generated && !f.Vendored
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
