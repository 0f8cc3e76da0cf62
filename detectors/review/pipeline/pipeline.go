package pipeline

import (
	"path"
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source/document"
)

// maxText bounds what is read as a pipeline, in bytes.
const maxText = 256 << 10

// Pipeline is one file of CI.
type Pipeline struct {
	Path string
	// Triggers are the events of a workflow ("pull_request", "schedule"), empty where a file names none.
	Triggers []string
	Steps    []Step
	// Needs are the jobs that have to succeed before each one, where the file says so.
	Needs map[string][]string
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
func Is(p string) bool {
	return files.MatchString(p) || jenkinsfile.MatchString(p) || gitHook.MatchString(p)
}

// gitHook are scripts that git runs before a commit or a push (husky, a folder that core.hooksPath names).
var gitHook = lazy.New(`^(?:\.husky|\.?git-?hooks|hooks|\.hooks|scripts/(?:git-)?hooks)/(?:pre-commit|pre-push|commit-msg|pre-receive|pre-merge-commit)(?:\.sh)?$`)

// Hooks says whether a path configures what runs before a commit.
func Hooks(p string) bool {
	return gitHook.MatchString(p) || strings.HasPrefix(path.Base(p), ".pre-commit") || strings.Contains(path.Base(p), "lefthook")
}

// Read reads one file; nil for one that is not of its kind.
func Read(p string, text []byte) *Pipeline {
	if len(text) > maxText {
		return nil
	}
	r := &reading{Pipeline{Path: p}}
	switch {
	case jenkinsfile.MatchString(p):
		r.jenkins(string(text))
		return &r.Pipeline
	case gitHook.MatchString(p):
		r.Steps = []Step{{Job: "hook", Name: path.Base(p), Run: string(text), Line: 1, RunLine: 1}}
		return &r.Pipeline
	}
	roots, err := document.YAML(p, text)
	if err != nil || len(roots) == 0 {
		return nil
	}
	root := roots[0]
	if len(root.Pairs) == 0 && len(root.Items) == 0 {
		return nil
	}
	switch {
	case strings.HasPrefix(path.Base(p), ".pre-commit"):
		r.hooks(root)
	case strings.Contains(p, "/workflows/") || strings.Contains(p, "/actions/"):
		r.workflow(root)
	case strings.Contains(path.Base(p), "gitlab") || strings.HasPrefix(p, ".gitlab/"):
		r.gitlab(root)
	default:
		for _, root := range roots {
			r.any("", root, "", "", 0)
		}
	}
	return &r.Pipeline
}

type reading struct{ Pipeline }

var trueWords = []string{"true", "${{ true }}", "yes"}

func yes(n *document.Node) bool { return slices.Contains(trueWords, strings.ToLower(n.Text())) }

// has says whether a mapping has a key.
func has(n *document.Node, key string) bool {
	_, ok := n.Pair(key)
	return ok
}

func never(n *document.Node) bool {
	v := strings.Join(strings.Fields(strings.Trim(n.Text(), "${} ")), " ")
	return v == "false" || v == "0"
}

func (r *reading) workflow(root *document.Node) {
	on := root.Get("on")
	if !has(root, "on") {
		on = root.Get("true") // YAML 1.1 reads the key on as a boolean
	}
	r.Triggers = on.Words()
	r.permissions(root)
	if has(root, "runs") {
		r.steps("", root.Get("runs", "steps"), "", "")
	}
	jobs := root.Get("jobs")
	for _, j := range jobs.Entries() {
		job := j.Value
		r.permissions(job)
		if has(job, "needs") {
			r.needs(j.Key, job.Get("needs").Words())
		}
		if uses := job.Get("uses"); uses.Text() != "" {
			r.Open = r.Open || !strings.HasPrefix(uses.Text(), "./")
			r.Steps = append(r.Steps, Step{Job: j.Key, Uses: unversioned(uses.Text()), Line: j.Line, Inputs: inputs(job.Get("with"))})
		}
		weak, approval := "", ""
		if yes(job.Get("continue-on-error")) {
			weak = "continue-on-error: true"
		} else if never(job.Get("if")) {
			weak = "if: false"
		}
		approval = approvalOf(jobs, job, map[string]bool{})
		r.steps(j.Key, job.Get("steps"), weak, approval)
	}
}

func (r *reading) needs(job string, before []string) {
	if r.Needs == nil {
		r.Needs = map[string][]string{}
	}
	r.Needs[job] = append(r.Needs[job], before...)
}

// WaitsFor are all jobs that have to succeed before one.
func (p *Pipeline) WaitsFor(job string) []string {
	var list []string
	todo := []string{job}
	for len(todo) > 0 && len(list) < 500 {
		next := p.Needs[todo[0]]
		todo = todo[1:]
		for _, n := range next {
			if !slices.Contains(list, n) {
				list, todo = append(list, n), append(todo, n)
			}
		}
	}
	return list
}

// approvalOf is what lets a job run by a person's word: its environment, an event that a person sends, or a job before it.
func approvalOf(jobs, job *document.Node, seen map[string]bool) string {
	if has(job, "environment") {
		name := job.Get("environment")
		if name.Text() == "" {
			name = name.Get("name")
		}
		return "environment: " + name.Text()
	}
	if cond := job.Text("if"); byHand.MatchString(cond) {
		return "if: " + cond
	}
	for _, before := range job.Get("needs").Words() {
		if !seen[before] && has(jobs, before) {
			seen[before] = true
			if a := approvalOf(jobs, jobs.Get(before), seen); a != "" {
				return a
			}
		}
	}
	for _, s := range job.List("steps") {
		if approves.MatchString(s.Text("uses")) {
			return "uses: " + unversioned(s.Text("uses"))
		}
	}
	return ""
}

// byHand are conditions that only a person's doing meets.
var byHand = lazy.New(`event_name\s*==\s*'workflow_dispatch'|\binputs\.\w*(?:confirm|approve)|\breview\.state\s*==\s*'approved'`)

func (r *reading) permissions(n *document.Node) {
	for _, k := range n.Entries() {
		if k.Key == "permissions" && k.Value.Text() == "write-all" {
			r.WriteAll = k.Line
		}
	}
}

func (r *reading) steps(job string, list *document.Node, weak, approval string) {
	for _, s := range list.List() {
		step := Step{Job: job, Name: s.Text("name"), Uses: unversioned(s.Text("uses")), Run: s.Text("run"), Line: s.Line, RunLine: s.Line, Weak: weak, Approval: approval, Inputs: inputs(s.Get("with"))}
		for _, k := range s.Entries() {
			step.Line = min(max(step.Line, 1), k.Line)
			if k.Key == "run" {
				step.RunLine = firstLine(k)
			}
		}
		switch {
		case yes(s.Get("continue-on-error")):
			step.Weak = "continue-on-error: true"
		case never(s.Get("if")):
			step.Weak = "if: false"
		}
		r.Steps = append(r.Steps, step)
	}
}

// approves are actions that wait for a person.
var approves = lazy.New(`(?i)manual-approval|wait-for-approval|approval-action|required-approvals`)

func inputs(n *document.Node) map[string]string {
	list := map[string]string{}
	for _, k := range n.Entries() {
		list[k.Key] = k.Value.Text()
	}
	return list
}

func unversioned(uses string) string {
	name, _, _ := strings.Cut(uses, "@")
	return name
}
