package effective

// GitLab CI: the variables of each job that deploys, in the environment that it names.

import (
	"context"
	"path"
	"strings"

	"flightpoll/detectors/source/document"
)

func loadGitLab(ctx context.Context, t *Tree) []Unit {
	var units []Unit
	for _, p := range t.paths {
		base := path.Base(p)
		if !yamlFile(p) || !strings.HasPrefix(base, ".gitlab-ci") && !strings.Contains(base, ".gitlab-ci.") && !strings.HasPrefix(p, ".gitlab/") || ctx.Err() != nil {
			continue
		}
		for _, n := range t.nodes(p) {
			for _, job := range n.Pairs {
				if job.Value == nil || strings.HasPrefix(job.Key, ".") || job.Value.Get("script") == nil && job.Value.Get("extends") == nil {
					continue
				}
				units = append(units, gitlabJob(p, n, job)...)
			}
		}
	}
	return units
}

func gitlabJob(p string, file *document.Node, job document.Pair) []Unit {
	name := job.Value.Text("environment")
	if name == "" {
		name = job.Value.Text("environment", "name")
	}
	if strings.Contains(name, "$") {
		return nil
	}
	u := Unit{Kind: "gitlab job", Root: path.Dir(p), Files: []string{p}, Variables: map[string]Variable{}, At: Place{p, job.Line}}
	u.Name = job.Key
	if e, word := InName(strings.ReplaceAll(job.Key, ":", "-")); word != "" && e != Testing {
		u.Environment, u.Name = e, withoutWord(strings.ReplaceAll(job.Key, ":", "-"), word)
	}
	if name != "" {
		first, _, _ := strings.Cut(name, "/")
		u.Environment = EnvironmentOf(first)
	}
	u.gitlabVariables(file.Get("variables"), p)
	u.extended(file, job.Value, p, 0)
	if rules := job.Value.List("rules"); len(rules) > 1 {
		for _, r := range rules {
			if r.Get("variables") != nil {
				u.open("its variables depend on rules")
			}
		}
	}
	for _, key := range []string{"before_script", "script", "after_script"} {
		for _, line := range append(job.Value.List(key), job.Value.Get(key)) {
			if line == nil || !line.Scalar() {
				continue
			}
			for _, name := range commandVariables(line.Value) {
				u.Variables[name] = elsewhere(Place{p, line.Line})
			}
		}
	}
	if len(u.Variables) == 0 {
		return nil
	}
	return []Unit{u}
}

// extended adds the variables of the jobs that a job extends, then its own.
func (u *Unit) extended(file, job *document.Node, p string, depth int) {
	if depth > 10 || job == nil {
		return
	}
	parents := []string{}
	if one := job.Text("extends"); one != "" {
		parents = append(parents, one)
	}
	for _, item := range job.List("extends") {
		parents = append(parents, item.Value)
	}
	for _, parent := range parents {
		if file.Get(parent) == nil {
			u.open("it extends a job of another file")
			continue
		}
		u.extended(file, file.Get(parent), p, depth+1)
	}
	u.gitlabVariables(job.Get("variables"), p)
	if secrets := job.Get("secrets"); secrets != nil {
		for _, pair := range secrets.Pairs {
			u.Variables[pair.Key] = elsewhere(Place{p, pair.Line})
		}
	}
}

func (u *Unit) gitlabVariables(n *document.Node, p string) {
	if n == nil {
		return
	}
	for _, pair := range n.Pairs {
		value := pair.Value.Text()
		if pair.Value != nil && len(pair.Value.Pairs) > 0 {
			value = pair.Value.Text("value")
		}
		at := Place{p, pair.Line}
		if strings.Contains(value, "$") {
			u.Variables[pair.Key] = elsewhere(at)
		} else {
			u.Variables[pair.Key] = set(value, at)
		}
	}
}
