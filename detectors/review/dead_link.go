package review

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/observability/monitors"
	"flightpoll/detectors/source"
)

// DeadLink finds a run book that an alert names and that is not there, where those of the other alerts are, an alert that names
// none where each other does, and what still leads to a page that the branch takes away.
var DeadLink = &detectors.Detector{
	ID:    "review/dead-link",
	Title: "A run book or page that people are sent to is not there",
	Run:   runDeadLink,
}

// bookLink is one run book that a file names.
type bookLink struct {
	path, target string
	line         int
	// of is the alert that names it, empty where it has no name.
	of string
}

var bookKey = lazy.New(`(?i)^[\s{,-]*["']?[\w.]*(?:run|play)[-_]?book(?:[-_]?(?:url|link|uri|path))?["']?\s*(?:=>|[:=])\s*["']?([^\s"',]+)`)

func runDeadLink(pass *detectors.Pass) error {
	paths, err := pass.Branch.HeadPaths()
	if err != nil {
		return err
	}
	gone := removedPages(pass.Branch)
	fresh, err := touchedBooks(pass.Branch)
	if err != nil {
		return err
	}
	watched := slices.ContainsFunc(pass.Branch.Files, func(f *branch.File) bool { return monitors.Candidate(f.Path) })
	if len(gone) == 0 && len(fresh) == 0 && !watched {
		return detectors.ErrNotApplicable
	}
	if err := reportRemovedPages(pass, gone); err != nil {
		return err
	}
	site := &bookSite{pass: pass, paths: paths, pages: pagesOf(paths)}
	if err := unbooked(pass, site); err != nil {
		return err
	}
	if len(fresh) == 0 {
		return nil
	}
	all, err := booksElsewhere(pass)
	if err != nil {
		return err
	}
	for _, l := range fresh {
		if err := pass.Context.Err(); err != nil {
			return err
		}
		example, where := site.misses(l, all)
		if example == nil {
			continue
		}
		of := l.of
		if of == "" {
			of = path.Base(strings.TrimRight(l.target, "/"))
		}
		pass.Report(detectors.Finding{
			Severity: detectors.Warning, Path: l.path, Line: l.line, Symbol: of,
			Message:  fmt.Sprintf("the run book of %s, %s, is not in %s", of, l.target, where),
			Why:      "Whoever is woken by it starts with a page that is not there.",
			Fix:      fmt.Sprintf("Add the page to %s on this branch, or name the one that is meant.", where),
			Related:  []detectors.Related{{Path: example.path, Line: example.line, Message: fmt.Sprintf("%s leads to a page of %s", example.target, where)}},
			Evidence: []string{"book", l.target},
		})
	}
	return nil
}

// booksIn are the run books that a text names, by the keys of its mappings.
func booksIn(p string, text []byte) []bookLink {
	if tellsPeople(p) || !strings.Contains(strings.ToLower(string(text)), "book") {
		return nil
	}
	var list []bookLink
	n := 0
	for line := range strings.Lines(string(text)) {
		n++
		m := bookKey.FindStringSubmatch(line)
		if m != nil && len(line) < 2000 && strings.Contains(m[1], "/") && !strings.ContainsAny(m[1], "{$<%") {
			list = append(list, bookLink{path: p, target: m[1], line: n})
		}
	}
	if len(list) == 0 {
		return nil
	}
	if d := monitors.Read(p, text); d != nil {
		for i := range list {
			for _, a := range d.Alerts {
				if list[i].line >= a.Line && list[i].line <= a.EndLine {
					list[i].of = a.Name
				}
			}
		}
	}
	return list
}

// touchedBooks are the run books on lines that the branch adds or changes.
func touchedBooks(b *branch.Branch) ([]bookLink, error) {
	var list []bookLink
	for _, f := range b.Files {
		if f.Status == branch.Deleted || f.Binary || f.TooLarge || f.Vendored || source.IsTest(f.Path) || source.IsExample(f.Path) {
			continue
		}
		text, err := f.After()
		if err != nil {
			return nil, err
		}
		for _, l := range booksIn(f.Path, text) {
			if f.Touched(l.line) {
				list = append(list, l)
			}
		}
	}
	return list, nil
}

// maxBookFiles bounds the files that are read for the run books of others.
const maxBookFiles = 100

// booksElsewhere are the run books that lines name which the branch leaves alone.
func booksElsewhere(pass *detectors.Pass) ([]bookLink, error) {
	words := []string{"runbook_url", "runbook", "runbookUrl", "runbook-url", "runbookURL", "playbook", "playbook_url", "run_book"}
	naming, err := pass.Source.Naming(pass.Context, words...)
	if err != nil {
		return nil, err
	}
	var files []string
	for _, w := range words {
		files = append(files, naming[w]...)
	}
	slices.Sort(files)
	files = slices.Compact(files)
	var list []bookLink
	for _, p := range files[:min(len(files), maxBookFiles)] {
		if source.IsTest(p) || source.IsExample(p) {
			continue
		}
		text, err := pass.Branch.ReadHead(p)
		if err != nil {
			continue
		}
		f := pass.Branch.File(p)
		for _, l := range booksIn(p, text) {
			if f == nil || !f.Touched(l.line) {
				list = append(list, l)
			}
		}
	}
	return list, pass.Context.Err()
}
