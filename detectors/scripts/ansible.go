package scripts

// Ansible tasks: what a play runs by command, shell and raw, and what keeps it from doing so again.

import (
	"path"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source/document"
)

// task is one task that runs commands of its own.
type task struct {
	name, module, command string
	// first is the line of the command's text, last the task's last one.
	first, line, last int
}

var (
	playPath = lazy.New(`(?i)(^|/)(tasks|playbooks?|plays|ansible)(/|$)|(^|/)(site|playbook|main|provision|bootstrap|setup|deploy)[\w.-]*\.ya?ml$`)
	freeForm = lazy.New(`\b(creates|removes)=`)
	// fact is a condition on the machine, which is the same at each run.
	fact = lazy.New(`^(not\s+)?\(?(ansible_\w+|inventory_hostname|groups|group_names|hostvars)\b`)
)

// readTasks finds the unguarded commands of a playbook or task file, nil for other files.
func readTasks(p, text string) []task {
	if ext := path.Ext(p); ext != ".yml" && ext != ".yaml" || !playPath.MatchString(p) || strings.Contains("/"+p, "/handlers/") {
		return nil
	}
	var list []task
	for _, doc := range yamlDocuments(p, text) {
		list = append(list, tasksIn(doc, 0)...)
	}
	return list
}

func tasksIn(t *document.Node, depth int) []task {
	if t == nil || depth > 8 {
		return nil
	}
	var list []task
	for i, item := range t.Items {
		for _, inner := range []string{"tasks", "pre_tasks", "post_tasks"} {
			list = append(list, tasksIn(item.Get(inner), depth+1)...)
		}
		if guardedTask(item) {
			continue
		}
		for _, inner := range []string{"block", "rescue", "always"} {
			list = append(list, tasksIn(item.Get(inner), depth+1)...)
		}
		if found, ok := commandOf(item); ok {
			found.last = found.first + strings.Count(found.command, "\n")
			if i+1 < len(t.Items) {
				found.last = max(found.last, t.Items[i+1].Line-1)
			}
			list = append(list, found)
		}
	}
	return list
}

// guardedTask says that a task asks before it runs, or says itself when it changed something.
func guardedTask(t *document.Node) bool {
	if t.Get("changed_when") != nil || t.Get("failed_when") != nil || t.Get("ignore_errors") != nil {
		return true
	}
	for _, w := range t.Get("when").Words() {
		if !fact.MatchString(strings.TrimSpace(w)) {
			return true
		}
	}
	return t.Get("args", "creates") != nil || t.Get("args", "removes") != nil
}

// commandOf is the command line of a task of the command modules, false for other tasks and for those with creates.
func commandOf(t *document.Node) (task, bool) {
	for _, m := range t.Entries() {
		module := m.Key[strings.LastIndexByte(m.Key, '.')+1:]
		switch module {
		case "command", "shell", "raw", "win_shell", "win_command":
		default:
			continue
		}
		found := task{module: module, line: m.Line, first: m.Value.TextLine()}
		found.name = t.Text("name")
		switch v := m.Value; {
		case v.Value != "":
			if freeForm.MatchString(v.Value) {
				return task{}, false
			}
			found.command = v.Value
		case v.Get("creates") != nil || v.Get("removes") != nil:
			return task{}, false
		case v.Get("cmd") != nil:
			found.command, found.first = v.Text("cmd"), v.Get("cmd").TextLine()
		default:
			found.command = strings.Join(v.Get("argv").Words(), " ")
		}
		return found, found.command != ""
	}
	return task{}, false
}
