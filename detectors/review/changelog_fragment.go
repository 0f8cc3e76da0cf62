package review

import (
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
	"flightpoll/detectors/source/options"
	"flightpoll/detectors/source/routes"
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
	rule, err := entryRule(pass)
	if err != nil {
		return err
	}
	if rule == nil {
		return detectors.ErrNotApplicable
	}
	if slices.ContainsFunc(b.Files, func(f *branch.File) bool { return f.Status != branch.Deleted && rule.isEntry(f.Path) }) {
		return nil
	}
	seen, err := noticeable(pass)
	if err != nil || seen == nil {
		return err
	}
	pass.Report(detectors.Finding{
		Severity: detectors.Warning, Path: seen.path, Line: seen.line, Symbol: seen.name,
		Message:  fmt.Sprintf("%s, and the branch adds no entry to %s", seen.what, rule.place),
		Why:      "Whoever updates reads of it nowhere, and the release notes are made of these entries.",
		Fix:      fmt.Sprintf("Add an entry to %s that says what changes for users.", rule.place),
		Related:  []detectors.Related{{Path: rule.told, Line: rule.line, Message: rule.why}},
		Evidence: []string{rule.place, seen.name},
	})
	return nil
}

// noEntry marks changes that say of themselves that nobody notices them.
var noEntry = lazy.New(`(?i)^(?:chore|refactor|test|tests|ci|build|docs?|style|release|revert|deps)(?:\([^)]*\))?!?:|#trivial|skip[ -]?(?:changelog|changeset|news)|no[ -]?changelog|^(?:release|bump|prepare)\b|^version \d|^v?\d+\.\d+`)

func exempt(b *branch.Branch) bool {
	return len(b.Commits) > 0 && !slices.ContainsFunc(b.Commits, func(c branch.Commit) bool {
		return len(c.Parents) < 2 && !noEntry.MatchString(c.Subject) && !strings.Contains(strings.ToLower(c.Message), "skip-changelog")
	})
}

// seenChange is one thing of the branch that users notice.
type seenChange struct {
	path, name, what string
	line             int
}

// noticeable is the first thing of the branch that users notice, nil for none: another default or limit, an option or a route
// that came or went.
func noticeable(pass *detectors.Pass) (*seenChange, error) {
	b := pass.Branch
	gone, err := options.RemovedOn(b, pass.Source)
	if err != nil {
		return nil, err
	}
	for _, o := range gone {
		if counts(b, o.Path) {
			return &seenChange{o.Path, o.Name, "the option " + o.Name + " is gone", o.NewLine}, nil
		}
	}
	values, err := changedValues(b)
	if err != nil {
		return nil, err
	}
	for _, v := range values {
		if v.name != "" && source.LanguageOf(v.path) != "" && counts(b, v.path) && !versionName.MatchString(v.name) {
			return &seenChange{v.path, v.name, fmt.Sprintf("%s changes from %s to %s", v.name, v.was, v.now), v.line}, nil
		}
	}
	for _, f := range b.Files {
		if f.Status == branch.Deleted || source.LanguageOf(f.Path) == "" || !counts(b, f.Path) || f.Binary || f.TooLarge || f.Generated || f.Vendored {
			continue
		}
		if s := added(pass, f); s != nil {
			return s, nil
		}
	}
	return nil, pass.Context.Err()
}

var versionName = lazy.New(`(?i)version|revision|build|release`)

// counts leaves out what is not delivered: tests, examples, packages that are private.
func counts(b *branch.Branch, p string) bool {
	if source.IsTest(p) || source.IsExample(p) || source.IsDoc(p) || isToolConfig(p) {
		return false
	}
	for dir := path.Dir(p); ; dir = path.Dir(dir) {
		if text, err := b.ReadHead(path.Join(dir, "package.json")); err == nil {
			var pkg struct {
				Private    bool
				Workspaces any
			}
			return json.Unmarshal(text, &pkg) != nil || !pkg.Private || dir == "."
		}
		if dir == "." || dir == "/" {
			return true
		}
	}
}

// added is an option or a route that a file has now and had not.
func added(pass *detectors.Pass, f *branch.File) *seenChange {
	now, err := pass.Source.Head(f.Path)
	if err != nil {
		return nil
	}
	var was *source.File
	if f.Status != branch.Added {
		old := f.Path
		if f.OldPath != "" {
			old = f.OldPath
		}
		if was, err = pass.Source.Base(old); err != nil {
			return nil
		}
	}
	var before []options.Option
	var answered []routes.Route
	if was != nil {
		before, answered = options.Declared(was), routes.Declared(was)
	}
	for _, o := range options.Declared(now) {
		if f.Touched(o.Line) && !slices.ContainsFunc(before, func(b options.Option) bool { return b.Name == o.Name }) {
			return &seenChange{f.Path, o.Name, "the option " + o.Name + " is new", o.Line}
		}
	}
	for _, r := range routes.Declared(now) {
		if f.Touched(r.Line) && !r.Mount && !slices.ContainsFunc(answered, func(a routes.Route) bool { return a.Path == r.Path }) {
			return &seenChange{f.Path, r.Path, "the route " + r.Path + " is new", r.Line}
		}
	}
	return nil
}
