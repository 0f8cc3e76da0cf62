package observability

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
	"flightpoll/detectors/source/document"
)

// Units that start a job at a time - of systemd, cron, Kubernetes, GitHub and Airflow - and what each of them has for telling
// that the job failed.

// schedule is one unit: its name, its line, and what it has for being noticed, by the words for people.
type schedule struct {
	name string
	line int
	has  map[string]bool
}

var (
	cronPath = lazy.New(`(?i)(?:^|/)(?:crontab|cron\.d/[^/]+|[\w.-]*\.cron(?:tab)?|crontabs?/[^/]+)$`)
	cronLine = lazy.New(`^\s*(?:@\w+|(?:[\d*,/A-Za-z-]+\s+){5})(.+)$`)
	pings    = lazy.New(`(?:&&|;)\s*(?:curl|wget)\b`)
	alarms   = lazy.New(`\|\|\s*\S+`)
)

// unitsBeside judges the units that a changed file adds; false where it can hold none.
func (l *lookup) unitsBeside(f *branch.File) bool {
	read := unitReader(f.Path)
	if read == nil {
		return false
	}
	after, err := f.After()
	if err != nil {
		return false
	}
	is := read(f.Path, after)
	if len(is) == 0 {
		return false
	}
	var was []schedule
	if f.Status != branch.Added {
		if before, err := f.Before(); err == nil {
			was = read(f.Path, before)
		}
	}
	kin := slices.Clone(was)
	for _, p := range l.jobKin(f, func(p string) bool { return path.Ext(p) == path.Ext(f.Path) }) {
		if text, err := l.pass.Branch.ReadHead(p); err == nil && unitReader(p) != nil {
			kin = append(kin, read(p, text)...)
		}
	}
	for _, u := range is {
		if slices.ContainsFunc(was, func(o schedule) bool { return o.name == u.name }) || f.Status != branch.Added && !f.Touched(u.line) {
			continue
		}
		beside := slices.DeleteFunc(slices.Clone(kin), func(o schedule) bool { return o.name == u.name })
		if len(beside) == 0 || len(beside) == 1 && !l.tells(beside[0]) {
			continue
		}
		for _, mark := range slices.Sorted(maps.Keys(beside[0].has)) {
			if u.has[mark] || slices.ContainsFunc(beside, func(o schedule) bool { return !o.has[mark] }) {
				continue
			}
			l.pass.Report(detectors.Finding{
				Severity: detectors.Warning, Path: f.Path, Line: u.line, Symbol: u.name,
				Message:  fmt.Sprintf("the job %s has no %s, unlike %s", u.name, mark, schedules(beside)),
				Why:      "When it fails, or is no longer started, nobody is told.",
				Fix:      fmt.Sprintf("Give it the same %s as %s has.", mark, beside[0].name),
				Evidence: []string{u.name, mark},
			})
			break
		}
	}
	return true
}

func schedules(list []schedule) string {
	if len(list) == 1 {
		return list[0].name + " beside it"
	}
	return fmt.Sprintf("each of the %d beside it", len(list))
}

// tells says whether a unit runs through a script of the repository that tells somebody of its success: then one is a custom.
func (l *lookup) tells(u schedule) bool {
	for mark := range u.has {
		name, ok := strings.CutPrefix(mark, "wrapper ")
		if !ok {
			continue
		}
		paths, err := l.pass.Branch.HeadPaths()
		if err != nil {
			return false
		}
		for _, p := range paths {
			if path.Base(p) != name {
				continue
			}
			if text, err := l.pass.Branch.ReadHead(p); err == nil && shellTells.Match(text) {
				return true
			}
		}
	}
	return false
}

// unitReader is what reads the units of a path, nil for what holds none.
func unitReader(p string) func(p string, text []byte) []schedule {
	switch ext := path.Ext(p); {
	case ext == ".service":
		return systemdUnits
	case cronPath.MatchString(p):
		return cronUnits
	case (ext == ".yml" || ext == ".yaml") && strings.HasPrefix(p, ".github/workflows/"):
		return workflowUnits
	case ext == ".yml" || ext == ".yaml":
		return clusterUnits
	case ext == ".py" && strings.Contains(p, "dags/"):
		return dagUnits
	}
	return nil
}

// systemdUnits reads a service that a timer may start: one that ends.
func systemdUnits(p string, text []byte) []schedule {
	u := schedule{name: stem(p), line: 1, has: map[string]bool{}}
	ends := false
	for line := range strings.Lines(string(text)) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		switch key {
		case "Type":
			ends = value == "oneshot"
		case "OnFailure", "ExecStopPost", "OnSuccess":
			u.has[key+"="] = true
		case "ExecStart":
			if words := strings.Fields(value); len(words) > 1 && jobWrapper.MatchString(path.Base(words[0])) {
				u.has["wrapper "+path.Base(words[0])] = true
			}
		}
	}
	if !ends {
		return nil
	}
	return []schedule{u}
}

// cronUnits reads the lines of a crontab.
func cronUnits(p string, text []byte) []schedule {
	var list []schedule
	number := 0
	for line := range strings.Lines(string(text)) {
		number++
		m := cronLine.FindStringSubmatch(strings.TrimSpace(line))
		if m == nil || strings.HasPrefix(strings.TrimSpace(line), "#") {
			continue
		}
		u := schedule{line: number, has: map[string]bool{}}
		words := strings.Fields(m[1])
		if len(words) > 1 && strings.Contains(p, "cron.d/") {
			words = words[1:] // the user
		}
		if len(words) > 1 && jobWrapper.MatchString(path.Base(words[0])) && !strings.HasPrefix(words[1], "-") {
			u.has["wrapper "+path.Base(words[0])] = true
		}
		if pings.MatchString(m[1]) {
			u.has["ping after its success"] = true
		}
		if alarms.MatchString(m[1]) {
			u.has["call for its failure (||)"] = true
		}
		for _, w := range words {
			if base := path.Base(w); strings.Contains(w, "/") && !jobWrapper.MatchString(base) || strings.Contains(base, ".") {
				u.name = base
				break
			}
		}
		if u.name == "" {
			u.name = path.Base(words[len(words)-1])
		}
		list = append(list, u)
	}
	return list
}

// marksJob are annotations of a CronJob by which somebody is told of it.
var marksJob = lazy.New(`(?i)cronitor|health-?check|sentry|alert|monitor|slack|opsgenie|pagerduty|heartbeat|dead-?man`)

// clusterUnits reads the CronJobs of manifests.
func clusterUnits(p string, text []byte) []schedule {
	if !strings.Contains(string(text), "CronJob") {
		return nil
	}
	docs, err := document.YAML(p, text)
	if err != nil {
		return nil
	}
	var list []schedule
	for _, d := range docs {
		if d.Text("kind") != "CronJob" {
			continue
		}
		u := schedule{name: d.Text("metadata", "name"), line: d.LineOf("metadata", "name"), has: map[string]bool{}}
		for _, part := range []string{"annotations", "labels"} {
			for _, a := range d.Get("metadata", part).Entries() {
				if marksJob.MatchString(a.Key) {
					u.has[strings.TrimSuffix(part, "s")+" "+a.Key] = true
				}
			}
		}
		for _, c := range d.List("spec", "jobTemplate", "spec", "template", "spec", "containers") {
			if words := append(c.Get("command").Words(), c.Get("args").Words()...); len(words) > 1 && jobWrapper.MatchString(path.Base(words[0])) {
				u.has["wrapper "+path.Base(words[0])] = true
			}
		}
		list = append(list, u)
	}
	return list
}

// workflowUnits reads a workflow of GitHub that a schedule starts.
func workflowUnits(p string, text []byte) []schedule {
	if !strings.Contains(string(text), "schedule") {
		return nil
	}
	docs, err := document.YAML(p, text)
	if err != nil || len(docs) != 1 {
		return nil
	}
	d := docs[0]
	if d.Get("on", "schedule") == nil && d.Get("true", "schedule") == nil {
		return nil
	}
	u := schedule{name: stem(p), line: 1, has: map[string]bool{}}
	for _, job := range d.Get("jobs").Entries() {
		if strings.Contains(job.Value.Text("if"), "failure()") {
			u.has["step for its failure (if: failure())"] = true
		}
		for _, step := range job.Value.List("steps") {
			if strings.Contains(step.Text("if"), "failure()") {
				u.has["step for its failure (if: failure())"] = true
			}
		}
	}
	return []schedule{u}
}

// dagUnits reads the DAGs of Airflow.
func dagUnits(p string, text []byte) []schedule {
	f, err := source.Parse(p, text)
	if err != nil || !importsAny(f, []string{"airflow"}) {
		return nil
	}
	var list []schedule
	for _, c := range f.Calls {
		if c.Name != "DAG" && c.Name != "dag" {
			continue
		}
		u := schedule{name: stem(p), line: c.Span.Line, has: map[string]bool{}}
		for i, a := range c.Args {
			switch {
			case i == 0 && a.IsString, a.Keyword == "dag_id" && a.IsString:
				u.name = a.Str
			case strings.HasSuffix(a.Keyword, "_callback"):
				u.has[a.Keyword] = true
			case a.Keyword == "default_args" && (strings.Contains(a.Text, "_callback") || strings.Contains(whatIs(f, a.Text), "_callback")):
				u.has["on_failure_callback"] = true
			}
		}
		list = append(list, u)
	}
	return list
}

// whatIs is the text that a variable of the file is given, and for one of another file its name as if it had everything.
func whatIs(f *source.File, name string) string {
	name = strings.TrimSpace(name[strings.LastIndexByte(name, '=')+1:])
	for _, d := range f.Decls {
		if d.Name == name {
			return piece(f, d.Span)
		}
	}
	return "shared_callback"
}
