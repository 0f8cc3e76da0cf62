package effective

// GitHub Actions: what each step of a job is given, in the environment that the job names.

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"path"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source/document"
)

// KindStep is the kind of a unit that is one step of a CI job. Steps that run the same command, apart from the word of
// the environment, are the same unit.
const KindStep = "workflow step"

func loadWorkflows(ctx context.Context, t *Tree) []Unit {
	var units []Unit
	for _, p := range t.Below(".github/workflows") {
		if !yamlFile(p) {
			continue
		}
		if ctx.Err() != nil {
			break
		}
		for _, n := range t.nodes(p) {
			jobs := n.Get("jobs")
			if jobs == nil {
				continue
			}
			for _, job := range jobs.Pairs {
				units = append(units, t.jobUnits(p, n, job)...)
			}
		}
	}
	return units
}

// jobEnvironment is what a job says of its environment: the field, else its own name, else the file's. known is false where
// only the run decides.
func jobEnvironment(p string, job document.Pair) (e Environment, word string, known bool) {
	name := job.Value.Text("environment")
	if name == "" {
		name = job.Value.Text("environment", "name")
	}
	if strings.Contains(name, "${{") {
		return Everywhere, "", false
	}
	if name != "" {
		return EnvironmentOf(name), name, true
	}
	for _, text := range []string{job.Key, path.Base(p)} {
		if e, word := InName(text); word != "" && e != Testing {
			return e, word, true
		}
	}
	return Everywhere, "", true
}

var (
	exports = lazy.New(`(?m)(?:echo|printf)\s+["']?([A-Za-z_]\w*)=[^\n]*>>\s*["']?\$\{?GITHUB_ENV`)
	// loads are actions and scripts that put more into the environment than the file shows.
	loads   = lazy.New(`(?i)load-secrets|secretsmanager|get-secrets|vault-action|doppler|dotenv|infisical|secrets-fetch|fetch-gh-secret|env-file|sops`)
	appends = lazy.New(`GITHUB_ENV`)
)

func (t *Tree) jobUnits(p string, workflow *document.Node, job document.Pair) []Unit {
	e, word, known := jobEnvironment(p, job)
	if !known || e == Everywhere {
		return nil // what runs for no environment in particular configures none
	}
	base := Unit{Kind: KindStep, Environment: e, Root: ".github/workflows", Files: []string{p}, Variables: map[string]Variable{}, At: Place{p, job.Line}}
	base.takeExpressions(workflow.Get("env"), p)
	base.takeExpressions(job.Value.Get("env"), p)
	if uses := job.Value.Text("uses"); uses != "" {
		base.Name = withoutWords(uses, word)
		base.takeExpressions(job.Value.Get("with"), p)
		base.takeExpressions(job.Value.Get("secrets"), p)
		if job.Value.Text("secrets") == "inherit" {
			base.open("it inherits every secret")
		}
		return []Unit{base}
	}
	var units []Unit
	count := map[string]int{}
	for _, step := range job.Value.List("steps") {
		run, uses := step.Text("run"), step.Text("uses")
		u := base
		u.Variables = map[string]Variable{}
		for k, v := range base.Variables {
			u.Variables[k] = v
		}
		u.takeExpressions(step.Get("env"), p)
		u.takeInputs(step.Get("with"), p)
		at := place(step, "run")
		given := commandVariables(run)
		for _, name := range given {
			u.Variables[name] = elsewhere(at)
		}
		switch u.Name, _, _ = strings.Cut(uses, "@"); {
		case len(given) > 0:
			u.Name = deployCommand(run)
		case run != "":
			u.Name = command(strings.TrimSpace(run), word)
		}
		if count[u.Name]++; u.Name != "" && len(u.Variables) > 0 && count[u.Name] == 1 {
			u.At = Place{p, step.Line}
			units = append(units, u)
		}
		names := exports.FindAllStringSubmatch(run, 40)
		for _, m := range names {
			base.Variables[m[1]] = elsewhere(at)
		}
		if loads.MatchString(run+uses) || len(names) == 0 && appends.MatchString(run) {
			base.open("a step before it loads variables")
		}
	}
	return units
}

// command names a command by a digest, as a command may hold a value, and without an environment's words, so that the same
// command of two environments is one.
func command(text, word string) string {
	sum := sha256.Sum256([]byte(withoutWords(text, word)))
	return "command " + hex.EncodeToString(sum[:4])
}

func withoutWords(text, word string) string {
	parts := commandWord.Split(text, 400)
	var kept []string
	for _, part := range parts {
		if _, ok := Known(part); ok || word != "" && part == word {
			part = "*"
		}
		kept = append(kept, part)
	}
	return strings.Join(kept, " ")
}

var commandWord = lazy.New(`[^\w]+`)

// takeExpressions adds a mapping whose values may be expressions.
func (u *Unit) takeExpressions(n *document.Node, p string) {
	if n == nil {
		return
	}
	for _, pair := range n.Pairs {
		u.Variables[pair.Key] = expression(n.Text(pair.Key), Place{p, pair.Line})
	}
}

var storeOf = lazy.New(`\$\{\{[^}]*\b(?:secrets|vars)\.(\w+)`)

// expression is a value of a workflow: from a store, from the run, or written out.
func expression(value string, at Place) Variable {
	if m := storeOf.FindStringSubmatch(value); m != nil {
		v := elsewhere(at)
		v.From = []string{m[1]}
		return v
	}
	if strings.Contains(value, "${{") {
		return elsewhere(at)
	}
	return set(value, at)
}
