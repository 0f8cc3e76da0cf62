package environment

// Definitions of go-feature-flag (https://gofeatureflag.org/docs/configure_flag/create-flags), and what its linter refuses.

import "strconv"

func goffManifest(doc *node) *manifest {
	if doc.kind != "object" || !anyOf(doc, "variations", "defaultRule") || doc.get("flags") != nil {
		if doc.kind != "object" || !goffOld(doc) {
			return nil
		}
	}
	flags := &node{kind: "object"}
	for _, p := range doc.pairs {
		if p.value.kind == "object" {
			flags.pairs = append(flags.pairs, p)
		}
	}
	return newManifest("go-feature-flag", true, flags, func(d *flag, n *node) {
		if n.get("variations") == nil && n.get("default") != nil { // its first format
			for _, key := range []string{"true", "false", "default"} {
				if v := n.get(key); v != nil {
					d.giveKind(v.kind)
				}
			}
			d.on = n.str("true") == "true" && n.str("percentage") == "100" && n.get("rule") == nil && n.str("disable") != "true"
			return
		}
		variations := n.get("variations")
		d.giveVariants(variations)
		switch {
		case variations == nil || len(variations.pairs) == 0:
			d.wrong(d.line, true, "the flag %s has no variations", d.key)
		case d.kind == "mixed":
			d.wrong(variations.line, true, "the variations of the flag %s are of different types", d.key)
		}
		rule := n.get("defaultRule")
		if rule == nil {
			d.wrong(d.line, true, "the flag %s has no defaultRule", d.key)
		}
		d.goffRule(rule, "the default")
		targeted, named := false, map[string]bool{}
		for _, key := range []string{"targeting", "scheduledRollout"} {
			for _, step := range listOf(n.get(key)) {
				if key == "scheduledRollout" {
					d.goffRule(step.get("defaultRule"), "the default of a scheduled step")
					continue
				}
				targeted = targeted || step.str("disable") != "true"
				if name := step.str("name"); name != "" && named[name] {
					d.wrong(step.at("name"), true, "the flag %s has two targeting rules with the name %s", d.key, clip(name))
				} else {
					named[name] = true
				}
				d.goffRule(step, "a targeting rule's outcome")
			}
		}
		switch {
		case n.str("disable") == "true" || targeted || rule == nil:
		case rule.get("variation") != nil:
			d.serves(rule.str("variation"))
		default:
			for _, part := range listedPairs(rule.get("percentage")) {
				if share, err := strconv.ParseFloat(part.value.text, 64); err == nil && share >= 100 {
					d.serves(part.key)
				}
			}
		}
	})
}

// goffOld says whether a document is in go-feature-flag's first format: true, false, default and percentage.
func goffOld(doc *node) bool {
	for _, p := range doc.pairs {
		if p.value.get("true") != nil && p.value.get("false") != nil && p.value.get("default") != nil {
			return true
		}
	}
	return false
}

// goffRule checks the variations that a rule answers and the shares that it gives them.
func (d *flag) goffRule(rule *node, what string) {
	if rule == nil {
		return
	}
	d.names(rule.get("variation"), what)
	total, parts := 0.0, listedPairs(rule.get("percentage"))
	for _, part := range parts {
		d.names(&node{kind: "string", text: part.key, line: part.line}, what)
		share, err := strconv.ParseFloat(part.value.text, 64)
		if err != nil {
			return
		}
		total += share
	}
	switch {
	case len(parts) > 0 && total == 0:
		d.wrong(rule.at("percentage"), true, "the percentages of the flag %s are all zero", d.key)
	case len(parts) > 0 && (total < 99.99 || total > 100.01):
		d.wrong(rule.at("percentage"), false, "the percentages of the flag %s add up to %s, not to 100", d.key, strconv.FormatFloat(total, 'f', -1, 64))
	}
	if progress := rule.get("progressiveRollout"); progress != nil {
		for _, end := range []string{"initial", "end"} {
			d.names(progress.get(end, "variation"), "the "+end+" of the progressive roll-out")
		}
	}
	if rule.get("variation") == nil && len(parts) == 0 && rule.get("progressiveRollout") == nil && rule.kind == "object" && what == "the default" {
		d.wrong(rule.line, true, "the default rule of the flag %s answers nothing", d.key)
	}
}

// listOf are the items of a list, none for anything else.
func listOf(n *node) []*node {
	if n == nil {
		return nil
	}
	return n.items
}

func listedPairs(n *node) []pair {
	if n == nil {
		return nil
	}
	return n.pairs
}
