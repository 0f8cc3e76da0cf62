package review

import (
	"fmt"
	"strings"

	"flightpoll/detectors"
)

// mostDeleted is how many deleted tests of one file people read one by one.
const mostDeleted = 4

// byFile makes one finding of the tests that a file loses, where they are more than people read one by one.
func byFile(run func(*detectors.Pass) error) func(*detectors.Pass) error {
	return func(pass *detectors.Pass) error {
		report := pass.Report
		defer func() { pass.Report = report }()
		var all []detectors.Finding
		deleted := map[string][]detectors.Finding{}
		pass.Report = func(f detectors.Finding) {
			all = append(all, f)
			if isDeleted(f) {
				deleted[f.Path] = append(deleted[f.Path], f)
			}
		}
		err := run(pass)
		told := map[string]bool{}
		for _, f := range all {
			same := deleted[f.Path]
			switch {
			case !isDeleted(f) || len(same) <= mostDeleted:
				report(f)
			case !told[f.Path]:
				told[f.Path] = true
				report(together(same))
			}
		}
		return err
	}
}

func isDeleted(f detectors.Finding) bool { return len(f.Evidence) > 0 && f.Evidence[0] == "deleted" }

// together is the first of the findings, which names the others as well.
func together(same []detectors.Finding) detectors.Finding {
	f := same[0]
	var names []string
	for _, s := range same[1:] {
		names = append(names, fmt.Sprintf("%q", s.Symbol))
	}
	more := strings.Join(names[:min(len(names), 3)], ", ")
	if len(names) > 3 {
		more += fmt.Sprintf(" and %d more", len(names)-3)
	}
	f.Message += "; so were " + more
	f.Fix = "Bring the tests back, or say in the commit why they are no longer needed."
	f.Evidence = []string{"deleted", f.Path}
	for _, s := range same {
		f.Evidence = append(f.Evidence, s.Symbol)
	}
	return f
}
