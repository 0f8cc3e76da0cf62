package environment

// Definitions of Unleash: exports, state files and bootstraps (https://docs.getunleash.io/reference/deploy/environment-import-export).

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"flightpoll/detectors/environment/effective"
)

// unleashManifests gives one manifest for each environment that an export speaks of.
func unleashManifests(doc *node) []*manifest {
	list := doc.get("features")
	if list == nil {
		list = doc.get("toggles")
	}
	if list == nil || list.kind != "list" || len(list.items) == 0 || list.items[0].get("name") == nil {
		return nil
	}
	environments := []Environment{Everywhere}
	names := map[Environment]string{}
	perFlag := doc.get("featureEnvironments")
	for _, e := range listOf(perFlag) {
		word := cmp.Or(e.str("environment"), e.str("name"))
		env := effective.EnvironmentOf(word)
		if names[env] = word; !slices.Contains(environments, env) {
			environments = append(environments, env)
		}
	}
	if len(environments) > 1 {
		environments = environments[1:]
	}
	var result []*manifest
	for _, env := range environments {
		m := &manifest{format: "Unleash", environment: env, complete: false, flags: map[string]*flag{}}
		for _, item := range list.items {
			name := item.str("name")
			if name == "" {
				continue
			}
			m.add(name, item.at("name"), item, func(d *flag, n *node) { d.unleash(n, doc, names[env]) })
		}
		result = append(result, m)
	}
	return result
}

// unleash reads one toggle as it is in an environment, "" for a file that knows none.
func (d *flag) unleash(n, doc *node, env string) {
	kind := n.str("type")
	d.operational = d.operational || kind == "kill-switch" || kind == "operational" || kind == "permission"
	enabled, strategies := n.str("enabled") == "true", listOf(n.get("strategies"))
	for _, e := range listOf(n.get("environments")) {
		if effective.EnvironmentOf(e.str("name")) == effective.EnvironmentOf(cmp.Or(env, "production")) {
			enabled, strategies = e.str("enabled") == "true", listOf(e.get("strategies"))
		}
	}
	if env != "" {
		enabled = false
		for _, e := range listOf(doc.get("featureEnvironments")) {
			if e.str("environment") == env && cmp.Or(e.str("featureName"), e.str("feature_name")) == d.key {
				enabled = e.str("enabled") == "true"
			}
		}
		strategies = nil
		for _, s := range listOf(doc.get("featureStrategies")) {
			if s.str("environment") == env && s.str("featureName") == d.key {
				strategies = append(strategies, s)
			}
		}
	}
	everybody := len(strategies) == 0
	for _, s := range strategies {
		share := cmp.Or(s.str("parameters", "rollout"), s.str("parameters", "percentage"))
		if percent, err := strconv.ParseFloat(share, 64); err == nil && (percent < 0 || percent > 100) {
			d.wrong(s.line, true, "the roll-out of the flag %s is %s percent", d.key, clip(share))
		}
		if len(listOf(s.get("constraints"))) == 0 && len(listOf(s.get("segments"))) == 0 && s.str("disabled") != "true" &&
			(s.str("name") == "default" || share == "100" && strings.Contains(strings.ToLower(s.str("name")), "rollout")) {
			everybody = true
		}
	}
	d.on, d.off = enabled && everybody, !enabled
	total, variants := 0, listOf(n.get("variants"))
	for _, v := range variants {
		weight, err := strconv.Atoi(v.str("weight"))
		if err != nil {
			return
		}
		total += weight
	}
	if len(variants) > 0 && total != 1000 {
		d.wrong(n.at("variants"), false, "the weights of the variants of the flag %s add up to %d, not to 1000", d.key, total)
	}
}
