package review

// The words and keys by which files of rules say how strict they are.

import (
	"bytes"
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
)

// levels are the words by which tools say what a rule does when it is broken, from what stops a change to what does nothing.
var levels = [][]string{
	{"deny", "enforce", "error", "err", "hard-mandatory", "fatal", "fail", "block", "critical", "protect", "forbid", "enforced", "reject", "restricted", "mandatory"},
	{"soft-mandatory", "warn", "warning", "audit", "dryrun", "advisory", "monitor", "ignore", "suggestion", "baseline"},
	{"info", "hint", "note", "silent", "off", "none", "allow", "disable", "disabled", "hidden", "privileged", "hiddensilent", "minor"},
}

// levelOf is the place of a word in levels, -1 for any other.
func levelOf(value string) int {
	value = strings.ToLower(strings.Trim(value, `"' `))
	if i := strings.Index("210", value); i >= 0 && len(value) == 1 {
		return i // ESLint's numbers
	}
	for i, words := range levels {
		if slices.Contains(words, value) {
			return i
		}
	}
	return -1
}

var (
	// leveled are keys, or their ends, whose value is a level; in files of linters every rule's is.
	leveled    = lazy.New(`(?i)(?:severity|level|enforcement_?action|enforcement_level|validationFailureAction|failurePolicy|mode|action|@Action|enforce|on_?violation|^conftest)$`)
	rulesOf    = lazy.New(`(?i)/(?:rules|lints|clippy|rust|level|severity|rule|extends-rules)/`)
	levelFiles = lazy.New(`(?i)(?:^|/)(?:\.?eslintrc(?:\.\w+)?|biome\.jsonc?|\.?spectral\.ya?ml|\.?stylelintrc(?:\.\w+)?|Cargo\.toml|clippy\.toml|\.?markdownlint\.\w+|\.?tflint\.hcl|sentinel\.hcl|\.?oxlintrc\.json|\.editorconfig|\.globalconfig|analysis_options\.ya?ml|\.?swiftlint\.ya?ml|deny\.toml|lint\.xml|tslint\.json|\.?redocly\.ya?ml|checkov\.ya?ml|deny\.toml|[\w.-]+\.ruleset)$`)
	// permissive are switches by which a check lets everything pass when they are on.
	permissive = lazy.New(`(?i)^(?:ignore_errors|informational|only_warn|warn-?only|allow_untyped_(?:defs|calls)|soft[_-]fail|allow_force_pushes|allows_force_pushes|allowsForcePushes|allow_deletions|allows_deletions|auto_approve\w*|automerge|testFailureIgnore|skipTests|no-fail|exit-zero|autoAccept|autoApprove|chat\.tools\.autoApprove|yes-always|enableAllProjectMcpServers|allow_failures?|ignoreFailures|skip_on_failure|if_no_report)$`)
	// widened are lists of what a check leaves out, grave the entries of them that are about safety and correctness.
	widened = lazy.New(`(?i)(?:^|[./_-])(?:no_?warn|warningsnotaserrors|ignore|extend-ignore|ignores|skip|skips|skip-check|disable|disabled|disable_?rules?|disabled_rules|exclude_?rules?|exclude|excludes|ignore_?errors|ignoreerrors|suppress\w*|allow(?:ed)?-?list|unfixable|ignored-?(?:checks|vulnerabilities|advisories)?|ignoreadvisories|ghsas|allow-ghsas|allow_licenses|silenced_system_checks|per-file-ignores)$`)
	grave   = lazy.New(`^(?:CS86\d\d|CS4014|CS1998|CS87\d\d|CA[235]\d{3}|NU190\d|SYSLIB\d+|S[1-7]\d\d|B\d{3}|F\d{3}|F|S|B|E9\d*|PLE\d*|ASYNC\d*|CVE-\d{4}-\d+|GHSA-[\w-]+|RUSTSEC-[\d-]+|GO-\d{4}-\d+|CKV\w*|AVD-[\w-]+|DL\d{4}|SC2\d{3}|G\d{3}|errcheck|gosec|govet|staticcheck|bodyclose|sqlclosecheck|rowserrcheck|contextcheck|force_cast|force_unwrapping|avoid_dynamic_calls|Security/.*|security\..*|fields\.E\d+|security\.W\d+|return-value|arg-type|union-attr|no-any-return|attr-defined|call-arg|missingType\..*|argument\.type|.*(?:sqli|injection|xss|secret|eval).*)$`)
)

var (
	// agentFile says what assistants may do, mayAll what lets them do everything.
	agentFile = lazy.New(`(?:^|/)(?:\.claude/settings(?:\.local)?\.json|\.codex/config\.toml|\.gemini/settings\.json|\.vscode/settings\.json|\.aider\.conf\.ya?ml|opencode\.jsonc?)$`)
	mayAll    = lazy.New(`^(?:\*|Bash(?:\((?:\*|:\*|rm:\*|sudo:\*|git push:\*|curl:\*|\*:\*)\))?|bypassPermissions|danger-full-access|never|yolo|full-auto|Write(?:\(\*\*?\))?|WebFetch(?:\(\*\))?|mcp__\*)$`)
	// required are lists of what has to be met before a change is merged, or of what a program may not do.
	required  = lazy.New(`(?i)^(?:contexts|checks|conditions|required\w*|reviewers|approvers|deny|forbidden|status_checks|required_status_checks|queue_conditions|merge_conditions)$`)
	styleRule = lazy.New(`(?i)format|style|indent|quote|semi|spacing|max-len|prettier|jsdoc|docs?\b|comment|order|sort|naming|case|line|white|blank|newline|IDE\d|SA\d{4}|MD\d{3}`)
)

// ofARule says whether a setting is the level of one rule.
func ofARule(s ruleSetting) bool { return rulesOf.MatchString(s.path) || leveled.MatchString(s.key) }

// isPolicy says whether a manifest is one by which a cluster or a pipeline refuses others.
func isPolicy(text []byte) bool {
	for _, mark := range []string{"kyverno.io", "gatekeeper.sh", "kubewarden.io", "ValidatingAdmissionPolicy", "ValidatingWebhookConfiguration", "pod-security.kubernetes.io"} {
		if bytes.Contains(text, []byte(mark)) {
			return true
		}
	}
	return false
}

func isNumber(v string) bool { return v != "" && v[0] >= '0' && v[0] <= '9' }

func switchedOn(v string) bool {
	return slices.Contains([]string{"true", "on", "enable", "yes", "strict", "all", "1"}, strings.ToLower(v))
}

func switchedOff(v string) bool {
	return slices.Contains([]string{"false", "off", "disable", "no", "disabled", "none", "0"}, strings.ToLower(v))
}
