package scripts

import (
	"fmt"
	"path"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
)

// OverlappingJob reports a CronJob that may run beside itself, in a repository whose other CronJobs may not.
var OverlappingJob = &detectors.Detector{
	ID:    "scripts/overlapping-job",
	Title: "A scheduled job may start while the run before it is still at work",
	Run:   quoting(runOverlappingJob),
}

// maxManifests bounds how many other manifests are read for the repository's habit.
const maxManifests = 200

func runOverlappingJob(pass *detectors.Pass) error {
	c := &changes{pass: pass}
	seen := false
	for _, f := range pass.Branch.Files {
		ext := path.Ext(f.Path)
		if f.Status == branch.Deleted || !judged(f) || ext != ".yml" && ext != ".yaml" {
			continue
		}
		text, err := f.After()
		if err != nil || text == nil {
			continue
		}
		for _, job := range cronJobs(f.Path, string(text)) {
			seen = true
			if !job.overlaps || !f.TouchedRange(job.line, job.last) {
				continue
			}
			other := c.exclusiveJob(f.Path)
			if other == "" {
				continue
			}
			pass.Report(detectors.Finding{
				Severity: detectors.Warning, Path: f.Path, Line: job.line, EndLine: job.last, Symbol: job.name,
				Message:  fmt.Sprintf("CronJob %s may run beside itself, unlike the other ones here (concurrencyPolicy is Allow unless it is set)", job.name),
				Why:      "When a run takes longer than the schedule, the next one starts on the same rows, and both do the same work.",
				Fix:      "Set concurrencyPolicy: Forbid (or Replace), or take a lock in the job.",
				Evidence: []string{"CronJob", job.name},
				Related:  []detectors.Related{{Path: other, Line: 1, Message: "forbids it"}},
			})
		}
	}
	if !seen {
		return detectors.ErrNotApplicable
	}
	return nil
}

// cronJob is one CronJob of a manifest: where its spec stands, and whether two runs of it may overlap.
type cronJob struct {
	name       string
	line, last int
	overlaps   bool
}

func cronJobs(p, text string) []cronJob {
	if !strings.Contains(text, "CronJob") {
		return nil
	}
	var list []cronJob
	for _, doc := range yamlDocuments(p, text) {
		spec := doc.Get("spec")
		if doc.Text("kind") != "CronJob" || spec == nil {
			continue
		}
		job := cronJob{name: doc.Text("metadata", "name"), line: spec.Line, last: spec.Line}
		for _, m := range spec.Entries() {
			job.last = max(job.last, m.Line)
		}
		policy := spec.Text("concurrencyPolicy")
		job.overlaps = policy == "" || policy == "Allow"
		list = append(list, job)
	}
	return list
}

// exclusiveJob is another manifest of the base whose CronJobs may not overlap, empty where one may, or there is none.
func (c *changes) exclusiveJob(p string) string {
	paths, err := c.pass.Branch.BasePaths()
	if err != nil {
		return ""
	}
	found, read := "", 0
	for _, other := range paths {
		ext := path.Ext(other)
		if other == p || ext != ".yml" && ext != ".yaml" || aside(other) || path.Dir(path.Dir(other)) != path.Dir(path.Dir(p)) {
			continue
		}
		if read++; read > maxManifests || c.pass.Context.Err() != nil {
			break
		}
		for _, job := range cronJobs(other, string(c.readBase(other))) {
			if job.overlaps {
				return ""
			}
			found = other
		}
	}
	return found
}
