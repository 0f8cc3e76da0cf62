package review

import (
	"fmt"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/review/pipeline"
	"flightpoll/detectors/source"
)

// GuardRails finds checks, owners and rules that stop a bad change, and that the branch takes away or makes toothless.
var GuardRails = &detectors.Detector{
	ID:    "review/guard-rails",
	Title: "A check that stops bad changes was taken away or no longer stops anything",
	Run:   runGuardRails,
}

func runGuardRails(pass *detectors.Pass) error {
	g := &guards{pass: pass, product: productFiles(pass.Branch), severity: detectors.Note}
	if len(g.product) > 0 || slices.ContainsFunc(pass.Branch.Files, isDelivered) {
		g.severity = detectors.Warning
	}
	for _, look := range []func() error{g.pipelines, g.rules, g.options, g.silenced, g.commented, g.excluded, g.owners, g.agentRules, g.updates} {
		if err := look(); err != nil {
			return err
		}
	}
	if !g.ran {
		return detectors.ErrNotApplicable
	}
	return nil
}

// guards looks at what guards the repository, on both sides.
type guards struct {
	pass     *detectors.Pass
	product  []*branch.File
	severity detectors.Severity
	// ran says that the branch changes a guard at all.
	ran bool
}

func (g *guards) report(p string, line int, symbol, message, why, fix string) {
	g.pass.Report(detectors.Finding{
		Severity: g.severity, Path: p, Line: line, Symbol: symbol, Message: message, Why: why, Fix: fix,
		Evidence: []string{message},
	})
}

// isDelivered says whether a changed file is a manifest of what runs, which no product code is.
func isDelivered(f *branch.File) bool {
	p := f.Path
	return deployed.MatchString(p) && (!ruleFile.MatchString(p) || strings.HasSuffix(p, ".tf")) && !pipeline.Is(p) && !isToolConfig(p) && !otherData.MatchString(p) && !source.IsTest(p) && !source.IsExample(p) && !source.IsDoc(p) && !f.Generated && !f.Vendored
}

var deployed = lazy.New(`\.(?:tf|hcl|sql|ya?ml|tpl|bicep|j2)$|(?:^|/)(?:Dockerfile|Caddyfile|nginx)[\w.-]*$`)

// taskFile are files whose targets pipelines run.
var taskFile = lazy.New(`(?i)(?:^|/)(?:(?:gnu)?makefile|\.?justfile|taskfile\.ya?ml|tox\.ini|noxfile\.py|rakefile|package\.json|composer\.json|magefile\.go)$|\.mk$|^(?:ci|\.ci|scripts?|bin|hack|tools)/[^/]+(?:\.sh|\.bash)?$`)

// pipelines compares the checks that CI runs on both sides.
func (g *guards) pipelines() error {
	var was, now []pipeline.Check
	var changed []*branch.File
	open := false
	for _, f := range g.pass.Branch.Files {
		old := f.Path
		if f.OldPath != "" {
			old = f.OldPath
		}
		if !pipeline.Is(f.Path) && !pipeline.Is(old) || f.Binary || f.TooLarge {
			continue
		}
		g.ran = true
		before, err := f.Before()
		if err != nil {
			return err
		}
		after, err := f.After()
		if err != nil {
			return err
		}
		changed = append(changed, f)
		var then, here *pipeline.Pipeline
		if f.Status != branch.Added && pipeline.Is(old) {
			if then = pipeline.Read(old, before); then != nil {
				was = append(was, renamedTo(then.Checks(), f.Path)...)
			}
		}
		if f.Status != branch.Deleted && pipeline.Is(f.Path) {
			if here = pipeline.Read(f.Path, after); here != nil {
				open = open || here.Open && (then == nil || !then.Open)
				g.dangerous(then, here)
				g.weakenedJobs(then, here)
				g.ungated(then, here)
			} else {
				open = true // what cannot be read may hold anything
			}
		}
	}
	if len(was) == 0 {
		return nil
	}
	now, called, err := g.checksNow()
	if err != nil || open {
		return err
	}
	told := map[string]bool{}
	for _, c := range was {
		if c.Weak != "" || told[c.Tool] || strings.Contains(c.Tool, "upload") {
			continue
		}
		left := slices.DeleteFunc(slices.Clone(now), func(n pipeline.Check) bool { return n.Tool != c.Tool })
		if slices.ContainsFunc(left, func(n pipeline.Check) bool { return n.Weak == "" }) {
			continue
		}
		told[c.Tool] = true
		if len(left) > 0 {
			if f := g.pass.Branch.File(left[0].Path); f == nil {
				continue
			}
			g.report(left[0].Path, left[0].Line, c.Tool, fmt.Sprintf("a failure of %s%s stops nothing any more (%s)", c.Tool, inJob(left[0].Job), left[0].Weak),
				"It goes red from now on and everything is merged all the same, this change first.",
				"Let it stop changes again; except the one place that fails, with a reason.")
			continue
		}
		if replaced(c, was, now) || slices.Contains(called, c.Tool) {
			continue
		}
		at, line := c.Path, 0
		for _, f := range changed {
			if f.Path == c.Path && f.Status != branch.Deleted {
				line = max(1, f.NewLine(c.Line))
			}
		}
		g.report(at, line, c.Tool, fmt.Sprintf("CI no longer runs %s%s", c.Tool, inJob(c.Job)),
			"It would have looked at this very change; what it finds is merged from now on, for everybody.",
			"Put it back, or take it out in a change of its own that says why.")
	}
	return nil
}

// inJob names the job of a check.
func inJob(job string) string {
	if job == "" || job == "pre-commit" || job == "hook" {
		return ""
	}
	return " (job " + job + ")"
}

func renamedTo(list []pipeline.Check, p string) []pipeline.Check {
	for i := range list {
		list[i].Path = p
	}
	return list
}

// checksNow are the checks of every pipeline of the head, and the tools that task files and scripts run.
func (g *guards) checksNow() (now []pipeline.Check, called []string, err error) {
	paths, err := g.pass.Branch.HeadPaths()
	if err != nil {
		return nil, nil, err
	}
	read := 0
	for _, p := range paths {
		isPipeline := pipeline.Is(p)
		if !isPipeline && !taskFile.MatchString(p) || strings.Contains(p, "node_modules/") || read > 400 {
			continue
		}
		read++
		text, err := g.pass.Branch.ReadHead(p)
		if err != nil || len(text) > 256<<10 {
			continue
		}
		if isPipeline {
			if l := pipeline.Read(p, text); l != nil {
				now = append(now, l.Checks()...)
			}
			continue
		}
		// A task may have run it before: it counts as moved there only where the branch changed the file.
		if g.pass.Branch.File(p) != nil {
			for _, c := range pipeline.ChecksIn(string(text)) {
				called = append(called, c.Tool)
			}
		}
	}
	return now, called, g.pass.Context.Err()
}

// coveredBy are checks that a larger one includes.
var coveredBy = map[string][]string{"go vet": {"golangci-lint"}, "staticcheck": {"golangci-lint"}, "ESLint": {"Biome"}, "tox": {"pytest"}, "pytest": {"tox"}}

// replaced says whether another check does it: a larger one, or a new one of the same kind that came with the branch.
func replaced(c pipeline.Check, was, now []pipeline.Check) bool {
	for _, n := range now {
		if n.Weak == "" && slices.Contains(coveredBy[c.Tool], n.Tool) {
			return true
		}
		fresh := !slices.ContainsFunc(was, func(w pipeline.Check) bool { return w.Tool == n.Tool })
		if n.Weak == "" && fresh && (n.Kind == c.Kind || ofItsOwn(n) || ofItsOwn(c)) {
			return true
		}
	}
	return false
}

func ofItsOwn(c pipeline.Check) bool { return c.Kind == "target" || c.Kind == "script" }

// dangerous looks for a token that may do everything, and for code of strangers that runs with the secrets.
func (g *guards) dangerous(was, now *pipeline.Pipeline) {
	if now.WriteAll > 0 && (was == nil || was.WriteAll == 0) {
		g.report(now.Path, now.WriteAll, "permissions", "the workflow's token may write everything (permissions: write-all)",
			"Any action of it, and whatever it downloads, can change code, releases and packages.",
			"Give each job only the permissions that it needs.")
	}
	if at := checksOutStranger(now); at > 0 && (was == nil || checksOutStranger(was) == 0) {
		g.report(now.Path, at, "pull_request_target", "the workflow runs a pull request's own code with the repository's secrets (pull_request_target with a checkout of the head)",
			"Whoever opens a pull request can read the secrets and write to the repository.",
			"Use pull_request, or check out the base only.")
	}
	if was != nil && runsOnChanges(was.Triggers) && !runsOnChanges(now.Triggers) && len(now.Triggers) > 0 && len(now.Checks()) > 0 {
		g.report(now.Path, 1, strings.Join(now.Triggers, ", "), "the checks of this workflow no longer run on changes, only on "+strings.Join(now.Triggers, ", "),
			"Nothing looks at a change before it is merged any more.",
			"Let it run on pull requests again.")
	}
}

func runsOnChanges(triggers []string) bool {
	return slices.ContainsFunc(triggers, func(t string) bool {
		return slices.Contains([]string{"pull_request", "pull_request_target", "push", "merge_group", "workflow_call", "workflow_run"}, t)
	})
}

// checksOutStranger is the line of a checkout of the head in a workflow of pull_request_target, 0 for none.
func checksOutStranger(p *pipeline.Pipeline) int {
	if !slices.Contains(p.Triggers, "pull_request_target") {
		return 0
	}
	for i := range p.Steps {
		s := &p.Steps[i]
		ref := s.Inputs["ref"]
		if s.Uses == "actions/checkout" && (strings.Contains(ref, "pull_request.head") || strings.Contains(ref, "head_ref") || strings.Contains(ref, "refs/pull/")) && s.Approval == "" {
			return s.Line
		}
	}
	return 0
}
