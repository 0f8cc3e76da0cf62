package effective

// The files of platforms that run an application by themselves: Fly, Cloudflare, Netlify, Vercel, Render, App Engine,
// Heroku, DigitalOcean.

import (
	"context"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors/source/document"
)

// platform reads one platform's files by their name.
type platform struct {
	kind string
	is   func(base string) bool
	read func(t *Tree, p string, u Unit) []Unit
}

var platforms = []platform{
	{"fly app", func(b string) bool { return strings.HasPrefix(b, "fly") && strings.HasSuffix(b, ".toml") }, (*Tree).fly},
	{"worker", func(b string) bool {
		return strings.HasPrefix(b, "wrangler") && slices.Contains([]string{".toml", ".json", ".jsonc"}, path.Ext(b))
	}, (*Tree).wrangler},
	{"netlify site", func(b string) bool { return b == "netlify.toml" }, (*Tree).netlify},
	{"vercel project", func(b string) bool { return strings.HasPrefix(b, "vercel") && path.Ext(b) == ".json" }, (*Tree).vercel},
	{"render service", func(b string) bool { return strings.HasPrefix(b, "render") && yamlFile(b) }, (*Tree).render},
	{"app engine service", func(b string) bool { return strings.HasPrefix(b, "app") && yamlFile(b) }, (*Tree).appYAML},
	{"heroku app", func(b string) bool { return b == "app.json" }, (*Tree).heroku},
	{KindBuildProfile, func(b string) bool { return b == "eas.json" }, (*Tree).eas},
	{KindDevContainer, func(b string) bool { return b == "devcontainer.json" || b == ".devcontainer.json" }, (*Tree).devContainer},
	{"app runner service", func(b string) bool { return b == "apprunner.yaml" }, (*Tree).appRunner},
	{"beanstalk environment", func(b string) bool { return path.Ext(b) == ".config" }, (*Tree).beanstalk},
}

// KindBuildProfile is the kind of a unit that is a profile which an app is built with: its variables are in what users get.
const KindBuildProfile = "build profile"

// KindDevContainer is the kind of a unit that is a developer's container.
const KindDevContainer = "dev container"

func yamlFile(p string) bool { return path.Ext(p) == ".yaml" || path.Ext(p) == ".yml" }

func loadPlatforms(ctx context.Context, t *Tree) []Unit {
	var units []Unit
	for _, p := range t.paths {
		base := path.Base(p)
		for _, one := range platforms {
			if !one.is(base) || notConfiguration(p) || path.Ext(p) == ".config" && !strings.Contains(p, ".ebextensions/") {
				continue
			}
			if ctx.Err() != nil {
				return units
			}
			units = append(units, one.read(t, p, namedUnit(one.kind, p))...)
		}
	}
	for _, p := range t.paths {
		if parts := strings.Split(p, "/"); path.Base(p) == "manifest.yml" && len(parts) > 2 && parts[len(parts)-3] == "copilot" && ctx.Err() == nil {
			units = append(units, t.copilot(p, namedUnit("copilot service", p))...)
		}
	}
	return live(units)
}

// live gives production the file without a word beside files of other environments (fly.toml beside fly.staging.toml): these
// platforms merge nothing, so that it is nobody's base.
func live(units []Unit) []Unit {
	for i := range units {
		u := &units[i]
		others := 0
		for _, o := range units {
			switch {
			case !o.Same(*u) || o.Environment == Everywhere:
			case o.Environment == Production:
				others = -len(units)
			default:
				others++
			}
		}
		if u.Environment == Everywhere && others > 0 {
			u.Environment = Production
		}
	}
	return units
}

// namedUnit is an empty unit of a file whose path may name its environment.
func namedUnit(kind, p string) Unit {
	e, word, root := InPath(p)
	name := path.Base(p)
	if word != "" {
		name = withoutWord(name, word)
	}
	return Unit{Name: name, Kind: kind, Environment: e, Root: root, Files: []string{p}, Variables: map[string]Variable{}, At: Place{Path: p}}
}

// withoutWord takes an environment's word out of a name, so that the names of one thing's environments are the same.
func withoutWord(name, word string) string {
	for _, cut := range []string{"." + word, "-" + word, "_" + word, word + ".", word + "-", word + "_"} {
		if i := strings.Index(name, cut); i >= 0 {
			return name[:i] + name[i+len(cut):]
		}
	}
	return name
}

// notConfiguration are folders whose files configure nothing that is deployed.
func notConfiguration(p string) bool {
	for part := range strings.SplitSeq(strings.ToLower(path.Dir(p)), "/") {
		switch part {
		case "node_modules", "vendor", "testdata", "fixtures", "fixture", "examples", "example", "samples", "tests", "test", "__tests__", "docs", "doc", "spec", "third_party", "templates":
			return true
		}
	}
	return false
}

// take adds the scalars of a mapping as variables.
func (u *Unit) take(n *document.Node, p string) {
	if n == nil {
		return
	}
	for _, pair := range n.Pairs {
		if pair.Value != nil && (pair.Value.Scalar() || len(pair.Value.Pairs) > 0 || len(pair.Value.Items) > 0) {
			u.Variables[pair.Key] = set(pair.Value.Value, Place{p, pair.Line})
		}
	}
}

func (t *Tree) fly(p string, u Unit) []Unit {
	n := t.toml(p)
	if n == nil {
		return nil
	}
	if e, word := InName(n.Text("app")); u.Environment == Everywhere && word != "" {
		u.Environment = e
	}
	u.take(n.Get("env"), p)
	return []Unit{u}
}

// bindings are what a worker is given beside variables: each entry's name is a property of its environment. As variables
// they are not inherited by named environments.
var bindings = []struct {
	table []string
	name  string
}{
	{[]string{"kv_namespaces"}, "binding"}, {[]string{"d1_databases"}, "binding"}, {[]string{"r2_buckets"}, "binding"}, {[]string{"services"}, "binding"}, {[]string{"queues", "producers"}, "binding"},
	{[]string{"durable_objects", "bindings"}, "name"}, {[]string{"vectorize"}, "binding"}, {[]string{"hyperdrive"}, "binding"}, {[]string{"analytics_engine_datasets"}, "binding"},
	{[]string{"workflows"}, "binding"}, {[]string{"send_email"}, "name"}, {[]string{"secrets_store_secrets"}, "binding"}, {[]string{"dispatch_namespaces"}, "binding"},
}

// wrangler: what stands at the top is the local environment's where named environments exist, as they inherit none of it.
func (t *Tree) wrangler(p string, u Unit) []Unit {
	var n *document.Node
	if path.Ext(p) == ".toml" {
		n = t.toml(p)
	} else if list := t.nodes(p); len(list) > 0 {
		n = list[0]
	}
	if n == nil {
		return nil
	}
	read := func(u Unit, n *document.Node) Unit {
		u.take(n.Get("vars"), p)
		for _, b := range bindings {
			for _, item := range n.List(b.table...) {
				if name := item.Text(b.name); name != "" {
					u.Variables[name] = elsewhere(place(item, b.name))
				}
			}
		}
		for _, single := range []string{"ai", "browser", "images", "assets", "version_metadata"} {
			if name := n.Text(single, "binding"); name != "" {
				u.Variables[name] = elsewhere(place(n.Get(single), "binding"))
			}
		}
		return u
	}
	envs := n.Get("env")
	if envs == nil || len(envs.Pairs) == 0 {
		return []Unit{read(u, n)}
	}
	top := u
	top.Environment = Local
	units := []Unit{read(top, n)}
	for _, pair := range envs.Pairs {
		one := u
		one.Environment, one.Variables, one.At = EnvironmentOf(pair.Key), map[string]Variable{}, Place{p, pair.Line}
		units = append(units, read(one, pair.Value))
	}
	return units
}

var netlifyContexts = map[string]Environment{"deploy-preview": Preview, "branch-deploy": Preview, "dev": Development}

// netlify: a context inherits what holds for all.
func (t *Tree) netlify(p string, u Unit) []Unit {
	n := t.toml(p)
	if n == nil {
		return nil
	}
	u.take(n.Get("build", "environment"), p)
	contexts := n.Get("context")
	if contexts == nil {
		return []Unit{u}
	}
	var units []Unit
	for _, pair := range contexts.Pairs {
		one := u
		one.At, one.Variables = Place{p, pair.Line}, map[string]Variable{}
		if e, ok := netlifyContexts[pair.Key]; ok {
			one.Environment = e
		} else {
			one.Environment = EnvironmentOf(pair.Key)
		}
		one.take(n.Get("build", "environment"), p)
		one.take(pair.Value.Get("environment"), p)
		units = append(units, one)
	}
	return units
}

func (t *Tree) vercel(p string, u Unit) []Unit {
	for _, n := range t.nodes(p) {
		u.take(n.Get("env"), p)
		u.take(n.Get("build", "env"), p)
		if len(u.Variables) > 0 {
			return []Unit{u}
		}
	}
	return nil
}

// render: a blueprint's services, with the groups that they take in.
func (t *Tree) render(p string, u Unit) []Unit {
	var units []Unit
	for _, n := range t.nodes(p) {
		groups := map[string]*document.Node{}
		for _, g := range n.List("envVarGroups") {
			groups[g.Text("name")] = g
		}
		services := slices.Clone(n.List("services"))
		for _, project := range n.List("projects") {
			for _, env := range project.List("environments") {
				services = append(services, env.List("services")...)
			}
		}
		for _, s := range services {
			one := u
			one.Name, one.Variables, one.At = s.Text("name"), map[string]Variable{}, place(s, "name")
			if e, word := InName(one.Name); word != "" {
				one.Environment, one.Name = e, withoutWord(one.Name, word)
			}
			one.renderVariables(s, groups, p)
			units = append(units, one)
		}
	}
	return units
}

func (u *Unit) renderVariables(s *document.Node, groups map[string]*document.Node, p string) {
	for _, v := range s.List("envVars") {
		key := v.Text("key")
		switch group := v.Text("fromGroup"); {
		case group != "" && groups[group] != nil:
			u.renderVariables(groups[group], nil, p)
		case group != "":
			u.open("the group " + group + " is not in the repository")
		case key == "":
		case v.Get("value") != nil:
			u.Variables[key] = set(v.Text("value"), place(v, "key"))
		default:
			u.Variables[key] = elsewhere(place(v, "key"))
		}
	}
}

// appYAML: App Engine's env_variables, or the specification of a DigitalOcean app.
func (t *Tree) appYAML(p string, u Unit) []Unit {
	var units []Unit
	for _, n := range t.nodes(p) {
		if v := n.Get("env_variables"); v != nil || n.Get("runtime") != nil && n.Get("apiVersion") == nil {
			one := u
			one.take(v, p)
			units = append(units, one)
		}
		for _, kind := range []string{"services", "workers", "jobs", "functions", "static_sites"} {
			for _, s := range n.List(kind) {
				one := u
				one.Kind, one.Variables = "app platform component", map[string]Variable{}
				one.Name, one.At = s.Text("name"), place(s, "name")
				for _, v := range slices.Concat(n.List("envs"), s.List("envs")) {
					key := v.Text("key")
					switch at := place(v, "key"); {
					case key == "":
					case v.Text("type") == "SECRET" || v.Get("value") == nil:
						one.Variables[key] = elsewhere(at)
					default:
						one.Variables[key] = set(v.Text("value"), at)
					}
				}
				units = append(units, one)
			}
		}
	}
	return units
}

// heroku: app.json says what review apps and one-click deployments are given.
func (t *Tree) heroku(p string, u Unit) []Unit {
	var units []Unit
	for _, n := range t.nodes(p) {
		if n.Get("env") == nil && n.Get("environments") == nil {
			continue
		}
		read := func(u Unit, n *document.Node) Unit {
			u.Variables = map[string]Variable{}
			if n = n.Get("env"); n == nil {
				return u
			}
			for _, pair := range n.Pairs {
				at := Place{p, pair.Line}
				switch {
				case pair.Value == nil || pair.Value.Scalar():
					u.Variables[pair.Key] = set(n.Text(pair.Key), at)
				case pair.Value.Get("value") != nil:
					u.Variables[pair.Key] = set(pair.Value.Text("value"), at)
				case pair.Value.Text("required") != "false":
					u.Variables[pair.Key] = elsewhere(at)
				}
			}
			return u
		}
		units = append(units, read(u, n))
		if envs := n.Get("environments"); envs != nil {
			for _, pair := range envs.Pairs {
				one := read(u, pair.Value)
				one.Environment = EnvironmentOf(pair.Key)
				if pair.Key == "review" {
					one.Environment = Preview
				}
				units = append(units, one)
			}
		}
	}
	return units
}
