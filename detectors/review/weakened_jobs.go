package review

import (
	"fmt"
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/review/pipeline"
)

var (
	// gateName are the words by which jobs and steps say that they stop a bad change.
	gateName = lazy.New(`(?i)check|test|lint|scan|audit|verif|validat|gate|polic|guard|e2e|types?\b|typecheck|security|compat|contract|conform|licen[cs]e|secrets?\b|vuln|sast|migration|quality|schema|mima|tasty|japicmp|revapi|semver|\babi\b|api-?diff|breaking`)
	// noGate are those of what runs beside: reports, comments, uploads.
	noGate = lazy.New(`(?i)upload|report|comment|notify|publish|cache|artifact|deploy|summary|annotat|badge|setup|install|checkout|login|release|benchmark|nightly|canary|experimental|advisory|optional`)
)

// weakenedJobs finds jobs and steps that stopped a change at the base and stop nothing now, whatever they run.
func (g *guards) weakenedJobs(was, now *pipeline.Pipeline) {
	if was == nil {
		return
	}
	for i := range now.Steps {
		s := &now.Steps[i]
		if s.Weak == "" || s.Weak == "when: manual" && s.Approval == "" || s.Run == "" && s.Uses == "" {
			continue
		}
		said := s.Job + " " + s.Name
		if !gateName.MatchString(said+" "+firstWords(s.Run)) || noGate.MatchString(said) || known(s) {
			continue
		}
		strict := slices.ContainsFunc(was.Steps, func(o pipeline.Step) bool {
			return o.Weak == "" && o.Job == s.Job && o.Name == s.Name && (o.Run == s.Run && o.Uses == s.Uses)
		})
		weakBefore := slices.ContainsFunc(was.Steps, func(o pipeline.Step) bool {
			return o.Weak != "" && o.Job == s.Job && o.Run == s.Run && o.Uses == s.Uses
		})
		if !strict || weakBefore {
			continue
		}
		name := s.Job
		if s.Name != "" && s.Name != s.Job {
			name = strings.TrimPrefix(name+": "+s.Name, ": ")
		}
		g.report(now.Path, s.Line, name, fmt.Sprintf("a failure of %q stops nothing any more (%s)", name, s.Weak),
			"It goes red from now on and everything is merged all the same, this change first.",
			"Let it stop changes again; except the one place that fails, with a reason.")
		return
	}
}

// known says whether a step runs a check that the comparison of tools looks at.
func known(s *pipeline.Step) bool {
	p := pipeline.Pipeline{Steps: []pipeline.Step{*s}}
	return len(p.Checks()) > 0
}

func firstWords(script string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(script), "\n")
	return clipped(line)
}
