package review

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// TooLarge says how much there is to read, where that is more than anybody reads with care. A review finds little past 400
// lines (SmartBear's study at Cisco); the bounds here are far above.
var TooLarge = &detectors.Detector{
	ID:    "review/too-large",
	Title: "There is more to read than a reviewer reads with care",
	Run:   runTooLarge,
}

// Bounds in changed lines and files that a person has to read.
const (
	manyLines    = 800
	manyFiles    = 40
	tooManyLines = 2500
	fewLines     = 4 // of one file: a mechanical change
)

// data are files that are looked at, not read.
var data = lazy.New(`(?i)\.(?:svg|json|csv|tsv|po|pot|xlf|snap|lock|sum|ipynb|geojson|xml|css|scss|less)$|(?:^|/)(?:locales?|i18n|translations?|lang)/`)

func runTooLarge(pass *detectors.Pass) error {
	lines, left := 0, 0
	var read []*branch.File
	areas := map[string]int{}
	for _, f := range pass.Branch.Files {
		changed := 0
		for _, h := range f.Hunks() {
			changed += h.OldLines + h.NewLines
		}
		if f.Status == branch.Deleted || changed == 0 || f.Binary || f.TooLarge || f.Generated || f.Vendored || source.IsTest(f.Path) || source.IsDoc(f.Path) || source.IsExample(f.Path) || data.MatchString(f.Path) {
			left++
			continue
		}
		lines += changed
		if changed > fewLines {
			read = append(read, f)
			areas[area(f.Path)] += changed
		}
	}
	if lines < manyLines && len(read) < manyFiles || len(read) == 0 {
		return nil
	}
	severity := detectors.Note
	if lines >= tooManyLines && len(read) >= 10 && len(areas) > 1 {
		severity = detectors.Warning
	}
	names := make([]string, 0, len(areas))
	for a := range areas {
		names = append(names, a)
	}
	slices.SortFunc(names, func(a, b string) int {
		if areas[a] != areas[b] {
			return areas[b] - areas[a]
		}
		return strings.Compare(a, b)
	})
	largest := read[0]
	for _, f := range read {
		if path.Dir(f.Path) == names[0] || area(f.Path) == names[0] {
			largest = f
			break
		}
	}
	var shares []string
	for _, a := range names[:min(4, len(names))] {
		shares = append(shares, fmt.Sprintf("%s %d", a, areas[a]))
	}
	pass.Report(detectors.Finding{
		Severity: severity, Path: largest.Path, Symbol: "size",
		Message:  fmt.Sprintf("%d changed lines in %d files to read (%s); %d tests, documents, generated and data files not counted", lines, len(read), strings.Join(shares, ", "), left),
		Why:      "Past some hundred lines reviewers skim, and what is wrong in the middle passes.",
		Fix:      "Cut it along these folders into changes that stand on their own, or say which part needs care and which is mechanical.",
		Evidence: names[:min(4, len(names))],
	})
	return nil
}

// area is the part of a repository that a path belongs to: two folders deep.
func area(p string) string {
	parts := strings.Split(path.Dir(p), "/")
	return strings.Join(parts[:min(2, len(parts))], "/")
}
