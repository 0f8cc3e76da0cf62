package effective

// Tasks and functions of AWS: ECS task definitions in JSON, CloudFormation and SAM templates.

import (
	"context"
	"path"
	"strings"

	"flightpoll/detectors/source/document"
)

func loadTaskDefinitions(ctx context.Context, t *Tree) []Unit {
	var units []Unit
	for _, p := range t.paths {
		ext := path.Ext(p)
		if ctx.Err() != nil {
			break
		}
		if ext != ".json" && ext != ".yaml" && ext != ".yml" || notConfiguration(p) {
			continue
		}
		lower := strings.ToLower(p)
		switch {
		case ext == ".json" && (strings.Contains(lower, "task") || strings.Contains(lower, "ecs") || strings.Contains(lower, "container")):
			units = append(units, t.taskDefinition(p)...)
		case strings.Contains(lower, "template") || strings.Contains(lower, "stack") || strings.Contains(lower, "cloudformation") || strings.Contains(lower, "cfn") || strings.Contains(lower, "sam"):
			units = append(units, t.cloudFormation(p)...)
		}
	}
	return units
}

// taskDefinition reads containerDefinitions, or a bare list of containers.
func (t *Tree) taskDefinition(p string) []Unit {
	var units []Unit
	for _, n := range t.nodes(p) {
		containers, family := n.List("containerDefinitions"), n.Text("family")
		if containers == nil && n.Items != nil {
			containers = n.Items
		}
		for _, c := range containers {
			if c.Get("environment") == nil && c.Get("secrets") == nil && c.Get("image") == nil {
				continue
			}
			u := namedUnit("ECS container", p)
			if e, word := InName(family); u.Environment == Everywhere && word != "" {
				u.Environment = e
			}
			u.Name += "/" + c.Text("name")
			if e, word := InName(c.Text("name")); word != "" && (u.Environment == Everywhere || e == u.Environment) {
				u.Name = strings.TrimSuffix(u.Name, c.Text("name")) + withoutWord(c.Text("name"), word)
			}
			u.Image, u.At = c.Text("image"), place(c, "name")
			for _, v := range c.List("environment") {
				if name := v.Text("name"); name != "" {
					u.Variables[name] = set(v.Text("value"), place(v, "name"))
				}
			}
			for _, v := range c.List("secrets") {
				if name := v.Text("name"); name != "" {
					u.Variables[name] = elsewhere(place(v, "name"))
				}
			}
			if len(c.List("environmentFiles")) > 0 {
				u.open("its environmentFiles lie in a bucket")
			}
			units = append(units, u)
		}
	}
	return units
}

// cloudFormation reads the environment of functions and tasks. A value that refers to a parameter is passed.
func (t *Tree) cloudFormation(p string) []Unit {
	var units []Unit
	for _, n := range t.nodes(p) {
		resources := n.Get("Resources")
		if resources == nil {
			continue
		}
		for _, r := range resources.Pairs {
			kind := r.Value.Text("Type")
			u := namedUnit(kind, p)
			u.Name += "/" + r.Key
			u.At.Line = r.Line
			properties := r.Value.Get("Properties")
			switch kind {
			case "AWS::Lambda::Function", "AWS::Serverless::Function":
				u.takeResolved(n.Get("Globals", "Function", "Environment", "Variables"), p)
				u.takeResolved(properties.Get("Environment", "Variables"), p)
			case "AWS::ECS::TaskDefinition":
				for _, c := range properties.List("ContainerDefinitions") {
					for _, v := range c.List("Environment") {
						u.Variables[v.Text("Name")] = resolved(v.Get("Value"), place(v, "Name"))
					}
					for _, v := range c.List("Secrets") {
						u.Variables[v.Text("Name")] = elsewhere(place(v, "Name"))
					}
				}
			default:
				continue
			}
			delete(u.Variables, "")
			units = append(units, u)
		}
	}
	return units
}

func (u *Unit) takeResolved(n *document.Node, p string) {
	if n == nil {
		return
	}
	for _, pair := range n.Pairs {
		u.Variables[pair.Key] = resolved(pair.Value, Place{p, pair.Line})
	}
}

// resolved is a value of a template: a text, or an intrinsic function over parameters and stores.
func resolved(n *document.Node, at Place) Variable {
	switch {
	case n == nil:
		return set("", at)
	case n.Tag == "!Ref":
		return passed(at, n.Value)
	case n.Tag != "" || len(n.Pairs) > 0:
		return elsewhere(at)
	case strings.Contains(n.Value, "{{resolve:"):
		return elsewhere(at)
	}
	return set(n.Value, at)
}
