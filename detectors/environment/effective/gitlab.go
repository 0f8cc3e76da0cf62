package effective

// GitLab CI: the variables of each job that deploys, in the environment that it names.

import (
	"context"
	"path"
	"strings"
)

func loadGitLab(ctx context.Context, t *Tree) []Unit {
	var units []Unit
	for _, p := range t.paths {
		base := path.Base(p)
		if !yamlFile(p) || !strings.HasPrefix(base, ".gitlab-ci") && !strings.Contains(base, ".gitlab-ci.") && !strings.HasPrefix(p, ".gitlab/") || ctx.Err() != nil {
			continue
		}
		for _, n := range t.nodes(p) {
			for _, job := range n.pairs {
				if job.value == nil || strings.HasPrefix(job.key, ".") || job.value.get("script") == nil && job.value.get("extends") == nil {
					continue
				}
				units = append(units, gitlabJob(p, n, job)...)
			}
		}
	}
	return units
}

func gitlabJob(p string, file *node, job pair) []Unit {
	name := job.value.text("environment")
	if name == "" {
		name = job.value.text("environment", "name")
	}
	if strings.Contains(name, "$") {
		return nil
	}
	u := Unit{Kind: "gitlab job", Root: path.Dir(p), Files: []string{p}, Variables: map[string]Variable{}, At: Place{p, job.line}}
	u.Name = job.key
	if e, word := InName(strings.ReplaceAll(job.key, ":", "-")); word != "" && e != Testing {
		u.Environment, u.Name = e, withoutWord(strings.ReplaceAll(job.key, ":", "-"), word)
	}
	if name != "" {
		first, _, _ := strings.Cut(name, "/")
		u.Environment = EnvironmentOf(first)
	}
	u.gitlabVariables(file.get("variables"), p)
	u.extended(file, job.value, p, 0)
	if rules := job.value.list("rules"); len(rules) > 1 {
		for _, r := range rules {
			if r.get("variables") != nil {
				u.open("its variables depend on rules")
			}
		}
	}
	if len(u.Variables) == 0 {
		return nil
	}
	return []Unit{u}
}

// extended adds the variables of the jobs that a job extends, then its own.
func (u *Unit) extended(file, job *node, p string, depth int) {
	if depth > 10 || job == nil {
		return
	}
	parents := []string{}
	if one := job.text("extends"); one != "" {
		parents = append(parents, one)
	}
	for _, item := range job.list("extends") {
		parents = append(parents, item.value)
	}
	for _, parent := range parents {
		if file.get(parent) == nil {
			u.open("it extends a job of another file")
			continue
		}
		u.extended(file, file.get(parent), p, depth+1)
	}
	u.gitlabVariables(job.get("variables"), p)
	if secrets := job.get("secrets"); secrets != nil {
		for _, pair := range secrets.pairs {
			u.Variables[pair.key] = elsewhere(Place{p, pair.line})
		}
	}
}

func (u *Unit) gitlabVariables(n *node, p string) {
	if n == nil {
		return
	}
	for _, pair := range n.pairs {
		value := pair.value.text()
		if pair.value != nil && len(pair.value.pairs) > 0 {
			value = pair.value.text("value")
		}
		at := Place{p, pair.line}
		if strings.Contains(value, "$") {
			u.Variables[pair.key] = elsewhere(at)
		} else {
			u.Variables[pair.key] = set(value, at)
		}
	}
}
