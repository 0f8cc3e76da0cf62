package modules

// Reusable workflows and actions of GitHub (https://docs.github.com/actions/sharing-automations/reusing-workflows), and templates of GitLab
// with inputs (https://docs.gitlab.com/ci/inputs/).

import (
	"path"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source/document"
)

func pipeline(files Files, kind Kind, id string) *Interface {
	tree := first(files, fileOf(files, kind, id))
	if tree == nil {
		return nil
	}
	found := &Interface{Kind: kind, ID: id, Takes: map[string]Port{}, Gives: map[string]Port{}}
	takes, gives := tree.Get("inputs"), tree.Get("outputs")
	switch kind {
	case Workflow:
		asks := triggers(tree).Get("workflow_call")
		takes, gives = asks.Get("inputs"), asks.Get("outputs")
	case Template:
		takes, gives = tree.Get("spec", "inputs"), nil
	case Action, Terraform:
	}
	for _, p := range takes.Entries() {
		required := p.Value.Yes("required")
		if kind == Template {
			required = true
		}
		found.Takes[p.Key] = Port{tree.File, p.Line, required && p.Value.Get("default") == nil && kind != Action}
	}
	for _, p := range gives.Entries() {
		found.Gives[p.Key] = Port{Path: tree.File, Line: p.Line}
	}
	return found
}

func fileOf(files Files, kind Kind, id string) string {
	if kind != Action {
		return id
	}
	for _, name := range []string{"action.yml", "action.yaml"} {
		p := path.Join(id, name)
		if _, err := files.Text(p); err == nil {
			return p
		}
	}
	return ""
}

// first is the first document of a YAML file, nil where it cannot be read.
func first(files Files, p string) *document.Node {
	text, err := files.Text(p)
	if err != nil || len(text) > maxText {
		return nil
	}
	docs, err := document.YAML(p, text)
	if err != nil || len(docs) == 0 {
		return nil
	}
	return docs[0]
}

func triggers(workflow *document.Node) *document.Node {
	if on := workflow.Get("on"); on != nil {
		return on
	}
	return workflow.Get("true") // YAML 1.1 takes the word for a boolean
}

func pipelineUses(files Files, file string, of *Interface) (list []Use) {
	kind, id := IDOf(file)
	if kind == "" || kind == Terraform {
		return nil
	}
	if of.Kind == Template {
		return includes(files, file, of)
	}
	tree := first(files, fileOf(files, kind, id))
	if tree == nil {
		return nil
	}
	for _, job := range tree.Get("jobs").Entries() {
		if calls(job.Value, of) {
			list = append(list, Use{Path: file, Line: job.Line, What: "job " + job.Key, Passes: passed(job.Value.Get("with")), Reads: outputs(tree, "needs."+job.Key+".outputs"), Calls: true})
		}
		list = append(list, steps(job.Value.List("steps"), job.Value, of)...)
	}
	return append(list, steps(tree.List("runs", "steps"), tree, of)...)
}

func steps(all []*document.Node, within *document.Node, of *Interface) (list []Use) {
	for _, step := range all {
		if !calls(step, of) {
			continue
		}
		u := Use{Path: step.File, Line: step.LineOf("uses"), What: "a step", Passes: passed(step.Get("with")), Calls: true}
		if name := step.Text("name"); name != "" {
			u.What = `step "` + name + `"`
		}
		if id := step.Text("id"); id != "" {
			u.Reads = outputs(within, "steps."+id+".outputs")
		}
		list = append(list, u)
	}
	return list
}

// calls says whether a job or step uses a workflow or action of this repository.
func calls(n *document.Node, of *Interface) bool {
	p, ok := strings.CutPrefix(n.Text("uses"), "./")
	return ok && path.Clean(p) == of.ID
}

func passed(with *document.Node) map[string]Port {
	list := map[string]Port{}
	for _, p := range with.Entries() {
		list[p.Key] = Port{Path: with.File, Line: p.Line}
	}
	return list
}

var outputName = lazy.New(`^\.([\w-]+)`)

// outputs are the names that expressions read of a job's or step's outputs.
func outputs(tree *document.Node, address string) map[string]Port {
	found := map[string]Port{}
	scalars(tree, func(n *document.Node) {
		for text := n.Value; ; {
			i := strings.Index(text, address)
			if i < 0 {
				return
			}
			text = text[i+len(address):]
			if m := outputName.FindStringSubmatch(text); m != nil {
				if _, ok := found[m[1]]; !ok {
					found[m[1]] = Port{Path: tree.File, Line: n.Line}
				}
			}
		}
	})
	return found
}

// includes are the includes of a GitLab pipeline that name the template.
func includes(files Files, file string, of *Interface) (list []Use) {
	text, err := files.Text(file)
	if err != nil || len(text) > maxText {
		return nil
	}
	docs, err := document.YAML(file, text)
	if err != nil {
		return nil
	}
	for _, tree := range docs {
		for _, one := range tree.Blocks("include") {
			if strings.TrimPrefix(one.Text("local"), "/") == of.ID {
				list = append(list, Use{Path: file, Line: one.Line, What: "an include", Passes: passed(one.Get("inputs")), Calls: true})
			}
		}
	}
	return list
}
