package review

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// ruleFile are files that set how strict compilers, linters, scanners and the forge are.
var ruleFile = lazy.New(`(?:^|/)(?:tsconfig[\w.-]*\.json|\.?golangci\.(?:ya?ml|toml|json)|\.eslintrc(?:\.\w+)?|eslint\.config\.\w+|biome\.jsonc?|pyproject\.toml|ruff\.toml|\.ruff\.toml|mypy\.ini|setup\.cfg|\.flake8|\.pylintrc|pyrightconfig\.json|\.rubocop\.ya?ml|brakeman\.ya?ml|phpstan(?:\.dist)?\.neon(?:\.dist)?|phpstan\.neon\.dist|psalm\.xml|detekt\.ya?ml|clippy\.toml|Cargo\.toml|\.semgrep\.ya?ml|sonar-project\.properties|\.editorconfig|Directory\.Build\.props)$|\.csproj$|^\.github/(?:settings\.ya?ml|rulesets/.+\.json|branch-protection[\w.-]*)$|\.tf$`)

// strictKey are switches that make a check stricter when they are on.
var strictKey = lazy.New(`(?i)^(?:strict\w*|noImplicit\w+|noUnchecked\w+|noUnused\w+|noFallthrough\w+|exactOptional\w+|disallow_\w+|warn_\w+|check_untyped_defs|no_implicit_optional|treatWarningsAsErrors|nullable|enforce_admins|require_code_owner_reviews?|require_last_push_approval|dismiss_stale_reviews(?:_on_push)?|required_signatures|require_signed_commits|required_review_thread_resolution|require_conversation_resolution|required_conversation_resolution|require_up_to_date|failOnError|allErrors)$`)

// strictNumber are numbers that make a check stricter when they are higher.
var strictNumber = lazy.New(`(?i)^(?:required_approving_review_count|required_approvals?|level)$`)

var (
	setting   = lazy.New(`^\s*["']?([\w@/.-]+)["']?\s*[:=]\s*["']?([\w.-]+)["']?,?\s*(?:[#/].*)?$`)
	eslintOff = lazy.New(`^\s*["']?([\w@/-]+)["']?\s*:\s*\[?\s*["']?(error|warn|off|0|1|2)\b`)
	listEntry = lazy.New(`^\s*-\s*["']?([\w./-]+)["']?\s*(?:#.*)?$`)
)

// rules finds switches of strictness that the branch turns off, and checks that it takes out of a linter's list.
func (g *guards) rules() error {
	for _, f := range g.pass.Branch.Files {
		if f.Status != branch.Modified || f.Binary || f.TooLarge || f.Vendored || !ruleFile.MatchString(f.Path) || source.IsTest(f.Path) || source.IsExample(f.Path) {
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
		g.ran = true
		was, now := strings.Split(string(before), "\n"), strings.Split(string(after), "\n")
		for _, h := range f.Hunks() {
			if h.OldLines > 200 || h.NewLines > 200 {
				continue
			}
			for i := range h.OldLines {
				if line, what := loosenedRule(f.Path, lineOf(was, h.OldStart+i), now, h.NewStart, h.NewLines); what != "" {
					g.report(f.Path, line, path.Base(f.Path), "the rules are looser now: "+what,
						"What they no longer look at is merged from now on, this change first.",
						"Mend what they find, or loosen them in a change of its own that says why.")
				}
			}
		}
		if strings.Contains(path.Base(f.Path), "golangci") {
			g.linters(f, was, now)
		}
	}
	return nil
}

// loosenedRule compares one removed line with the added ones of its hunk.
func loosenedRule(p, old string, now []string, from, n int) (line int, what string) {
	if m := eslintOff.FindStringSubmatch(old); m != nil && strings.Contains(strings.ToLower(p), "eslint") && (m[2] == "error" || m[2] == "2") {
		for i := range n {
			if k := eslintOff.FindStringSubmatch(lineOf(now, from+i)); k != nil && k[1] == m[1] && (k[2] == "off" || k[2] == "0") {
				return from + i, m[1] + " from error to off"
			}
		}
		return 0, ""
	}
	m := setting.FindStringSubmatch(old)
	if m == nil {
		return 0, ""
	}
	for i := range n {
		k := setting.FindStringSubmatch(lineOf(now, from+i))
		if k == nil || k[1] != m[1] {
			continue
		}
		on := slices.Contains([]string{"true", "on", "enable", "yes"}, strings.ToLower(m[2]))
		off := slices.Contains([]string{"false", "off", "disable", "no"}, strings.ToLower(k[2]))
		if strictKey.MatchString(m[1]) && on && off {
			return from + i, fmt.Sprintf("%s from %s to %s", m[1], m[2], k[2])
		}
		a, errA := strconv.ParseFloat(m[2], 64)
		b, errB := strconv.ParseFloat(k[2], 64)
		if strictNumber.MatchString(m[1]) && errA == nil && errB == nil && b < a {
			return from + i, fmt.Sprintf("%s from %s to %s", m[1], m[2], k[2])
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
