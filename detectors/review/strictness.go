package review

// How strict a structured file of rules is: its settings one by one, on both sides.

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	tree "flightpoll/detectors/source/document"
)

// ruleSetting is one value of a file of rules. Path joins the keys above and its own with a slash; items of a list have their values in it.
type ruleSetting struct {
	path, key, value string
	line             int
	listed           bool
}

// maxSettings bounds the settings of one file.
const maxSettings = 20000

// settingsOf are the settings of a file, nil for one that cannot be read.
func settingsOf(p string, text []byte) []ruleSetting {
	if len(text) > 1<<18 {
		return nil
	}
	name := path.Base(p)
	switch {
	case strings.HasPrefix(name, ".editorconfig"), strings.HasSuffix(name, "ignore"):
		name = ".editorconfig"
	case path.Ext(name) == ".neon":
		name += ".yaml"
	case path.Ext(name) == "" || strings.HasPrefix(name, ".") && strings.Count(name, ".") == 1:
		if json := bytes.HasPrefix(bytes.TrimSpace(text), []byte("{")); json {
			name += ".json"
		} else if name != ".flake8" && name != ".pylintrc" && name != ".coveragerc" {
			name += ".yaml"
		}
	}
	roots, err := tree.Read(name, text)
	if err != nil {
		return nil
	}
	var list []ruleSetting
	for _, root := range roots {
		flattened(root, "", "", 0, &list)
	}
	return list
}

func flattened(n *tree.Node, at, key string, line int, list *[]ruleSetting) {
	if n == nil || len(*list) > maxSettings {
		return
	}
	for _, p := range n.Pairs {
		flattened(p.Value, at+"/"+p.Key, p.Key, p.Line, list)
	}
	if n.Kind == tree.List && len(n.Items) > 0 && n.Items[0].Scalar() && levelOf(n.Items[0].Value) >= 0 && !n.Items[0].Below {
		*list = append(*list, ruleSetting{at, key, n.Items[0].Value, max(n.Items[0].Line, line), false}) // "rule": ["error", {}]
		return
	}
	for _, i := range n.Items {
		switch {
		case i.Scalar():
			*list = append(*list, ruleSetting{at + "/" + i.Value, key, i.Value, max(i.Line, line), true})
		case len(i.Items) > 0 && i.Items[0].Scalar():
			flattened(i.Items[0], at, key, i.Line, list)
		default:
			name := i.Text("name") + i.Text("id") + i.Text("context")
			flattened(i, at+"/["+name+"]", key, i.Line, list)
		}
	}
	if n.Scalar() && len(n.Items) == 0 && key != "" {
		value := n.Value
		if n.Line > 0 {
			line = n.Line
		}
		*list = append(*list, ruleSetting{at, key, value, line, false})
	}
}

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
	grave   = lazy.New(`^(?:CS86\d\d|CS4014|CS1998|CS87\d\d|CA[235]\d{3}|NU190\d|SYSLIB\d+|IL\d{4}|S[1-7]\d\d|B\d{3}|F\d{3}|F|S|B|E9\d*|PLE\d*|ASYNC\d*|CVE-\d{4}-\d+|GHSA-[\w-]+|RUSTSEC-[\d-]+|GO-\d{4}-\d+|CKV\w*|AVD-[\w-]+|DL\d{4}|SC2\d{3}|G\d{3}|errcheck|gosec|govet|staticcheck|bodyclose|sqlclosecheck|rowserrcheck|contextcheck|force_cast|force_unwrapping|avoid_dynamic_calls|Security/.*|security\..*|fields\.E\d+|security\.W\d+|return-value|arg-type|union-attr|no-any-return|attr-defined|call-arg|missingType\..*|argument\.type|.*(?:sqli|injection|xss|secret|eval).*)$`)
)

var (
	// agentFile says what assistants may do, mayAll what lets them do everything.
	agentFile = lazy.New(`(?:^|/)(?:\.claude/settings(?:\.local)?\.json|\.codex/config\.toml|\.gemini/settings\.json|\.vscode/settings\.json|\.aider\.conf\.ya?ml|opencode\.jsonc?)$`)
	mayAll    = lazy.New(`^(?:\*|Bash(?:\((?:\*|:\*|rm:\*|sudo:\*|git push:\*|curl:\*|\*:\*)\))?|bypassPermissions|danger-full-access|never|yolo|full-auto|Write(?:\(\*\*?\))?|WebFetch(?:\(\*\))?|mcp__\*)$`)
	// required are lists of what has to be met before a change is merged, or of what a program may not do.
	required  = lazy.New(`(?i)^(?:contexts|checks|conditions|required\w*|reviewers|approvers|deny|forbidden|status_checks|required_status_checks|queue_conditions|merge_conditions)$`)
	styleRule = lazy.New(`(?i)format|style|indent|quote|semi|spacing|max-len|prettier|jsdoc|docs?\b|comment|order|sort|naming|case|line|white|blank|newline|IDE\d|SA\d{4}|MD\d{3}`)
)

// narrowed says what a list of demands lost, empty where it only changed: as many came as went.
func narrowed(f *branch.File, was, now []ruleSetting, s ruleSetting) string {
	if !required.MatchString(s.key) || !ruleFile.MatchString(f.Path) || strings.HasSuffix(f.Path, ".tf") && s.key == "conditions" {
		return ""
	}
	count := func(list []ruleSetting) int {
		n := 0
		for _, o := range list {
			if o.listed && o.key == s.key {
				n++
			}
		}
		return n
	}
	if count(now) >= count(was) {
		return ""
	}
	return fmt.Sprintf("%s no longer has %s", s.key, s.value)
}

func wasThere(was []ruleSetting, s ruleSetting) bool {
	return slices.ContainsFunc(was, func(o ruleSetting) bool { return o.key == s.key && o.value == s.value })
}

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

// looser finds the first setting that asks less than before, with its line on the new side.
func (g *guards) looser(f *branch.File, before, after []byte) (line int, name, what string) {
	was, now := settingsOf(before0(f), before), settingsOf(f.Path, after)
	if was == nil || now == nil {
		return 0, "", ""
	}
	at := map[string]ruleSetting{}
	for _, s := range now {
		if _, ok := at[s.path]; !ok || s.listed {
			at[s.path] = s
		}
	}
	had := map[string]bool{}
	policy := isPolicy(before)
	for _, s := range was {
		had[s.path] = true
		n, still := at[s.path]
		line := n.line
		if !still {
			line = max(1, f.NewLine(s.line))
		}
		if still && n.value == s.value {
			continue
		}
		switch on, off := switchedOn(s.value), !still || switchedOff(n.value); {
		case s.listed:
			if what := narrowed(f, was, now, s); what != "" && !still {
				return line, s.value, what
			}
		case strictKey.MatchString(s.key) && on && off:
			if !still && g.setElsewhere(f, s) {
				continue
			}
			said := fmt.Sprintf("%s from %s to %s", ruleName(s), s.value, n.value)
			if !still {
				said = fmt.Sprintf("%s: %s is gone", ruleName(s), s.value)
			}
			return line, s.key, said
		case still && strictNumber.MatchString(s.key):
			a, errA := strconv.ParseFloat(s.value, 64)
			b, errB := strconv.ParseFloat(n.value, 64)
			if errA == nil && errB == nil && b < a {
				return line, s.key, fmt.Sprintf("%s from %s to %s", s.key, s.value, n.value)
			}
		case still && !isNumber(s.value) && levelOf(s.value) == 0 && levelOf(n.value) > 0 && (policy || levelFiles.MatchString(f.Path)) &&
			(leveled.MatchString(s.key) || leveled.MatchString(parentKey(s.path)) || rulesOf.MatchString(s.path+"/") || levelFiles.MatchString(f.Path)):
			return line, s.key, fmt.Sprintf("%s from %s to %s", ruleName(s), s.value, n.value)
		}
	}
	for _, s := range now {
		switch {
		case had[s.path] && s.listed:
		case permissive.MatchString(s.key) && switchedOn(s.value) && f.Touched(s.line) && !s.listed && !wasOn(was, s.path):
			return s.line, s.key, fmt.Sprintf("%s: %s is new", s.key, s.value)
		case agentFile.MatchString(f.Path) && mayAll.MatchString(s.value) && !wasThere(was, s):
			return s.line, s.value, fmt.Sprintf("assistants may do %s without being asked (%s)", s.value, s.key)
		case !had[s.path] && !s.listed && !isNumber(s.value) && levelOf(s.value) == 2 && levelFiles.MatchString(f.Path) && ofARule(s) && !styleRule.MatchString(s.path) && f.Touched(s.line) && !saysWhy(strings.Split(string(after), "\n"), s.line):
			return s.line, ruleName(s), fmt.Sprintf("%s is %s from now on", ruleName(s), s.value)
		case widened.MatchString(s.key) && !saysWhy(strings.Split(string(after), "\n"), s.line):
			if code := graveEntry(s, was); code != "" {
				return s.line, code, fmt.Sprintf("%s is left out (%s)", code, s.key)
			}
		}
	}
	return 0, "", ""
}

func isNumber(v string) bool { return v != "" && v[0] >= '0' && v[0] <= '9' }

func before0(f *branch.File) string {
	if f.OldPath != "" {
		return f.OldPath
	}
	return f.Path
}

func parentKey(p string) string { return path.Base(path.Dir(p)) }

// ruleName is the rule that a setting is about: the key above where its own only says that it is a level.
func ruleName(s ruleSetting) string {
	if (leveled.MatchString(s.key) || s.key == "active" || s.key == "enabled" || s.key == "Enabled") && !strings.ContainsAny(s.key, "._-") && parentKey(s.path) != "/" && parentKey(s.path) != "." {
		return strings.Trim(parentKey(s.path), "[]") + " " + s.key
	}
	return s.key
}

func switchedOn(v string) bool {
	return slices.Contains([]string{"true", "on", "enable", "yes", "strict", "all", "1"}, strings.ToLower(v))
}

func switchedOff(v string) bool {
	return slices.Contains([]string{"false", "off", "disable", "no", "disabled", "none", "0"}, strings.ToLower(v))
}

func wasOn(was []ruleSetting, at string) bool {
	return slices.ContainsFunc(was, func(s ruleSetting) bool { return s.path == at && switchedOn(s.value) })
}

// graveEntry is an entry of a list of exceptions that is about safety or correctness and that the file did not have.
func graveEntry(s ruleSetting, was []ruleSetting) string {
	for _, code := range strings.FieldsFunc(s.value, func(r rune) bool { return strings.ContainsRune("; ,\n\t", r) }) {
		code = strings.Trim(code, `"'#`)
		if !grave.MatchString(code) || slices.ContainsFunc(was, func(o ruleSetting) bool {
			return o.key == s.key && slices.Contains(strings.FieldsFunc(o.value, func(r rune) bool { return strings.ContainsRune("; ,\n\t", r) }), code)
		}) {
			continue
		}
		return code
	}
	return ""
}

// setElsewhere says whether another file of rules that the branch changes has the setting now: it moved there.
func (g *guards) setElsewhere(f *branch.File, s ruleSetting) bool {
	return slices.ContainsFunc(g.pass.Branch.Files, func(o *branch.File) bool {
		if o == f || o.Status == branch.Deleted || o.Binary || o.TooLarge || !ruleFile.MatchString(o.Path) {
			return false
		}
		text, err := o.After()
		return err == nil && slices.ContainsFunc(settingsOf(o.Path, text), func(n ruleSetting) bool { return n.key == s.key && switchedOn(n.value) })
	})
}
