package effective

// Build profiles and containers that are described in a file of their own: EAS (Expo), development containers, App Runner, AWS
// Copilot, Elastic Beanstalk.

import (
	"path"
	"slices"
	"strings"

	"flightpoll/detectors/source/document"
)

// easProfiles are the environments that Expo's usual profiles build for.
var easProfiles = map[string]Environment{"development-simulator": Development, "base": Everywhere, "internal": Preview}

// eas: each build profile with what it extends (docs.expo.dev/eas/json). A profile that names an environment of the server takes
// more variables from there.
func (t *Tree) eas(p string, u Unit) []Unit {
	var units []Unit
	for _, n := range t.nodes(p) {
		profiles := n.Get("build")
		extended := map[string]bool{}
		for _, pair := range profiles.Entries() {
			extended[pair.Value.Text("extends")] = true
		}
		for _, pair := range profiles.Entries() {
			e, known := easProfiles[pair.Key]
			if !known {
				e = EnvironmentOf(pair.Key)
			}
			if _, common := Known(pair.Key); extended[pair.Key] && !common || e == Everywhere {
				continue // a base of others builds nothing itself
			}
			one := u
			one.Environment, one.Variables, one.At = e, map[string]Variable{}, Place{p, pair.Line}
			t.easProfile(profiles, pair.Key, &one, 0)
			units = append(units, one)
		}
	}
	return units
}

func (t *Tree) easProfile(profiles *document.Node, name string, u *Unit, depth int) {
	n := profiles.Get(name)
	if n == nil || depth > 5 {
		return
	}
	t.easProfile(profiles, n.Text("extends"), u, depth+1)
	if env := n.Text("environment"); env != "" {
		u.open("the environment " + env + " of the server gives more")
	}
	u.take(n.Get("env"), u.At.Path)
}

// devContainer: what a developer's container is given (containers.dev/implementors/json_reference).
func (t *Tree) devContainer(p string, u Unit) []Unit {
	u.Environment = Local
	for _, n := range t.nodes(p) {
		u.take(n.Get("containerEnv"), p)
		u.take(n.Get("remoteEnv"), p)
	}
	if len(u.Variables) == 0 {
		return nil
	}
	return []Unit{u}
}

// appRunner: the run section of apprunner.yaml.
func (t *Tree) appRunner(p string, u Unit) []Unit {
	for _, n := range t.nodes(p) {
		for _, from := range [][]string{{"run", "env"}, {"run", "secrets"}} {
			for _, v := range n.List(from...) {
				name := v.Text("name")
				switch {
				case name == "":
				case from[1] == "secrets":
					u.Variables[name] = elsewhere(place(v, "name"))
				default:
					u.Variables[name] = set(v.Text("value"), place(v, "name"))
				}
			}
		}
	}
	if len(u.Variables) == 0 {
		return nil
	}
	return []Unit{u}
}

// copilot: a manifest's variables and secrets, with those of each environment on top.
func (t *Tree) copilot(p string, u Unit) []Unit {
	var units []Unit
	for _, n := range t.nodes(p) {
		if n.Get("variables") == nil && n.Get("secrets") == nil && n.Get("environments") == nil {
			continue
		}
		u.Name = n.Text("name")
		read := func(u *Unit, n *document.Node) {
			u.take(n.Get("variables"), p)
			for _, pair := range n.Get("secrets").Entries() {
				u.Variables[pair.Key] = elsewhere(Place{p, pair.Line})
			}
			if n.Get("env_file") != nil {
				u.open("an env_file gives more")
			}
		}
		environments := n.Get("environments").Entries()
		if len(environments) == 0 {
			one := u
			one.Variables = map[string]Variable{}
			read(&one, n)
			units = append(units, one)
		}
		for _, pair := range environments {
			one := u
			one.Environment, one.Variables, one.At = EnvironmentOf(pair.Key), map[string]Variable{}, Place{p, pair.Line}
			read(&one, n)
			read(&one, pair.Value)
			units = append(units, one)
		}
	}
	return units
}

// beanstalk: the option settings of an .ebextensions file, in either spelling.
func (t *Tree) beanstalk(p string, u Unit) []Unit {
	const namespace = "aws:elasticbeanstalk:application:environment"
	for _, n := range t.nodes(p) {
		u.take(n.Get("option_settings", namespace), p)
		for _, o := range n.List("option_settings") {
			if name := o.Text("option_name"); name != "" && slices.Contains([]string{namespace, ""}, o.Text("namespace")) {
				u.Variables[name] = set(o.Text("value"), place(o, "option_name"))
			}
		}
	}
	if len(u.Variables) == 0 {
		return nil
	}
	u.Name = path.Base(path.Dir(strings.TrimSuffix(p, "/"+path.Base(p)))) + "/.ebextensions"
	return []Unit{u}
}
