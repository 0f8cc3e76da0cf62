package scripts

import (
	"fmt"
	"path"

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
		for _, job := range cronJobs(string(text)) {
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

func cronJobs(text string) []cronJob {
	var list []cronJob
	for _, doc := range readYAML(text) {
		kind, spec := doc.get("kind"), doc.get("spec")
		if kind == nil || kind.text != "CronJob" || spec == nil {
			continue
		}
		job := cronJob{line: spec.line, last: spec.line}
		if n := doc.get("metadata").get("name"); n != nil {
			job.name = n.text
		}
		for _, m := range spec.members {
			job.last = max(job.last, m.line)
		}
		policy := spec.get("concurrencyPolicy")
		job.overlaps = policy == nil || policy.text == "Allow"
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
		for _, job := range cronJobs(string(c.readBase(other))) {
			if job.overlaps {
				return ""
			}
			found = other
		}
	}
	return found
}
