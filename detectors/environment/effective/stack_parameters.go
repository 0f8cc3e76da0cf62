package effective

// Parameters of CloudFormation and SAM templates, and what each environment gives them: samconfig.toml, and files of parameters.

import (
	"context"
	"path"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source/document"
)

// KindStack is the kind of a unit that is a template with one environment's parameters.
const KindStack = "stack"

var (
	stackTemplate   = lazy.New(`(?i)(^|/)[\w.-]*(template|stack|cloudformation|cfn|sam|infra)[\w.-]*\.(ya?ml|json)$|(^|/)(cloudformation|cfn)/[\w./-]+\.(ya?ml|json)$`)
	parameterFile   = lazy.New(`(?i)(^|/)(param(eter)?s?/[\w./-]+|[\w.-]*param(eter)?s?[\w.-]*)\.json$`)
	parameterAssign = lazy.New(`([A-Za-z0-9]+)=(?:"[^"]*"|'[^']*'|\S*)`)
)

func loadStacks(ctx context.Context, t *Tree) []Unit {
	templates := map[string][]stackParameter{}
	for _, p := range t.paths {
		if !stackTemplate.MatchString(p) || notConfiguration(p) || parameterFile.MatchString(p) || ctx.Err() != nil {
			continue
		}
		if text, ok := t.peek(p); !ok || !strings.Contains(text, "Parameters") || !strings.Contains(text, "Resources") {
			continue
		}
		for _, n := range t.nodes(p) {
			if list := neededParameters(n); n.Get("Resources") != nil && n.Get("Parameters") != nil {
				templates[p] = list
			}
		}
	}
	if len(templates) == 0 {
		return nil
	}
	var units []Unit
	for _, p := range t.paths {
		switch {
		case ctx.Err() != nil:
			return units
		case path.Base(p) == "samconfig.toml" || path.Base(p) == "samconfig.yaml":
			units = append(units, t.samConfig(p, templates)...)
		case parameterFile.MatchString(p) && !notConfiguration(p):
			units = append(units, t.parameters(p, templates)...)
		}
	}
	return units
}

// stackParameter is one that a deployment has to give.
type stackParameter struct {
	name string
	line int
}

// neededParameters are those without a default; what a store gives has a value there.
func neededParameters(n *document.Node) []stackParameter {
	var list []stackParameter
	for _, f := range n.Get("Parameters").Entries() {
		if f.Value.Get("Default") == nil && !strings.HasPrefix(f.Value.Text("Type"), "AWS::SSM::") {
			list = append(list, stackParameter{f.Key, f.Line})
		}
	}
	return list
}

// stack is a template as one environment deploys it with the given parameters.
func stack(template, file string, env Environment, line int, needed []stackParameter, given map[string]Variable) Unit {
	u := Unit{Name: path.Base(template), Kind: KindStack, Environment: env, Root: path.Dir(template), Files: []string{file}, Variables: map[string]Variable{}, Keys: given, At: Place{file, line}}
	for _, parameter := range needed {
		if _, ok := given[parameter.name]; !ok {
			u.Gaps = append(u.Gaps, Gap{Name: parameter.name, At: Place{template, parameter.line}, Stops: true})
		}
	}
	return u
}

func (t *Tree) samConfig(p string, templates map[string][]stackParameter) []Unit {
	var d *document.Node
	if path.Ext(p) == ".toml" {
		d = t.toml(p)
	} else if list := t.nodes(p); len(list) > 0 {
		d = list[0]
	}
	var units []Unit
	for _, f := range d.Entries() {
		env, known := Known(f.Key)
		if !known {
			continue
		}
		deploy := f.Value.Get("deploy", "parameters")
		overrides, ok := deploy.Pair("parameter_overrides")
		if !ok {
			continue
		}
		template := path.Join(path.Dir(p), deploy.Text("template_file"))
		if deploy.Text("template_file") == "" {
			for _, name := range []string{"template.yaml", "template.yml", "template.json"} {
				if at := path.Join(path.Dir(p), name); t.Has(at) {
					template = at
				}
			}
		}
		needed, ok := templates[template]
		if !ok {
			continue
		}
		given := map[string]Variable{}
		texts := []string{overrides.Value.Value}
		for _, item := range overrides.Value.Items {
			texts = append(texts, item.Value)
		}
		for _, text := range texts {
			for _, m := range parameterAssign.FindAllStringSubmatch(text, 200) {
				given[m[1]] = set("given", Place{p, overrides.Line})
			}
			for _, m := range cliParameter.FindAllStringSubmatch(text, 200) {
				given[m[1]] = set("given", Place{p, overrides.Line})
			}
		}
		units = append(units, stack(template, p, env, overrides.Line, needed, given))
	}
	return units
}

var cliParameter = lazy.New(`ParameterKey=([A-Za-z0-9]+)`)

// parameters reads a file of parameters in the forms of the command line and of pipelines, for the only template near it or the one
// that it is named after.
func (t *Tree) parameters(p string, templates map[string][]stackParameter) []Unit {
	env, word, _ := InPath(p)
	if word == "" {
		return nil
	}
	template := ""
	for candidate := range templates {
		dir := path.Dir(candidate)
		if dir != path.Dir(p) && dir != path.Dir(path.Dir(p)) && path.Dir(dir) != path.Dir(path.Dir(p)) {
			continue
		}
		if template != "" {
			return nil
		}
		template = candidate
	}
	if template == "" {
		return nil
	}
	var units []Unit
	for _, n := range t.nodes(p) {
		given := map[string]Variable{}
		for _, item := range n.Items {
			if name := item.Text("ParameterKey"); name != "" {
				given[name] = set("given", place(item, "ParameterKey"))
			} else if name, _, ok := strings.Cut(item.Value, "="); ok {
				given[name] = set("given", Place{p, item.Line})
			}
		}
		for _, f := range n.Get("Parameters").Entries() {
			given[f.Key] = set("given", Place{p, f.Line})
		}
		if len(given) > 0 {
			units = append(units, stack(template, p, env, 1, templates[template], given))
		}
	}
	return units
}
