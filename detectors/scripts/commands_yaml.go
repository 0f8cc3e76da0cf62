package scripts

// Command lines of YAML files: workflows, pipelines, Compose files and Kubernetes manifests.

import (
	"path"
	"slices"
	"strings"

	"flightpoll/detectors/source/document"
)

// maxYAML bounds the documents that are parsed, in bytes.
const maxYAML = 1 << 20

// yamlDocuments are the documents of a YAML or JSON text, none where it does not parse or is a longer way than a walk goes.
func yamlDocuments(p, text string) []*document.Node {
	if len(text) > maxYAML {
		return nil
	}
	list, err := document.YAML(p, []byte(text))
	if err != nil {
		return nil
	}
	return slices.DeleteFunc(list, func(n *document.Node) bool { return !n.Walkable() })
}

// workflowCommands reads the steps of a workflow that runs by itself and is no test.
func workflowCommands(p, text string) []command {
	var list []command
	for _, doc := range yamlDocuments(p, text) {
		when := ""
		for _, event := range doc.Get("on").Words() {
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
		title := path.Base(p) + " " + doc.Text("name")
		for _, job := range doc.Get("jobs").Entries() {
			name := job.Key + " " + job.Value.Text("name")
			ships := job.Value.Get("environment") != nil || shipping.MatchString(name) || shipping.MatchString(title) && !provingJob.MatchString(name)
			if !ships && when != onSchedule || job.Value.Get("services") != nil || provingJob.MatchString(name) {
				continue
			}
			for _, step := range job.Value.List("steps") {
				if run := step.Get("run"); run != nil && step.Get("if") == nil {
					list = append(list, command{p, run.TextLine(), run.Value, when})
				}
			}
		}
	}
	return list
}

// pipelineCommands reads the jobs of GitLab, Azure, Bitbucket and AWS pipelines that ship something.
func pipelineCommands(p, text string) []command {
	var list []command
	for _, doc := range yamlDocuments(p, text) {
		for _, job := range doc.Entries() {
			name := job.Key + " " + job.Value.Text("stage")
			whole := !strings.Contains(path.Base(p), "gitlab")
			if !whole && (job.Value.Get("services") != nil || provingJob.MatchString(name) || !shipping.MatchString(name) && job.Value.Get("environment") == nil) {
				continue
			}
			scriptLines(job.Value, 0, func(s *document.Node) {
				list = append(list, command{p, s.TextLine(), s.Value, eachDeployment})
			})
		}
	}
	return list
}

// scriptLines visits the script lines below a job.
func scriptLines(t *document.Node, depth int, visit func(*document.Node)) {
	if t == nil || depth > 10 {
		return
	}
	for _, m := range t.Pairs {
		if slices.Contains([]string{"script", "before_script", "after_script", "commands", "bash", "inlineScript"}, m.Key) {
			for _, s := range append(slices.Clone(m.Value.Items), m.Value) {
				if s.Value != "" {
					visit(s)
				}
			}
			continue
		}
		scriptLines(m.Value, depth+1, visit)
	}
	for _, i := range t.Items {
		scriptLines(i, depth+1, visit)
	}
}

// composeCommands reads what the services of a Compose file start with.
func composeCommands(p, text string) []command {
	var list []command
	for _, doc := range yamlDocuments(p, text) {
		for _, service := range doc.Get("services").Entries() {
			list = append(list, containerCommand(p, service.Value, eachStart)...)
		}
	}
	return list
}

// containerCommand is the command line of a container: command (or entrypoint) and args together.
func containerCommand(p string, t *document.Node, when string) []command {
	var argv []string
	line := 0
	for _, key := range []string{"entrypoint", "command", "args"} {
		v := t.Get(key)
		if v == nil {
			continue
		}
		if line == 0 {
			line = v.TextLine()
		}
		if v.Value != "" {
			argv = append(argv, strings.Fields(v.Value)...)
			if len(v.Items) == 0 && len(argv) > 0 && key != "args" && t.Get("args") == nil {
				return []command{{p, line, v.Value, when}}
			}
			continue
		}
		for _, i := range v.Items {
			argv = append(argv, i.Value)
			if strings.Contains(i.Value, "\n") {
				line = i.TextLine()
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
	for _, doc := range yamlDocuments(p, text) {
		notes := doc.Get("metadata", "annotations")
		when := ""
		switch doc.Text("kind") {
		case "CronJob":
			when = onSchedule
		case "Job":
			hook := ""
			for _, m := range notes.Entries() {
				if m.Key == "helm.sh/hook" || m.Key == "argocd.argoproj.io/hook" {
					hook = m.Value.Value
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
		containers(doc, 0, func(c *document.Node) { list = append(list, containerCommand(p, c, when)...) })
	}
	return list
}

// containers visits the containers below a manifest.
func containers(t *document.Node, depth int, visit func(*document.Node)) {
	if t == nil || depth > 14 {
		return
	}
	for _, m := range t.Pairs {
		if m.Key == "containers" || m.Key == "initContainers" {
			for _, c := range m.Value.Items {
				visit(c)
			}
			continue
		}
		containers(m.Value, depth+1, visit)
	}
}
