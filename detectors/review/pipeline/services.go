package pipeline

// What the services other than GitHub have: jobs of GitLab, commands below names.

import (
	"slices"
	"strings"

	"flightpoll/detectors/source/document"
)

func (r *reading) hooks(root *document.Node) {
	for _, repo := range root.List("repos") {
		for _, h := range repo.List("hooks") {
			id := h.Get("id")
			if id.Text() == "" {
				continue
			}
			s := Step{Job: "pre-commit", Name: id.Text(), Uses: id.Text(), Run: h.Text("entry"), Line: id.Line, RunLine: id.Line}
			if stages := h.Get("stages").Words(); len(stages) == 1 && stages[0] == "manual" {
				s.Weak = "stages: [manual]"
			}
			r.Steps = append(r.Steps, s)
		}
	}
}

var gitlabKeys = []string{"stages", "variables", "include", "default", "workflow", "image", "services", "cache", "before_script", "after_script", "pages"}

func (r *reading) gitlab(root *document.Node) {
	r.Open = has(root, "include")
	stages := root.Get("stages").Words()
	if stages == nil {
		stages = []string{"build", "test", "deploy"}
	}
	at := map[string]int{}
	for _, j := range root.Entries() {
		if inherited(root, j.Value, "script", 0) != nil && !strings.HasPrefix(j.Key, ".") {
			stage := inherited(root, j.Value, "stage", 0).Text()
			if stage == "" {
				stage = "test"
			}
			at[j.Key] = slices.Index(stages, stage)
		}
	}
	for _, j := range root.Entries() {
		if slices.Contains(gitlabKeys, j.Key) && j.Key != "pages" || strings.HasPrefix(j.Key, ".") && !has(j.Value, "script") {
			continue
		}
		job := j.Value
		key := func(name string) *document.Node { return inherited(root, job, name, 0) }
		s := Step{Job: j.Key, Name: j.Key, Line: j.Line, RunLine: j.Line, Run: script(key("script"))}
		if has(job, "script") {
			for _, k := range job.Entries() {
				if k.Key == "script" {
					s.RunLine = firstLine(k)
				}
			}
		}
		if needs := key("needs"); needs != nil {
			for _, n := range needs.List() {
				r.needs(j.Key, append(n.Words(), n.Text("job")))
			}
		} else {
			for name, stage := range at {
				if stage >= 0 && stage < at[j.Key] {
					r.needs(j.Key, []string{name})
				}
			}
		}
		manual := key("when").Text() == "manual"
		if rules := key("rules"); rules != nil {
			for _, rule := range rules.List() {
				manual = manual || rule.Text("when") == "manual"
			}
		}
		if manual {
			s.Approval = "when: manual"
		}
		switch failure := key("allow_failure"); {
		case yes(failure):
			s.Weak = "allow_failure: true"
		case manual && key("when").Text() == "manual":
			s.Weak = "when: manual"
		case key("when").Text() == "never":
			s.Weak = "when: never"
		}
		r.Steps = append(r.Steps, s)
	}
}

// maxExtends bounds the templates that a job goes through.
const maxExtends = 10

// inherited is what a job of GitLab has under a key, its own or that of the templates that it extends (docs.gitlab.com/ci/yaml/#extends),
// nil for none; of several templates the last one counts.
func inherited(root, job *document.Node, key string, depth int) *document.Node {
	if job == nil || depth > maxExtends {
		return nil
	}
	if own := job.Get(key); own != nil {
		return own
	}
	templates := job.Get("extends").Words()
	for _, name := range slices.Backward(templates) {
		if n := inherited(root, root.Get(name), key, depth+1); n != nil {
			return n
		}
	}
	return nil
}

// firstLine is where the text of a script begins.
func firstLine(k document.Pair) int {
	switch {
	case k.Value.Below:
		return k.Line + 1
	case len(k.Value.Items) > 0 && k.Value.Items[0].Line > 0:
		return k.Value.Items[0].Line
	}
	return k.Line
}

// script is the text of a list of commands, a command a line.
func script(n *document.Node) string {
	if n == nil {
		return ""
	}
	if n.Scalar() {
		return n.Value
	}
	var lines []string
	for _, i := range n.List() {
		if i.Scalar() {
			lines = append(lines, i.Value)
		} else {
			lines = append(lines, script(i))
		}
	}
	return strings.Join(lines, "\n")
}

var commandKeys = []string{"run", "script", "command", "commands", "bash", "pwsh", "powershell"}

// any reads the services whose files are not told apart here: whatever is a command below a name.
func (r *reading) any(job string, n *document.Node, weak, approval string, depth int) {
	if n == nil || depth > 20 {
		return
	}
	if has(n, "requires") && job != "" {
		r.needs(job, n.Get("requires").Words())
	}
	for _, k := range n.Entries() {
		name := strings.ToLower(k.Key)
		if (name == "continueonerror" || name == "allow_failure" || name == "soft_fail" || name == "ignore" || name == "skip") && yes(k.Value) {
			weak = k.Key + ": true"
		}
		if name == "enabled" && never(k.Value) {
			weak = "enabled: false"
		}
		if name == "type" && k.Value.Text() == "approval" || name == "trigger" && k.Value.Text() == "manual" || name == "environment" && k.Value.Scalar() || name == "block" && k.Value.Scalar() {
			approval = k.Key + ": " + k.Value.Text()
		}
	}
	for _, k := range n.Entries() {
		if slices.Contains(commandKeys, strings.ToLower(k.Key)) && !has(k.Value, "command") && len(k.Value.Pairs) == 0 {
			if text := script(k.Value); text != "" {
				r.Steps = append(r.Steps, Step{Job: job, Name: n.Text("name"), Line: k.Line, RunLine: firstLine(k), Run: text, Weak: weak, Approval: approval})
			}
			continue
		}
		r.any(k.Key, k.Value, weak, approval, depth+1)
	}
	for _, i := range n.List() {
		// Buildkite: whatever follows a block or an input waits for it (buildkite.com/docs/pipelines/configure/step-types/block-step).
		for _, key := range []string{"block", "input"} {
			if text := i.Text(key); text != "" {
				approval = key + ": " + text
			}
		}
		r.any(stepName(job, i), i, weak, approval, depth+1)
	}
}

// stepName is what a step of Buildkite is called, the job around it for any other.
func stepName(job string, step *document.Node) string {
	if !has(step, "command") && !has(step, "commands") {
		return job
	}
	for _, key := range []string{"key", "label"} {
		if name := step.Text(key); name != "" {
			return name
		}
	}
	return job
}
