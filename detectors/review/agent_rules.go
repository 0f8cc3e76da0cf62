package review

// What a project tells assistants that they must not do, and which of it the branch takes away.

import (
	"fmt"
	"strings"

	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
)

var (
	rulesForAgents = lazy.New(`(?i)(?:^|/)(?:AGENTS|CLAUDE|GEMINI|CONVENTIONS|AI_POLICY|ai-policy)\.md$|^\.github/(?:copilot-instructions\.md|instructions/.+\.md)$|^\.(?:cursor|windsurf|clinerules|roo|kiro)(?:/.+)?\.mdc?$|^\.(?:cursorrules|windsurfrules|clinerules)$|^\.claude/(?:agents|commands|rules)/.+\.md$`)
	holdsBack      = lazy.New(`(?i)\b(?:never|must not|do not|don't|may not|only (?:with|after|when)|ask (?:before|first|a|the|for)|requires? (?:an? )?(?:approval|review|confirmation|human)|without (?:asking|approval|a review)|must be (?:reviewed|approved)|not allowed|forbidden|off limits|human (?:review|approval))\b`)
)

// agentRules finds rules for assistants that held them back and that are gone, together with product code.
func (g *guards) agentRules() error {
	for _, f := range g.pass.Branch.Files {
		if f.Status == branch.Added || f.Binary || f.TooLarge || f.Vendored || !rulesForAgents.MatchString(before0(f)) || len(g.product) == 0 {
			continue
		}
		before, err := f.Before()
		if err != nil {
			return err
		}
		g.ran = true
		n := 0
		for line := range strings.Lines(string(before)) {
			n++
			if !f.Removed(n) || !holdsBack.MatchString(line) || g.stillSaid(line) {
				continue
			}
			at := 0
			if f.Status != branch.Deleted {
				at = max(1, f.NewLine(n))
			}
			said := strings.Trim(strings.TrimSpace(line), "-*• ")
			g.report(f.Path, at, clipped(said), fmt.Sprintf("a rule that holds assistants back is gone: %q", clipped(said)),
				"What it kept assistants from, they do from now on, and this change was made with that in mind.",
				"Keep the rule, or take it away in a change of its own that says who decided it.")
			return nil
		}
	}
	return nil
}

// stillSaid says whether some rules for assistants of the head say mostly the same words.
func (g *guards) stillSaid(line string) bool {
	words := wordsOf(line)
	for _, f := range g.pass.Branch.Files {
		if f.Status == branch.Deleted || f.Binary || f.TooLarge || !isText(f.Path) && !rulesForAgents.MatchString(f.Path) {
			continue
		}
		text, err := f.After()
		if err != nil {
			continue
		}
		for l := range strings.Lines(string(text)) {
			if have := shared(words, wordsOf(l)); have*10 >= len(words)*7 && have > 0 {
				return true
			}
		}
	}
	return false
}
