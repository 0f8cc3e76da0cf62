package delivery

// Jobs of GitHub workflows and GitLab pipelines that deploy: who lets them run, how they take back, what they try afterwards.

import (
	"path"
	"strings"

	"flightpoll/detectors/lazy"
)

func workflow(p string, docs []*node) []Unit {
	var units []Unit
	for _, d := range docs {
		if d.get("on") == nil && d.get("true") == nil {
			continue
		}
		for _, f := range d.get("jobs").entries() {
			j := f.value
			u := Unit{Key: "job/" + p + "/" + f.key, Title: "job " + f.key, Line: f.line, Ends: true}
			if env, ok := j.field("environment"); ok {
				name := env.value.value
				if name == "" {
					name = env.value.text("name")
				}
				u.add(Approval, "environment", "environment: "+short(name), 1, env.line)
				u.Environment = name
			}
			u.Deploys = deployWord.MatchString(" "+f.key) || deployWord.MatchString(" "+j.text("name"))
			if needs := j.get("needs"); needs != nil {
				u.Needs = names(needs)
			}
			if uses := j.text("uses"); uses != "" {
				u.Open = true
				u.Deploys = u.Deploys || deployWord.MatchString(path.Base(strings.Split(uses, "@")[0]))
			}
			for _, s := range j.list("steps") {
				u.step(s.text("name"), s.text("uses"), s.text("run"), s)
			}
			units = append(units, u)
		}
	}
	return units
}

func names(n *node) []string {
	if n.scalar {
		return []string{n.value}
	}
	var list []string
	for _, item := range n.items {
		list = append(list, item.value)
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
func (u *Unit) step(name, uses, run string, at *node) {
	for _, c := range commands(run) {
		line := at.line
		if f, ok := at.field("run"); ok {
			line = f.line
		}
		u.run(c, line)
	}
	if deployUses.MatchString(uses) && !strings.Contains(strings.ToLower(uses), "setup") {
		u.Deploys = true
		u.Steps = append(u.Steps, Step{Line: at.line})
	}
	if smokeName.MatchString(name) && (run != "" || uses != "") {
		u.add(Check, "smoke", "the step that tries what was deployed", 1, at.line)
	}
	if backName.MatchString(name) && (run != "" || uses != "") {
		u.add(Rollback, "step", "the step that takes a failed roll-out back", 1, at.line)
	}
	with := at.get("with")
	if f, ok := with.field("wait-for-service-stability"); ok && f.value.value == "true" {
		u.add(Check, "stable", "wait-for-service-stability", 1, f.line)
	}
	if f, ok := with.field("atomic"); ok && f.value.value == "true" {
		u.add(Rollback, "atomic", "atomic: true", 1, f.line)
	}
}

// pipelineWords are keys of a .gitlab-ci.yml that are no jobs.
var pipelineWords = map[string]bool{"stages": true, "variables": true, "default": true, "include": true, "workflow": true, "image": true, "services": true, "cache": true, "before_script": true, "after_script": true, "spec": true}

func pipeline(p string, docs []*node) []Unit {
	var units []Unit
	for _, d := range docs {
		for _, f := range d.entries() {
			j := f.value
			if pipelineWords[f.key] || len(j.fields) == 0 {
				continue
			}
			u := Unit{Key: "job/" + path.Dir(p) + "/" + f.key, Title: "job " + f.key, Line: f.line, Ends: true, Open: j.get("extends") != nil || j.get("trigger") != nil}
			if env := j.get("environment"); env != nil {
				u.Deploys, u.Environment = true, env.value+env.text("name")
			}
			if w, ok := j.field("when"); ok && w.value.value == "manual" {
				u.add(Approval, "manual", "when: manual", 1, w.line)
			}
			for _, r := range j.list("rules") {
				if w, ok := r.field("when"); ok && w.value.value == "manual" {
					u.add(Approval, "manual", "when: manual", 1, w.line)
				}
			}
			for _, n := range j.list("needs") {
				if n.scalar {
					u.Needs = append(u.Needs, n.value)
				} else {
					u.Needs = append(u.Needs, n.text("job"))
				}
			}
			for _, key := range []string{"script", "after_script"} {
				s := j.get(key)
				if s == nil {
					continue
				}
				for _, line := range append([]*node{s}, s.items...) {
					for _, c := range commands(line.value) {
						u.run(c, line.line)
					}
				}
			}
			if smokeName.MatchString(strings.ReplaceAll(f.key, "_", " ")) {
				u.add(Check, "smoke", "the job that tries what was deployed", 1, f.line)
			}
			units = append(units, u)
		}
	}
	return units
}
