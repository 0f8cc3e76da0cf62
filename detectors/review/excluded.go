package review

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/review/pipeline"
	"flightpoll/detectors/source"
)

// Code of the branch that a check is told to leave out: a list of ignored paths, a filter of a pipeline, cops of a linter.

var (
	// ignoreList are files of patterns that a linter or a scanner leaves out.
	ignoreList = lazy.New(`(?:^|/)\.(?:eslint|semgrep|stylelint|bandit|trivy|gitleaks|snyk|tfsec|checkov|markdownlint|hadolint|spectral|jshint|nyc|c8|coverage|codeclimate|ruff|flake8|pylint)ignore$|(?:^|/)(?:\.coveragerc|\.snyk|brakeman\.ignore|\.rubocop(?:_todo)?\.ya?ml|codecov\.ya?ml|\.codecov\.ya?ml|\.codeclimate\.ya?ml|phpstan-baseline\.neon|detekt-baseline\.xml|spotbugs-exclude\.xml)$`)
	inContext  = lazy.New(`(?i)ignore|exclude|omit|skip|except|allow[-_]?list|baseline|paths-ignore|!`)
	aPath      = lazy.New(`[\w./*-]+`)
	cop        = lazy.New(`^([A-Z]\w+)/\w+:\s*$`)
	copOff     = lazy.New(`^\s+Enabled:\s*false\b`)
	// mattersMore are the departments of RuboCop that are about what the code does.
	mattersMore = []string{"Security", "Lint", "Rails", "Bundler", "Performance", "RSpec"}
	selected    = lazy.New(`(?s)\b(select|extend-select|enable|checks|plugins)\s*=\s*\[([^\]]*)\]`)
	anEntry     = lazy.New(`["']([\w-]+)["']`)
)

// excluded finds lines of the branch by which a check leaves product code of the branch out.
func (g *guards) excluded() error {
	for _, f := range g.pass.Branch.Files {
		list := ignoreList.MatchString(f.Path)
		if f.Status == branch.Deleted || f.Binary || f.TooLarge || f.Vendored || source.IsExample(f.Path) ||
			!list && !ruleFile.MatchString(f.Path) && !pipeline.Is(f.Path) && !runnerConfig.MatchString(f.Path) {
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
		g.ran = true
		lines := strings.Split(string(after), "\n")
		for _, h := range f.Hunks() {
			for n := h.NewStart; n < h.NewStart+h.NewLines; n++ {
				if g.excludes(f, lines, n, list, string(before)) {
					return nil
				}
			}
		}
		g.unselected(f, string(before), string(after))
	}
	return nil
}

// excludes reports a line that leaves a product file of the branch out, or a cop that matters.
func (g *guards) excludes(f *branch.File, lines []string, n int, list bool, before string) bool {
	line := lineOf(lines, n)
	trimmed := strings.TrimSpace(line)
	if len(line) > maxCodeLine || strings.HasPrefix(trimmed, "#") || strings.HasPrefix(trimmed, "//") {
		return false
	}
	if copOff.MatchString(line) && strings.Contains(path.Base(f.Path), "rubocop") {
		name := listName(lines, n)
		if m := cop.FindStringSubmatch(name); m != nil && slices.Contains(mattersMore, m[1]) && !saysWhy(lines, n) {
			g.report(f.Path, n, strings.TrimSuffix(strings.TrimSpace(name), ":"), "the rules are looser now: RuboCop no longer looks for "+strings.TrimSuffix(strings.TrimSpace(name), ":"),
				"What they no longer look at is merged from now on, this change first.", "Mend what they find, or loosen them in a change of its own that says why.")
			return true
		}
		return false
	}
	context := line + " " + listName(lines, n)
	if f.Status == branch.Added || !list && !inContext.MatchString(context) || strings.Contains(trimmed, "node_modules") {
		return false
	}
	for _, word := range aPath.FindAllString(line, 40) {
		pattern := strings.Trim(strings.TrimLeft(word, "./"), "/")
		bare := strings.TrimRight(strings.TrimSuffix(pattern, "*"), "*/")
		if len(bare) < 3 || strings.ContainsAny(bare, "*") || strings.Contains(before, word) || throwaway.MatchString(bare) {
			continue
		}
		for _, p := range g.product {
			if p.Status == branch.Added && !strings.Contains(bare, "/") && !list {
				continue
			}
			if p.Path == bare || strings.HasPrefix(p.Path, bare+"/") && (strings.Contains(bare, "/") || strings.Contains(word, "/") || strings.HasSuffix(word, "*")) {
				g.report(f.Path, n, bare, fmt.Sprintf("a check leaves %s out from now on, which this branch changes", bare),
					"What it would have found in this very change is merged, and so is everything after it.",
					"Mend what it finds, or except the one place and say why beside it.")
				return true
			}
		}
	}
	return false
}

func saysWhy(lines []string, n int) bool {
	for i := n; i > n-4; i-- {
		if l := strings.TrimSpace(lineOf(lines, i)); strings.HasPrefix(l, "#") && reasonWords.MatchString(l) {
			return true
		}
	}
	return false
}

// unselected reports families of rules that a linter of Python ran and no longer runs.
func (g *guards) unselected(f *branch.File, before, after string) {
	if !strings.HasSuffix(f.Path, ".toml") || f.Status != branch.Modified {
		return
	}
	now := map[string][]string{}
	for _, m := range selected.FindAllStringSubmatch(after, 20) {
		for _, e := range anEntry.FindAllStringSubmatch(m[2], 200) {
			now[m[1]] = append(now[m[1]], e[1])
		}
	}
	for _, m := range selected.FindAllStringSubmatchIndex(before, 20) {
		key, text := before[m[2]:m[3]], before[m[4]:m[5]]
		was := anEntry.FindAllStringSubmatch(text, 200)
		if len(now[key]) == 0 || len(now[key]) >= len(was) || !strings.Contains(before[:m[2]], "[tool.ruff") && !strings.Contains(path.Base(f.Path), "ruff") {
			continue
		}
		var gone []string
		for _, e := range was {
			if !slices.Contains(now[key], e[1]) && !slices.Contains(now[key], "ALL") {
				gone = append(gone, e[1])
			}
		}
		if len(gone) > 0 {
			line := f.NewLine(1 + strings.Count(before[:m[2]], "\n"))
			g.report(f.Path, max(1, line), strings.Join(gone, ", "), "the rules are looser now: Ruff no longer runs "+strings.Join(gone, ", "),
				"What they no longer look at is merged from now on, this change first.", "Mend what they find, or loosen them in a change of its own that says why.")
			return
		}
	}
}
