package review

import (
	"fmt"
	"math"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// Where a project says how much of its code tests have to cover.
var (
	coverageFile = lazy.New(`^(?:jest|vitest|vite|karma|nyc)\.config(?:\.\w+)?\.(?:js|cjs|mjs|ts|mts|json)$|^(?:package\.json|\.nycrc(?:\.\w+)?|\.c8rc(?:\.\w+)?|\.coveragerc|pyproject\.toml|setup\.cfg|tox\.ini|pytest\.ini|noxfile\.py|\.?codecov\.ya?ml|\.simplecov|Makefile|Taskfile\.ya?ml|justfile|\.testcoverage\.ya?ml|\.gitlab-ci\.yml|sonar-project\.properties|build\.gradle(?:\.kts)?|pom\.xml|\.?lighthouserc(?:\.\w+)?|angular\.json|\.size-limit(?:\.c?js(?:on)?)|\.bundlewatch[\w.]*|bundlesize[\w.]*\.json|promptfooconfig\.ya?ml|Directory\.Build\.props|[\w.-]+\.(?:csproj|runsettings)|tarpaulin\.toml|(?:spec|test|rails)_helper\.rb|azure-pipelines\.ya?ml|phpunit[\w.]*\.xml|infection\.json5?|package\.json|stryker[\w.]*\.(?:json|m?js))$`)
	workflowFile = lazy.New(`^\.github/workflows/[^/]+\.ya?ml$`)
	// measured are files that say how fast or how good the product has to be: load tests, evaluations of models.
	measured   = lazy.New(`(?i)^(?:(?:tests?|e2e|qa|ci|\.github)/)?(?:k6|load(?:[-_]?tests?)?|performance|perf|evals?|evaluations?|benchmarks?|artillery|gatling|locust|slo|budgets?)(?:/(?:[\w.-]+/)*)[\w.-]*\.(?:ya?ml|json|toml|m?js|ts)$|(?:^|/)(?:k6|artillery|evals?|perf)[\w.-]*\.(?:ya?ml|json|toml|m?js)$`)
	aboutCover = lazy.New(`(?i)cover|thresh|fail[_-]under|min_?score|size-limit|budget|maxSize|min_?accuracy|pass_?rate|required_?score`)
	// lowIsStrict are bars that a lower number makes stricter: sizes, times, rates of failures.
	lowIsStrict = lazy.New(`(?i)"?\b(limit|maxSize|maximumError|max_?latency\w*|max_?error\w*|max_?regression\w*|p\(\d+(?:\.\d+)?\)|p\d\d\b|rate\b|avg\b|med\b|max\b|response_?time\w*)"?\s*(?:[:=<]=?|<=?)\s*["']?(\d+(?:\.\d+)?)`)
	// aBar is one number that coverage is held against, by its name.
	aBar = lazy.New(`(?i)["']?\b(branches|functions|lines|statements|fail[_-]under|cov-fail-under|check-coverage|minimum_coverage|threshold|target|total|min[_-]?coverage|minimum|minMsi|minCoveredMsi|break|min_?score|pass_?threshold|min_?accuracy|min_?pass_?rate|pass_?rate|min_?recall|min_?precision|required_?score|COVERAGE_(?:MIN|THRESHOLD))\b["']?\s*(?:[:= >]|:=|\()\s*["']?(\d{1,3}(?:\.\d+)?)\b`)
)

// isToolConfig says whether a path configures a test or build tool rather than the product.
func isToolConfig(p string) bool {
	return coverageFile.MatchString(path.Base(p)) || strings.Contains(path.Base(p), ".config.")
}

type bar struct {
	name  string
	value float64
	line  int
	// low says that a lower value is stricter.
	low bool
}

// barsOf are the bars of a file in its order, nil for one that speaks of none.
func barsOf(text []byte) []bar {
	if !aboutCover.Match(text) {
		return nil
	}
	var list []bar
	take := func(pattern *lazy.Regexp, most float64, low bool) {
		for _, m := range pattern.FindAllSubmatchIndex(text, -1) {
			v, err := strconv.ParseFloat(string(text[m[4]:m[5]]), 64)
			if err == nil && v <= most {
				list = append(list, bar{string(text[m[2]:m[3]]), v, 1 + strings.Count(string(text[:m[0]]), "\n"), low})
			}
		}
	}
	take(aBar, 100, false)
	if budgets.Match(text) {
		take(lowIsStrict, math.MaxFloat64, true)
	}
	return list
}

// budgets are words of files whose bars are of the kind that a lower value makes stricter.
var budgets = lazy.New(`(?i)"?(?:size-limit|bundlesize|bundlewatch|budgets)"?\s*:|\bthresholds\s*[:=]\s*\{|maxSize|max_?latency|max_?error_?rate`)

// loweredThresholds reports each changed file in which a bar is lower than it was.
func loweredThresholds(pass *detectors.Pass) error {
	for _, f := range pass.Branch.Files {
		if f.Status != branch.Modified || f.Binary || f.TooLarge || source.IsDoc(f.Path) ||
			!coverageFile.MatchString(path.Base(f.Path)) && !workflowFile.MatchString(f.Path) && !measured.MatchString(f.Path) {
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
		if len(was) > 0 && len(now) == 0 {
			barsGone(pass, f, was)
			continue
		}
		if len(was) != len(now) {
			continue
		}
		var lower []string
		line := 0
		for i := range was {
			if was[i].name == now[i].name && (now[i].value < was[i].value) != now[i].low && now[i].value != was[i].value && f.Touched(now[i].line) {
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
			Severity: detectors.Warning, Path: f.Path, Line: line, Symbol: strings.Fields(lower[0])[0],
			Message:  "the bar for coverage drops: " + strings.Join(lower, ", "),
			Why:      "What this branch leaves untested passes now, and so does everything after it.",
			Fix:      "Keep the bar and test what is new, or lower it in a change of its own that says why.",
			Evidence: lower,
		})
	}
	return pass.Context.Err()
}

// barsGone reports that a file holds the product against no bar any more, unless another one of the branch does.
func barsGone(pass *detectors.Pass, f *branch.File, was []bar) {
	for _, o := range pass.Branch.Files {
		if o == f || o.Status == branch.Deleted || o.Binary || o.TooLarge || !coverageFile.MatchString(path.Base(o.Path)) && !workflowFile.MatchString(o.Path) && !measured.MatchString(o.Path) {
			continue
		}
		if text, err := o.After(); err != nil || len(barsOf(text)) > 0 {
			return
		}
	}
	if movedBar(pass, f, was) {
		return
	}
	names := ""
	line := 0
	for _, b := range was {
		if !f.Removed(b.line) {
			continue
		}
		if line == 0 {
			line = max(1, f.NewLine(b.line))
		}
		names += fmt.Sprintf(", %s %g", b.name, b.value)
	}
	if names == "" {
		return
	}
	pass.Report(detectors.Finding{
		Severity: detectors.Warning, Path: f.Path, Line: line, Symbol: was[0].name,
		Message:  "the bar is gone: " + barKey(f) + strings.TrimPrefix(names, ", "),
		Why:      "What this branch leaves untested passes now, and so does everything after it.",
		Fix:      "Keep the bar, or take it away in a change of its own that says why.",
		Evidence: []string{"gone", names},
	})
}

// movedBar says whether another file of the branch holds the number of a bar that is gone, on a line of the branch.
func movedBar(pass *detectors.Pass, f *branch.File, was []bar) bool {
	for _, o := range pass.Branch.Files {
		if o == f || o.Status == branch.Deleted || o.Binary || o.TooLarge || source.IsDoc(o.Path) || source.LanguageOf(o.Path) != "" {
			continue
		}
		text, err := o.After()
		if err != nil {
			continue
		}
		n := 0
		for line := range strings.Lines(string(text)) {
			if n++; o.Touched(n) && slices.ContainsFunc(was, func(b bar) bool { return strings.Contains(line, strconv.FormatFloat(b.value, 'f', -1, 64)) }) {
				return true
			}
		}
	}
	return false
}

// barKey is the setting around the bars of a file, where it is one by its name.
func barKey(f *branch.File) string {
	before, err := f.Before()
	if err != nil {
		return ""
	}
	if m := blockOfBars.Find(before); m != nil {
		return string(m) + ": "
	}
	return ""
}

var blockOfBars = regexp.MustCompile(`coverageThreshold|cov-fail-under|fail_under|thresholds|violationRules|minimum_coverage|size-limit|budgets`)
