package environment

// Definitions that flag services export or load at the start: LaunchDarkly's data files, Flipt, Flagsmith, GrowthBook,
// PostHog's bootstrap and .NET's FeatureManagement.

import (
	"strconv"

	"flightpoll/detectors/source/document"
)

// launchDarklyManifest reads https://docs.launchdarkly.com/sdk/features/flags-from-files: full flags, or values alone.
func launchDarklyManifest(doc *document.Node) *manifest {
	full, values := doc.Get("flags"), doc.Get("flagValues")
	if values == nil && !anyOf(full, "fallthrough", "offVariation") {
		return nil
	}
	m := &manifest{format: "LaunchDarkly", complete: false, flags: map[string]*flag{}}
	if values != nil {
		for _, p := range values.Pairs {
			m.add(p.Key, p.Line, p.Value, func(d *flag, n *document.Node) {
				d.giveKind(n.Kind)
				d.on, d.off = n.Value == "true" && n.Kind == "boolean", n.Value == "false" && n.Kind == "boolean"
			})
		}
	}
	if full == nil {
		return m
	}
	for _, p := range full.Pairs {
		m.add(p.Key, p.Line, p.Value, func(d *flag, n *document.Node) {
			variations := listOf(n.Get("variations"))
			for _, v := range variations {
				d.giveKind(v.Kind)
			}
			value := func(at *document.Node, what string) *document.Node {
				if at == nil || at.Kind != "number" {
					return nil
				}
				i, err := strconv.Atoi(at.Value)
				if err != nil || i < 0 || i >= len(variations) {
					d.wrong(at.Line, true, "%s of the flag %s is the variation %s, and it has %d", what, d.key, clip(at.Value), len(variations))
					return nil
				}
				return variations[i]
			}
			served := value(n.Get("fallthrough", "variation"), "the fallthrough")
			off := value(n.Get("offVariation"), "the off variation")
			total, parts := 0, listOf(n.Get("fallthrough", "rollout", "variations"))
			for _, part := range parts {
				value(part.Get("variation"), "a part of the roll-out")
				weight, _ := strconv.Atoi(part.Text("weight"))
				total += weight
			}
			if len(parts) > 0 && total != 100000 {
				d.wrong(n.Get("fallthrough").Line, false, "the weights of the roll-out of the flag %s add up to %d, not to 100000", d.key, total)
			}
			if n.Text("on") != "true" {
				served = off
			}
			if served != nil && served.Kind == "boolean" && len(listOf(n.Get("rules"))) == 0 {
				d.on, d.off = served.Value == "true", served.Value == "false"
			}
		})
	}
	return m
}

// fliptManifest reads https://docs.flipt.io/configuration/storage#defining-flags-and-segments.
func fliptManifest(doc *document.Node) *manifest {
	list := doc.Get("flags")
	if list == nil || list.Kind != "list" || len(list.Items) == 0 || list.Items[0].Get("key") == nil {
		return nil
	}
	m := &manifest{format: "Flipt", complete: true, flags: map[string]*flag{}}
	for _, item := range list.Items {
		if item.Text("key") == "" {
			continue
		}
		m.add(item.Text("key"), item.LineOf("key"), item, func(d *flag, n *document.Node) {
			if n.Text("type") != "VARIANT_FLAG_TYPE" {
				d.kind = "boolean"
				d.on, d.off = n.Text("enabled") == "true", n.Text("enabled") == "false" && len(listOf(n.Get("rollouts"))) == 0
				return
			}
			d.kind, d.variants = "string", map[string]*document.Node{}
			for _, v := range listOf(n.Get("variants")) {
				d.variants[v.Text("key")] = v
			}
			for _, rule := range listOf(n.Get("rules")) {
				for _, part := range listOf(rule.Get("distributions")) {
					d.names(part.Get("variant"), "a part of a rule")
				}
			}
		})
	}
	return m
}

// flagsmithManifest reads an environment document (feature_states) or the flags of its API.
func flagsmithManifest(doc *document.Node) *manifest {
	list := doc.Get("feature_states")
	if list == nil {
		list = doc.Get("flags")
	}
	if list == nil || list.Kind != "list" || len(list.Items) == 0 || list.Items[0].Get("feature", "name") == nil {
		return nil
	}
	m := &manifest{format: "Flagsmith", complete: false, flags: map[string]*flag{}}
	for _, item := range list.Items {
		name := item.Get("feature", "name")
		if name == nil {
			continue
		}
		m.add(name.Value, name.Line, item, func(d *flag, n *document.Node) {
			if n.Get("feature_state_value") == nil || n.Get("feature_state_value").Kind == "null" {
				d.on, d.off = n.Text("enabled") == "true", n.Text("enabled") == "false"
			}
		})
	}
	return m
}

// growthBookManifest reads https://docs.growthbook.io/lib/build-your-own#features.
func growthBookManifest(doc *document.Node) *manifest {
	features := doc.Get("features")
	if !anyOf(features, "defaultValue") {
		return nil
	}
	return newManifest("GrowthBook", false, features, func(d *flag, n *document.Node) {
		value := n.Get("defaultValue")
		if value == nil {
			return
		}
		d.giveKind(value.Kind)
		rules := listOf(n.Get("rules"))
		d.on = value.Kind == "boolean" && value.Value == "true" && len(rules) == 0
		for _, rule := range rules {
			if rule.Text("force") == "true" && rule.Get("condition") == nil && (rule.Get("coverage") == nil || rule.Text("coverage") == "1") {
				d.on = true
			}
			total, weights := 0.0, listOf(rule.Get("weights"))
			for _, w := range weights {
				share, err := strconv.ParseFloat(w.Value, 64)
				if err != nil {
					weights = nil
					break
				}
				total += share
			}
			if len(weights) > 0 && (total < 0.99 || total > 1.01) {
				d.wrong(rule.LineOf("weights"), false, "the weights of the flag %s add up to %s, not to 1", d.key, strconv.FormatFloat(total, 'g', 4, 64))
			}
			if variations := listOf(rule.Get("variations")); len(weights) > 0 && len(variations) > 0 && len(variations) != len(weights) {
				d.wrong(rule.LineOf("weights"), true, "the flag %s has %d variations and %d weights", d.key, len(variations), len(weights))
			}
		}
		d.off = value.Kind == "boolean" && value.Value == "false" && len(rules) == 0
	})
}

// posthogManifest reads the flags that posthog-js is started with.
func posthogManifest(doc *document.Node) *manifest {
	flags := doc.Get("featureFlags")
	if flags == nil || flags.Kind != "object" || len(flags.Pairs) == 0 {
		return nil
	}
	for _, p := range flags.Pairs {
		if p.Value.Kind != "boolean" && p.Value.Kind != "string" {
			return nil
		}
	}
	return newManifest("PostHog", false, flags, func(d *flag, n *document.Node) {
		d.on, d.off = n.Value == "true", n.Value == "false"
	})
}

// dotnetManifest reads Microsoft.FeatureManagement's section of appsettings.json, in both of its schemas.
func dotnetManifest(doc *document.Node) *manifest {
	if list := doc.Get("feature_management", "feature_flags"); list != nil && list.Kind == "list" {
		m := &manifest{format: "FeatureManagement", complete: true, flags: map[string]*flag{}}
		for _, item := range list.Items {
			if id := item.Text("id"); id != "" {
				m.add(id, item.LineOf("id"), item, func(d *flag, n *document.Node) { d.switchedBy(n.Get("enabled"), n.Get("conditions") == nil) })
			}
		}
		return m
	}
	section := doc.Get("FeatureManagement")
	if section == nil || section.Kind != "object" {
		return nil
	}
	return newManifest("FeatureManagement", true, section, func(d *flag, n *document.Node) { d.switchedBy(n, true) })
}

// switchedBy takes a switch's value; whole says that nothing narrows whom it is for.
func (d *flag) switchedBy(n *document.Node, whole bool) {
	d.kind = "boolean"
	if n != nil && n.Kind == "boolean" && whole {
		d.on, d.off = n.Value == "true", n.Value == "false"
	}
}
