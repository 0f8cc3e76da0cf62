package effective

// Tasks and functions of AWS: ECS task definitions in JSON, CloudFormation and SAM templates.

import (
	"context"
	"path"
	"strings"
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
		containers, family := n.list("containerDefinitions"), n.text("family")
		if containers == nil && n.items != nil {
			containers = n.items
		}
		for _, c := range containers {
			if c.get("environment") == nil && c.get("secrets") == nil && c.get("image") == nil {
				continue
			}
			u := namedUnit("ECS container", p)
			if e, word := InName(family); u.Environment == Everywhere && word != "" {
				u.Environment = e
			}
			u.Name += "/" + c.text("name")
			if e, word := InName(c.text("name")); word != "" && (u.Environment == Everywhere || e == u.Environment) {
				u.Name = strings.TrimSuffix(u.Name, c.text("name")) + withoutWord(c.text("name"), word)
			}
			u.Image, u.At = c.text("image"), c.place("name")
			for _, v := range c.list("environment") {
				if name := v.text("name"); name != "" {
					u.Variables[name] = set(v.text("value"), v.place("name"))
				}
			}
			for _, v := range c.list("secrets") {
				if name := v.text("name"); name != "" {
					u.Variables[name] = elsewhere(v.place("name"))
				}
			}
			if len(c.list("environmentFiles")) > 0 {
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
		resources := n.get("Resources")
		if resources == nil {
			continue
		}
		for _, r := range resources.pairs {
			kind := r.value.text("Type")
			u := namedUnit(kind, p)
			u.Name += "/" + r.key
			u.At.Line = r.line
			properties := r.value.get("Properties")
			switch kind {
			case "AWS::Lambda::Function", "AWS::Serverless::Function":
				u.takeResolved(n.get("Globals", "Function", "Environment", "Variables"), p)
				u.takeResolved(properties.get("Environment", "Variables"), p)
			case "AWS::ECS::TaskDefinition":
				for _, c := range properties.list("ContainerDefinitions") {
					for _, v := range c.list("Environment") {
						u.Variables[v.text("Name")] = resolved(v.get("Value"), v.place("Name"))
					}
					for _, v := range c.list("Secrets") {
						u.Variables[v.text("Name")] = elsewhere(v.place("Name"))
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

func (u *Unit) takeResolved(n *node, p string) {
	if n == nil {
		return
	}
	for _, pair := range n.pairs {
		u.Variables[pair.key] = resolved(pair.value, Place{p, pair.line})
	}
}

// resolved is a value of a template: a text, or an intrinsic function over parameters and stores.
func resolved(n *node, at Place) Variable {
	switch {
	case n == nil:
		return set("", at)
	case n.tag == "!Ref":
		return passed(at, n.value)
	case n.tag != "" || len(n.pairs) > 0:
		return elsewhere(at)
	case strings.Contains(n.value, "{{resolve:"):
		return elsewhere(at)
	}
	return set(n.value, at)
}
