package review

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// ruleFile are files that set how strict compilers, linters, scanners and the forge are, and what assistants may do by themselves.
var ruleFile = lazy.New(`(?:^|/)(?:tsconfig[\w.-]*\.json|\.?golangci\.(?:ya?ml|toml|json)|\.eslintrc(?:\.\w+)?|eslint\.config\.\w+|biome\.jsonc?|\.?oxlintrc\.json|tslint\.json|\.?stylelintrc(?:\.\w+)?|pyproject\.toml|ruff\.toml|\.ruff\.toml|mypy\.ini|setup\.cfg|tox\.ini|\.flake8|\.pylintrc|\.bandit|bandit\.ya?ml|pyrightconfig\.json|\.rubocop\.ya?ml|brakeman\.ya?ml|\.bundler-audit\.ya?ml|phpstan(?:\.dist)?\.neon(?:\.dist)?|phpstan\.neon\.dist|psalm\.xml|detekt[\w-]*\.ya?ml|lint\.xml|checkstyle[\w-]*\.xml|pmd[\w-]*\.xml|pom\.xml|clippy\.toml|Cargo\.toml|deny\.toml|\.semgrep\.ya?ml|sonar-project\.properties|\.editorconfig|\.globalconfig|Directory\.Build\.(?:props|targets)|analysis_options\.ya?ml|\.?swiftlint\.ya?ml|\.?spectral\.ya?ml|\.?redocly\.ya?ml|\.?tflint\.hcl|sentinel\.hcl|\.?checkov\.ya?ml|trivy\.ya?ml|\.hadolint\.ya?ml|\.?codecov\.ya?ml|\.mergify\.ya?ml|\.kodiak\.toml|\.bulldozer\.ya?ml|\.policy\.ya?ml|renovate\.json5?|\.renovaterc(?:\.json)?|dependabot\.ya?ml|\.claude/settings(?:\.local)?\.json|\.codex/config\.toml|\.gemini/settings\.json|\.vscode/settings\.json|\.aider\.conf\.ya?ml|opencode\.jsonc?|\.mergify/config\.ya?ml)$|\.(?:csproj|fsproj|vbproj|ruleset)$|^\.github/(?:settings\.ya?ml|rulesets/.+\.json|branch-protection[\w.-]*|\.?kodiak\.toml|mergify\.ya?ml)$|\.tf$`)

// strictKey are switches that make a check stricter when they are on.
var strictKey = lazy.New(`(?i)^(?:strict\w*|noImplicit\w+|noUnchecked\w+|noUnused\w+|noFallthrough\w+|exactOptional\w+|disallow_\w+|warn_\w+|check_untyped_defs|no_implicit_optional|(?:MSBuild|CodeAnalysis|all)?(?:treat)?_?warnings_?as_?errors|nullable|EnforceCodeStyleInBuild|EnableNETAnalyzers|RunAnalyzers\w*|active|enforce_admins|require_code_owner_reviews?|code_owner_approval_required|require_last_push_approval|dismiss_stale_reviews(?:_on_push)?|required_signatures|require_signed_commits|required_linear_history|required_review_thread_resolution|require_conversation_resolution|required_conversation_resolution|require_up_to_date|require_ci_to_pass|only_allow_merge_if_\w+|reset_approvals_on_push|reject_unsigned_commits|fails?[_-]?on[_-]?(?:error|violation|warnings?|failure|severity|missing)|failsOnError|abortOnError|haltOnFailure|exitOnViolation|failBuildOnCVSS|require_automerge_label|block_on_\w+|allErrors)$`)

// strictNumber are numbers that make a check stricter when they are higher.
var strictNumber = lazy.New(`(?i)^(?:required_approving_review_count|required_approvals?|approvals_required|approvals_before_merge|minimum_approvals|min_approvals|level)$`)

var (
	eslintOff = lazy.New(`^\s*["']?([\w@/-]+)["']?\s*:\s*\[?\s*["']?(error|warn|off|0|1|2)\b`)
	listEntry = lazy.New(`^\s*-\s*["']?([\w./-]+)["']?\s*(?:#.*)?$`)
)

// rules finds switches of strictness that the branch turns off, and checks that it takes out of a linter's list.
func (g *guards) rules() error {
	for _, f := range g.pass.Branch.Files {
		rego := path.Ext(f.Path) == ".rego"
		if f.Status != branch.Modified || f.Binary || f.TooLarge || f.Vendored || source.IsTest(f.Path) || source.IsExample(f.Path) ||
			!ruleFile.MatchString(f.Path) && !rego && !manifestEnding.MatchString(f.Path) {
			continue
		}
		before, err := f.Before()
		if err != nil {
			return err
		}
		after, err := f.After()
		if err != nil {
			return err
		}
		if rego {
			g.ran = true
			g.rego(f, string(before), string(after))
			continue
		}
		if !ruleFile.MatchString(f.Path) && !isPolicy(before) {
			continue
		}
		g.ran = true
		was, now := strings.Split(string(before), "\n"), strings.Split(string(after), "\n")
		if line, name, what := g.looser(f, before, after); what != "" {
			g.loosenedAt(f.Path, line, name, what)
			continue
		}
		if line, what := scriptedRule(f, was, now); what != "" {
			g.loosenedAt(f.Path, line, strings.Fields(what)[0], what)
		}
		if strings.Contains(path.Base(f.Path), "golangci") {
			g.linters(f, was, now)
		}
	}
	return nil
}

func (g *guards) loosenedAt(p string, line int, name, what string) {
	g.report(p, max(1, line), name, fmt.Sprintf("the rules are looser now (%s): %s", path.Base(p), what),
		"What they no longer look at is merged from now on, this change first.",
		"Mend what they find, or loosen them in a change of its own that says why.")
}

// scriptedRule is the first rule of a configuration in JavaScript that does nothing any more, or only warns, with its line.
func scriptedRule(f *branch.File, was, now []string) (line int, what string) {
	if !strings.Contains(strings.ToLower(f.Path), "eslint") {
		return 0, ""
	}
	for _, h := range f.Hunks() {
		for i := range min(h.OldLines, 200) {
			m := eslintOff.FindStringSubmatch(lineOf(was, h.OldStart+i))
			if m == nil || levelOf(m[2]) != 0 {
				continue
			}
			for j := range min(h.NewLines, 200) {
				if k := eslintOff.FindStringSubmatch(lineOf(now, h.NewStart+j)); k != nil && k[1] == m[1] && levelOf(k[2]) > 0 {
					return h.NewStart + j, fmt.Sprintf("%s from %s to %s", m[1], m[2], k[2])
				}
			}
		}
	}
	return 0, ""
}

// linters finds names that go from golangci-lint's list of what runs into that of what does not, or nowhere.
func (g *guards) linters(f *branch.File, was, now []string) {
	enabled, _ := lintersOf(was)
	still, disabled := lintersOf(now)
	var gone []string
	for name := range enabled {
		if _, ok := still[name]; !ok {
			gone = append(gone, name)
		}
	}
	if len(gone) == 0 || len(still) > len(enabled)-len(gone) {
		return // others came in their place
	}
	slices.Sort(gone)
	line := f.NewLine(enabled[gone[0]])
	if at, ok := disabled[gone[0]]; ok {
		line = at
	}
	g.report(f.Path, max(1, line), strings.Join(gone, ", "), "the rules are looser now: golangci-lint no longer runs "+strings.Join(gone, ", "),
		"What they no longer look at is merged from now on, this change first.",
		"Mend what they find, or loosen them in a change of its own that says why.")
}

// lintersOf are the names below enable and disable with their lines.
func lintersOf(lines []string) (enabled, disabled map[string]int) {
	enabled, disabled = map[string]int{}, map[string]int{}
	var into map[string]int
	depth := 0
	for i, line := range lines {
		trimmed := strings.TrimSpace(line)
		indent := len(line) - len(strings.TrimLeft(line, " "))
		switch {
		case trimmed == "enable:":
			into, depth = enabled, indent
		case trimmed == "disable:":
			into, depth = disabled, indent
		case into == nil || trimmed == "" || strings.HasPrefix(trimmed, "#"):
		default:
			if m := listEntry.FindStringSubmatch(line); m != nil && indent >= depth {
				into[m[1]] = i + 1
			} else {
				into = nil
			}
		}
	}
	return enabled, disabled
}
