package contracts

// Schedules of tasks in configuration: sidekiq-cron, sidekiq-scheduler, resque-scheduler, Solid Queue's recurring tasks, Celery
// beat and its like.

import (
	"path"
	"slices"
	"strings"

	"flightpoll/detectors/contracts/pyapi"
	"flightpoll/detectors/source/document"
)

// schedules says that a file may be such a schedule.
func schedules(p string) bool {
	ext := path.Ext(p)
	return ext == ".yml" || ext == ".yaml" || ext == ".json"
}

// scheduledIn are the entries of a document that send the task at a time.
func (t task) scheduledIn(text []byte) []sentTask {
	var list []sentTask
	var walk func(n *document.Node, depth int)
	walk = func(n *document.Node, depth int) {
		if n == nil || depth > maxNesting {
			return
		}
		key := func(names ...string) *document.Node {
			for _, p := range n.Pairs {
				if slices.Contains(names, strings.TrimPrefix(p.Key, ":")) {
					return p.Value
				}
			}
			return nil
		}
		name := key("class", "klass", "task", "job", "job_class")
		timed := key("cron", "every", "schedule", "at", "in", "interval", "crontab") != nil
		if name != nil && name.Scalar() && timed && t.sentAs(name.Value) {
			if p, ok := t.scheduled(key("args", "arguments"), key("kwargs")); ok {
				list = append(list, sentTask{name.Line, p})
			}
		}
		for _, p := range n.Pairs {
			walk(p.Value, depth+1)
		}
		for _, i := range n.Items {
			walk(i, depth+1)
		}
	}
	for _, d := range documentsOf(text) {
		walk(d, 0)
	}
	return list
}

// sentAs says that a name is the task's.
func (t task) sentAs(name string) bool {
	name = strings.TrimPrefix(name, "::")
	return slices.Contains(t.names, name) || t.lang == "ruby" && name == t.word
}

// scheduled is what an entry passes; a single value is one argument, and so is a mapping, but for a Python task's kwargs.
func (t task) scheduled(args, kwargs *document.Node) (pyapi.Passed, bool) {
	var p pyapi.Passed
	switch {
	case args == nil || args.Kind == document.Null:
	case args.Kind == document.List:
		p.Positional = len(args.Items)
	default:
		p.Positional = 1
	}
	if kwargs != nil {
		if kwargs.Kind != document.Object {
			return p, kwargs.Kind == document.Null
		}
		for _, k := range kwargs.Pairs {
			p.Keywords = append(p.Keywords, k.Key)
		}
	}
	return p, true
}
