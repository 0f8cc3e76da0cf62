package delivery

// Pipelines beyond GitHub's and GitLab's: CircleCI, Azure, Bitbucket, and services whose steps are one list in order.

import (
	"path"
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source/document"
)

// pipelineReader reads the pipelines of one service.
type pipelineReader struct {
	path *lazy.Regexp
	read func(p string, d *document.Node) []Unit
}

// pipelineReaders are the services, by the paths of their files.
var pipelineReaders = []pipelineReader{
	{lazy.New(`(^|/)\.circleci/[\w.-]+\.ya?ml$`), circle},
	{lazy.New(`(?i)(^|/)([\w-]*azure-?pipelines?[\w.-]*|\.azure-?pipelines/.*|\.azuredevops/.*|\.ado/.*)\.ya?ml$`), azure},
	{lazy.New(`(^|/)bitbucket-pipelines\.ya?ml$`), bitbucket},
	{lazy.New(`(^|/)cloudbuild[\w.-]*\.(ya?ml|json)$`), cloudBuild},
	{lazy.New(`(^|/)(\.drone[\w.-]*|\.woodpecker[\w.-]*|\.woodpecker/.*|\.crow/.*)\.ya?ml$`), containerSteps},
	{lazy.New(`(^|/)\.buildkite/.*\.ya?ml$`), buildkite},
	{lazy.New(`(^|/)\.travis\.ya?ml$`), phases("before_script", "script", "before_deploy", "deploy", "after_deploy", "after_success")},
	{lazy.New(`(^|/)buildspec[\w.-]*\.ya?ml$`), buildspec},
	{lazy.New(`(^|/)appspec[\w.-]*\.ya?ml$`), appspec},
	{lazy.New(`(^|/)\.semaphore/.*\.ya?ml$`), semaphore},
}

// pipelineOf is the reader of a path, nil for a path that is no pipeline of these services.
func pipelineOf(p string) func(string, *document.Node) []Unit {
	for _, r := range pipelineReaders {
		if r.path.MatchString(p) {
			return r.read
		}
	}
	return nil
}

// job is a pipeline's job as a unit.
func job(p, name string, line int) Unit {
	return Unit{Key: "job/" + p + "/" + name, Title: "job " + name, Line: line, Ends: true, Deploys: deployWord.MatchString(" " + name)}
}

// brought keeps a step that brings out code by something other than a command: an action, a task, a pipe, an orb.
func (u *Unit) brought(line int) {
	u.Deploys = true
	u.Steps = append(u.Steps, Step{Line: line})
}

// lines judges a script that is a text or a list of texts.
func (u *Unit) lines(n *document.Node) {
	if n == nil {
		return
	}
	if n.Scalar() {
		line := n.Line
		if strings.Contains(strings.TrimSpace(n.Value), "\n") {
			line++
		}
		u.script(n.Value, line)
		return
	}
	for _, item := range n.Items {
		u.lines(item)
	}
}

// circle: the jobs of workflows in the order of what they require; an approval is a job of its own.
func circle(p string, d *document.Node) []Unit {
	var units []Unit
	known := map[string]bool{}
	for _, workflow := range d.Get("workflows").Entries() {
		approvals := map[string]int{}
		for _, item := range workflow.Value.List("jobs") {
			name, of, at := item.Value, item.Value, (*document.Node)(nil)
			if len(item.Pairs) > 0 {
				name, of, at = item.Pairs[0].Key, item.Pairs[0].Key, item.Pairs[0].Value
				if alias := at.Text("name"); alias != "" {
					name = alias
				}
			}
			if name == "" || known[name] {
				continue
			}
			if at.Text("type") == "approval" {
				approvals[name] = item.Line
				continue
			}
			known[name] = true
			u := job(p, name, item.Line)
			if at.Get("requires") != nil {
				u.Needs = names(at.Get("requires"))
			}
			for _, need := range u.Needs {
				if line := approvals[need]; line > 0 {
					u.add(Approval, "manual", "type: approval", 1, line)
				}
			}
			definition := d.Get("jobs", of)
			if definition == nil && deployUses.MatchString(of) {
				u.brought(item.Line)
			}
			for _, s := range definition.List("steps") {
				u.circleStep(s)
			}
			units = append(units, u)
		}
	}
	return units
}

func (u *Unit) circleStep(s *document.Node) {
	if len(s.Pairs) == 0 {
		return
	}
	switch first := s.Pairs[0]; {
	case first.Key == "run" && first.Value.Scalar():
		u.lines(first.Value)
	case first.Key == "run":
		u.step(first.Value.Text("name"), "", first.Value.Text("command"), first.Value)
		u.lines(first.Value.Get("command"))
	case first.Key == "when" || first.Key == "unless":
		for _, inner := range first.Value.List("steps") {
			u.circleStep(inner)
		}
	case deployUses.MatchString(first.Key) && !strings.Contains(first.Key, "install") && !strings.Contains(first.Key, "setup"):
		u.brought(first.Line)
	}
}

// azure: stages and jobs one after the other unless they say what they depend on.
func azure(p string, d *document.Node) []Unit {
	var units []Unit
	read := func(stage string, before []string, at *document.Node) []string {
		var keys []string
		for _, j := range at.List("jobs") {
			name := j.Text("job") + j.Text("deployment")
			if name == "" {
				continue
			}
			u := job(p, strings.Trim(stage+"."+name, "."), j.Line)
			u.Needs = slices.Clone(before)
			if needs := j.Get("dependsOn"); needs != nil {
				for _, n := range names(needs) {
					u.Needs = append(u.Needs, strings.Trim(stage+"."+n, "."))
				}
			}
			u.azureJob(j)
			units = append(units, u)
			keys = append(keys, path.Base(u.Key))
		}
		if at.Get("steps") != nil {
			u := job(p, "pipeline", at.Line)
			u.azureSteps(at.List("steps"))
			units = append(units, u)
		}
		return keys
	}
	read("", nil, d)
	after := map[string][]string{}
	var last []string
	for _, s := range d.List("stages") {
		name, before := s.Text("stage"), last
		if needs := s.Get("dependsOn"); needs != nil {
			before = nil
			for _, n := range names(needs) {
				before = append(before, after[n]...)
			}
		}
		keys := read(name, before, s)
		after[name], last = append(slices.Clone(before), keys...), append(slices.Clone(before), keys...)
	}
	return units
}

func (u *Unit) azureJob(j *document.Node) {
	if env, ok := j.Pair("environment"); ok {
		u.Environment = strings.Split(env.Value.Value+env.Value.Text("name"), ".")[0]
		u.Deploys = true
		u.add(Approval, "environment", "environment: "+short(u.Environment), 1, env.Line)
	}
	if template, ok := j.Pair("template"); ok && template.Value.Scalar() {
		u.Open = true
	}
	u.azureSteps(j.List("steps"))
	for _, way := range j.Get("strategy").Entries() {
		switch way.Key {
		case "rolling":
			u.add(Gradual, "strategy", "strategy: rolling", 1, way.Line)
		case "canary":
			u.add(Gradual, "strategy", "strategy: canary", 2, way.Line)
		}
		for _, hook := range []string{"preDeploy", "deploy", "routeTraffic", "postRouteTraffic"} {
			u.azureSteps(way.Value.List(hook, "steps"))
		}
		if failure, ok := way.Value.Get("on").Pair("failure"); ok {
			u.add(Rollback, "step", "the steps that follow a failed roll-out", 1, failure.Line)
		}
	}
}

func (u *Unit) azureSteps(steps []*document.Node) {
	for _, s := range steps {
		for _, key := range []string{"script", "bash", "pwsh", "powershell"} {
			u.lines(s.Get(key))
		}
		if s.Get("template") != nil {
			u.Open = true
		}
		task := s.Text("task")
		u.step(s.Text("displayName"), "", "task", s)
		switch inputs := s.Get("inputs"); {
		case task == "":
		case inputs.Get("script") != nil || inputs.Get("inlineScript") != nil:
			u.lines(inputs.Get("script"))
			u.lines(inputs.Get("inlineScript"))
		case inputs.Get("custom") != nil || strings.HasPrefix(task, "DotNetCoreCLI"):
			u.script("dotnet "+inputs.Text("custom")+" "+inputs.Text("arguments"), s.Line)
		case azureTask.MatchString(task):
			u.brought(s.Line)
		}
	}
}

// azureTask are the tasks that bring out code.
var azureTask = lazy.New(`^(Azure(RmWebAppDeployment|WebApp|WebAppContainer|FunctionApp|FunctionAppContainer|ContainerApps|AppServiceManage|StaticWebApp|SpringCloud)|HelmDeploy|Kubernetes(Manifest)?|IISWebAppDeploymentOnMachineGroup|ServiceFabricDeploy|CloudFormationCreateOrUpdateStack|ECSDeploy|BeanstalkDeployApplication)@`)

// bitbucket: the steps of each branch's pipeline, one after the other.
func bitbucket(p string, d *document.Node) []Unit {
	var units []Unit
	list := func(name string, items []*document.Node) {
		var before []string
		add := func(s *document.Node, after []string) string {
			title := strings.NewReplacer("/", "-").Replace(s.Text("name"))
			if title == "" {
				title = "step"
			}
			u := job(p, name+"."+title, s.Line)
			u.Title, u.Needs = "step "+title, slices.Clone(after)
			if env := s.Text("deployment"); env != "" {
				u.Deploys, u.Environment = true, env
			}
			if t, ok := s.Pair("trigger"); ok && t.Value.Value == "manual" {
				u.add(Approval, "manual", "trigger: manual", 1, t.Line)
			}
			for _, key := range []string{"script", "after-script"} {
				for _, line := range s.List(key) {
					if pipe := line.Text("pipe"); pipe != "" {
						if deployUses.MatchString(pipe) || strings.Contains(pipe, "kamal") || strings.Contains(pipe, "ssh-run") && deployWord.MatchString(" "+title) {
							u.brought(line.Line)
						}
						continue
					}
					u.lines(line)
				}
			}
			if smokeName.MatchString(title) {
				u.add(Check, "smoke", "the step that tries what was deployed", 1, s.Line)
			}
			units = append(units, u)
			return path.Base(u.Key)
		}
		for _, item := range items {
			var keys []string
			steps := slices.Concat(item.Blocks("step"), item.List("parallel"), item.List("parallel", "steps"), item.List("stage", "steps"))
			for _, s := range steps {
				if inner := s.Get("step"); inner != nil {
					s = inner
				}
				keys = append(keys, add(s, before))
			}
			before = append(before, keys...)
		}
	}
	for _, kind := range d.Get("pipelines").Entries() {
		if len(kind.Value.Items) > 0 {
			list(kind.Key, kind.Value.Items)
		}
		for _, branch := range kind.Value.Entries() {
			list(branch.Key, branch.Value.Items)
		}
	}
	return units
}
