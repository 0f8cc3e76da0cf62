package review

import (
	"fmt"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/source"
	"flightpoll/detectors/source/routes"
)

// removedAddresses are the routes that changed code answered at the base and that nothing of the head names any more.
func removedAddresses(pass *detectors.Pass) ([]routes.Route, error) {
	var old, now []routes.Route
	for _, f := range pass.Branch.Files {
		if f.Binary || f.TooLarge || f.Generated || f.Vendored || source.IsTest(f.Path) || source.IsExample(f.Path) || source.LanguageOf(f.Path) == "" {
			continue
		}
		if f.Status != branch.Deleted {
			if file, err := pass.Source.Head(f.Path); err == nil {
				now = append(now, routes.Declared(file)...)
			}
		}
		if f.Status == branch.Added {
			continue
		}
		was := f.Path
		if f.OldPath != "" {
			was = f.OldPath
		}
		file, err := pass.Source.Base(was)
		if err != nil {
			continue
		}
		for _, r := range routes.Declared(file) {
			r.File = f.Path
			if f.Status == branch.Deleted {
				r.Line = 0
			} else {
				r.Line = max(1, f.NewLine(r.Line))
			}
			old = append(old, r)
		}
	}
	const shortest = 5
	var list []routes.Route
	var words []string
	for _, r := range old {
		last := r.Last()
		if r.Mount || r.Unread || len(last) < shortest || !r.Telling() ||
			slices.ContainsFunc(now, func(n routes.Route) bool { return n.Equal(r) || n.Last() == last }) ||
			slices.ContainsFunc(list, func(l routes.Route) bool { return l.Equal(r) }) {
			continue
		}
		list = append(list, r)
		words = append(words, last)
	}
	if len(list) == 0 {
		return nil, nil
	}
	naming, err := pass.Source.Naming(pass.Context, words...)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(list, func(r routes.Route) bool {
		return slices.ContainsFunc(naming[r.Last()], func(p string) bool { return stillAnswers(pass, p, r.Last()) })
	}), nil
}

// stillAnswers says whether product code of the head has the last part of a route as a part of an address.
func stillAnswers(pass *detectors.Pass, p, last string) bool {
	if source.LanguageOf(p) == "" || source.IsTest(p) || source.IsDoc(p) || source.IsExample(p) {
		return false
	}
	text, err := pass.Branch.ReadHead(p)
	if err != nil {
		return false
	}
	return slices.ContainsFunc([]string{"/" + last, `"` + last, "'" + last, ":" + last}, func(s string) bool { return strings.Contains(string(text), s) })
}

// reportAddresses reports the first line of a document that sends people to each removed route.
func reportAddresses(pass *detectors.Pass, d document, list []routes.Route) {
	for _, r := range list {
		for _, p := range d.passages {
			if p.past || !strings.Contains(p.text, r.Last()) {
				continue
			}
			called, ok := r.Mentions(routes.CalledIn(p.text))
			if !ok || formerly.MatchString(lineAround(p.text, called.Start)) {
				continue
			}
			pass.Report(detectors.Finding{
				Severity: detectors.Warning, Path: d.path, Line: p.line + max(0, called.Line-1), Symbol: r.Path,
				Message:  fmt.Sprintf("the document still sends people to %s, which nothing answers any more", called.Raw),
				Why:      "Whoever follows the document gets a 404.",
				Fix:      "Take it out of the document, or write the new address.",
				Related:  []detectors.Related{{Path: r.File, Line: r.Line, Message: "the branch takes the route away here"}},
				Evidence: []string{"route", r.Path},
			})
			break
		}
	}
}
