package scripts

// Command lines of YAML files: workflows, pipelines, Compose files and Kubernetes manifests.

import (
	"path"
	"slices"
	"strings"
)

// workflowCommands reads the steps of a workflow that runs by itself and is no test.
func workflowCommands(p, text string) []command {
	var list []command
	for _, doc := range readYAML(text) {
		on := doc.get("on")
		when := ""
		for _, event := range append(keysOf(on), on.all()...) {
			switch event {
			case "schedule":
				when = onSchedule
			case "push", "release", "deployment", "workflow_run", "repository_dispatch", "workflow_call", "workflow_dispatch":
				if when == "" {
					when = eachDeployment
				}
			}
		}
		if when == "" {
			continue
		}
		title := path.Base(p)
		if n := doc.get("name"); n != nil {
			title += " " + n.text
		}
		for _, job := range doc.get("jobs").membersOf() {
			name := job.key
			if n := job.value.get("name"); n != nil {
				name += " " + n.text
			}
			ships := job.value.get("environment") != nil || shipping.MatchString(name) || shipping.MatchString(title) && !provingJob.MatchString(name)
			if !ships && when != onSchedule || job.value.get("services") != nil || provingJob.MatchString(name) {
				continue
			}
			for _, step := range job.value.get("steps").itemsOf() {
				if run := step.get("run"); run != nil && step.get("if") == nil {
					list = append(list, command{p, run.first(), run.text, when})
				}
			}
		}
	}
	return list
}

// pipelineCommands reads the jobs of GitLab, Azure, Bitbucket and AWS pipelines that ship something.
func pipelineCommands(p, text string) []command {
	var list []command
	for _, doc := range readYAML(text) {
		for _, job := range doc.members {
			name := job.key
			if s := job.value.get("stage"); s != nil {
				name += " " + s.text
			}
			whole := !strings.Contains(path.Base(p), "gitlab")
			if !whole && (job.value.get("services") != nil || provingJob.MatchString(name) || !shipping.MatchString(name) && job.value.get("environment") == nil) {
				continue
			}
			scriptLines(job.value, 0, func(s *tree) {
				list = append(list, command{p, s.first(), s.text, eachDeployment})
			})
		}
	}
	return list
}

// scriptLines visits the script lines below a job.
func scriptLines(t *tree, depth int, visit func(*tree)) {
	if t == nil || depth > 10 {
		return
	}
	for _, m := range t.members {
		if slices.Contains([]string{"script", "before_script", "after_script", "commands", "bash", "inlineScript"}, m.key) {
			for _, s := range append(m.value.itemsOf(), m.value) {
				if s.text != "" {
					visit(s)
				}
			}
			continue
		}
		scriptLines(m.value, depth+1, visit)
	}
	for _, i := range t.items {
		scriptLines(i, depth+1, visit)
	}
}

// composeCommands reads what the services of a Compose file start with.
func composeCommands(p, text string) []command {
	var list []command
	for _, doc := range readYAML(text) {
		for _, service := range doc.get("services").membersOf() {
			list = append(list, containerCommand(p, service.value, eachStart)...)
		}
	}
	return list
}

// containerCommand is the command line of a container: command (or entrypoint) and args together.
func containerCommand(p string, t *tree, when string) []command {
	var argv []string
	line := 0
	for _, key := range []string{"entrypoint", "command", "args"} {
		v := t.get(key)
		if v == nil {
			continue
		}
		if line == 0 {
			line = v.first()
		}
		if v.text != "" {
			argv = append(argv, strings.Fields(v.text)...)
			if len(v.items) == 0 && len(argv) > 0 && key != "args" && t.get("args") == nil {
				return []command{{p, line, v.text, when}}
			}
			continue
		}
		for _, i := range v.items {
			argv = append(argv, i.text)
			if strings.Contains(i.text, "\n") {
				line = i.first()
			}
		}
	}
	if len(argv) == 0 {
		return nil
	}
	return []command{{p, line, joinArgv(argv), when}}
}

// manifestCommands reads Kubernetes objects that start programs again and again: CronJobs, hooks of Helm and Argo CD, and
// the first containers of pods; and Ansible plays are left to their own detector.
func manifestCommands(p, text string) []command {
	if !strings.Contains(text, "kind:") {
		if starterName.MatchString(p) {
			return settingCommands(p, text)
		}
		return nil
	}
	var list []command
	text = template.ReplaceAllString(control.ReplaceAllString(text, ""), "x")
	for _, doc := range readYAML(text) {
		kind := doc.get("kind")
		if kind == nil {
			continue
		}
		notes := doc.get("metadata").get("annotations")
		when := ""
		switch kind.text {
		case "CronJob":
			when = onSchedule
		case "Job":
			hook := ""
			for _, m := range notes.membersOf() {
				if m.key == "helm.sh/hook" || m.key == "argocd.argoproj.io/hook" {
					hook = m.value.text
				}
			}
			if strings.Contains(hook, "upgrade") || strings.Contains(hook, "Sync") {
				when = eachDeployment
			}
		case "Deployment", "StatefulSet", "DaemonSet":
			when = eachStart
		}
		if when == "" {
			continue
		}
		containers(doc, 0, func(c *tree) { list = append(list, containerCommand(p, c, when)...) })
	}
	return list
}

// containers visits the containers below a manifest.
func containers(t *tree, depth int, visit func(*tree)) {
	if t == nil || depth > 14 {
		return
	}
	for _, m := range t.members {
		if m.key == "containers" || m.key == "initContainers" {
			for _, c := range m.value.itemsOf() {
				visit(c)
			}
			continue
		}
		containers(m.value, depth+1, visit)
	}
}

// first is the line where a text begins: that of a block is below its mark.
func (t *tree) first() int {
	if strings.Contains(strings.TrimSpace(t.text), "\n") || strings.HasSuffix(t.text, "\n") {
		return t.line + 1
	}
	return t.line
}

func (t *tree) membersOf() []member {
	if t == nil {
		return nil
	}
	return t.members
}

func (t *tree) itemsOf() []*tree {
	if t == nil {
		return nil
	}
	return t.items
}

func keysOf(t *tree) []string {
	var keys []string
	for _, m := range t.membersOf() {
		keys = append(keys, m.key)
	}
	return keys
}
