package environment

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// WorkflowSecret reports a secret or an input of a workflow that one of its callers does not hand over, and a secret that the
// repository's own list of secrets does not name.
var WorkflowSecret = &detectors.Detector{
	ID:    "environment/workflow-secret",
	Title: "A workflow needs a secret that a caller does not hand over",
	Run:   runWorkflowSecret,
}

func runWorkflowSecret(pass *detectors.Pass) error {
	touched := func(f *branch.File) bool {
		base := path.Base(f.Path)
		return strings.HasPrefix(f.Path, ".github/workflows/") || base == "action.yml" || base == "action.yaml"
	}
	if !slices.ContainsFunc(pass.Branch.Files, touched) {
		return detectors.ErrNotApplicable
	}
	head, err := pass.Branch.HeadPaths()
	if err != nil {
		return err
	}
	base, err := pass.Branch.BasePaths()
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for _, p := range base {
		known[p] = pass.Branch.File(p) != nil
	}
	for _, h := range handovers(readWorkflows(base, pass.Branch.ReadBase)) {
		known[h.key()] = true
	}
	for _, h := range handovers(readWorkflows(head, pass.Branch.ReadHead)) {
		changed := h.kind == "input" && known[h.to.path] // contracts tells who does not know what a workflow takes now
		if !known[h.key()] && !changed {
			h.report(pass)
		}
	}
	undocumented(pass, head)
	return nil
}

func (h handover) report(pass *detectors.Pass) {
	severity := detectors.Warning
	message := fmt.Sprintf("%s needs the %s %s, and %s of %s calls it without", path.Base(h.to.path), h.kind, h.name, h.from.what, h.from.path)
	why := "Where this call runs the value is empty, while the other callers work."
	fix := fmt.Sprintf("Hand %s over in %s too, or declare it as required so that a call without it does not start.", h.name, h.from.path)
	if h.stops {
		severity = detectors.Blocker
		why = "GitHub refuses the whole run of the caller before its first step."
		fix = fmt.Sprintf("Hand %s over in %s, or do not require it.", h.name, h.from.path)
	}
	finding := detectors.Finding{Severity: severity, Path: h.to.path, Line: h.line, Symbol: h.name, Message: message, Why: why, Fix: fix,
		Evidence: []string{h.to.path, h.from.path, h.name},
		Related:  []detectors.Related{{Path: h.from.path, Line: h.from.line, Message: h.from.what + " calls it without"}}}
	if h.line == 0 {
		finding.Path, finding.Line = h.from.path, h.from.secrets[h.name]
		finding.Message = fmt.Sprintf("%s hands the secret %s over, which %s does not declare", h.from.what, h.name, h.to.path)
		finding.Fix = fmt.Sprintf("Declare %s below on.workflow_call.secrets of %s.", h.name, h.to.path)
		finding.Related = []detectors.Related{{Path: h.to.path, Message: "does not declare it"}}
	} else if changed := pass.Branch.File(h.to.path); changed == nil || !changed.Touched(h.line) && pass.Branch.File(h.from.path) != nil {
		finding.Path, finding.Line = h.from.path, h.from.line
		finding.Related = []detectors.Related{{Path: h.to.path, Line: h.line, Message: "needs it"}}
	}
	pass.Report(finding)
}

var storeUse = lazy.New(`\b(?:secrets|vars)\.([A-Z][A-Z0-9_]+)\b`)

// fewSecrets is how many of the other secrets a document has to name before it counts as their list.
const fewSecrets = 3

// undocumented reports a secret or variable that is new to the workflows and missing from the document that lists the others.
func undocumented(pass *detectors.Pass, paths []string) {
	before, now := map[string]bool{}, map[string]branchLine{}
	for _, p := range paths {
		if !strings.HasPrefix(p, ".github/workflows/") {
			continue
		}
		f := pass.Branch.File(p)
		text, err := pass.Branch.ReadHead(p)
		if err != nil || len(text) > maxConfig {
			continue
		}
		for i, line := range strings.Split(string(text), "\n") {
			for _, m := range storeUse.FindAllStringSubmatch(line, 20) {
				if m[1] == "GITHUB_TOKEN" {
					continue
				}
				if f == nil || !f.Touched(i+1) {
					before[m[1]] = true
				} else if _, ok := now[m[1]]; !ok {
					now[m[1]] = branchLine{p, i + 1}
				}
			}
		}
	}
	if len(before) < fewSecrets || len(now) == 0 {
		return
	}
	list := ""
	for _, p := range paths {
		if !source.IsDoc(p) && path.Ext(p) != ".md" || strings.HasPrefix(strings.ToLower(path.Base(p)), "changelog") {
			continue
		}
		text, err := pass.Branch.ReadHead(p)
		if err != nil || len(text) > maxConfig {
			continue
		}
		named := 0
		for name := range before {
			if wordIn(string(text), name) {
				named++
			}
		}
		if named < len(before) { // a list that lacks others as well is none
			continue
		}
		list = p
		for name := range now {
			if wordIn(string(text), name) {
				delete(now, name)
			}
		}
	}
	if list == "" {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(now)) {
		if before[name] {
			continue
		}
		at := now[name]
		pass.Report(detectors.Finding{
			Severity: detectors.Warning, Path: at.path, Line: at.line, Symbol: name,
			Message:  fmt.Sprintf("The workflow takes %s, which %s does not name beside the %d others", name, list, len(before)),
			Why:      "Whoever sets up an environment by that list leaves it out, and the step finds it empty.",
			Fix:      fmt.Sprintf("Add %s to %s, and set it in each environment.", name, list),
			Evidence: []string{name, list},
			Related:  []detectors.Related{{Path: list, Message: "lists the others"}},
		})
	}
}

// branchLine is a place that the branch wrote.
type branchLine struct {
	path string
	line int
}
