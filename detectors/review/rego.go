package review

// Policies in Rego: rules that refuse, and rules that only speak.

import (
	"fmt"
	"strings"

	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
)

var (
	// refusing is the head of a rule whose result stops a change (conftest, Gatekeeper), speaking of one that is only shown.
	refusing = lazy.New(`(?m)^(?:default\s+)?(deny\w*|violation\w*)\b`)
	speaking = lazy.New(`(?m)^warn\w*\b`)
	regoText = lazy.New(`"([^"\n]{8,200})"`)
)

// regoRules are the texts of the rules that refuse, each with its line, and how many rules only speak.
func regoRules(text string) (refuse map[string]int, count, speak int) {
	refuse = map[string]int{}
	for _, m := range refusing.FindAllStringSubmatchIndex(text, 500) {
		count++
		body := text[m[0]:]
		if end := strings.Index(body, "\n}"); end >= 0 {
			body = body[:end]
		}
		line := 1 + strings.Count(text[:m[0]], "\n")
		for _, s := range regoText.FindAllStringSubmatch(body, 5) {
			refuse[s[1]] = line
		}
	}
	return refuse, count, len(speaking.FindAllStringIndex(text, 500))
}

// rego reports a policy that refuses less than it did: a rule that only warns now, or that is gone with all it said.
func (g *guards) rego(f *branch.File, before, after string) {
	was, had, spoke := regoRules(before)
	now, has, speaks := regoRules(after)
	if has >= had {
		return
	}
	for said, line := range was {
		if _, ok := now[said]; ok {
			continue
		}
		what := "a rule that refused is gone"
		if at := strings.Index(after, said); at >= 0 {
			if speaks <= spoke {
				continue // another rule says it now
			}
			what = "a rule that refused (deny) only warns now"
			line = 1 + strings.Count(after[:at], "\n")
		} else {
			line = max(1, f.NewLine(line))
		}
		g.report(f.Path, line, "deny", fmt.Sprintf("%s: %q", what, clipped(said)),
			"What it refused is merged and deployed from now on, this change first.",
			"Keep the rule, and except the one case that has a reason.")
		return
	}
}
