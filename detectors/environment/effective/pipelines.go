package effective

// Pipelines of other servers than GitHub's and GitLab's: what the steps of each environment's stage hand to the thing that they deploy.

import (
	"context"
	"path"
	"strings"

	"flightpoll/detectors/source/document"
)

// KindPipeline is the kind of a unit that is all steps of one environment in a pipeline, or a script that deploys to one.
const KindPipeline = "pipeline"

// pipelineFile says whether a path is a pipeline of Azure, Bitbucket, CircleCI, Cloud Build, CodeBuild, Buildkite or Drone.
func pipelineFile(p string) bool {
	base := path.Base(p)
	if !yamlFile(p) {
		return false
	}
	for _, start := range []string{"azure-pipelines", "bitbucket-pipelines", "cloudbuild", "buildspec", ".drone", ".woodpecker"} {
		if strings.HasPrefix(base, start) {
			return true
		}
	}
	for _, dir := range []string{".circleci/", ".buildkite/", ".azure-pipelines/", "azure-pipelines/", ".azuredevops/", ".semaphore/"} {
		if strings.HasPrefix(p, dir) {
			return true
		}
	}
	return false
}

func loadPipelines(ctx context.Context, t *Tree) []Unit {
	var units []Unit
	for _, p := range t.paths {
		if !pipelineFile(p) || ctx.Err() != nil {
			continue
		}
		e, word, root := InPath(p)
		w := &pipeline{path: p, units: map[Environment]*Unit{}, base: Unit{Name: path.Base(p), Kind: KindPipeline, Root: root, Files: []string{p}, At: Place{Path: p}}}
		if word != "" {
			w.base.Name = withoutWord(w.base.Name, word)
		}
		for _, n := range t.nodes(p) {
			w.walk(n, e, 0)
		}
		for _, e := range w.order {
			units = append(units, *w.units[e])
		}
	}
	return units
}

// pipeline collects one file.
type pipeline struct {
	path  string
	base  Unit
	units map[Environment]*Unit
	order []Environment
	seen  int
}

// maxPipelineNodes bounds what is looked at of one pipeline.
const maxPipelineNodes = 20000

func (w *pipeline) unit(e Environment, line int) *Unit {
	if w.units[e] == nil {
		u := w.base
		u.Environment, u.At.Line, u.Variables = e, line, map[string]Variable{}
		w.units[e], w.order = &u, append(w.order, e)
	}
	return w.units[e]
}

// stageNames are the fields by which a stage, a job or a step says where it deploys.
var stageNames = [][]string{{"environment"}, {"environment", "name"}, {"deployment"}, {"stage"}, {"job"}, {"name"}, {"displayName"}, {"label"}}

func (w *pipeline) walk(n *document.Node, e Environment, depth int) {
	if w.seen++; n == nil || depth > document.MaxDepth || w.seen > maxPipelineNodes {
		return
	}
	for _, keys := range stageNames {
		if in, word := InName(strings.ReplaceAll(n.Text(keys...), " ", "-")); word != "" && in != Testing {
			e = in
			break
		}
	}
	if e != Everywhere {
		w.step(n, e)
	}
	for _, pair := range n.Pairs {
		below := e
		if in, word := InName(strings.ReplaceAll(pair.Key, " ", "-")); word != "" && in != Testing && pair.Value != nil && !pair.Value.Scalar() {
			below = in
		}
		w.walk(pair.Value, below, depth+1)
	}
	for _, item := range n.Items {
		w.walk(item, e, depth+1)
	}
}

// step takes the variables of one mapping: its commands, an action's inputs, what it sets itself.
func (w *pipeline) step(n *document.Node, e Environment) {
	for _, key := range []string{"script", "bash", "run", "command", "commands", "args", "inlineScript", "pwsh", "powershell"} {
		text := ""
		v := n.Get(key)
		switch {
		case v == nil:
		case v.Scalar():
			text = v.Value
		case len(v.Items) > 0:
			var words []string
			for _, item := range v.Items {
				if item.Scalar() {
					words = append(words, item.Value)
				}
			}
			text = strings.Join(words, " ")
			if key == "script" || key == "commands" {
				text = strings.Join(words, "\n")
			}
		}
		for _, name := range commandVariables(" " + text) {
			u := w.unit(e, n.Line)
			u.Variables[name] = elsewhere(place(n, key))
		}
	}
	for _, key := range []string{"inputs", "with", "variables", "env", "environment"} {
		v := n.Get(key)
		if v == nil || len(v.Pairs) == 0 {
			continue
		}
		u := w.unit(e, n.Line)
		u.takeInputs(v, w.path)
		if key == "env" || key == "environment" || key == "variables" {
			for _, pair := range v.Pairs {
				if upper(pair.Key) {
					u.Variables[pair.Key] = elsewhere(Place{w.path, pair.Line})
				}
			}
		}
	}
}
