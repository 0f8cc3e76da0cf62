package review

// Tests that the runner is told to leave out, and runners that are told to pass whatever happens.

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/review/pipeline"
	"flightpoll/detectors/source"
)

var (
	// runnerConfig are files that say which tests run.
	runnerConfig = lazy.New(`(?:^|/)(?:(?:jest|vitest|vite|karma|playwright|cypress|mocha|wdio)[\w.-]*\.(?:js|cjs|mjs|ts|mts|json)|\.mocharc(?:\.\w+)?|package\.json|pyproject\.toml|setup\.cfg|pytest\.ini|tox\.ini|noxfile\.py|conftest\.py|test_helper\.exs|phpunit[\w.]*\.xml(?:\.dist)?|pom\.xml|build\.gradle(?:\.kts)?|\.rspec|Rakefile|Makefile|justfile|Taskfile\.ya?ml|Cargo\.toml|nextest\.toml|Directory\.Build\.props|[\w.-]+\.runsettings|[\w.-]+\.csproj|composer\.json)$`)
	leavesOut    = lazy.New(`(?i)ignore|exclude|skip|deselect|\bnot\b|omit|filter|invert|~`)
	passesAlways = lazy.New(`(?i)<testFailureIgnore>\s*true|<skipTests>\s*true|<maven\.test\.skip>\s*true|\bignoreFailures\s*(?:=|\.set\()\s*true|passWithNoTests["']?\s*[:=]\s*true|<failOnError>\s*false|\bfail_on_error\s*[:=]\s*false|\bforbidOnly["']?\s*:\s*false|\bbail["']?\s*[:=]\s*false\b\s*//\s*never|\|\|\s*(?:true|:|exit 0)\b|^\t-\s*\S*(?:test|lint|vet|check|pytest|jest)`)
	// runsChecks is a line of a task that runs tests or another check.
	runsChecks = lazy.New(`(?i)\b(?:test|tests|lint|check|vet|pytest|jest|vitest|eslint|ruff|mypy|tsc|rspec|phpunit|phpstan|clippy|audit|coverage|typecheck|bandit|semgrep|gosec)\b`)
	namesTest  = lazy.New(`[\w./-]+`)
)

// leftOut reports lines of the branch by which a runner leaves a test out that was there before, or passes when one fails.
func (w *weakening) leftOut() error {
	for _, f := range w.pass.Branch.Files {
		if f.Status == branch.Deleted || f.Binary || f.TooLarge || f.Generated || f.Vendored || source.IsExample(f.Path) ||
			!runnerConfig.MatchString(f.Path) && !pipeline.Is(f.Path) && !shellScript.MatchString(f.Path) {
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
		for _, h := range f.Hunks() {
			for n := h.NewStart; n < h.NewStart+h.NewLines; n++ {
				line := lineOf(lines, n)
				if len(line) > maxCodeLine || strings.HasPrefix(strings.TrimSpace(line), "#") || strings.HasPrefix(strings.TrimSpace(line), "//") {
					continue
				}
				if m := passesAlways.FindString(line); m != "" && f.Status != branch.Added && !pipeline.Is(f.Path) && hidesFailure(m, line, string(before)) {
					w.leftOutAt(f, n, strings.TrimSpace(m), "a failing check stops nothing any more: "+clipped(strings.TrimSpace(line)))
					break
				}
				if tag := leavesTag.FindStringSubmatch(line); tag != nil && f.Status != branch.Added && w.runningTag(f, strings.Join(tag[1:], ""), string(before)) {
					w.leftOutAt(f, n, strings.Join(tag[1:], ""), fmt.Sprintf("the runner leaves the tests marked %s out from now on (%s)", strings.Join(tag[1:], ""), clipped(strings.TrimSpace(line))))
					break
				}
				if name := w.testNamedIn(line); name != "" && (leavesOut.MatchString(withoutName(line, name)) || leavesOut.MatchString(listName(lines, n))) && !strings.Contains(string(before), name) {
					w.leftOutAt(f, n, name, fmt.Sprintf("the runner leaves %s out from now on", name))
					break
				}
			}
		}
	}
	return w.pass.Context.Err()
}

// leavesTag is an option by which a runner leaves out the tests of a mark.
var leavesTag = lazy.New(`(?i)\bexclude:\s*\[?\s*:?(\w{3,})|-m[ =]*\\?["']?not (\w{3,})|filter_run_excluding[ (]:?(\w{3,})|excludeTags\(?\s*["']?(\w{3,})|<excludedGroups>(\w{3,})|--exclude(?:-tag|-group)?[ =](\w{3,})|--tag ~(\w{3,})|(?:--tags|tags)[ =:]+["']?(?:not @|~@)(\w{3,})|--grep-invert[ =]["']?@?(\w{3,})|Category!=(\w{3,})|-skip[ =]["']?(\w{3,})`)

// runningTag says whether tests of the base carry a mark that the runner left out nowhere.
func (w *weakening) runningTag(f *branch.File, tag, before string) bool {
	if tag == "" || strings.Contains(before, tag) {
		return false
	}
	naming, err := w.pass.Source.Naming(w.pass.Context, tag)
	if err != nil {
		return false
	}
	return slices.ContainsFunc(naming[tag], func(p string) bool { return p != f.Path && source.IsTest(p) })
}

var shellScript = lazy.New(`(?i)^(?:ci|\.ci|scripts?|bin|hack|tools)/[^/]+(?:\.sh|\.bash)$`)

// hidesFailure says whether a line of a task or a build takes away a failure that counted before.
func hidesFailure(mark, line, before string) bool {
	if strings.Contains(mark, "||") || strings.HasPrefix(mark, "\t-") {
		command := strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(strings.Split(line, "||")[0]), "-"))
		command = strings.TrimRight(strings.Trim(command, `",' `), " ")
		return runsChecks.MatchString(command) && len(command) > 3 && strings.Contains(before, command)
	}
	return !strings.Contains(strings.ToLower(before), strings.ToLower(mark))
}

func (w *weakening) leftOutAt(f *branch.File, line int, symbol, message string) {
	w.pass.Report(detectors.Finding{
		Severity: detectors.Warning, Path: f.Path, Line: line, Symbol: symbol, Message: message,
		Why:      "It says nothing about this change, which touches product code, nor about any later one.",
		Fix:      "Mend the code or the test and let it run again.",
		Evidence: []string{"left out", symbol},
	})
}

// testNamedIn is a test file or a test of the base that a line names, empty for none.
func (w *weakening) testNamedIn(line string) string {
	if w.known == nil {
		w.known = map[string]bool{}
		paths, err := w.pass.Branch.BasePaths()
		if err != nil {
			return ""
		}
		for _, p := range paths {
			if source.IsTest(p) && source.LanguageOf(p) != "" {
				w.known[path.Base(p)] = true
				if stem := strings.TrimSuffix(path.Base(p), path.Ext(p)); len(stem) > 6 {
					w.known[stem] = true
				}
			}
		}
	}
	for _, word := range namesTest.FindAllString(line, 60) {
		base := path.Base(strings.TrimRight(word, "."))
		if w.known[base] {
			return base
		}
		if slices.ContainsFunc(w.head, func(t testCase) bool { return len(base) > 5 && t.name == base }) {
			return base
		}
	}
	return ""
}

func withoutName(line, name string) string { return strings.ReplaceAll(line, name, "") }

// listName is the line that opens the list in which a line stands.
func listName(lines []string, n int) string {
	indent := func(s string) int { return len(s) - len(strings.TrimLeft(s, " \t")) }
	depth := indent(lineOf(lines, n))
	for i := n - 1; i > 0 && n-i < 60; i-- {
		if l := lineOf(lines, i); strings.TrimSpace(l) != "" && indent(l) < depth {
			return l
		}
	}
	return ""
}
