package environment

// Definitions that flag services export or load at the start: LaunchDarkly's data files, Flipt, Flagsmith, GrowthBook,
// PostHog's bootstrap and .NET's FeatureManagement.

import (
	"strconv"
)

// launchDarklyManifest reads https://docs.launchdarkly.com/sdk/features/flags-from-files: full flags, or values alone.
func launchDarklyManifest(doc *node) *manifest {
	full, values := doc.get("flags"), doc.get("flagValues")
	if values == nil && !anyOf(full, "fallthrough", "offVariation") {
		return nil
	}
	m := &manifest{format: "LaunchDarkly", complete: false, flags: map[string]*flag{}}
	if values != nil {
		for _, p := range values.pairs {
			m.add(p.key, p.line, p.value, func(d *flag, n *node) {
				d.giveKind(n.kind)
				d.on, d.off = n.text == "true" && n.kind == "boolean", n.text == "false" && n.kind == "boolean"
			})
		}
	}
	if full == nil {
		return m
	}
	for _, p := range full.pairs {
		m.add(p.key, p.line, p.value, func(d *flag, n *node) {
			variations := listOf(n.get("variations"))
			for _, v := range variations {
				d.giveKind(v.kind)
			}
			value := func(at *node, what string) *node {
				if at == nil || at.kind != "number" {
					return nil
				}
				i, err := strconv.Atoi(at.text)
				if err != nil || i < 0 || i >= len(variations) {
					d.wrong(at.line, true, "%s of the flag %s is the variation %s, and it has %d", what, d.key, clip(at.text), len(variations))
					return nil
				}
				return variations[i]
			}
			served := value(n.get("fallthrough", "variation"), "the fallthrough")
			off := value(n.get("offVariation"), "the off variation")
			total, parts := 0, listOf(n.get("fallthrough", "rollout", "variations"))
			for _, part := range parts {
				value(part.get("variation"), "a part of the roll-out")
				weight, _ := strconv.Atoi(part.str("weight"))
				total += weight
			}
			if len(parts) > 0 && total != 100000 {
				d.wrong(n.get("fallthrough").line, false, "the weights of the roll-out of the flag %s add up to %d, not to 100000", d.key, total)
			}
			if n.str("on") != "true" {
				served = off
			}
			if served != nil && served.kind == "boolean" && len(listOf(n.get("rules"))) == 0 {
				d.on, d.off = served.text == "true", served.text == "false"
			}
		})
	}
	return m
}

// fliptManifest reads https://docs.flipt.io/configuration/storage#defining-flags-and-segments.
func fliptManifest(doc *node) *manifest {
	list := doc.get("flags")
	if list == nil || list.kind != "list" || len(list.items) == 0 || list.items[0].get("key") == nil {
		return nil
	}
	m := &manifest{format: "Flipt", complete: true, flags: map[string]*flag{}}
	for _, item := range list.items {
		if item.str("key") == "" {
			continue
		}
		m.add(item.str("key"), item.at("key"), item, func(d *flag, n *node) {
			if n.str("type") != "VARIANT_FLAG_TYPE" {
				d.kind = "boolean"
				d.on, d.off = n.str("enabled") == "true", n.str("enabled") == "false" && len(listOf(n.get("rollouts"))) == 0
				return
			}
			d.kind, d.variants = "string", map[string]*node{}
			for _, v := range listOf(n.get("variants")) {
				d.variants[v.str("key")] = v
			}
			for _, rule := range listOf(n.get("rules")) {
				for _, part := range listOf(rule.get("distributions")) {
					d.names(part.get("variant"), "a part of a rule")
				}
			}
		})
	}
	return m
}

// flagsmithManifest reads an environment document (feature_states) or the flags of its API.
func flagsmithManifest(doc *node) *manifest {
	list := doc.get("feature_states")
	if list == nil {
		list = doc.get("flags")
	}
	if list == nil || list.kind != "list" || len(list.items) == 0 || list.items[0].get("feature", "name") == nil {
		return nil
	}
	m := &manifest{format: "Flagsmith", complete: false, flags: map[string]*flag{}}
	for _, item := range list.items {
		name := item.get("feature", "name")
		if name == nil {
			continue
		}
		m.add(name.text, name.line, item, func(d *flag, n *node) {
			if n.get("feature_state_value") == nil || n.get("feature_state_value").kind == "null" {
				d.on, d.off = n.str("enabled") == "true", n.str("enabled") == "false"
			}
		})
	}
	return m
}

// growthBookManifest reads https://docs.growthbook.io/lib/build-your-own#features.
func growthBookManifest(doc *node) *manifest {
	features := doc.get("features")
	if !anyOf(features, "defaultValue") {
		return nil
	}
	return newManifest("GrowthBook", false, features, func(d *flag, n *node) {
		value := n.get("defaultValue")
		if value == nil {
			return
		}
		d.giveKind(value.kind)
		rules := listOf(n.get("rules"))
		d.on = value.kind == "boolean" && value.text == "true" && len(rules) == 0
		for _, rule := range rules {
			if rule.str("force") == "true" && rule.get("condition") == nil && (rule.get("coverage") == nil || rule.str("coverage") == "1") {
				d.on = true
			}
			total, weights := 0.0, listOf(rule.get("weights"))
			for _, w := range weights {
				share, err := strconv.ParseFloat(w.text, 64)
				if err != nil {
					weights = nil
					break
				}
				total += share
			}
			if len(weights) > 0 && (total < 0.99 || total > 1.01) {
				d.wrong(rule.at("weights"), false, "the weights of the flag %s add up to %s, not to 1", d.key, strconv.FormatFloat(total, 'g', 4, 64))
			}
			if variations := listOf(rule.get("variations")); len(weights) > 0 && len(variations) > 0 && len(variations) != len(weights) {
				d.wrong(rule.at("weights"), true, "the flag %s has %d variations and %d weights", d.key, len(variations), len(weights))
			}
		}
		d.off = value.kind == "boolean" && value.text == "false" && len(rules) == 0
	})
}

// posthogManifest reads the flags that posthog-js is started with.
func posthogManifest(doc *node) *manifest {
	flags := doc.get("featureFlags")
	if flags == nil || flags.kind != "object" || len(flags.pairs) == 0 {
		return nil
	}
	for _, p := range flags.pairs {
		if p.value.kind != "boolean" && p.value.kind != "string" {
			return nil
		}
	}
	return newManifest("PostHog", false, flags, func(d *flag, n *node) {
		d.on, d.off = n.text == "true", n.text == "false"
	})
}

// dotnetManifest reads Microsoft.FeatureManagement's section of appsettings.json, in both of its schemas.
func dotnetManifest(doc *node) *manifest {
	if list := doc.get("feature_management", "feature_flags"); list != nil && list.kind == "list" {
		m := &manifest{format: "FeatureManagement", complete: true, flags: map[string]*flag{}}
		for _, item := range list.items {
			if id := item.str("id"); id != "" {
				m.add(id, item.at("id"), item, func(d *flag, n *node) { d.switchedBy(n.get("enabled"), n.get("conditions") == nil) })
			}
		}
		return m
	}
	section := doc.get("FeatureManagement")
	if section == nil || section.kind != "object" {
		return nil
	}
	return newManifest("FeatureManagement", true, section, func(d *flag, n *node) { d.switchedBy(n, true) })
}

// switchedBy takes a switch's value; whole says that nothing narrows whom it is for.
func (d *flag) switchedBy(n *node, whole bool) {
	d.kind = "boolean"
	if n != nil && n.kind == "boolean" && whole {
		d.on, d.off = n.text == "true", n.text == "false"
	}
}
