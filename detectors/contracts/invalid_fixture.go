package contracts

import (
	"fmt"

	"flightpoll/detectors"
)

// InvalidFixture finds documents of the repository, fixtures, examples, seeds and configuration, that their schema accepted
// before the branch and refuses now.
var InvalidFixture = &detectors.Detector{
	ID:    "contracts/invalid-fixture",
	Title: "A document no longer validates against the schema that the branch changed",
	Run: func(pass *detectors.Pass) error {
		s, err := surveyOf(pass)
		if err != nil {
			return err
		}
		for _, r := range s.refused {
			f := detectors.Finding{
				Severity: detectors.Blocker, Path: r.path, Line: r.line, Symbol: cmpOr(r.key(), r.name),
				Message:  fmt.Sprintf("%s accepted this before the branch and refuses it now: %s%s", r.name, r.text, s.still(r.path)),
				Why:      "Whoever validates it, often a program at its start, stops with an error; whoever does not tests with a record that no longer exists.",
				Fix:      "Change the document on this branch too, or let the schema accept the old form until every document has followed.",
				Related:  []detectors.Related{{Path: r.ruling.path, Line: r.ruling.line(pass, r.complaint.key), Message: "the schema changed here"}},
				Evidence: []string{r.ruling.path, r.complaint.key, r.text},
			}
			if !r.sure {
				f.Severity = detectors.Warning
			}
			pass.Report(f)
		}
		switch {
		case len(s.broken) > 0:
			return detectors.Inconclusive("%s", join(s.broken, 2))
		case len(s.schemas) == 0 && len(s.specs) == 0:
			return detectors.ErrNotApplicable
		}
		return nil
	},
}

// still names the old keys that a document has, where the survey of shapes knows what became of them.
func (s *survey) still(p string) string {
	for _, pl := range s.places {
		if pl.path == p {
			return fmt.Sprintf("; it still has %s, which the branch changed (%s)", quoted(pl.gone), story(pl.gone))
		}
	}
	return ""
}

func (r refusal) key() string { return r.complaint.key }

// line is where the schema's file names a key now, or else the schema.
func (r *ruling) line(pass *detectors.Pass, key string) int {
	text, err := pass.Branch.ReadHead(r.path)
	if err != nil {
		return 0
	}
	if f := pass.Branch.File(r.path); f != nil {
		for _, h := range f.Hunks() {
			if n := lineNamingWithin(text, key, h.NewStart, h.NewStart+h.NewLines); n > 0 {
				return n
			}
		}
	}
	if n := lineNaming(text, key); n > 0 {
		return n
	}
	return lineNaming(text, r.key)
}
