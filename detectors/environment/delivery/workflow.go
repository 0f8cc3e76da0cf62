package delivery

// Jobs of GitHub workflows and GitLab pipelines that deploy: who lets them run, how they take back, what they try afterwards.

import (
	"path"
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source/document"
)

func workflow(p string, docs []*document.Node) []Unit {
	var units []Unit
	for _, d := range docs {
		if d.Get("on") == nil && d.Get("true") == nil {
			continue
		}
		for _, f := range d.Get("jobs").Entries() {
			j := f.Value
			u := Unit{Key: "job/" + p + "/" + f.Key, Title: "job " + f.Key, Line: f.Line, Ends: true}
			if env, ok := j.Pair("environment"); ok {
				name := env.Value.Value
				if name == "" {
					name = env.Value.Text("name")
				}
				u.add(Approval, "environment", "environment: "+short(name), 1, env.Line)
				u.Environment = name
			}
			u.Deploys = deployWord.MatchString(" "+f.Key) || deployWord.MatchString(" "+j.Text("name"))
			if needs := j.Get("needs"); needs != nil {
				u.Needs = names(needs)
			}
			if uses := j.Text("uses"); uses != "" {
				u.Open = true
				u.Deploys = u.Deploys || deployWord.MatchString(path.Base(strings.Split(uses, "@")[0]))
			}
			for _, s := range j.List("steps") {
				u.step(s.Text("name"), s.Text("uses"), s.Text("run"), s)
			}
			units = append(units, u)
		}
	}
	return units
}

func names(n *document.Node) []string {
	if n.Scalar() {
		return []string{n.Value}
	}
	var list []string
	for _, item := range n.Items {
		list = append(list, item.Value)
	}
	return list
}

// short keeps an expression out of a message.
func short(name string) string {
	if name == "" || strings.Contains(name, "${") || len(name) > 40 {
		return "an environment"
	}
	return name
}

var (
	deployWord = lazy.New(`(?i)(^|[-_./\s])(deploy|release|rollout|publish-to|ship)`)
	deployUses = lazy.New(`(?i)deploy|flyctl-actions|wrangler-action|helm|kubectl|ecs-|cloud-?run|vercel|netlify|app-?engine|webapps|elastic-?beanstalk`)
	smokeName  = lazy.New(`(?i)\bsmoke[\s_-]*(test|check)?|post[\s_-]?deploy(ment)?|health[\s_-]?check|verify[\s_-](the[\s_-])?(deploy|release|roll)|wait for (healthy|health|roll)|canary analysis`)
	backName   = lazy.New(`(?i)\broll[\s_-]?back\b`)
)

// step reads one step of a job: its commands, and its name where the command alone does not say what it is for.
func (u *Unit) step(name, uses, run string, at *document.Node) {
	if f, ok := at.Pair("run"); ok {
		line := f.Line
		if strings.Contains(strings.TrimSpace(run), "\n") {
			line++ // the script begins below its key
		}
		u.script(run, line)
	}
	if deployUses.MatchString(uses) && !strings.Contains(strings.ToLower(uses), "setup") {
		u.Deploys = true
		u.Steps = append(u.Steps, Step{Line: at.Line})
	}
	if smokeName.MatchString(name) && (run != "" || uses != "") {
		u.add(Check, "smoke", "the step that tries what was deployed", 1, at.Line)
	}
	if backName.MatchString(name) && (run != "" || uses != "") {
		u.add(Rollback, "step", "the step that takes a failed roll-out back", 1, at.Line)
	}
	with := at.Get("with")
	if f, ok := with.Pair("wait-for-service-stability"); ok && f.Value.Value == "true" {
		u.add(Check, "stable", "wait-for-service-stability", 1, f.Line)
	}
	if f, ok := with.Pair("atomic"); ok && f.Value.Value == "true" {
		u.add(Rollback, "atomic", "atomic: true", 1, f.Line)
	}
}

// pipelineWords are keys of a .gitlab-ci.yml that are no jobs.
var pipelineWords = map[string]bool{"stages": true, "variables": true, "default": true, "include": true, "workflow": true, "image": true, "services": true, "cache": true, "before_script": true, "after_script": true, "spec": true}

// stageOrder are the stages of a GitLab pipeline in the order in which they run.
func stageOrder(d *document.Node) []string {
	if list := d.List("stages"); len(list) > 0 {
		return append(append([]string{".pre"}, names(d.Get("stages"))...), ".post")
	}
	return []string{".pre", "build", "test", "deploy", ".post"}
}

func stageOf(job *document.Node) string {
	if s := job.Text("stage"); s != "" {
		return s
	}
	return "test"
}

func pipeline(p string, docs []*document.Node) []Unit {
	var units []Unit
	for _, d := range docs {
		stages := stageOrder(d)
		after := map[string][]string{} // the jobs of each stage
		for _, f := range d.Entries() {
			if !pipelineWords[f.Key] && len(f.Value.Pairs) > 0 && !strings.HasPrefix(f.Key, ".") {
				after[stageOf(f.Value)] = append(after[stageOf(f.Value)], f.Key)
			}
		}
		for _, f := range d.Entries() {
			j := f.Value
			if pipelineWords[f.Key] || len(j.Pairs) == 0 {
				continue
			}
			u := Unit{Key: "job/" + path.Dir(p) + "/" + f.Key, Title: "job " + f.Key, Line: f.Line, Ends: true, Open: j.Get("extends") != nil || j.Get("trigger") != nil}
			if env := j.Get("environment"); env != nil {
				u.Deploys, u.Environment = true, env.Value+env.Text("name")
			}
			if w, ok := j.Pair("when"); ok && w.Value.Value == "manual" {
				u.add(Approval, "manual", "when: manual", 1, w.Line)
			}
			for _, r := range j.List("rules") {
				if w, ok := r.Pair("when"); ok && w.Value.Value == "manual" {
					u.add(Approval, "manual", "when: manual", 1, w.Line)
				}
			}
			for _, n := range j.List("needs") {
				if n.Scalar() {
					u.Needs = append(u.Needs, n.Value)
				} else {
					u.Needs = append(u.Needs, n.Text("job"))
				}
			}
			if j.Get("needs") == nil {
				for _, earlier := range stages[:max(slices.Index(stages, stageOf(j)), 0)] {
					u.Needs = append(u.Needs, after[earlier]...)
				}
			}
			for _, key := range []string{"script", "after_script"} {
				s := j.Get(key)
				if s == nil {
					continue
				}
				for _, line := range append([]*document.Node{s}, s.Items...) {
					for _, c := range commands(line.Value) {
						u.run(c.words, line.Line, 0)
					}
				}
			}
			if smokeName.MatchString(strings.ReplaceAll(f.Key, "_", " ")) {
				u.add(Check, "smoke", "the job that tries what was deployed", 1, f.Line)
			}
			units = append(units, u)
		}
	}
	return units
}
