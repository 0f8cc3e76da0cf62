package delivery

// Ansible: the tasks of plays and of roles in their order.

import (
	"path"
	"strings"

	"flightpoll/detectors/source/document"
)

// starters are the modules that start or restart what runs the code, by the end of their names, with the states that do so.
var starters = map[string][]string{
	"systemd": {"restarted", "reloaded", "started"}, "systemd_service": {"restarted", "reloaded", "started"}, "service": {"restarted", "reloaded", "started"},
	"supervisorctl": {"restarted", "started", "present"}, "docker_container": {"started", "", "present"}, "docker_compose": {"present", ""},
	"docker_compose_v2": {"present", "", "restarted"}, "docker_stack": {"present", ""}, "docker_swarm_service": {"present", ""}, "k8s": {"present", ""}, "helm": {"present", "", "deployed"}, "podman_container": {"started", ""},
	"ecs_service": {"present"},
}

// play reads a list of plays, or of a role's tasks, as one unit; none where it is no such list.
func play(p string, d *document.Node) []Unit {
	u := Unit{Key: "job/" + p + "/play", Title: "playbook " + path.Base(p), Path: p, Line: 1, Ends: true}
	found := false
	for _, item := range d.Items {
		if item.Get("hosts") == nil {
			continue
		}
		found = true
		for _, key := range []string{"pre_tasks", "tasks", "post_tasks"} {
			u.tasks(p, item.List(key), 0)
		}
	}
	if !found && strings.Contains(p, "tasks/") {
		found = true
		u.tasks(p, d.Items, 0)
	}
	if !found || len(u.Steps) == 0 {
		return nil
	}
	return []Unit{u}
}

func (u *Unit) tasks(p string, list []*document.Node, depth int) {
	for _, t := range list {
		for _, f := range t.Entries() {
			module := f.Key[strings.LastIndexByte(f.Key, '.')+1:]
			states, starts := starters[module]
			switch {
			case f.Key == "block" && depth < 4:
				u.tasks(p, f.Value.Items, depth+1)
			case module == "command" || module == "shell":
				text := f.Value.Value
				for _, key := range []string{"cmd", "argv"} {
					if v := f.Value.Get(key); v != nil {
						text = v.Value + strings.Join(names(v), " ")
					}
				}
				u.remote = true
				u.script(text, f.Line)
			case module == "django_manage" && strings.HasPrefix(f.Value.Text("command"), "migrate"):
				u.Steps = append(u.Steps, Step{Migrates: true, Line: f.Line})
			case (module == "include_tasks" || module == "import_tasks") && depth < 4:
				file := f.Value.Value + f.Value.Text("file")
				if file != "" && !strings.Contains(file, "{{") {
					u.Steps = append(u.Steps, Step{Script: path.Join(path.Dir(p), file), Line: f.Line})
				}
			case starts && !f.Value.Scalar():
				if i, ok := f.Value.Pair("image"); ok && i.Value.Value != "" {
					u.Images = append(u.Images, imageOf(t.Text("name"), i.Value.Value, i.Line))
				}
				for _, state := range states {
					if f.Value.Text("state") == state {
						u.brought(f.Line)
						break
					}
				}
			}
		}
	}
}
