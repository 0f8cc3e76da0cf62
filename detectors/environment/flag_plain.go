package environment

// The repository's own manifests of flags: a map of switches or of definitions, a list of definitions, with or without a
// section for each environment; and flags that Terraform creates at a service.

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"flightpoll/detectors/environment/effective"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source/document"
)

// sections are the keys that plain manifests hold their flags below.
var sections = []string{"flags", "features", "feature_flags", "featureFlags", "feature-flags", "featureToggles", "toggles", "feature"}

// definitionKeys are what the definitions of plain manifests hold.
var definitionKeys = []string{"default", "enabled", "type", "description", "owner", "value", "rollout", "variants", "state", "on", "percentage", "percent", "share", "rollout_percentage", "rolloutPercentage", "kind", "expires", "defaultValue", "default_value", "environments", "active"}

// plainManifests reads a document of no known format. chosen: something says that it defines flags, so any shape counts.
func plainManifests(doc *document.Node, chosen bool) []*manifest {
	if doc.Kind == "object" {
		var perEnvironment []*manifest
		for _, p := range doc.Pairs {
			env, known := effective.Known(strings.ToLower(p.Key))
			if !known && !slices.Contains(baseWords, strings.ToLower(p.Key)) || p.Value.Kind != "object" {
				perEnvironment = nil
				break
			}
			if m := plainManifest(p.Value, chosen); m != nil {
				m.environment = env
				perEnvironment = append(perEnvironment, m)
			}
		}
		if len(perEnvironment) > 0 {
			return perEnvironment
		}
		for _, section := range sections {
			if below := doc.Get(section); below != nil && (below.Kind == "object" || below.Kind == "list") {
				doc = below
				break
			}
		}
	}
	if m := plainManifest(doc, chosen); m != nil {
		return m.perEnvironment(doc)
	}
	return nil
}

func plainManifest(doc *document.Node, chosen bool) *manifest {
	m := &manifest{format: "own", complete: chosen, flags: map[string]*flag{}}
	switch doc.Kind {
	case "list":
		for _, item := range doc.Items {
			name := cmp.Or(item.Text("key"), item.Text("name"), item.Text("id"))
			if item.Kind == "string" && chosen {
				name = item.Value
			}
			if name == "" {
				return nil
			}
			m.add(name, item.Line, item, plainFlag)
		}
	case "object":
		if !chosen && !switches(doc) {
			return nil
		}
		for _, p := range doc.Pairs {
			if p.Key != "version" && !strings.HasPrefix(p.Key, "$") && flagKey.MatchString(p.Key) && p.Value.Kind != "list" {
				m.add(p.Key, p.Line, p.Value, plainFlag)
			}
		}
	}
	return m
}

// single is the format of files with one flag each; their folders are kinds of flags ("beta"), not environments.
const single = "one for each file"

// singleFlag reads a file that holds one definition, as in GitLab's config/feature_flags.
func singleFlag(p string, doc *document.Node) *manifest {
	if doc.Text("name") == "" || doc.Get("default_enabled") == nil || !ofFlags(p) {
		return nil
	}
	m := &manifest{format: single, flags: map[string]*flag{}}
	m.add(doc.Text("name"), doc.LineOf("name"), doc, func(d *flag, n *document.Node) {
		d.operational = d.operational || n.Text("type") == "ops"
		d.switchedBy(n.Get("default_enabled"), true)
	})
	return m
}

// switches says whether an object can only be a map of flags: switches, or definitions of them.
func switches(doc *document.Node) bool {
	count := 0
	for _, p := range doc.Pairs {
		switch {
		case p.Key == "version" || strings.HasPrefix(p.Key, "$"):
		case p.Value.Kind == "boolean":
			count++
		case p.Value.Kind == "string" && (wordSwitch.MatchString(p.Value.Value) || trueFalse.MatchString(p.Value.Value)):
			// a switch that is written as a text: beside others it is one of them
		case p.Value.Kind == "object" && slices.ContainsFunc(definitionKeys, func(k string) bool { return p.Value.Get(k) != nil }):
			count++
		case p.Value.Kind == "object" && environmentSwitches(p.Value):
			count++
		default:
			return false
		}
	}
	return count > 0
}

// environmentSwitches says whether an object gives a value for each environment.
func environmentSwitches(n *document.Node) bool {
	for _, p := range n.Pairs {
		if _, ok := effective.Known(strings.ToLower(p.Key)); !ok && p.Key != "default" {
			return false
		}
	}
	return len(n.Pairs) > 1
}

// plainFlag reads a switch, or a definition's value and roll-out.
func plainFlag(d *flag, n *document.Node) {
	if n.Kind != "object" {
		if n.Plain && wordSwitch.MatchString(n.Value) { // YAML 1.1 takes on and off for booleans
			d.giveKind("boolean")
			return
		}
		d.giveKind(n.Kind)
		d.on, d.off = n.Kind == "boolean" && n.Value == "true", n.Kind == "boolean" && n.Value == "false"
		return
	}
	var value *document.Node
	for _, key := range []string{"default", "enabled", "value", "on", "defaultValue", "default_value", "active"} {
		if v := n.Get(key); v != nil {
			value = v
			break
		}
	}
	switch kind := n.Text("type"); kind {
	case "boolean", "bool":
		d.kind = "boolean"
	case "string":
		d.kind = kind
	case "number", "integer", "int", "float":
		d.kind = "number"
	}
	share := strings.TrimSuffix(shareOf(n), "%")
	d.operational = d.operational || slices.ContainsFunc([]string{"kind", "category", "purpose", "lifetime"}, func(k string) bool { return standing.MatchString(n.Text(k)) })
	if value == nil {
		if share != "" && d.kind == "" && n.Get("variants") == nil { // the share alone switches it
			d.kind = "boolean"
			d.on, d.off = share == "100" || share == "1.0", share == "0" || share == "0.0"
			if percent, err := strconv.ParseFloat(share, 64); err == nil && (percent < 0 || percent > 100) {
				d.wrong(n.Line, false, "the roll-out of the flag %s is %s percent", d.key, clip(share))
			}
		}
		return
	}
	if d.kind != "" && value.Kind != d.kind && slices.Contains([]string{"boolean", "string", "number"}, value.Kind) && n.Get("variants") == nil && n.Get("enabled") == nil {
		d.wrong(value.Line, false, "the flag %s is a %s and its default a %s", d.key, d.kind, value.Kind)
	}
	if d.kind == "" && value.Kind != "object" && n.Get("enabled") == nil && n.Get("active") == nil && n.Get("variants") == nil {
		d.giveKind(value.Kind)
	}
	d.on = value.Kind == "boolean" && value.Value == "true" && cmp.Or(share, "100") == "100"
	d.off = value.Kind == "boolean" && value.Value == "false"
}

// standing are kinds of flags that guard what runs already, or stay for good.
var standing = lazy.New(`(?i)^(breaker|circuit[-_ ]?breaker|kill[-_ ]?switch|ops|operational|operations?|permission|permanent|entitlement|safety|guard|fuse)$`)

// shareOf is how many get a flag, empty where the definition does not say.
func shareOf(n *document.Node) string {
	for _, key := range []string{"rollout", "percentage", "percent", "share", "rollout_percentage", "rolloutPercentage"} {
		if v := n.Get(key); v != nil && v.Scalar() && v.Kind != document.Null {
			return v.Value
		}
	}
	return ""
}

// perEnvironment splits a manifest whose flags hold a value for each environment, under its name or under "environments".
func (m *manifest) perEnvironment(doc *document.Node) []*manifest {
	split := map[Environment]*manifest{}
	var list []*manifest
	for _, p := range doc.Pairs {
		of := p.Value.Get("environments")
		if of == nil {
			of = p.Value
		}
		if m.flags[p.Key] == nil || of.Kind != "object" || !environmentSwitches(of) {
			if p.Value.Kind != "object" {
				return []*manifest{m}
			}
			continue
		}
		for _, e := range of.Pairs {
			env, _ := effective.Known(strings.ToLower(e.Key))
			if env == Everywhere {
				continue
			}
			if split[env] == nil {
				split[env] = &manifest{format: m.format, complete: m.complete, environment: env, flags: map[string]*flag{}}
				list = append(list, split[env])
			}
			split[env].add(p.Key, e.Line, e.Value, plainFlag)
		}
	}
	if len(list) < 2 {
		return []*manifest{m}
	}
	return list
}

// terraformFlags are the flags that a Terraform file creates at LaunchDarkly or PostHog.
func terraformFlags(p string, text []byte) (list []*manifest) {
	defer func() {
		if recover() != nil { // what the parser cannot take defines nothing
			list = nil
		}
	}()
	if len(text) > maxConfig {
		return nil
	}
	file, diags := hclsyntax.ParseConfig(text, p, hcl.InitialPos)
	if diags.HasErrors() || file == nil {
		return nil
	}
	body, ok := file.Body.(*hclsyntax.Body)
	if !ok {
		return nil
	}
	m := &manifest{path: p, format: "Terraform", flags: map[string]*flag{}}
	for _, b := range body.Blocks {
		if b.Type != "resource" || len(b.Labels) != 2 || b.Labels[0] != "launchdarkly_feature_flag" && b.Labels[0] != "posthog_feature_flag" && b.Labels[0] != "unleash_feature" {
			continue
		}
		key := literal(b.Body, "key")
		if b.Labels[0] == "unleash_feature" {
			key = literal(b.Body, "name")
		}
		if key == "" {
			continue
		}
		m.add(key, b.TypeRange.Start.Line, &document.Node{Kind: "object"}, func(d *flag, _ *document.Node) {
			d.kind = map[string]string{"boolean": "boolean", "string": "string", "number": "number", "json": "object"}[literal(b.Body, "variation_type")]
			d.operational = d.operational || operational.MatchString(literal(b.Body, "description"))
		})
	}
	if len(m.flags) == 0 {
		return nil
	}
	if place, ok := placeOf(p); ok {
		m.environment = place.environment
	}
	return []*manifest{m}
}

// literal is an attribute's plain string, empty without one.
func literal(body *hclsyntax.Body, name string) string {
	attribute := body.Attributes[name]
	if attribute == nil {
		return ""
	}
	value, diags := attribute.Expr.Value(nil)
	if diags.HasErrors() || value.IsNull() || !value.IsKnown() || value.Type().FriendlyName() != "string" {
		return ""
	}
	return value.AsString()
}
