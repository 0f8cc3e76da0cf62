package pipeline

import (
	"regexp"
	"strings"

	"flightpoll/detectors/lazy"
)

// Check is something that stops a change: a test, a linter, a scan.
type Check struct {
	// Tool names it ("go vet"), Kind says what it looks for: "tests", "lint", "types", "security", "coverage".
	Tool, Kind string
	Path       string
	Line       int
	// Weak says why a failure of it stops nothing, empty when it does.
	Weak string
}

type tool struct {
	name, kind string
	pattern    *regexp.Regexp
}

// tools are the checks of the field, by how commands, actions and hooks name them.
var tools = []tool{
	{"gosec", "security", regexp.MustCompile(`\bgosec\b`)},
	{"govulncheck", "security", regexp.MustCompile(`\bgovulncheck\b`)},
	{"semgrep", "security", regexp.MustCompile(`\bsemgrep\b`)},
	{"CodeQL", "security", regexp.MustCompile(`codeql-action/analyze`)},
	{"Trivy", "security", regexp.MustCompile(`\btrivy(?:-action)?\b`)},
	{"Grype", "security", regexp.MustCompile(`\bgrype\b|anchore/scan-action`)},
	{"Snyk", "security", regexp.MustCompile(`\bsnyk\b`)},
	{"Bandit", "security", regexp.MustCompile(`\bbandit\b`)},
	{"Brakeman", "security", regexp.MustCompile(`\bbrakeman\b`)},
	{"gitleaks", "security", regexp.MustCompile(`\bgitleaks\b`)},
	{"trufflehog", "security", regexp.MustCompile(`\btrufflehog\b`)},
	{"pip-audit", "security", regexp.MustCompile(`\bpip-audit\b|\bsafety (?:check|scan)\b`)},
	{"bundler-audit", "security", regexp.MustCompile(`\bbundle(?:r-|\s+)audit\b`)},
	{"npm audit", "security", regexp.MustCompile(`\b(?:npm|pnpm|yarn)(?:\s+npm)?\s+audit\b|\baudit-ci\b`)},
	{"cargo audit", "security", regexp.MustCompile(`\bcargo[ -](?:audit|deny)\b`)},
	{"composer audit", "security", regexp.MustCompile(`\bcomposer\s+audit\b`)},
	{"dependency review", "security", regexp.MustCompile(`dependency-review-action`)},
	{"OSV scanner", "security", regexp.MustCompile(`\bosv-scanner\b`)},
	{"Checkov", "security", regexp.MustCompile(`\bcheckov\b`)},
	{"tfsec", "security", regexp.MustCompile(`\btfsec\b`)},
	{"ZAP", "security", regexp.MustCompile(`\bzaproxy/|zap-(?:baseline|full-scan|api-scan)`)},
	{"zizmor", "security", regexp.MustCompile(`\bzizmor\b`)},
	{"OWASP dependency check", "security", regexp.MustCompile(`(?i)dependency-?check`)},
	{"go vet", "lint", regexp.MustCompile(`\bgo\s+vet\b`)},
	{"staticcheck", "lint", regexp.MustCompile(`\bstaticcheck\b`)},
	{"golangci-lint", "lint", regexp.MustCompile(`\bgolangci-lint\b`)},
	{"ESLint", "lint", regexp.MustCompile(`\beslint\b`)},
	{"Biome", "lint", regexp.MustCompile(`\bbiome\s+(?:ci|check|lint)\b`)},
	{"Ruff", "lint", regexp.MustCompile(`\bruff\b`)},
	{"flake8", "lint", regexp.MustCompile(`\bflake8\b`)},
	{"Pylint", "lint", regexp.MustCompile(`\bpylint\b`)},
	{"RuboCop", "lint", regexp.MustCompile(`\brubocop\b`)},
	{"Clippy", "lint", regexp.MustCompile(`\bclippy\b`)},
	{"detekt", "lint", regexp.MustCompile(`\bdetekt\b`)},
	{"ktlint", "lint", regexp.MustCompile(`\bktlint\w*\b`)},
	{"Checkstyle", "lint", regexp.MustCompile(`\bcheckstyle\w*\b`)},
	{"SpotBugs", "lint", regexp.MustCompile(`\bspotbugs\w*\b`)},
	{"PHPStan", "types", regexp.MustCompile(`\bphpstan\b`)},
	{"Psalm", "types", regexp.MustCompile(`\bpsalm\b`)},
	{"Larastan", "types", regexp.MustCompile(`\blarastan\b`)},
	{"mypy", "types", regexp.MustCompile(`\bmypy\b`)},
	{"Pyright", "types", regexp.MustCompile(`\b(?:based)?pyright\b`)},
	{"tsc", "types", regexp.MustCompile(`\b(?:vue-)?tsc\b`)},
	{"Sorbet", "types", regexp.MustCompile(`\bsrb\s+tc\b`)},
	{"ShellCheck", "lint", regexp.MustCompile(`\bshellcheck\b`)},
	{"hadolint", "lint", regexp.MustCompile(`\bhadolint\b`)},
	{"actionlint", "lint", regexp.MustCompile(`\bactionlint\b`)},
	{"tflint", "lint", regexp.MustCompile(`\btflint\b`)},
	{"SonarQube", "lint", regexp.MustCompile(`(?i)\bsonar(?:cloud|qube|-scanner)?\b`)},
	{"squawk", "lint", regexp.MustCompile(`\bsquawk\b`)},
	{"strong_migrations", "lint", regexp.MustCompile(`\batlas\s+migrate\s+lint\b|\batlas-action/migrate/lint`)},
	{"go test", "tests", regexp.MustCompile(`\bgo\s+test\b|\bgotestsum\b`)},
	{"pytest", "tests", regexp.MustCompile(`\bpytest\b|\bmanage\.py\s+test\b|\bpython3?\s+-m\s+unittest\b`)},
	{"tox", "tests", regexp.MustCompile(`\btox\b|\bnox\b`)},
	{"Jest", "tests", regexp.MustCompile(`\bjest\b`)},
	{"Vitest", "tests", regexp.MustCompile(`\bvitest\b`)},
	{"Playwright", "tests", regexp.MustCompile(`\bplaywright\s+test\b`)},
	{"Cypress", "tests", regexp.MustCompile(`\bcypress\s+run\b|cypress-io/github-action`)},
	{"node --test", "tests", regexp.MustCompile(`\bnode\s+--test\b`)},
	{"RSpec", "tests", regexp.MustCompile(`\brspec\b`)},
	{"rails test", "tests", regexp.MustCompile(`\b(?:rails|rake)\s+test\b`)},
	{"PHPUnit", "tests", regexp.MustCompile(`\bphpunit\b|\bartisan\s+test\b|\bpest\b`)},
	{"cargo test", "tests", regexp.MustCompile(`\bcargo\s+(?:nextest|test)\b`)},
	{"Gradle", "tests", regexp.MustCompile(`\bgradlew?\b[^\n]*\b(?:check|test|build)\b`)},
	{"Maven", "tests", regexp.MustCompile(`\bmvnw?\b[^\n]*\b(?:verify|test|install|package)\b`)},
	{"dotnet test", "tests", regexp.MustCompile(`\bdotnet\s+test\b`)},
	{"Codecov", "coverage", regexp.MustCompile(`codecov/codecov-action|\bcoverage\s+report\b[^\n]*fail-under`)},
}

// byTarget is a check that a task runner runs by the name of its target.
var byTarget = lazy.New(`\b(make|just|task|npm(?:\s+run)?|pnpm(?:\s+run)?|yarn(?:\s+run)?|bun(?:\s+run)?|composer(?:\s+run(?:-script)?)?|rake|bin/rails|nx(?:\s+run)?|turbo(?:\s+run)?|poe|hatch\s+run|mage|earthly)\s+(?:-\S+\s+)*([\w:./+-]*(?:lint|tests?|check|vet|scan|audit|typecheck|type-check|security|sast|e2e|verify|validate|coverage)[\w:./-]*)`)

// setsUp are lines that only install a tool.
var setsUp = lazy.New(`\b(?:install|add|get|download|setup|restore-cache)\b|^\s*(?:echo|printf|#)`)

var lenient = lazy.New(`\|\|\s*(?:true|:|exit 0|echo\b)|;\s*true\s*$|--exit-zero\b|--exit-code[= ]0\b|--soft-fail\b|-no-fail\b|--issues-exit-code[= ]0\b|--passWithNoTests\b|-DskipTests\b|-Dmaven\.test\.skip\b|--no-verify\b`)

// Checks are the checks among the steps of a file.
func (p *Pipeline) Checks() []Check {
	var list []Check
	for i := range p.Steps {
		s := &p.Steps[i]
		if c, ok := toolIn(s.Uses); ok && s.Uses != "" && !strings.Contains(s.Uses, "upload") {
			c.Path, c.Line, c.Weak = p.Path, s.Line, s.Weak
			list = append(list, c)
			continue
		}
		for _, c := range ChecksIn(s.Run) {
			c.Path = p.Path
			c.Line += s.RunLine - 1
			if s.Weak != "" {
				c.Weak = s.Weak
			}
			list = append(list, c)
		}
	}
	return list
}

// ChecksIn are the checks that a script runs; lines count from 1.
func ChecksIn(script string) []Check {
	var list []Check
	n := 0
	joined := strings.ReplaceAll(script, "\\\n", "  ")
	for line := range strings.Lines(joined) {
		n++
		if len(line) > 2000 {
			continue
		}
		for part := range strings.SplitSeq(line, "&&") {
			if setsUp.MatchString(part) {
				continue
			}
			c, ok := toolIn(part)
			if !ok {
				m := byTarget.FindStringSubmatch(part)
				if m == nil {
					continue
				}
				c = Check{Tool: strings.Join(strings.Fields(m[1]), " ") + " " + m[2], Kind: "target"}
			}
			c.Line = n
			if m := lenient.FindString(part); m != "" {
				c.Weak = strings.TrimSpace(m)
			}
			list = append(list, c)
		}
	}
	return list
}

func toolIn(text string) (Check, bool) {
	for _, t := range tools {
		if t.pattern.MatchString(text) {
			return Check{Tool: t.name, Kind: t.kind}, true
		}
	}
	return Check{}, false
}
