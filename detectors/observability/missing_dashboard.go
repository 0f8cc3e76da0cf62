package observability

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/observability/monitors"
	"flightpoll/detectors/source"
)

// MissingDashboard reports services, workloads, programs and queues that the branch adds and that nothing watches, where
// every one beside them has a dashboard, an alert, an objective or a scrape that names it.
var MissingDashboard = &detectors.Detector{
	ID:    "observability/missing-dashboard",
	Title: "A new service, job or queue has no dashboard or alert, unlike its siblings",
	Run:   runMissingDashboard,
}

// unit is something that runs, and may be watched under its name.
type unit struct {
	kind, name, path string
	line             int
	// kin are the names of those of its kind beside it that were there before.
	kin []string
}

func runMissingDashboard(pass *detectors.Pass) error {
	l, err := newLookup(pass)
	if err != nil {
		return err
	}
	var units []unit
	stacks := map[string]bool{}
	for _, f := range pass.Branch.Files {
		if err := pass.Context.Err(); err != nil {
			return err
		}
		if f.Status == branch.Deleted || f.Binary || f.Generated || f.Vendored || f.TooLarge || source.IsTest(f.Path) || source.IsExample(f.Path) || notProduction.MatchString(f.Path) || monitorPath.MatchString(path.Dir(f.Path)) {
			continue
		}
		if path.Ext(f.Path) == ".tf" {
			stacks[path.Dir(f.Path)] = l.missingAlarms(f) || stacks[path.Dir(f.Path)]
			continue
		}
		list, err := l.newUnits(f)
		if err != nil {
			return err
		}
		units = append(units, list...)
	}
	if len(units) == 0 && len(stacks) == 0 {
		return detectors.ErrNotApplicable
	}
	told := map[string]bool{}
	for _, u := range units {
		if told[u.name] || len(u.kin) < 2 || l.watchedBy(u.name) != "" {
			continue
		}
		example, by := "", ""
		for _, name := range u.kin {
			if by = l.watchedBy(name); by == "" {
				break
			}
			example = name
		}
		if by == "" {
			continue
		}
		told[u.name] = true
		pass.Report(detectors.Finding{
			Severity: detectors.Warning, Path: u.path, Line: u.line, Symbol: u.name,
			Message:  fmt.Sprintf("the new %s %s has no dashboard, alert or scrape; each of the %d beside it has one", u.kind, u.name, len(u.kin)),
			Why:      "When it stops or slows down nobody is told, and whoever looks for it finds no panel.",
			Fix:      fmt.Sprintf("Add it where %s is watched (%s).", example, by),
			Evidence: []string{u.kind, u.name},
		})
	}
	return pass.Context.Err()
}

// newUnits are what a changed file adds.
func (l *lookup) newUnits(f *branch.File) ([]unit, error) {
	ext := strings.ToLower(path.Ext(f.Path))
	switch {
	case ext == ".yaml" || ext == ".yml":
		return l.newWorkloads(f)
	case path.Base(f.Path) == "main.go" && f.Status == branch.Added:
		return l.newProgram(f)
	case source.LanguageOf(f.Path) != "" && deployed(f.Path):
		return l.newQueues(f), nil
	}
	return nil, nil
}

// newWorkloads compares the services and workloads of a manifest, and for files with one each those of the files beside it.
func (l *lookup) newWorkloads(f *branch.File) ([]unit, error) {
	after, err := f.After()
	if err != nil {
		return nil, nil //nolint:nilerr // what cannot be read adds nothing
	}
	is := monitors.Workloads(after)
	if len(is) == 0 {
		return nil, nil
	}
	before, err := f.Before()
	if err != nil {
		return nil, nil //nolint:nilerr // as above
	}
	was := map[string]bool{}
	kin := map[string][]string{}
	keep := func(list []monitors.Workload) {
		for _, w := range list {
			if !was[w.Name] {
				was[w.Name] = true
				kin[w.Kind] = append(kin[w.Kind], w.Name)
			}
		}
	}
	keep(monitors.Workloads(before))
	paths, err := l.pass.Branch.BasePaths()
	if err != nil {
		return nil, err
	}
	dir := path.Dir(f.Path)
	read := 0
	for _, p := range paths {
		near := path.Dir(p) == dir || path.Base(p) == path.Base(f.Path) && path.Dir(path.Dir(p)) == path.Dir(dir)
		if !near || p == f.Path || read >= 60 || path.Ext(p) != path.Ext(f.Path) {
			continue
		}
		read++
		text, err := l.pass.Branch.ReadBase(p)
		if errors.Is(err, fs.ErrNotExist) || err != nil {
			continue
		}
		keep(monitors.Workloads(text))
	}
	var list []unit
	for _, w := range is {
		if !was[w.Name] {
			list = append(list, unit{w.Kind, w.Name, f.Path, w.Line, kin[w.Kind]})
		}
	}
	return list, nil
}

// newProgram is a Go program of its own: cmd/NAME/main.go beside others.
func (l *lookup) newProgram(f *branch.File) ([]unit, error) {
	dir := path.Dir(f.Path)
	switch path.Base(path.Dir(dir)) {
	case "cmd", "services", "apps", "workers", "jobs":
	default:
		return nil, nil
	}
	if head, err := l.pass.Source.Head(f.Path); err != nil || commandLine(head) || importsAny(head, []string{"flag"}) && !importsAny(head, []string{"net/http"}) {
		return nil, nil //nolint:nilerr // what does not parse is not judged
	}
	paths, err := l.pass.Branch.BasePaths()
	if err != nil {
		return nil, err
	}
	u := unit{kind: "program", name: path.Base(dir), path: f.Path, line: 1}
	for _, p := range paths {
		if path.Base(p) == "main.go" && path.Dir(path.Dir(p)) == path.Dir(dir) && p != f.Path {
			u.kin = append(u.kin, path.Base(path.Dir(p)))
		}
	}
	return []unit{u}, nil
}

// newQueues are the queues that a file begins to work on.
func (l *lookup) newQueues(f *branch.File) []unit {
	head, err := l.pass.Source.Head(f.Path)
	if err != nil {
		return nil
	}
	was := map[string]bool{}
	if f.Status != branch.Added {
		if base, err := l.pass.Source.Base(cmp.Or(f.OldPath, f.Path)); err == nil {
			for name := range queuesOf(base) {
				was[name] = true
			}
		}
	}
	var list []unit
	for name, call := range queuesOf(head) {
		if was[name] || !f.Touched(call.Span.Line) && f.Status != branch.Added {
			continue
		}
		u := unit{kind: "queue", name: name, path: f.Path, line: call.Span.Line}
		for _, p := range l.naming(call.Name) {
			other := l.read(p)
			if other == nil || len(u.kin) > 30 {
				continue
			}
			for kin := range queuesOf(other) {
				if kin != name && !slices.Contains(u.kin, kin) && l.existed(kin) {
					u.kin = append(u.kin, kin)
				}
			}
		}
		slices.Sort(u.kin)
		list = append(list, u)
	}
	slices.SortFunc(list, func(a, b unit) int { return cmp.Compare(a.line, b.line) })
	return list
}

// existed says whether a queue is none that the branch adds.
func (l *lookup) existed(name string) bool {
	for _, f := range l.pass.Branch.Files {
		if source.LanguageOf(f.Path) == "" || f.Status == branch.Deleted {
			continue
		}
		head, err := l.pass.Source.Head(f.Path)
		if err != nil || queuesOf(head)[name] == nil {
			continue
		}
		if f.Status == branch.Added {
			return false
		}
		base, err := l.pass.Source.Base(cmp.Or(f.OldPath, f.Path))
		if err != nil || queuesOf(base)[name] == nil {
			return false
		}
	}
	return true
}

// queuesOf are the queues that a file works on or declares: BullMQ's Worker and Queue, Celery's and Sidekiq's queue.
func queuesOf(f *source.File) map[string]*source.Call {
	queues := map[string]*source.Call{}
	for _, c := range f.Calls {
		switch {
		case c.New && (c.Name == "Worker" || c.Name == "Queue") && len(c.Args) > 0 && c.Args[0].IsString && importsAny(f, []string{"bullmq", "bull", "bee-queue"}):
			queues[c.Args[0].Str] = c
		case c.Name == "sidekiq_options" || c.Name == "shared_task" || c.Name == "task" || c.Name == "queue_as":
			for _, a := range c.Args {
				if (a.Keyword == "queue" || c.Name == "queue_as") && a.IsString {
					queues[a.Str] = c
				}
			}
		}
	}
	delete(queues, "default")
	return queues
}

// watchedBy is a file of dashboards, alerts, objectives or scrapes that names something, "" for none.
func (l *lookup) watchedBy(name string) string {
	for _, word := range []string{name, strings.ReplaceAll(name, "-", "_"), strings.ReplaceAll(name, "_", "-")} {
		for _, p := range l.namingAny(word) {
			if watches(p) && l.isMonitor(p) {
				return p
			}
		}
	}
	paths, err := l.pass.Branch.HeadPaths()
	if err != nil {
		return "?"
	}
	for _, p := range paths {
		stem := strings.TrimSuffix(path.Base(p), path.Ext(p))
		if watches(p) && (stem == name || strings.HasPrefix(stem, name+"-") || strings.HasSuffix(stem, "-"+name)) {
			return p
		}
	}
	return ""
}

// watches says by its path whether a file may watch something.
func watches(p string) bool {
	return monitors.Candidate(p) && monitorPath.MatchString(p) && !source.IsTest(p) && !source.IsDoc(p)
}

// isMonitor says whether a file is more than a manifest of workloads.
func (l *lookup) isMonitor(p string) bool {
	text, err := l.pass.Branch.ReadHead(p)
	if err != nil {
		return false
	}
	return len(monitors.Workloads(text)) == 0 || monitors.Read(p, text) != nil
}
