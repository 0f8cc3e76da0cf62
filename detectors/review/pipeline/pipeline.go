package pipeline

import (
	"path"
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
)

// Pipeline is one file of CI.
type Pipeline struct {
	Path string
	// Triggers are the events of a workflow ("pull_request", "schedule"), empty where a file names none.
	Triggers []string
	Steps    []Step
	// Open says that jobs run what this repository does not hold: a workflow of another one.
	Open bool
	// WriteAll is the line that gives the token every permission, 0 for none.
	WriteAll int
}

// Step is one step of a job, or one hook.
type Step struct {
	Job, Name string
	// Uses is the action, image or hook, without its version. Run is the script as written.
	Uses, Run string
	// Line is where the step begins, RunLine the line of the first line of its script.
	Line, RunLine int
	// Weak says why a failure stops nothing ("continue-on-error: true"), empty where it does.
	Weak string
	// Approval says what a person has to do before it runs ("environment: production", "when: manual"), empty for nothing.
	Approval string
	// Inputs are what an action is given.
	Inputs map[string]string
}

var files = lazy.New(`^\.(?:github|gitea|forgejo)/(?:workflows|actions)/.+\.ya?ml$|(?:^|/)\.gitlab-ci\.ya?ml$|^\.gitlab/.+\.ya?ml$|^\.circleci/config\.ya?ml$|(?:^|/)azure-pipelines[\w.-]*\.ya?ml$|^\.azure[\w-]*/.+\.ya?ml$|^bitbucket-pipelines\.ya?ml$|^\.buildkite/.+\.ya?ml$|^\.drone\.ya?ml$|^\.travis\.ya?ml$|(?:^|/)\.pre-commit-config\.ya?ml$|^\.?lefthook\.ya?ml$|^\.woodpecker(?:/.+)?\.ya?ml$`)

// Is says whether a path is a file that Read reads.
func Is(p string) bool { return files.MatchString(p) }

// Hooks says whether a path configures what runs before a commit.
func Hooks(p string) bool {
	return strings.HasPrefix(path.Base(p), ".pre-commit") || strings.Contains(path.Base(p), "lefthook")
}

// Read reads one file; nil for one that is no YAML of the kind.
func Read(p string, text []byte) *Pipeline {
	root := parse(text)
	if root == nil || len(root.keys) == 0 && len(root.items) == 0 {
		return nil
	}
	r := &reading{Pipeline{Path: p}}
	switch {
	case strings.HasPrefix(path.Base(p), ".pre-commit"):
		r.hooks(root)
	case strings.Contains(p, "/workflows/") || strings.Contains(p, "/actions/"):
		r.workflow(root)
	case strings.Contains(path.Base(p), "gitlab") || strings.HasPrefix(p, ".gitlab/"):
		r.gitlab(root)
	default:
		r.any("", root, "", "", 0)
	}
	return &r.Pipeline
}

type reading struct{ Pipeline }

var trueWords = []string{"true", "${{ true }}", "yes"}

func yes(n *node) bool { return slices.Contains(trueWords, strings.ToLower(n.value)) }

func never(n *node) bool {
	v := strings.Join(strings.Fields(strings.Trim(n.value, "${} ")), " ")
	return n.scalar && (v == "false" || v == "0")
}

func (r *reading) workflow(root *node) {
	on := root.get("on")
	if !root.has("on") {
		on = root.get("true") // YAML 1.1 reads the key on as a boolean
	}
	r.Triggers = on.words()
	r.permissions(root)
	if root.has("runs") {
		r.steps("", root.get("runs").get("steps"), "", "")
	}
	jobs := root.get("jobs")
	for _, j := range jobs.keys {
		job := j.value
		r.permissions(job)
		if uses := job.get("uses"); uses.value != "" {
			r.Open = r.Open || !strings.HasPrefix(uses.value, "./")
			r.Steps = append(r.Steps, Step{Job: j.name, Uses: unversioned(uses.value), Line: j.line, Inputs: inputs(job.get("with"))})
		}
		weak, approval := "", ""
		if yes(job.get("continue-on-error")) {
			weak = "continue-on-error: true"
		} else if never(job.get("if")) {
			weak = "if: false"
		}
		approval = approvalOf(jobs, job, map[string]bool{})
		r.steps(j.name, job.get("steps"), weak, approval)
	}
}

// approvalOf is what lets a job run by a person's word: its environment, an event that a person sends, or a job before it.
func approvalOf(jobs, job *node, seen map[string]bool) string {
	if job.has("environment") {
		name := job.get("environment")
		if name.value == "" {
			name = name.get("name")
		}
		return "environment: " + name.value
	}
	if cond := job.get("if").value; byHand.MatchString(cond) {
		return "if: " + cond
	}
	for _, before := range job.get("needs").words() {
		if !seen[before] && jobs.has(before) {
			seen[before] = true
			if a := approvalOf(jobs, jobs.get(before), seen); a != "" {
				return a
			}
		}
	}
	for _, s := range job.get("steps").items {
		if approves.MatchString(s.get("uses").value) {
			return "uses: " + unversioned(s.get("uses").value)
		}
	}
	return ""
}

// byHand are conditions that only a person's doing meets.
var byHand = lazy.New(`event_name\s*==\s*'workflow_dispatch'|\binputs\.\w*(?:confirm|approve)|\breview\.state\s*==\s*'approved'`)

func (r *reading) permissions(n *node) {
	for _, k := range n.keys {
		if k.name == "permissions" && k.value.value == "write-all" {
			r.WriteAll = k.line
		}
	}
}

func (r *reading) steps(job string, list *node, weak, approval string) {
	for _, s := range list.items {
		step := Step{Job: job, Name: s.get("name").value, Uses: unversioned(s.get("uses").value), Run: s.get("run").value, Line: s.line, RunLine: s.line, Weak: weak, Approval: approval, Inputs: inputs(s.get("with"))}
		for _, k := range s.keys {
			step.Line = min(max(step.Line, 1), k.line)
			if k.name == "run" {
				step.RunLine = firstLine(k)
			}
		}
		switch {
		case yes(s.get("continue-on-error")):
			step.Weak = "continue-on-error: true"
		case never(s.get("if")):
			step.Weak = "if: false"
		}
		r.Steps = append(r.Steps, step)
	}
}

// approves are actions that wait for a person.
var approves = lazy.New(`(?i)manual-approval|wait-for-approval|approval-action|required-approvals`)

func inputs(n *node) map[string]string {
	list := map[string]string{}
	for _, k := range n.keys {
		list[k.name] = k.value.value
	}
	return list
}

func unversioned(uses string) string {
	name, _, _ := strings.Cut(uses, "@")
	return name
}

func (r *reading) hooks(root *node) {
	for _, repo := range root.get("repos").items {
		for _, h := range repo.get("hooks").items {
			id := h.get("id")
			if id.value == "" {
				continue
			}
			s := Step{Job: "pre-commit", Name: id.value, Uses: id.value, Run: h.get("entry").value, Line: id.line, RunLine: id.line}
			if stages := h.get("stages").words(); len(stages) == 1 && stages[0] == "manual" {
				s.Weak = "stages: [manual]"
			}
			r.Steps = append(r.Steps, s)
		}
	}
}

var gitlabKeys = []string{"stages", "variables", "include", "default", "workflow", "image", "services", "cache", "before_script", "after_script", "pages"}

func (r *reading) gitlab(root *node) {
	r.Open = root.has("include")
	for _, j := range root.keys {
		if slices.Contains(gitlabKeys, j.name) && j.name != "pages" || strings.HasPrefix(j.name, ".") && !j.value.has("script") {
			continue
		}
		job := j.value
		s := Step{Job: j.name, Name: j.name, Line: j.line, RunLine: j.line, Run: script(job.get("script"))}
		if job.has("script") {
			for _, k := range job.keys {
				if k.name == "script" {
					s.RunLine = firstLine(k)
				}
			}
		}
		manual := job.get("when").value == "manual"
		for _, rule := range job.get("rules").items {
			manual = manual || rule.get("when").value == "manual"
		}
		if manual {
			s.Approval = "when: manual"
		}
		switch failure := job.get("allow_failure"); {
		case yes(failure):
			s.Weak = "allow_failure: true"
		case manual && job.get("when").value == "manual":
			s.Weak = "when: manual"
		case job.get("when").value == "never":
			s.Weak = "when: never"
		}
		r.Steps = append(r.Steps, s)
	}
}

// firstLine is where the text of a script begins.
func firstLine(k entry) int {
	switch {
	case k.value.block:
		return k.line + 1
	case len(k.value.items) > 0 && k.value.items[0].line > 0:
		return k.value.items[0].line
	}
	return k.line
}

// script is the text of a list of commands, a command a line.
func script(n *node) string {
	if n.scalar {
		return n.value
	}
	var lines []string
	for _, i := range n.items {
		if i.scalar {
			lines = append(lines, i.value)
		} else {
			lines = append(lines, script(i))
		}
	}
	return strings.Join(lines, "\n")
}

var commandKeys = []string{"run", "script", "command", "commands", "bash", "pwsh", "powershell"}

// any reads the services whose files are not told apart here: whatever is a command below a name.
func (r *reading) any(job string, n *node, weak, approval string, depth int) {
	if depth > 20 {
		return
	}
	for _, k := range n.keys {
		name := strings.ToLower(k.name)
		if (name == "continueonerror" || name == "allow_failure" || name == "soft_fail" || name == "ignore") && yes(k.value) {
			weak = k.name + ": true"
		}
		if name == "enabled" && never(k.value) {
			weak = "enabled: false"
		}
		if name == "type" && k.value.value == "approval" || name == "trigger" && k.value.value == "manual" || name == "environment" && k.value.scalar || name == "block" && k.value.scalar {
			approval = k.name + ": " + k.value.value
		}
	}
	for _, k := range n.keys {
		if slices.Contains(commandKeys, strings.ToLower(k.name)) && !k.value.has("command") && len(k.value.keys) == 0 {
			if text := script(k.value); text != "" {
				r.Steps = append(r.Steps, Step{Job: job, Name: n.get("name").value, Line: k.line, RunLine: firstLine(k), Run: text, Weak: weak, Approval: approval})
			}
			continue
		}
		r.any(k.name, k.value, weak, approval, depth+1)
	}
	for _, i := range n.items {
		r.any(job, i, weak, approval, depth+1)
	}
}
