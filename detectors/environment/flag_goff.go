package environment

// Definitions of go-feature-flag (https://gofeatureflag.org/docs/configure_flag/create-flags), and what its linter refuses.

import (
	"strconv"

	"flightpoll/detectors/source/document"
)

func goffManifest(doc *document.Node) *manifest {
	if doc.Kind != "object" || !anyOf(doc, "variations", "defaultRule") || doc.Get("flags") != nil {
		if doc.Kind != "object" || !goffOld(doc) {
			return nil
		}
	}
	flags := &document.Node{Kind: "object"}
	for _, p := range doc.Pairs {
		if p.Value.Kind == "object" {
			flags.Pairs = append(flags.Pairs, p)
		}
	}
	return newManifest("go-feature-flag", true, flags, func(d *flag, n *document.Node) {
		if n.Get("variations") == nil && n.Get("default") != nil { // its first format
			for _, key := range []string{"true", "false", "default"} {
				if v := n.Get(key); v != nil {
					d.giveKind(v.Kind)
				}
			}
			d.on = n.Text("true") == "true" && n.Text("percentage") == "100" && n.Get("rule") == nil && n.Text("disable") != "true"
			return
		}
		variations := n.Get("variations")
		d.giveVariants(variations)
		switch {
		case variations == nil || len(variations.Pairs) == 0:
			d.wrong(d.line, true, "the flag %s has no variations", d.key)
		case d.kind == "mixed":
			d.wrong(variations.Line, true, "the variations of the flag %s are of different types", d.key)
		}
		rule := n.Get("defaultRule")
		if rule == nil {
			d.wrong(d.line, true, "the flag %s has no defaultRule", d.key)
		}
		d.goffRule(rule, "the default")
		targeted, named := false, map[string]bool{}
		for _, key := range []string{"targeting", "scheduledRollout"} {
			for _, step := range listOf(n.Get(key)) {
				if key == "scheduledRollout" {
					d.goffRule(step.Get("defaultRule"), "the default of a scheduled step")
					continue
				}
				targeted = targeted || step.Text("disable") != "true"
				if name := step.Text("name"); name != "" && named[name] {
					d.wrong(step.LineOf("name"), true, "the flag %s has two targeting rules with the name %s", d.key, clip(name))
				} else {
					named[name] = true
				}
				d.goffRule(step, "a targeting rule's outcome")
			}
		}
		switch {
		case n.Text("disable") == "true" || targeted || rule == nil:
		case rule.Get("variation") != nil:
			d.serves(rule.Text("variation"))
		default:
			for _, part := range listedPairs(rule.Get("percentage")) {
				if share, err := strconv.ParseFloat(part.Value.Value, 64); err == nil && share >= 100 {
					d.serves(part.Key)
				}
			}
		}
	})
}

// goffOld says whether a document is in go-feature-flag's first format: true, false, default and percentage.
func goffOld(doc *document.Node) bool {
	for _, p := range doc.Pairs {
		if p.Value.Get("true") != nil && p.Value.Get("false") != nil && p.Value.Get("default") != nil {
			return true
		}
	}
	return false
}

// goffRule checks the variations that a rule answers and the shares that it gives them.
func (d *flag) goffRule(rule *document.Node, what string) {
	if rule == nil {
		return
	}
	d.names(rule.Get("variation"), what)
	total, parts := 0.0, listedPairs(rule.Get("percentage"))
	for _, part := range parts {
		d.names(&document.Node{Kind: "string", Value: part.Key, Line: part.Line}, what)
		share, err := strconv.ParseFloat(part.Value.Value, 64)
		if err != nil {
			return
		}
		total += share
	}
	switch {
	case len(parts) > 0 && total == 0:
		d.wrong(rule.LineOf("percentage"), true, "the percentages of the flag %s are all zero", d.key)
	case len(parts) > 0 && (total < 99.99 || total > 100.01):
		d.wrong(rule.LineOf("percentage"), false, "the percentages of the flag %s add up to %s, not to 100", d.key, strconv.FormatFloat(total, 'f', -1, 64))
	}
	if progress := rule.Get("progressiveRollout"); progress != nil {
		for _, end := range []string{"initial", "end"} {
			d.names(progress.Get(end, "variation"), "the "+end+" of the progressive roll-out")
		}
	}
	if rule.Get("variation") == nil && len(parts) == 0 && rule.Get("progressiveRollout") == nil && rule.Kind == "object" && what == "the default" {
		d.wrong(rule.Line, true, "the default rule of the flag %s answers nothing", d.key)
	}
}

// listOf are the items of a list, none for anything else.
func listOf(n *document.Node) []*document.Node {
	if n == nil {
		return nil
	}
	return n.Items
}

func listedPairs(n *document.Node) []document.Pair {
	if n == nil {
		return nil
	}
	return n.Pairs
}
