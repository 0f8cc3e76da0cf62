package environment

// The repository's own manifests of flags: a map of switches or of definitions, a list of definitions, with or without a
// section for each environment; and flags that Terraform creates at a service.

import (
	"cmp"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"flightpoll/detectors/environment/effective"
)

// sections are the keys that plain manifests hold their flags below.
var sections = []string{"flags", "features", "feature_flags", "featureFlags", "feature-flags", "featureToggles", "toggles", "feature"}

// definitionKeys are what the definitions of plain manifests hold.
var definitionKeys = []string{"default", "enabled", "type", "description", "owner", "value", "rollout", "variants", "state", "on", "percentage", "expires", "defaultValue", "default_value", "environments", "active"}

// plainManifests reads a document of no known format. chosen: something says that it defines flags, so any shape counts.
func plainManifests(doc *node, chosen bool) []*manifest {
	if doc.kind == "object" {
		var perEnvironment []*manifest
		for _, p := range doc.pairs {
			env, known := effective.Known(strings.ToLower(p.key))
			if !known && !slices.Contains(baseWords, strings.ToLower(p.key)) || p.value.kind != "object" {
				perEnvironment = nil
				break
			}
			if m := plainManifest(p.value, chosen); m != nil {
				m.environment = env
				perEnvironment = append(perEnvironment, m)
			}
		}
		if len(perEnvironment) > 0 {
			return perEnvironment
		}
		for _, section := range sections {
			if below := doc.get(section); below != nil && (below.kind == "object" || below.kind == "list") {
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

func plainManifest(doc *node, chosen bool) *manifest {
	m := &manifest{format: "own", complete: chosen, flags: map[string]*flag{}}
	switch doc.kind {
	case "list":
		for _, item := range doc.items {
			name := cmp.Or(item.str("key"), item.str("name"), item.str("id"))
			if item.kind == "string" && chosen {
				name = item.text
			}
			if name == "" {
				return nil
			}
			m.add(name, item.line, item, plainFlag)
		}
	case "object":
		if !chosen && !switches(doc) {
			return nil
		}
		for _, p := range doc.pairs {
			if p.key != "version" && !strings.HasPrefix(p.key, "$") && flagKey.MatchString(p.key) && p.value.kind != "list" {
				m.add(p.key, p.line, p.value, plainFlag)
			}
		}
	}
	return m
}

// single is the format of files with one flag each; their folders are kinds of flags ("beta"), not environments.
const single = "one for each file"

// singleFlag reads a file that holds one definition, as in GitLab's config/feature_flags.
func singleFlag(p string, doc *node) *manifest {
	if doc.str("name") == "" || doc.get("default_enabled") == nil || !ofFlags(p) {
		return nil
	}
	m := &manifest{format: single, flags: map[string]*flag{}}
	m.add(doc.str("name"), doc.at("name"), doc, func(d *flag, n *node) {
		d.operational = d.operational || n.str("type") == "ops"
		d.switchedBy(n.get("default_enabled"), true)
	})
	return m
}

// switches says whether an object can only be a map of flags: switches, or definitions of them.
func switches(doc *node) bool {
	count := 0
	for _, p := range doc.pairs {
		switch {
		case p.key == "version" || strings.HasPrefix(p.key, "$"):
		case p.value.kind == "boolean":
			count++
		case p.value.kind == "object" && slices.ContainsFunc(definitionKeys, func(k string) bool { return p.value.get(k) != nil }):
			count++
		case p.value.kind == "object" && environmentSwitches(p.value):
			count++
		default:
			return false
		}
	}
	return count > 0
}

// environmentSwitches says whether an object gives a value for each environment.
func environmentSwitches(n *node) bool {
	for _, p := range n.pairs {
		if _, ok := effective.Known(strings.ToLower(p.key)); !ok && p.key != "default" {
			return false
		}
	}
	return len(n.pairs) > 1
}

// plainFlag reads a switch, or a definition's value and roll-out.
func plainFlag(d *flag, n *node) {
	if n.kind != "object" {
		d.giveKind(n.kind)
		d.on, d.off = n.kind == "boolean" && n.text == "true", n.kind == "boolean" && n.text == "false"
		return
	}
	var value *node
	for _, key := range []string{"default", "enabled", "value", "on", "defaultValue", "default_value", "active"} {
		if v := n.get(key); v != nil {
			value = v
			break
		}
	}
	switch kind := n.str("type"); kind {
	case "boolean", "bool":
		d.kind = "boolean"
	case "string":
		d.kind = kind
	case "number", "integer", "int", "float":
		d.kind = "number"
	}
	if value == nil {
		return
	}
	if d.kind != "" && value.kind != d.kind && slices.Contains([]string{"boolean", "string", "number"}, value.kind) && n.get("variants") == nil && n.get("enabled") == nil {
		d.wrong(value.line, false, "the flag %s is a %s and its default a %s", d.key, d.kind, value.kind)
	}
	if d.kind == "" && value.kind != "object" && n.get("enabled") == nil && n.get("active") == nil && n.get("variants") == nil {
		d.giveKind(value.kind)
	}
	share := cmp.Or(n.str("rollout"), n.str("percentage"), n.str("rollout_percentage"), "100")
	d.on = value.kind == "boolean" && value.text == "true" && strings.TrimSuffix(share, "%") == "100"
	d.off = value.kind == "boolean" && value.text == "false"
}

// perEnvironment splits a manifest whose flags hold a value for each environment, under its name or under "environments".
func (m *manifest) perEnvironment(doc *node) []*manifest {
	split := map[Environment]*manifest{}
	var list []*manifest
	for _, p := range doc.pairs {
		of := p.value.get("environments")
		if of == nil {
			of = p.value
		}
		if m.flags[p.key] == nil || of.kind != "object" || !environmentSwitches(of) {
			if p.value.kind != "object" {
				return []*manifest{m}
			}
			continue
		}
		for _, e := range of.pairs {
			env, _ := effective.Known(strings.ToLower(e.key))
			if env == Everywhere {
				continue
			}
			if split[env] == nil {
				split[env] = &manifest{format: m.format, complete: m.complete, environment: env, flags: map[string]*flag{}}
				list = append(list, split[env])
			}
			split[env].add(p.key, e.line, e.value, plainFlag)
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
		m.add(key, b.TypeRange.Start.Line, &node{kind: "object"}, func(d *flag, _ *node) {
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
