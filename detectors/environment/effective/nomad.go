package effective

// Nomad: the environment of each task of a job (developer.hashicorp.com/nomad/docs/job-specification/env), and the templates whose
// lines become variables.

import (
	"context"
	"path"
	"strings"

	"flightpoll/detectors/source/document"
)

// KindNomad is the kind of a unit that is a task of a Nomad job.
const KindNomad = "nomad task"

func loadNomad(ctx context.Context, t *Tree) []Unit {
	var units []Unit
	for _, p := range t.paths {
		base := path.Base(p)
		if path.Ext(base) != ".nomad" && path.Ext(base) != ".hcl" || notConfiguration(p) || ctx.Err() != nil {
			continue
		}
		if text, ok := t.peek(p); !ok || !strings.Contains(text, "job ") || !strings.Contains(text, "task ") {
			continue
		}
		for _, n := range t.parsed(p, func(file string, text []byte) ([]*document.Node, error) {
			return document.Alone(document.HCL(file, text))
		}) {
			for _, job := range n.Get("job").Entries() {
				units = append(units, nomadTasks(p, job)...)
			}
		}
	}
	return units
}

func nomadTasks(p string, job document.Pair) []Unit {
	var units []Unit
	for _, group := range job.Value.Get("group").Entries() {
		for _, task := range group.Value.Get("task").Entries() {
			u := namedUnit(KindNomad, p)
			name := job.Key
			if e, word := InName(name); word != "" {
				name = withoutWord(name, word)
				if u.Environment == Everywhere {
					u.Environment = e
				}
			}
			u.Name, u.At = name+"/"+group.Key+"/"+task.Key, Place{p, task.Line}
			u.Image = task.Value.Text("config", "image")
			for _, pair := range task.Value.Get("env").Entries() {
				if pair.Value.Kind == "" { // an expression: a variable of the job, or something of the node
					u.Variables[pair.Key] = elsewhere(Place{p, pair.Line})
				} else {
					u.Variables[pair.Key] = set(pair.Value.Value, Place{p, pair.Line})
				}
			}
			for _, template := range task.Value.Blocks("template") {
				if template.Yes("env") {
					u.templateLines(p, template)
				}
			}
			units = append(units, u)
		}
	}
	return units
}

// templateLines adds the KEY=value lines of a template's text; one that lies in another file, or loops, gives more than is seen.
func (u *Unit) templateLines(p string, template *document.Node) {
	text := template.Text("data")
	if text == "" || strings.Contains(text, "range") {
		u.open("a template writes a part of its environment")
	}
	line := template.LineOf("data")
	for i, row := range strings.Split(text, "\n") {
		name, _, ok := strings.Cut(strings.TrimSpace(row), "=")
		if ok && envName(name) && upper(name) {
			u.Variables[name] = elsewhere(Place{p, line + 1 + i})
		}
	}
}
