package review

import (
	"fmt"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/review/pipeline"
	"flightpoll/detectors/source"
)

// approvalStep are calls and names by which a person, or a second one, is asked before something happens.
var approvalStep = lazy.New(`(?i)\b(?:\w*_)?(?:approvals?|approved|approver\w*|require_?approval\w*|needs_?approval\w*|request_?approval\w*|await_?approval\w*|four_?eyes\w*|dual_?control\w*|second_?person\w*|human_?review\w*|manual_?review\w*|interrupt|confirm(?:ed|ation)?)\b|\b\w+(?:Approval|Approved|Approver)\w*\b`)

// removedApprovals finds functions that did something irreversible after somebody had approved it, and do it at once now.
func removedApprovals(pass *detectors.Pass, f *branch.File) error {
	if f.Status == branch.Added || f.Status == branch.Deleted || !approvalStep.MatchString(beforeText(f)) {
		return nil
	}
	old := f.Path
	if f.OldPath != "" {
		old = f.OldPath
	}
	was, err := pass.Source.Base(old)
	if err != nil {
		return nil //nolint:nilerr // what could not be read says nothing about the branch
	}
	now, err := pass.Source.Head(f.Path)
	if err != nil {
		return nil //nolint:nilerr // likewise
	}
	told := approvalMarks(pass, f, was, now)
	for _, d := range now.Decls {
		if told[d.Name] {
			continue
		}
		if d.Kind != source.Function && d.Kind != source.Method || !touchedSpan(f, d.Span) || approvalStep.MatchString(textOf(now, d)) {
			continue
		}
		for _, o := range was.Decls {
			if o.Kind != d.Kind || o.Name != d.Name || parentName(o) != parentName(d) {
				continue
			}
			step := approvalStep.FindString(textOf(was, o))
			if step == "" {
				break
			}
			if c, what := irreversibleIn(was, o); c == nil || what == "" {
				break
			}
			c, what := irreversibleIn(now, d)
			if c == nil {
				break
			}
			pass.Report(detectors.Finding{
				Severity: detectors.Warning, Path: f.Path, Line: c.Span.Line, Symbol: d.Name,
				Message:  fmt.Sprintf("%s %s (%s) and no longer asks before: %s is gone", d.Name, what, c.Name, step),
				Why:      "Somebody looked at each case before; from now on nobody does, and nobody can take it back.",
				Fix:      "Keep the approval, or say who decided that it goes and what bounds it instead.",
				Evidence: []string{"approval gone", d.Name, step},
			})
			break
		}
	}
	return nil
}

func textOf(f *source.File, d *source.Decl) string { return string(f.Text[d.Span.Start:d.Span.End]) }

func parentName(d *source.Decl) string {
	if d.Parent == nil {
		return d.Receiver
	}
	return d.Parent.Name
}

func irreversibleIn(f *source.File, d *source.Decl) (*source.Call, string) {
	for _, c := range f.Calls {
		if c.Span.Start >= d.Span.Start && c.Span.End <= d.Span.End {
			if what, ok := irreversible(c); ok {
				return c, what
			}
		}
	}
	return nil, ""
}

func beforeText(f *branch.File) string {
	text, err := f.Before()
	if err != nil {
		return ""
	}
	return string(text)
}

// calledApproval is the approval that a workflow of this repository asks for which a job calls, empty for none.
func calledApproval(read func(string) ([]byte, error), s *pipeline.Step) string {
	p, local := strings.CutPrefix(s.Uses, "./")
	if !local {
		return ""
	}
	text, err := read(p)
	if err != nil {
		return ""
	}
	l := pipeline.Read(p, text)
	if l == nil {
		return ""
	}
	for i := range l.Steps {
		if a := l.Steps[i].Approval; a != "" {
			return a
		}
	}
	return ""
}

// gateBetween is a step between others that asks a person: it holds whatever follows, deliveries and checks alike.
var gateBetween = lazy.New(`^(?:block|input): `)

// removedGates finds jobs of a pipeline that waited for a person at the base and start by themselves now.
func removedGates(pass *detectors.Pass, f *branch.File, now *pipeline.Pipeline) error {
	if f.Status == branch.Added {
		return nil
	}
	old := f.Path
	if f.OldPath != "" {
		old = f.OldPath
	}
	before, err := f.Before()
	if err != nil {
		return err
	}
	was := pipeline.Read(old, before)
	if was == nil || personStarts(now) {
		return nil
	}
	gates, open := map[string]string{}, map[string]int{}
	for i := range was.Steps {
		if s := &was.Steps[i]; s.Approval != "" {
			gates[s.Job] = s.Approval
		} else if a := calledApproval(pass.Branch.ReadBase, s); a != "" {
			gates[s.Job] = a
		}
	}
	for i := range now.Steps {
		s := &now.Steps[i]
		if s.Approval != "" || calledApproval(pass.Branch.ReadHead, s) != "" {
			delete(gates, s.Job)
		} else if open[s.Job] == 0 {
			open[s.Job] = max(1, s.Line)
		}
	}
	told := map[string]bool{}
	for i := range now.Steps {
		job := now.Steps[i].Job
		gate, line := gates[job], open[job]
		if gate == "" || line == 0 || told[job] || gateBetween.MatchString(gate) && (told[gate] || !delivers.MatchString(job+" "+now.Steps[i].Run)) || throwaway.MatchString(gate) || throwaway.MatchString(job) || throwaway.MatchString(f.Path) {
			continue
		}
		told[job], told[gate] = true, true
		if h := f.Hunks(); len(h) > 0 {
			line = max(1, h[0].NewStart)
		}
		pass.Report(detectors.Finding{
			Severity: detectors.Warning, Path: f.Path, Line: line, Symbol: job,
			Message:  fmt.Sprintf("the job %s no longer waits for a person (%s is gone)", job, gate),
			Why:      "What it does to production happens with every merge from now on, and nobody is asked.",
			Fix:      "Keep the gate, or say in a change of its own why it is no longer needed.",
			Evidence: []string{"gate gone", job},
		})
	}
	return nil
}
