package scripts

// Ansible tasks: what a play runs by command, shell and raw, and what keeps it from doing so again.

import (
	"path"
	"strings"

	"flightpoll/detectors/lazy"
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
	for _, doc := range readYAML(text) {
		list = append(list, tasksIn(doc, 0)...)
	}
	return list
}

func tasksIn(t *tree, depth int) []task {
	if t == nil || depth > 8 {
		return nil
	}
	var list []task
	for i, item := range t.items {
		for _, inner := range []string{"tasks", "pre_tasks", "post_tasks"} {
			list = append(list, tasksIn(item.get(inner), depth+1)...)
		}
		if guardedTask(item) {
			continue
		}
		for _, inner := range []string{"block", "rescue", "always"} {
			list = append(list, tasksIn(item.get(inner), depth+1)...)
		}
		if found, ok := commandOf(item); ok {
			found.last = found.first + strings.Count(found.command, "\n")
			if i+1 < len(t.items) {
				found.last = max(found.last, t.items[i+1].line-1)
			}
			list = append(list, found)
		}
	}
	return list
}

// guardedTask says that a task asks before it runs, or says itself when it changed something.
func guardedTask(t *tree) bool {
	if t.get("changed_when") != nil || t.get("failed_when") != nil || t.get("ignore_errors") != nil {
		return true
	}
	for _, w := range t.get("when").all() {
		if !fact.MatchString(strings.TrimSpace(w)) {
			return true
		}
	}
	args := t.get("args")
	return args.get("creates") != nil || args.get("removes") != nil
}

// commandOf is the command line of a task of the command modules, false for other tasks and for those with creates.
func commandOf(t *tree) (task, bool) {
	for _, m := range t.members {
		module := m.key[strings.LastIndexByte(m.key, '.')+1:]
		switch module {
		case "command", "shell", "raw", "win_shell", "win_command":
		default:
			continue
		}
		found := task{module: module, line: m.line, first: m.value.line}
		if n := t.get("name"); n != nil {
			found.name = n.text
		}
		switch v := m.value; {
		case v.text != "":
			if freeForm.MatchString(v.text) {
				return task{}, false
			}
			found.command = v.text
		case v.get("creates") != nil || v.get("removes") != nil:
			return task{}, false
		case v.get("cmd") != nil:
			found.command, found.first = v.get("cmd").text, v.get("cmd").line
		default:
			found.command = strings.Join(v.get("argv").all(), " ")
		}
		return found, found.command != ""
	}
	return task{}, false
}
