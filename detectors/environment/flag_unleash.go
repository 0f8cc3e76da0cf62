package environment

// Definitions of Unleash: exports, state files and bootstraps (https://docs.getunleash.io/reference/deploy/environment-import-export).

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"flightpoll/detectors/environment/effective"
	"flightpoll/detectors/source/document"
)

// unleashManifests gives one manifest for each environment that an export speaks of.
func unleashManifests(doc *document.Node) []*manifest {
	list := doc.Get("features")
	if list == nil {
		list = doc.Get("toggles")
	}
	if list == nil || list.Kind != "list" || len(list.Items) == 0 || list.Items[0].Get("name") == nil {
		return nil
	}
	environments := []Environment{Everywhere}
	names := map[Environment]string{}
	perFlag := doc.Get("featureEnvironments")
	for _, e := range listOf(perFlag) {
		word := cmp.Or(e.Text("environment"), e.Text("name"))
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
		for _, item := range list.Items {
			name := item.Text("name")
			if name == "" {
				continue
			}
			m.add(name, item.LineOf("name"), item, func(d *flag, n *document.Node) { d.unleash(n, doc, names[env]) })
		}
		result = append(result, m)
	}
	return result
}

// unleash reads one toggle as it is in an environment, "" for a file that knows none.
func (d *flag) unleash(n, doc *document.Node, env string) {
	kind := n.Text("type")
	d.operational = d.operational || kind == "kill-switch" || kind == "operational" || kind == "permission"
	enabled, strategies := n.Text("enabled") == "true", listOf(n.Get("strategies"))
	for _, e := range listOf(n.Get("environments")) {
		if effective.EnvironmentOf(e.Text("name")) == effective.EnvironmentOf(cmp.Or(env, "production")) {
			enabled, strategies = e.Text("enabled") == "true", listOf(e.Get("strategies"))
		}
	}
	if env != "" {
		enabled = false
		for _, e := range listOf(doc.Get("featureEnvironments")) {
			if e.Text("environment") == env && cmp.Or(e.Text("featureName"), e.Text("feature_name")) == d.key {
				enabled = e.Text("enabled") == "true"
			}
		}
		strategies = nil
		for _, s := range listOf(doc.Get("featureStrategies")) {
			if s.Text("environment") == env && s.Text("featureName") == d.key {
				strategies = append(strategies, s)
			}
		}
	}
	everybody := len(strategies) == 0
	for _, s := range strategies {
		share := cmp.Or(s.Text("parameters", "rollout"), s.Text("parameters", "percentage"))
		if percent, err := strconv.ParseFloat(share, 64); err == nil && (percent < 0 || percent > 100) {
			d.wrong(s.Line, true, "the roll-out of the flag %s is %s percent", d.key, clip(share))
		}
		if len(listOf(s.Get("constraints"))) == 0 && len(listOf(s.Get("segments"))) == 0 && s.Text("disabled") != "true" &&
			(s.Text("name") == "default" || share == "100" && strings.Contains(strings.ToLower(s.Text("name")), "rollout")) {
			everybody = true
		}
	}
	d.on, d.off = enabled && everybody, !enabled
	total, variants := 0, listOf(n.Get("variants"))
	for _, v := range variants {
		weight, err := strconv.Atoi(v.Text("weight"))
		if err != nil {
			return
		}
		total += weight
	}
	if len(variants) > 0 && total != 1000 {
		d.wrong(n.LineOf("variants"), false, "the weights of the variants of the flag %s add up to %d, not to 1000", d.key, total)
	}
}
