package observability

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/observability/monitors"
	"flightpoll/detectors/source"
	"flightpoll/detectors/source/document"
)

// Resources of Terraform that are watched by an alarm each, and new ones that are not.

// watchedKinds are resources that may have an alarm of their own.
var watchedKinds = lazy.New(`^(?:aws_(?:sqs_queue|lambda_function|db_instance|rds_cluster|dynamodb_table|ecs_service|kinesis_\w*stream|elasticache_\w+|lb|alb|sfn_state_machine|mq_broker|msk_cluster|opensearch_domain|glue_job|batch_job_definition)|google_(?:pubsub_subscription|cloud_run\w*_service|cloud_run_v2_job|sql_database_instance|cloud_scheduler_job|cloudfunctions\w*_function|redis_instance)|azurerm_(?:servicebus_queue|servicebus_subscription|linux_function_app|mssql_database|postgresql_flexible_server|redis_cache|container_app))$`)

// stack is what the Terraform files of one folder say: resources by kind, and the texts of what wakes somebody.
type stack struct {
	resources map[string][]document.Pair
	paths     map[string]string
	alarms    []string
}

// stackOf reads the Terraform files of a folder at one side.
func (l *lookup) stackOf(dir string, base bool) *stack {
	paths, read := l.pass.Branch.HeadPaths, l.pass.Branch.ReadHead
	if base {
		paths, read = l.pass.Branch.BasePaths, l.pass.Branch.ReadBase
	}
	all, err := paths()
	if err != nil {
		return nil
	}
	s := &stack{resources: map[string][]document.Pair{}, paths: map[string]string{}}
	for _, p := range all {
		if path.Dir(p) != dir || path.Ext(p) != ".tf" || len(s.paths) > 400 {
			continue
		}
		text, err := read(p)
		if err != nil {
			continue
		}
		root, err := document.HCL(p, text)
		if err != nil {
			continue
		}
		for _, kind := range root.Get("resource").Entries() {
			for _, r := range kind.Value.Entries() {
				if monitors.Alarm(kind.Key) {
					s.alarms = append(s.alarms, monitors.WholeText(r.Value))
					continue
				}
				s.resources[kind.Key] = append(s.resources[kind.Key], r)
				s.paths[kind.Key+"."+r.Key] = p
			}
		}
		for _, v := range root.Get("locals").Entries() { // what a for_each of alarms goes over
			s.alarms = append(s.alarms, monitors.WholeText(v.Value))
		}
		for _, m := range root.Get("module").Entries() {
			if aboutAlarms.MatchString(m.Key + " " + m.Value.Text("source")) {
				s.alarms = append(s.alarms, monitors.WholeText(m.Value))
			}
		}
	}
	return s
}

var aboutAlarms = lazy.New(`(?i)alarm|alert|monitor`)

// watched says whether something that wakes somebody names a resource, by its reference or by its name.
func (s *stack) watched(kind string, r document.Pair) bool {
	ref, name := kind+"."+r.Key, cmp.Or(r.Value.Text("name"), r.Value.Text("function_name"), r.Value.Text("identifier"))
	return slices.ContainsFunc(s.alarms, func(text string) bool {
		i := strings.Index(text, ref)
		return i >= 0 && !wordStart.MatchString(text[i+len(ref):]) || len(name) > 4 && mentions(text, []string{name})
	})
}

// missingAlarms reports the resources that a changed file adds without an alarm, where each of their kin has one.
func (l *lookup) missingAlarms(f *branch.File) bool {
	if path.Ext(f.Path) != ".tf" || f.Status == branch.Deleted || source.IsTest(f.Path) || source.IsExample(f.Path) {
		return false
	}
	text, err := f.After()
	if err != nil || !strings.Contains(string(text), "resource") {
		return false
	}
	dir := path.Dir(f.Path)
	is := l.stackOf(dir, false)
	was := l.stackOf(dir, true)
	if is == nil || was == nil || len(is.alarms) == 0 {
		return false
	}
	for kind, list := range is.resources {
		if !watchedKinds.MatchString(kind) {
			continue
		}
		for _, r := range list {
			if is.paths[kind+"."+r.Key] != f.Path || was.paths[kind+"."+r.Key] != "" || !f.Touched(r.Line) || is.watched(kind, r) {
				continue
			}
			kin := slices.Clone(was.resources[kind])
			if same := slices.DeleteFunc(slices.Clone(kin), func(o document.Pair) bool { return lastWordOf(o.Key) != lastWordOf(r.Key) }); len(same) >= 2 {
				kin = same
			} else if deadLetter.MatchString(r.Key) {
				continue
			}
			if len(kin) < 2 || slices.ContainsFunc(kin, func(o document.Pair) bool { return !was.watched(kind, o) }) {
				continue
			}
			l.pass.Report(detectors.Finding{
				Severity: detectors.Warning, Path: f.Path, Line: r.Line, Symbol: r.Key,
				Message:  fmt.Sprintf("%s.%s has no alarm; each of the %d like it has one", kind, r.Key, len(kin)),
				Why:      "When it fails or fills up nobody is told, and what it held is lost when it expires.",
				Fix:      fmt.Sprintf("Add it where %s is watched.", kin[0].Key),
				Evidence: []string{kind, r.Key},
			})
		}
	}
	return true
}

// deadLetter is the name of a queue for what could not be handled.
var deadLetter = lazy.New(`(?i)dlq|dead_?-?letter`)

// lastWordOf is the end of a resource's name, by which kin go: dlq of tremor_dlq.
func lastWordOf(name string) string {
	return name[strings.LastIndexAny(name, "_-")+1:]
}
