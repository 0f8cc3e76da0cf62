package environment

// Definitions of flagd (https://flagd.dev/reference/flag-definitions/) and the manifest of the OpenFeature CLI
// (https://openfeature.dev/docs/reference/other-technologies/cli).

import "strings"

// anyOf says whether a value of an object has one of the keys.
func anyOf(object *node, keys ...string) bool {
	if object == nil || object.kind != "object" {
		return false
	}
	for _, p := range object.pairs {
		for _, key := range keys {
			if p.value.get(key) != nil {
				return true
			}
		}
	}
	return false
}

func flagdManifest(doc *node) *manifest {
	flags := doc.get("flags")
	if !anyOf(flags, "variants", "state") || anyOf(flags, "flagType") {
		return nil
	}
	evaluators := doc.get("$evaluators")
	return newManifest("flagd", true, flags, func(d *flag, n *node) {
		d.giveVariants(n.get("variants"))
		switch state := n.get("state"); {
		case state == nil:
			d.wrong(d.line, true, "the flag %s has no state (ENABLED or DISABLED)", d.key)
		case state.text != "ENABLED" && state.text != "DISABLED":
			d.wrong(state.line, true, "the state of the flag %s is %s, neither ENABLED nor DISABLED", d.key, clip(state.text))
		}
		switch variants := n.get("variants"); {
		case variants == nil || len(variants.pairs) == 0:
			d.wrong(n.at("variants"), true, "the flag %s has no variants", d.key)
		case d.kind == "mixed":
			d.wrong(variants.line, false, "the variants of the flag %s are of different types", d.key)
		}
		d.names(n.get("defaultVariant"), "the default")
		targeting := n.get("targeting")
		d.outcome(targeting, evaluators, 0)
		if n.str("state") == "ENABLED" && (targeting == nil || len(targeting.pairs) == 0) {
			d.serves(n.str("defaultVariant"))
		}
		d.off = d.off || n.str("state") == "DISABLED"
	})
}

// outcome checks the variants that a JSONLogic rule of flagd may answer.
func (d *flag) outcome(rule, evaluators *node, depth int) {
	if rule == nil || depth > 20 {
		return
	}
	if rule.kind == "string" && depth > 0 {
		d.names(rule, "an outcome of the targeting")
		return
	}
	if rule.kind != "object" || len(rule.pairs) != 1 {
		return
	}
	args := rule.pairs[0].value
	switch rule.pairs[0].key {
	case "if":
		for i, a := range args.items {
			if i%2 == 1 || i == len(args.items)-1 && len(args.items)%2 == 1 {
				d.outcome(a, evaluators, depth+1)
			}
		}
	case "fractional":
		for _, a := range args.items {
			if a.kind == "list" && len(a.items) > 0 && a.items[0].kind == "string" {
				d.names(a.items[0], "a part of the fractional roll-out")
			}
		}
	case "$ref":
		if args.kind == "string" && evaluators.get(args.text) == nil {
			d.wrong(args.line, true, "the targeting of the flag %s refers to the evaluator %s, which is not defined", d.key, clip(args.text))
		}
	}
}

func openFeatureManifest(doc *node) *manifest {
	flags := doc.get("flags")
	if !anyOf(flags, "flagType") {
		return nil
	}
	kinds := map[string]string{"boolean": "boolean", "string": "string", "integer": "number", "float": "number", "object": "object"}
	return newManifest("OpenFeature", false, flags, func(d *flag, n *node) {
		kind, value := n.get("flagType"), n.get("defaultValue")
		switch {
		case kind == nil:
			d.wrong(d.line, true, "the flag %s has no flagType", d.key)
			return
		case kinds[kind.text] == "":
			d.wrong(kind.line, true, "the flagType of the flag %s is %s, which is none", d.key, clip(kind.text))
			return
		}
		d.kind = kinds[kind.text]
		switch {
		case value == nil:
			d.wrong(d.line, true, "the flag %s has no defaultValue", d.key)
		case value.kind != d.kind:
			d.wrong(value.line, true, "the flag %s is a %s and its defaultValue a %s", d.key, kind.text, value.kind)
		case kind.text == "integer" && strings.Contains(value.text, "."):
			d.wrong(value.line, true, "the flag %s is an integer and its defaultValue has a fraction", d.key)
		default:
			d.on, d.off = value.kind == "boolean" && value.text == "true", value.kind == "boolean" && value.text == "false"
		}
	})
}
