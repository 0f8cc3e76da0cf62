package review

// Alerts that send nobody to a run book, where every other alert does.

import (
	"fmt"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/observability/monitors"
	"flightpoll/detectors/source"
)

// leadsToBook is the name of an annotation or a label that leads to a run book.
var leadsToBook = lazy.New(`(?i)(?:run|play)[-_]?book|^(?:sop|docs?|documentation)(?:[-_]?(?:url|link))?$`)

// alerting is a word that every file with alerts has.
var alerting = lazy.New(`(?i)alert|alarm|monitor`)

// bookOf is the run book that an alert leads to, empty for none.
func bookOf(a *monitors.Alert) string {
	for _, m := range []map[string]string{a.Annotations, a.Labels} {
		for key, value := range m {
			if leadsToBook.MatchString(key) && value != "" || strings.Contains(strings.ToLower(value), "runbook") || strings.Contains(strings.ToLower(value), "playbook") {
				return value
			}
		}
	}
	return ""
}

// unbooked reports alerts that the branch adds and that lead to no run book, where all other alerts of the repository lead to one.
func unbooked(pass *detectors.Pass, site *bookSite) error {
	for _, f := range pass.Branch.Files {
		if f.Status == branch.Deleted || f.Binary || f.TooLarge || f.Vendored || f.Generated || source.IsTest(f.Path) || source.IsExample(f.Path) || !monitors.Candidate(f.Path) {
			continue
		}
		after, err := f.After()
		if err != nil {
			return err
		}
		if !alerting.Match(after) {
			continue
		}
		now := monitors.Read(f.Path, after)
		if now == nil || len(now.Alerts) == 0 {
			continue
		}
		old := map[string]bool{}
		if before, err := f.Before(); err == nil && f.Status != branch.Added {
			if was := monitors.Read(f.Path, before); was != nil {
				for _, a := range was.Alerts {
					old[a.Name] = true
				}
			}
		}
		var others, fresh []*monitors.Alert
		for _, a := range now.Alerts {
			if old[a.Name] {
				others = append(others, a)
			} else if bookOf(a) == "" && a.Name != "" {
				fresh = append(fresh, a)
			}
		}
		if len(fresh) == 0 {
			continue
		}
		if len(others) == 0 {
			others = alertsBeside(pass, f)
		}
		if len(others) == 0 || slices.ContainsFunc(others, func(a *monitors.Alert) bool { return bookOf(a) == "" }) {
			continue
		}
		book := bookOf(others[0])
		page := site.fileOf(f.Path, strings.Fields(book)[0])
		if len(others) < fewestPaged && page == "" || site.hasPages(others) {
			continue // one of a kind is no rule; the missing page, unlisted-addition says
		}
		for _, a := range fresh {
			if site.hasPage(a.Name) {
				continue
			}
			related := []detectors.Related{{Path: f.Path, Line: others[0].Line, Message: fmt.Sprintf("%s leads to %s", others[0].Name, book)}}
			if page != "" {
				related = append(related, detectors.Related{Path: page, Line: 1, Message: "is the run book of " + others[0].Name})
			}
			pass.Report(detectors.Finding{
				Severity: detectors.Warning, Path: f.Path, Line: a.Line, Symbol: a.Name,
				Message: fmt.Sprintf("the new alert %s leads to no run book, and each of the %d beside it does", a.Name, len(others)),
				Why:     "Whoever is woken by it has to find out alone what the others have written down.",
				Fix:     "Write its run book on this branch and name it in the alert, as the others do.",
				Related: related, Evidence: []string{"no book", a.Name},
			})
		}
	}
	return pass.Context.Err()
}

// alertsBeside are the alerts of the files beside one.
func alertsBeside(pass *detectors.Pass, f *branch.File) []*monitors.Alert {
	var list []*monitors.Alert
	for _, p := range neighbours(pass, f) {
		if text, err := pass.Branch.ReadHead(p); err == nil && len(text) < maxDocumentSize {
			if d := monitors.Read(p, text); d != nil {
				list = append(list, d.Alerts...)
			}
		}
	}
	return list
}

// hasPage says whether some folder of documents has a page of that name.
func (s *bookSite) hasPage(name string) bool {
	return slices.ContainsFunc(s.pages, func(f pageFolder) bool { return f.has(name) })
}

// hasPages says whether a folder of documents has a page for each of several alerts.
func (s *bookSite) hasPages(list []*monitors.Alert) bool {
	return len(list) >= fewestPaged && slices.ContainsFunc(s.pages, func(f pageFolder) bool {
		return !slices.ContainsFunc(list, func(a *monitors.Alert) bool { return !f.has(a.Name) })
	})
}
