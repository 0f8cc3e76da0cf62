package review

// Jobs that put something into production and waited for the checks, and that start without them now.

import (
	"fmt"
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/review/pipeline"
)

var (
	delivers    = lazy.New(`(?i)(?:^|[^a-z])(?:deploy\w*|release\w*|publish\w*|promote|ship|rollout|production|prod|apply|upload-release|push-image)(?:[^a-z]|$)`)
	checksByJob = lazy.New(`(?i)(?:^|[^a-z])(?:tests?|lint|checks?|verify|e2e|integration|unit|specs?|security|scan|audit|typecheck|quality|ci|validate|contracts?)(?:[^a-z]|$)`)
)

// ungated reports a job that delivers, and of whose earlier checks none is waited for any more.
func (g *guards) ungated(was, now *pipeline.Pipeline) {
	if was == nil || len(was.Needs) == 0 {
		return
	}
	for job := range was.Needs {
		if !delivers.MatchString(job) || !hasJob(now, job) {
			continue
		}
		var lost []string
		after := now.WaitsFor(job)
		for _, before := range was.WaitsFor(job) {
			if isChecking(was, before) && !slices.Contains(after, before) {
				lost = append(lost, before)
			}
		}
		if len(lost) == 0 || slices.ContainsFunc(after, func(j string) bool { return isChecking(now, j) }) || checksItself(now, job) {
			continue
		}
		lost = slices.DeleteFunc(lost, func(j string) bool { return !hasJob(now, j) })
		if len(lost) == 0 {
			continue // they are gone themselves
		}
		slices.Sort(lost)
		line := 1
		for i := range now.Steps {
			if now.Steps[i].Job == job {
				line = max(1, now.Steps[i].Line)
				break
			}
		}
		g.report(now.Path, line, job, fmt.Sprintf("the job %s no longer waits for %s", job, strings.Join(lost, ", ")),
			"What the checks would have stopped is in production before they are done.",
			"Let it need the checks again.")
		return
	}
}

func hasJob(p *pipeline.Pipeline, job string) bool {
	return slices.ContainsFunc(p.Steps, func(s pipeline.Step) bool { return s.Job == job })
}

func isChecking(p *pipeline.Pipeline, job string) bool {
	return checksByJob.MatchString(job) || checksItself(p, job)
}

func checksItself(p *pipeline.Pipeline, job string) bool {
	return slices.ContainsFunc(p.Checks(), func(c pipeline.Check) bool { return c.Job == job && c.Weak == "" })
}
