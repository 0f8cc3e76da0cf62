package report

import (
	"fmt"

	"flightpoll/checklist"
	"flightpoll/detectors"
	"flightpoll/detectors/branch"
)

// schemaVersion is the version of the JSON report.
const schemaVersion = 1

func build(version string, b *branch.Branch, board checklist.Board, res detectors.Result) Report {
	r := Report{
		SchemaVersion: schemaVersion,
		Tool:          Tool{Name: "flightpoll", Version: version},
		Branch:        describe(b),
		Verdict:       board.Verdict,
		Score:         board.Score,
		Patterns:      []Pattern{},
		Findings:      []Finding{},
		Items:         []checklist.Item{},
		Detectors:     append([]detectors.Outcome{}, res.Outcomes...),
	}
	for _, st := range board.Stations {
		p := Pattern{ID: st.Pattern, Title: st.Pattern.Title(), Weight: st.Weight, Verdict: st.Verdict}
		for _, f := range st.Findings {
			f.Related = append([]detectors.Related{}, f.Related...)
			found := Finding{Finding: f}
			if w, ok := board.Waivers[f.Fingerprint]; ok {
				found.Waived = &Waived{By: w.By, Reason: w.Reason, Until: w.Until}
			} else {
				p.Findings.count(f.Severity)
			}
			r.Findings = append(r.Findings, found)
		}
		for _, i := range st.Items {
			i.RaisedBy = append([]string{}, i.RaisedBy...)
			if i.State == checklist.Open {
				p.Items.Open++
			} else {
				p.Items.Answered++
			}
			r.Items = append(r.Items, i)
		}
		r.Patterns = append(r.Patterns, p)
	}
	return r
}

func describe(b *branch.Branch) Branch {
	return Branch{
		Name: b.Name, Head: b.Head, Base: b.Base, BaseRef: b.BaseRef,
		Commits: len(b.Commits), Files: len(b.Files), Additions: b.Additions, Deletions: b.Deletions,
		Dirty: len(b.Dirty()) > 0,
		AI: AI{Commits: b.AI.Commits, Tools: append([]string{}, b.AI.Tools...), Lines: b.AI.Lines, Source: sourceOf(b.AI),
			Models: append([]string{}, b.AI.Models...), Known: b.AI.Known, Machine: b.AI.Machine, Confirmed: b.AI.Confirmed},
	}
}

// share is what notes know of the lines, for the line of facts; empty without any.
func (a AI) share() string {
	if a.Known == 0 {
		return ""
	}
	return fmt.Sprintf(", %d%% of %d lines", 100*a.Machine/a.Known, a.Known)
}

func sourceOf(ai branch.AI) string {
	if ai.Source == "" {
		return "none"
	}
	return ai.Source
}

func (c *Counts) count(s detectors.Severity) {
	switch s {
	case detectors.Blocker:
		c.Blocker++
	case detectors.Warning:
		c.Warning++
	default:
		c.Note++
	}
}
