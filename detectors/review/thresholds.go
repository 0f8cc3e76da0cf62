package review

import (
	"fmt"
	"path"
	"strconv"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// Where a project says how much of its code tests have to cover.
var (
	coverageFile = lazy.New(`^(?:jest|vitest|vite|karma|nyc)\.config(?:\.\w+)?\.(?:js|cjs|mjs|ts|mts|json)$|^(?:package\.json|\.nycrc(?:\.\w+)?|\.c8rc(?:\.\w+)?|\.coveragerc|pyproject\.toml|setup\.cfg|tox\.ini|pytest\.ini|noxfile\.py|\.?codecov\.ya?ml|\.simplecov|Makefile|Taskfile\.ya?ml|justfile|\.testcoverage\.ya?ml|\.gitlab-ci\.yml|sonar-project\.properties|build\.gradle(?:\.kts)?|pom\.xml|Directory\.Build\.props|[\w.-]+\.(?:csproj|runsettings)|tarpaulin\.toml|(?:spec|test|rails)_helper\.rb|azure-pipelines\.ya?ml|phpunit[\w.]*\.xml|infection\.json5?|package\.json|stryker[\w.]*\.(?:json|m?js))$`)
	workflowFile = lazy.New(`^\.github/workflows/[^/]+\.ya?ml$`)
	aboutCover   = lazy.New(`(?i)cover|threshold|fail[_-]under`)
	// aBar is one number that coverage is held against, by its name.
	aBar = lazy.New(`(?i)["']?\b(branches|functions|lines|statements|fail[_-]under|cov-fail-under|check-coverage|minimum_coverage|threshold|target|total|min[_-]?coverage|minimum|minMsi|minCoveredMsi|break|COVERAGE_(?:MIN|THRESHOLD))\b["']?\s*(?:[:= >]|:=|\()\s*["']?(\d{1,3}(?:\.\d+)?)\b`)
)

// isToolConfig says whether a path configures a test or build tool rather than the product.
func isToolConfig(p string) bool {
	return coverageFile.MatchString(path.Base(p)) || strings.Contains(path.Base(p), ".config.")
}

type bar struct {
	name  string
	value float64
	line  int
}

// barsOf are the bars of a file in its order, nil for one that speaks of no coverage.
func barsOf(text []byte) []bar {
	if !aboutCover.Match(text) {
		return nil
	}
	var list []bar
	for _, m := range aBar.FindAllSubmatchIndex(text, -1) {
		v, err := strconv.ParseFloat(string(text[m[4]:m[5]]), 64)
		if err == nil && v <= 100 {
			list = append(list, bar{string(text[m[2]:m[3]]), v, 1 + strings.Count(string(text[:m[0]]), "\n")})
		}
	}
	return list
}

// loweredThresholds reports each changed file in which a bar is lower than it was.
func loweredThresholds(pass *detectors.Pass) error {
	for _, f := range pass.Branch.Files {
		if f.Status != branch.Modified || f.Binary || f.TooLarge || source.IsDoc(f.Path) ||
			!coverageFile.MatchString(path.Base(f.Path)) && !workflowFile.MatchString(f.Path) {
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
		was, now := barsOf(before), barsOf(after)
		if len(was) != len(now) {
			continue
		}
		var lower []string
		line := 0
		for i := range was {
			if was[i].name == now[i].name && now[i].value < was[i].value && f.Touched(now[i].line) {
				lower = append(lower, fmt.Sprintf("%s from %g to %g", now[i].name, was[i].value, now[i].value))
				if line == 0 {
					line = now[i].line
				}
			}
		}
		if len(lower) == 0 {
			continue
		}
		pass.Report(detectors.Finding{
			Severity: detectors.Warning, Path: f.Path, Line: line, Symbol: "coverage",
			Message:  "the bar for coverage drops: " + strings.Join(lower, ", "),
			Why:      "What this branch leaves untested passes now, and so does everything after it.",
			Fix:      "Keep the bar and test what is new, or lower it in a change of its own that says why.",
			Evidence: lower,
		})
	}
	return pass.Context.Err()
}
