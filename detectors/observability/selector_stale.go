package observability

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/observability/monitors"
	"flightpoll/detectors/source"
)

// SelectorStale reports alerts, dashboards and scrapes that select something by a name which the branch renames or removes: a
// workload, a scrape job, a port, a label's value.
//
//	metadata: {name: treasury-reconcile}                        # was nightly-reconcile
//	expr: time() - kube_cronjob_status_last_successful_time{cronjob="nightly-reconcile"} > 100000
var SelectorStale = &detectors.Detector{
	ID:    "observability/selector-stale",
	Title: "An alert, dashboard or scrape selects a name that the branch renames or removes",
	Run:   runSelectorStale,
}

func runSelectorStale(pass *detectors.Pass) error {
	l, err := newLookup(pass)
	if err != nil {
		return err
	}
	read := false
	for _, f := range pass.Branch.Files {
		if err := pass.Context.Err(); err != nil {
			return err
		}
		ext := strings.ToLower(path.Ext(f.Path))
		if ext != ".yaml" && ext != ".yml" || f.Status == branch.Added || f.Binary || f.Vendored || f.TooLarge || source.IsTest(f.Path) || source.IsExample(f.Path) {
			continue
		}
		read = true
		before, err := f.Before()
		if err != nil {
			continue
		}
		var after []byte
		if f.Status != branch.Deleted {
			if after, err = f.After(); err != nil {
				continue
			}
		}
		l.workloadsGone(f, before, after)
		if err := l.portsGone(f, before, after); err != nil {
			return err
		}
	}
	changed, unread := bothSides(pass)
	for _, s := range changed {
		if err := l.valuesGone(s); err != nil {
			return err
		}
	}
	if !read && len(changed) == 0 {
		return cmpErr(unread, detectors.ErrNotApplicable)
	}
	return cmpErr(pass.Context.Err(), unread)
}

// namesWorkload are labels whose values are names of workloads and scrape jobs.
var namesWorkload = lazy.New(`^(?:exported_)?(?:cronjob|job|job_name|deployment|statefulset|daemonset|workload|app|service|pod|owner_name|created_by_name|container_name|scrape_job)$`)

// workloadsGone reports the alerts and dashboards that select a workload or a scrape job which a manifest no longer has.
func (l *lookup) workloadsGone(f *branch.File, before, after []byte) {
	still := map[string]bool{}
	list := func(text []byte) []monitors.Workload {
		return append(monitors.Workloads(text), monitors.ScrapeJobs(text)...)
	}
	for _, w := range list(after) {
		still[w.Name] = true
	}
	for _, w := range list(before) {
		if still[w.Name] || len(w.Name) < 4 {
			continue
		}
		still[w.Name] = true
		documents := l.naming(w.Name)
		if slices.ContainsFunc(documents, func(p string) bool {
			text, err := l.pass.Branch.ReadHead(p)
			return err == nil && slices.ContainsFunc(list(text), func(o monitors.Workload) bool { return o.Name == w.Name })
		}) {
			continue
		}
		for _, p := range documents {
			d := l.monitor(p, false)
			if d == nil || d.Kind == monitors.RunBook {
				continue
			}
			i := slices.IndexFunc(d.Asked, func(a monitors.Asked) bool {
				for label, values := range a.Values {
					if namesWorkload.MatchString(label) && slices.Contains(values, w.Name) {
						return true
					}
				}
				return false
			})
			if i < 0 {
				continue
			}
			l.pass.Report(staleFinding(f.Path, f.NewLine(w.Line), w.Name, fmt.Sprintf("the %s %s", w.Kind, w.Name), d, d.Asked[i]))
		}
	}
}

func staleFinding(p string, line int, name, what string, d *monitors.Document, a monitors.Asked) detectors.Finding {
	place := "the " + d.Kind + " " + d.Path
	if a.In != "" {
		place = fmt.Sprintf("%s in %s", a.In, d.Path)
	}
	return detectors.Finding{
		Severity: detectors.Warning, Path: p, Line: line, Symbol: name,
		Message:  fmt.Sprintf("%s is gone, and %s still selects by that name", what, place),
		Why:      whyGone(d.Kind),
		Fix:      fmt.Sprintf("Change the query in %s together with the name.", d.Path),
		Evidence: []string{name, a.Metric, d.Path},
		Related:  []detectors.Related{{Path: d.Path, Line: a.Line, Message: "selects " + name}},
	}
}

// portsGone reports the ServiceMonitors and PodMonitors that scrape a port which the manifest named before and nothing they
// select names any more.
func (l *lookup) portsGone(f *branch.File, before, after []byte) error {
	had, has := monitors.Exposes(before), monitors.Exposes(after)
	for _, e := range had {
		i := slices.IndexFunc(has, func(o monitors.Exposed) bool { return o.Kind == e.Kind && o.Name == e.Name })
		if i < 0 {
			continue
		}
		for _, port := range e.Ports {
			if slices.ContainsFunc(has[i].Ports, func(o monitors.Named) bool { return o.Name == port.Name }) {
				continue
			}
			for _, p := range l.naming(port.Name) {
				if source.IsTest(p) || source.IsExample(p) {
					continue
				}
				text, err := l.pass.Branch.ReadHead(p)
				if err != nil {
					continue
				}
				for _, s := range monitors.Scrapes(text) {
					if (s.Kind == "ServiceMonitor") != (e.Kind == "Service") || !selects(s, e) {
						continue
					}
					for _, asked := range s.Ports {
						if asked.Name != port.Name {
							continue
						}
						l.pass.Report(detectors.Finding{
							Severity: detectors.Warning, Path: p, Line: asked.Line, Symbol: port.Name,
							Message:  fmt.Sprintf("the %s %s scrapes the port %s, which the branch takes from %s", s.Kind, s.Name, port.Name, e.Name),
							Why:      "The target disappears from this deployment on: no metric arrives, and alerts on them do not fire.",
							Fix:      "Name the port in both places alike.",
							Evidence: []string{s.Name, port.Name},
							Related:  []detectors.Related{{Path: f.Path, Line: f.NewLine(port.Line), Message: "named the port " + port.Name}},
						})
					}
				}
			}
		}
	}
	return l.pass.Context.Err()
}

// selects says whether a scrape may mean the Service or workload: every label that it selects by is there.
func selects(s monitors.Scrape, e monitors.Exposed) bool {
	for _, want := range s.Selector {
		if !slices.ContainsFunc(e.Labels, func(l monitors.Named) bool {
			return l.Name == want.Name && (l.Value == want.Value || strings.Contains(want.Value, "{{") || l.Value == "x" || want.Value == "x")
		}) {
			return false
		}
	}
	return true
}
