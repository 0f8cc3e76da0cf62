package review

// What of a branch users notice.

import (
	"encoding/json"
	"fmt"
	"path"
	"slices"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
	"flightpoll/detectors/source/options"
	"flightpoll/detectors/source/routes"
)

// seenChange is one thing of the branch that users notice.
type seenChange struct {
	path, name, what string
	line             int
}

// packageName is the published package that the change is in, empty without one.
func (s seenChange) packageName(pass *detectors.Pass) string {
	if p := publishedOf(pass.Branch, s.path); p != nil {
		return p.name
	}
	return ""
}

// noticeable are the things of the branch that users notice: another default or limit, an option or a route that came or went, a name
// that a package no longer offers or offers from now on, a function of which a test expects something else now.
func noticeable(pass *detectors.Pass) ([]seenChange, error) {
	b := pass.Branch
	var list []seenChange
	losses, err := publicLosses(pass)
	if err != nil {
		return nil, err
	}
	for _, l := range losses {
		if counts(b, l.path) {
			list = append(list, seenChange{l.path, l.name, fmt.Sprintf("the %s %s is gone", l.kind, l.name), l.line})
		}
	}
	values, err := changedValues(b)
	if err != nil {
		return nil, err
	}
	for _, v := range values {
		if v.name != "" && source.LanguageOf(v.path) != "" && counts(b, v.path) && !versionName.MatchString(v.name) {
			list = append(list, seenChange{v.path, v.name, fmt.Sprintf("%s changes from %s to %s", v.name, v.was, v.now), v.line})
		}
	}
	for _, f := range b.Files {
		if err := pass.Context.Err(); err != nil {
			return nil, err
		}
		if f.Status == branch.Deleted || source.LanguageOf(f.Path) == "" || !counts(b, f.Path) || f.Binary || f.TooLarge || f.Generated || f.Vendored {
			continue
		}
		if s := added(pass, f); s != nil {
			list = append(list, *s)
		}
	}
	offers, err := newlyOffered(pass)
	if err != nil {
		return nil, err
	}
	behaves, err := otherwiseExpected(pass)
	return slices.Concat(list, offers, behaves), err
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
