package delivery

// What the commands of a deploying step do, read by the shell's own grammar.

import (
	"path"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source/languages/shell"
)

var expression = lazy.New(`\$\{\{.*?\}\}`)

// simple is one simple command of a script as a list of words; what a word takes from elsewhere is "$".
type simple struct {
	words []string
	// line counts from 1 in the script.
	line int
}

// commands are the simple commands of a script.
func commands(script string) (list []simple) {
	// Expressions of the pipeline stand where the shell sees text.
	script = expression.ReplaceAllString(script, "EXPRESSION")
	file := shell.ReadLoose(script)
	if file == nil {
		return nil
	}
	syntax.Walk(file, func(n syntax.Node) bool {
		if call, ok := n.(*syntax.CallExpr); ok && len(call.Args) > 0 && len(list) < 2000 {
			var words []string
			for _, w := range call.Args {
				words = append(words, shell.Text(w, "$"))
			}
			list = append(list, simple{words, int(call.Pos().Line())})
		}
		return true
	})
	return list
}

// script judges the commands of a job's script; line is that of its first one in the file.
func (u *Unit) script(text string, line int) {
	for _, c := range commands(text) {
		u.run(c.words, line+c.line-1, 0)
	}
}

// run judges one command of a job and keeps it as a step where it migrates, brings out code or runs a script of the
// repository. What a command runs elsewhere is judged in its place.
func (u *Unit) run(c []string, line, depth int) {
	if inner := carried(c); len(inner) > 0 && depth < 4 {
		defer func(was bool) { u.remote = was }(u.remote)
		u.remote = u.remote || path.Base(c[0]) == "ssh"
		for _, i := range inner {
			u.run(i.words, line, depth+1)
		}
		return
	}
	brings := migrates(c)
	if p := scriptOf(c); p != "" && !brings {
		u.Steps = append(u.Steps, Step{Script: p, Line: line})
		return
	}
	before := u.Deploys
	u.Deploys = false
	u.command(c, line)
	if u.Deploys || u.brings() {
		u.imagesOf(c, line)
	}
	switch {
	case brings:
		u.Steps = append(u.Steps, Step{Migrates: true, Line: line})
	case u.Deploys:
		u.Steps = append(u.Steps, Step{Line: line})
	}
	u.Deploys = u.Deploys || before
}

// brings says whether a command that also serves tests and machines of developers is there to deploy: it runs on another
// machine, or its unit says so.
func (u *Unit) brings() bool { return u.remote || deployWord.MatchString(u.Title) }

// command judges one command of a job.
func (u *Unit) command(c []string, line int) {
	name := c[0][strings.LastIndexByte(c[0], '/')+1:]
	has := func(words ...string) bool {
		i := 0
		for _, w := range c[1:] {
			if i < len(words) && w == words[i] {
				i++
			}
		}
		return i == len(words)
	}
	option := func(names ...string) bool {
		return slices.ContainsFunc(c[1:], func(w string) bool {
			name, value, _ := strings.Cut(w, "=")
			return slices.Contains(names, name) && value != "false"
		})
	}
	switch name {
	case "helm", "helmfile":
		if has("rollback") {
			u.add(Rollback, "step", "helm rollback", 1, line)
		}
		if has("upgrade") || has("install") || has("apply") || has("sync") {
			u.Deploys = true
			if option("--atomic", "--rollback-on-failure") {
				u.add(Rollback, "atomic", "--atomic", 1, line)
			}
			if option("--wait", "--atomic", "--rollback-on-failure") {
				u.add(Check, "wait", "--wait", 1, line)
			}
		}
		if has("test") {
			u.add(Check, "smoke", "helm test", 1, line)
		}
	case "kubectl", "oc":
		switch {
		case has("rollout", "undo"):
			u.add(Rollback, "step", "rollout undo", 1, line)
		case has("rollout", "status"), has("wait"):
			u.add(Check, "wait", "rollout status", 1, line)
		case has("apply") || has("set", "image") || has("rollout", "restart") || has("replace"):
			u.Deploys = true
		}
	case "aws":
		if has("ecs", "wait", "services-stable") {
			u.add(Check, "stable", "ecs wait services-stable", 1, line)
		}
		u.Deploys = u.Deploys || has("ecs", "update-service") || has("deploy", "create-deployment") || has("lambda", "update-function-code") || has("cloudformation", "deploy")
		if has("deploy", "create-deployment") && option("--auto-rollback-configuration") {
			u.add(Rollback, "auto", "--auto-rollback-configuration", 1, line)
		}
	case "gcloud":
		if has("run", "deploy") || has("app", "deploy") || has("functions", "deploy") {
			u.Deploys = true
			if option("--no-traffic", "--no-promote") {
				u.add(Gradual, "traffic", "--no-traffic", 2, line)
			}
		}
	case "fly", "flyctl":
		if has("deploy") {
			u.Deploys = true
			for i, w := range c {
				if value, ok := strings.CutPrefix(w, "--strategy="); ok || w == "--strategy" && i+1 < len(c) {
					if !ok {
						value = c[i+1]
					}
					u.add(Gradual, "strategy", "--strategy "+value, map[string]int{"rolling": 1, "canary": 2, "bluegreen": 2}[value], line)
				}
			}
		}
	case "vercel", "netlify", "wrangler", "serverless", "sls", "railway", "heroku", "cdk", "terraform", "tofu", "pulumi", "eb", "kamal", "cap":
		u.Deploys = u.Deploys || has("deploy") || has("apply") || has("up") || has("--prod")
		if has("rollback") {
			u.add(Rollback, "step", name+" rollback", 1, line)
		}
	case "docker", "docker-compose":
		up := has("compose", "up") || name == "docker-compose" && has("up")
		u.Deploys = u.Deploys || has("stack", "deploy") || up && u.brings() && option("-d", "--detach", "--wait")
		if up && u.brings() && option("--wait") {
			u.add(Check, "wait", "--wait", 1, line)
		}
	case "argocd":
		u.Deploys = u.Deploys || has("app", "sync") || has("app", "set")
		if has("app", "wait") {
			u.add(Check, "wait", "argocd app wait", 1, line)
		}
		if has("app", "rollback") {
			u.add(Rollback, "step", "argocd app rollback", 1, line)
		}
	case "cf", "nomad", "az", "sam", "copilot":
		if has("push") || has("job", "run") || has("webapp", "deploy") || has("webapp", "up") || has("containerapp", "update") || has("containerapp", "up") || name != "az" && has("deploy") {
			u.Deploys = true
			if option("--strategy") {
				u.add(Gradual, "strategy", "--strategy", 1, line)
			}
			if option("--disable-rollback") {
				u.add(Rollback, "cloudformation", "the rollback of a failed stack", 0, line)
			} else if name == "sam" {
				u.add(Rollback, "cloudformation", "the rollback of a failed stack", 1, line)
			}
		}
		if has("slot", "swap") {
			u.add(Gradual, "slot", "the swap of slots", 2, line)
		}
	case "curl", "wget", "hurl", "newman", "k6":
		if slices.ContainsFunc(c[1:], func(w string) bool {
			return strings.HasPrefix(w, "http") || strings.HasPrefix(w, "$") || strings.HasPrefix(w, "EXPRESSION")
		}) && (name != "curl" || option("--fail", "--retry") || slices.ContainsFunc(c[1:], func(w string) bool {
			return len(w) > 1 && w[0] == '-' && w[1] != '-' && strings.Contains(w, "f")
		})) && slices.ContainsFunc(c[1:], health) {
			u.add(Check, "smoke", name+" of the health page", 1, line)
		}
	default:
		u.Deploys = u.Deploys || u.brings() && restarts(name, c[1:])
	}
}

func health(word string) bool {
	for _, part := range []string{"health", "ready", "/status", "/ping", "/live", "/up", "smoke"} {
		if strings.Contains(word, part) {
			return true
		}
	}
	return false
}
