package review

import (
	"fmt"
	"regexp"
	"strings"

	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// Comments in product code by which compilers, linters and scanners no longer look.

var (
	// wholeFile silences a tool for a whole file, whatever it would find.
	wholeFile = lazy.New(`(?i)/\*\s*eslint-disable\s*(?:\*/|--)|//\s*@ts-nocheck\b|^\s*#\s*mypy:\s*ignore-errors|^\s*#\s*pyright:\s*ignore\s*$|^\s*#\s*(?:ruff|flake8):\s*noqa\s*$|#\s*pylint:\s*(?:skip-file|disable=all)|^\s*#!\[allow\((?:warnings|clippy::all|unused|unsafe_code)\)\]|rubocop:disable\s+all\b|phpcs:ignoreFile|phpcs:disable\s*$|@SuppressWarnings\(\s*"all"|@file:Suppress\(\s*"(?:all|warnings|unchecked_cast)"|^\s*#pragma\s+warning\s+disable\s*$|#\s*shellcheck\s+disable=all|swiftlint:disable\s+all|biome-ignore-all\s+lint\s*:|^\s*//\s*nolint(?::all)?\s*$|tslint:disable\s*\*/`)
	// fileRules silences named rules from here to the end of a file.
	fileRules = lazy.New(`/\*\s*eslint-disable\s+([\w@/-][\w@/, -]*?)\s*(?:--|\*/)|^\s*#\s*(?:ruff|flake8):\s*noqa:\s*([A-Z][\w, ]*)|^#\s*pylint:\s*disable=([\w, -]+)|^\s*#pragma\s+warning\s+disable\s+([\w, ]+)|^@file:Suppress\(([^)]+)\)|^#!\[allow\(([\w:, ]+)\)\]|^\s*#\s*mypy:\s*disable-error-code=\s*["']?([\w, -]+)|^\s*#\s*pyright:\s*(report\w+=(?:false|none))`)
	// ofSecurity silences a scanner for one place.
	ofSecurity = lazy.New(`(?i)#\s*nosec\b([^\n]*)|//\s*#nosec\b([^\n]*)|//\s*nolint:\s*(?:\w+\s*,\s*)*gosec\b([^\n]*)|(?:#|//)\s*nosemgrep\b([^\n]*)|eslint-disable(?:-next-line|-line)?\s[^\n]*\b(?:security/[\w-]+|no-eval|no-implied-eval|no-new-func|react/no-danger)\b([^\n]*)|rubocop:disable\s[^\n]*\bSecurity/\w+([^\n]*)|#\s*noqa:\s*(?:[A-Z]+\d+\s*,\s*)*S\d{3}\b([^\n]*)|NOSONAR\b([^\n]*)|(?:#|//)\s*(?:checkov|tfsec|kics|trivy):(?:skip|ignore)\b([^\n]*)|(?:#|//)\s*(?:gitleaks:allow|pragma: allowlist secret)\b([^\n]*)|@phpstan-ignore(?:-line|-next-line)?\s*$()`)
	// blankets silence every check of a tool at one place without a word.
	reasonWords = lazy.New(`\p{L}{2,}\W+\p{L}{2,}`)
	// noReason is what stands behind a mark and is no reason: rules and closing marks.
	noReason = regexp.MustCompile(`(?i)\b(?:[A-Z]{1,4}\d{2,5}|CKV[\w-]*|[\w-]+/[\w-]+|rule(?:id)?|python\.[\w.-]+|javascript\.[\w.-]+)\b|\*/|-->`)
)

// silenced finds such comments on lines of the branch.
func (g *guards) silenced() error {
	for _, f := range g.product {
		if f.Status == branch.Deleted {
			continue
		}
		after, err := f.After()
		if err != nil {
			return err
		}
		before, err := f.Before()
		if err != nil {
			return err
		}
		lines := strings.Split(string(after), "\n")
		told := 0
		for _, h := range f.Hunks() {
			for n := h.NewStart; n < h.NewStart+h.NewLines && told < 3; n++ {
				line := lineOf(lines, n)
				if len(line) > maxCodeLine {
					continue
				}
				g.ran = true
				message := g.silencedAt(f, lines, n, line, string(before))
				if message == "" {
					continue
				}
				told++
				g.report(f.Path, n, strings.TrimSpace(clipped(strings.TrimSpace(line))), message,
					"What it would have found in this very change is merged, and nobody sees why.",
					"Mend what it finds; where it is wrong, except the one place and the one rule, and say why beside it.")
			}
		}
	}
	return nil
}

// silencedAt says what a line silences, empty for nothing or for what gives its reason.
func (g *guards) silencedAt(f *branch.File, lines []string, n int, line, before string) string {
	if m := wholeFile.FindString(line); m != "" {
		mark := strings.Join(strings.Fields(strings.Trim(m, "/*# -")), " ")
		if wholeFile.MatchString(before) || strings.Contains(strings.Join(lines[min(n, len(lines)):], "\n"), "eslint-enable") || g.alsoElsewhere(mark) {
			return ""
		}
		return fmt.Sprintf("a check is silenced for the whole file (%s)", mark)
	}
	if m := fileRules.FindStringSubmatch(line); m != nil && f.Status != branch.Added && !source.IsTest(f.Path) {
		rest := strings.Join(lines[min(n, len(lines)):], "\n")
		rules := strings.Join(strings.Fields(strings.Join(m[1:], "")), " ")
		if strings.Contains(line, " -- ") || strings.Contains(rest, "eslint-enable") || strings.Contains(rest, "warning restore") || strings.Contains(rest, "rubocop:enable") || strings.Contains(before, rules) || styleRule.MatchString(rules) || g.alsoElsewhere(rules) {
			return ""
		}
		return fmt.Sprintf("a check is silenced for the whole file (%s)", rules)
	}
	m := ofSecurity.FindStringSubmatch(line)
	if m == nil || source.IsTest(f.Path) {
		return ""
	}
	said := strings.Join(m[1:], " ")
	above := strings.TrimSpace(lineOf(lines, n-1))
	commented := strings.HasPrefix(above, "//") || strings.HasPrefix(above, "#") || strings.HasPrefix(above, "*") || strings.HasPrefix(above, "/*")
	if reasonWords.MatchString(noReason.ReplaceAllString(said, "")) || commented && reasonWords.MatchString(above) {
		return ""
	}
	mark := strings.Join(strings.Fields(m[0]), " ")
	if strings.Contains(before, strings.TrimSpace(line)) || strings.Count(before, mark) > 0 {
		return "" // it was there, on a line that changed for something else
	}
	return fmt.Sprintf("a security check is silenced here without a reason (%s)", clipped(strings.Trim(mark, "/*# ")))
}

// alsoElsewhere says whether the repository silences whole files as a habit.
func (g *guards) alsoElsewhere(mark string) bool {
	word := mark[strings.LastIndexAny(mark, " :@")+1:]
	if len(word) < 6 {
		return false
	}
	naming, err := g.pass.Source.Naming(g.pass.Context, word)
	if err != nil {
		return true
	}
	n := 0
	for _, p := range naming[word] {
		if text, err := g.pass.Branch.ReadBase(p); err == nil && source.LanguageOf(p) != "" && !source.IsTest(p) && strings.Contains(string(text), mark) {
			n++
		}
	}
	return n > 3
}
