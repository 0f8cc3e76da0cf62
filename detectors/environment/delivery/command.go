package delivery

// What the commands of a deploying step do, read by the shell's own grammar.

import (
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"flightpoll/detectors/lazy"
)

var expression = lazy.New(`\$\{\{.*?\}\}`)

// commands are the simple commands of a script as lists of words; what a word takes from elsewhere is "$".
func commands(script string) (list [][]string) {
	if script == "" || len(script) > maxText {
		return nil
	}
	defer func() { _ = recover() }() // a script that the parser cannot take says nothing
	// Expressions of the pipeline stand where the shell sees text.
	script = expression.ReplaceAllString(script, "EXPRESSION")
	file, err := syntax.NewParser(syntax.Variant(syntax.LangBash), syntax.RecoverErrors(5)).Parse(strings.NewReader(script), "")
	if err != nil && file == nil {
		return nil
	}
	syntax.Walk(file, func(n syntax.Node) bool {
		if call, ok := n.(*syntax.CallExpr); ok && len(call.Args) > 0 && len(list) < 2000 {
			var words []string
			for _, w := range call.Args {
				words = append(words, wordOf(w))
			}
			list = append(list, words)
		}
		return true
	})
	return list
}

func wordOf(w *syntax.Word) string {
	var text strings.Builder
	var parts func(list []syntax.WordPart)
	parts = func(list []syntax.WordPart) {
		for _, p := range list {
			switch p := p.(type) {
			case *syntax.Lit:
				text.WriteString(p.Value)
			case *syntax.SglQuoted:
				text.WriteString(p.Value)
			case *syntax.DblQuoted:
				parts(p.Parts)
			default:
				text.WriteByte('$')
			}
		}
	}
	parts(w.Parts)
	return text.String()
}

// run judges one command of a job and keeps it as a step where it migrates or brings out code.
func (u *Unit) run(c []string, line int) {
	before := u.Deploys
	u.Deploys = false
	u.command(c, line)
	switch {
	case migrates(c):
		u.Steps = append(u.Steps, Step{Migrates: true, Line: line})
	case u.Deploys:
		u.Steps = append(u.Steps, Step{Line: line})
	}
	u.Deploys = u.Deploys || before
}

// migrators are the commands that bring a database's schema up to date, as words that follow each other.
var migrators = [][]string{
	{"migrate", "up"}, {"alembic", "upgrade"}, {"db:migrate"}, {"db:prepare"}, {"manage.py", "migrate"}, {"django-admin", "migrate"}, {"artisan", "migrate"}, {"prisma", "migrate", "deploy"},
	{"prisma", "db", "push"}, {"knex", "migrate:latest"}, {"goose", "up"}, {"dbmate", "up"}, {"dbmate", "migrate"}, {"flyway", "migrate"}, {"liquibase", "update"}, {"atlas", "migrate", "apply"},
	{"diesel", "migration", "run"}, {"sqlx", "migrate", "run"}, {"sea-orm-cli", "migrate"}, {"typeorm", "migration:run"}, {"sequelize-cli", "db:migrate"}, {"drizzle-kit", "migrate"}, {"node-pg-migrate", "up"},
	{"doctrine:migrations:migrate"}, {"ecto.migrate"}, {"ef", "database", "update"}, {"tern", "migrate"}, {"make", "migrate"}, {"run", "migrate"}, {"run", "db:migrate"},
}

func migrates(c []string) bool {
	for _, m := range migrators {
		i := 0
		for _, w := range c {
			if i < len(m) && (w == m[i] || strings.HasSuffix(w, "/"+m[i])) {
				i++
			}
		}
		if i == len(m) {
			return true
		}
	}
	return false
}

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
		case has("rollout", "status"):
			u.add(Check, "wait", "rollout status", 1, line)
		case has("apply") || has("set", "image") || has("rollout", "restart") || has("replace"):
			u.Deploys = true
		}
	case "aws":
		if has("ecs", "wait", "services-stable") {
			u.add(Check, "stable", "ecs wait services-stable", 1, line)
		}
		u.Deploys = u.Deploys || has("ecs", "update-service") || has("deploy", "create-deployment") || has("lambda", "update-function-code")
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
		u.Deploys = u.Deploys || has("stack", "deploy")
	case "curl", "wget", "hurl", "newman", "k6":
		if slices.ContainsFunc(c[1:], func(w string) bool {
			return strings.HasPrefix(w, "http") || strings.HasPrefix(w, "$") || strings.HasPrefix(w, "EXPRESSION")
		}) && (name != "curl" || option("--fail", "--retry") || slices.ContainsFunc(c[1:], func(w string) bool {
			return len(w) > 1 && w[0] == '-' && w[1] != '-' && strings.Contains(w, "f")
		})) && slices.ContainsFunc(c[1:], health) {
			u.add(Check, "smoke", name+" of the health page", 1, line)
		}
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
