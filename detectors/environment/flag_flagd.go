package environment

// Definitions of flagd (https://flagd.dev/reference/flag-definitions/) and the manifest of the OpenFeature CLI
// (https://openfeature.dev/docs/reference/other-technologies/cli).

import (
	"strings"

	"flightpoll/detectors/source/document"
)

// anyOf says whether a value of an object has one of the keys.
func anyOf(object *document.Node, keys ...string) bool {
	if object == nil || object.Kind != "object" {
		return false
	}
	for _, p := range object.Pairs {
		for _, key := range keys {
			if p.Value.Get(key) != nil {
				return true
			}
		}
	}
	return false
}

func flagdManifest(doc *document.Node) *manifest {
	flags := doc.Get("flags")
	if !anyOf(flags, "variants", "state") || anyOf(flags, "flagType") {
		return nil
	}
	evaluators := doc.Get("$evaluators")
	return newManifest("flagd", true, flags, func(d *flag, n *document.Node) {
		d.giveVariants(n.Get("variants"))
		switch state := n.Get("state"); {
		case state == nil:
			d.wrong(d.line, true, "the flag %s has no state (ENABLED or DISABLED)", d.key)
		case state.Value != "ENABLED" && state.Value != "DISABLED":
			d.wrong(state.Line, true, "the state of the flag %s is %s, neither ENABLED nor DISABLED", d.key, clip(state.Value))
		}
		switch variants := n.Get("variants"); {
		case variants == nil || len(variants.Pairs) == 0:
			d.wrong(n.LineOf("variants"), true, "the flag %s has no variants", d.key)
		case d.kind == "mixed":
			d.wrong(variants.Line, false, "the variants of the flag %s are of different types", d.key)
		}
		d.names(n.Get("defaultVariant"), "the default")
		targeting := n.Get("targeting")
		d.outcome(targeting, evaluators, 0)
		if n.Text("state") == "ENABLED" && (targeting == nil || len(targeting.Pairs) == 0) {
			d.serves(n.Text("defaultVariant"))
		}
		d.off = d.off || n.Text("state") == "DISABLED"
	})
}

// outcome checks the variants that a JSONLogic rule of flagd may answer.
func (d *flag) outcome(rule, evaluators *document.Node, depth int) {
	if rule == nil || depth > 20 {
		return
	}
	if rule.Kind == "string" && depth > 0 {
		d.names(rule, "an outcome of the targeting")
		return
	}
	if rule.Kind != "object" || len(rule.Pairs) != 1 {
		return
	}
	args := rule.Pairs[0].Value
	switch rule.Pairs[0].Key {
	case "if":
		for i, a := range args.Items {
			if i%2 == 1 || i == len(args.Items)-1 && len(args.Items)%2 == 1 {
				d.outcome(a, evaluators, depth+1)
			}
		}
	case "fractional":
		for _, a := range args.Items {
			if a.Kind == "list" && len(a.Items) > 0 && a.Items[0].Kind == "string" {
				d.names(a.Items[0], "a part of the fractional roll-out")
			}
		}
	case "$ref":
		if args.Kind == "string" && evaluators.Get(args.Value) == nil {
			d.wrong(args.Line, true, "the targeting of the flag %s refers to the evaluator %s, which is not defined", d.key, clip(args.Value))
		}
	}
}

func openFeatureManifest(doc *document.Node) *manifest {
	flags := doc.Get("flags")
	if !anyOf(flags, "flagType") {
		return nil
	}
	kinds := map[string]string{"boolean": "boolean", "string": "string", "integer": "number", "float": "number", "object": "object"}
	return newManifest("OpenFeature", false, flags, func(d *flag, n *document.Node) {
		kind, value := n.Get("flagType"), n.Get("defaultValue")
		switch {
		case kind == nil:
			d.wrong(d.line, true, "the flag %s has no flagType", d.key)
			return
		case kinds[kind.Value] == "":
			d.wrong(kind.Line, true, "the flagType of the flag %s is %s, which is none", d.key, clip(kind.Value))
			return
		}
		d.kind = kinds[kind.Value]
		switch {
		case value == nil:
			d.wrong(d.line, true, "the flag %s has no defaultValue", d.key)
		case value.Kind != d.kind:
			d.wrong(value.Line, true, "the flag %s is a %s and its defaultValue a %s", d.key, kind.Value, value.Kind)
		case kind.Value == "integer" && strings.Contains(value.Value, "."):
			d.wrong(value.Line, true, "the flag %s is an integer and its defaultValue has a fraction", d.key)
		default:
			d.on, d.off = value.Kind == "boolean" && value.Value == "true", value.Kind == "boolean" && value.Value == "false"
		}
	})
}
