package pipeline

import (
	"strings"

	"flightpoll/detectors/lazy"
)

// Check is something that stops a change: a test, a linter, a scan.
type Check struct {
	// Tool names it ("go vet"), Kind says what it looks for: "tests", "lint", "types", "security", "coverage"; "target" and "script" are
	// of the repository's own.
	Tool, Kind string
	Path       string
	Line       int
	// Job is the job that runs it, empty where it has no name.
	Job string
	// Weak says why a failure of it stops nothing, empty when it does.
	Weak string
}

type tool struct {
	name, kind string
	pattern    *lazy.Regexp
}

// tools are the checks of the field, by how commands, actions and hooks name them.
var tools = []tool{
	{"gosec", "security", lazy.New(`\bgosec\b`)},
	{"govulncheck", "security", lazy.New(`\bgovulncheck\b`)},
	{"semgrep", "security", lazy.New(`\bsemgrep\b`)},
	{"CodeQL", "security", lazy.New(`codeql-action/analyze`)},
	{"Trivy", "security", lazy.New(`\btrivy(?:-action)?\b`)},
	{"Grype", "security", lazy.New(`\bgrype\b|anchore/scan-action`)},
	{"Snyk", "security", lazy.New(`\bsnyk\b`)},
	{"Bandit", "security", lazy.New(`\bbandit\b`)},
	{"Brakeman", "security", lazy.New(`\bbrakeman\b`)},
	{"gitleaks", "security", lazy.New(`\bgitleaks\b`)},
	{"trufflehog", "security", lazy.New(`\btrufflehog\b`)},
	{"pip-audit", "security", lazy.New(`\bpip-audit\b|\bsafety (?:check|scan)\b`)},
	{"bundler-audit", "security", lazy.New(`\bbundle(?:r-|\s+)audit\b`)},
	{"npm audit", "security", lazy.New(`\b(?:npm|pnpm|yarn)(?:\s+npm)?\s+audit\b|\baudit-ci\b`)},
	{"cargo audit", "security", lazy.New(`\bcargo[ -](?:audit|deny)\b`)},
	{"composer audit", "security", lazy.New(`\bcomposer\s+audit\b`)},
	{"dependency review", "security", lazy.New(`dependency-review-action`)},
	{"OSV scanner", "security", lazy.New(`\bosv-scanner\b`)},
	{"Checkov", "security", lazy.New(`\bcheckov\b`)},
	{"tfsec", "security", lazy.New(`\btfsec\b`)},
	{"ZAP", "security", lazy.New(`\bzaproxy/|zap-(?:baseline|full-scan|api-scan)`)},
	{"zizmor", "security", lazy.New(`\bzizmor\b`)},
	{"OWASP dependency check", "security", lazy.New(`(?i)dependency-?check`)},
	{"go vet", "lint", lazy.New(`\bgo\s+vet\b`)},
	{"staticcheck", "lint", lazy.New(`\bstaticcheck\b`)},
	{"golangci-lint", "lint", lazy.New(`\bgolangci-lint\b`)},
	{"ESLint", "lint", lazy.New(`\beslint\b`)},
	{"Biome", "lint", lazy.New(`\bbiome\s+(?:ci|check|lint)\b`)},
	{"Ruff", "lint", lazy.New(`\bruff\b`)},
	{"flake8", "lint", lazy.New(`\bflake8\b`)},
	{"Pylint", "lint", lazy.New(`\bpylint\b`)},
	{"RuboCop", "lint", lazy.New(`\brubocop\b`)},
	{"Clippy", "lint", lazy.New(`\bclippy\b`)},
	{"detekt", "lint", lazy.New(`\bdetekt\b`)},
	{"ktlint", "lint", lazy.New(`\bktlint\w*\b`)},
	{"Checkstyle", "lint", lazy.New(`\bcheckstyle\w*\b`)},
	{"SpotBugs", "lint", lazy.New(`\bspotbugs\w*\b`)},
	{"PHPStan", "types", lazy.New(`\bphpstan\b`)},
	{"Psalm", "types", lazy.New(`\bpsalm\b`)},
	{"Larastan", "types", lazy.New(`\blarastan\b`)},
	{"mypy", "types", lazy.New(`\bmypy\b`)},
	{"Pyright", "types", lazy.New(`\b(?:based)?pyright\b`)},
	{"tsc", "types", lazy.New(`\b(?:vue-)?tsc\b`)},
	{"Sorbet", "types", lazy.New(`\bsrb\s+tc\b`)},
	{"ShellCheck", "lint", lazy.New(`\bshellcheck\b`)},
	{"hadolint", "lint", lazy.New(`\bhadolint\b`)},
	{"actionlint", "lint", lazy.New(`\bactionlint\b`)},
	{"tflint", "lint", lazy.New(`\btflint\b`)},
	{"SonarQube", "lint", lazy.New(`(?i)\bsonar(?:cloud|qube|-scanner)?\b`)},
	{"squawk", "lint", lazy.New(`\bsquawk\b`)},
	{"strong_migrations", "lint", lazy.New(`\batlas\s+migrate\s+lint\b|\batlas-action/migrate/lint`)},
	{"go test", "tests", lazy.New(`\bgo\s+test\b|\bgotestsum\b`)},
	{"pytest", "tests", lazy.New(`\bpytest\b|\bmanage\.py\s+test\b|\bpython3?\s+-m\s+unittest\b`)},
	{"tox", "tests", lazy.New(`\btox\b|\bnox\b`)},
	{"Jest", "tests", lazy.New(`\bjest\b`)},
	{"Vitest", "tests", lazy.New(`\bvitest\b`)},
	{"Playwright", "tests", lazy.New(`\bplaywright\s+test\b`)},
	{"Cypress", "tests", lazy.New(`\bcypress\s+run\b|cypress-io/github-action`)},
	{"node --test", "tests", lazy.New(`\bnode\s+--test\b`)},
	{"RSpec", "tests", lazy.New(`\brspec\b`)},
	{"rails test", "tests", lazy.New(`\b(?:rails|rake)\s+test\b`)},
	{"PHPUnit", "tests", lazy.New(`\bphpunit\b|\bartisan\s+test\b|\bpest\b`)},
	{"cargo test", "tests", lazy.New(`\bcargo\s+(?:nextest|test)\b`)},
	{"Gradle", "tests", lazy.New(`\bgradlew?\b[^\n]*\b(?:check|test|build)\b`)},
	{"Maven", "tests", lazy.New(`\bmvnw?\b[^\n]*\b(?:verify|test|install|package)\b`)},
	{"dotnet test", "tests", lazy.New(`\bdotnet\s+test\b`)},
	{"Codecov", "coverage", lazy.New(`codecov/codecov-action|\bcoverage\s+report\b[^\n]*fail-under`)},
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
			c.Path, c.Line, c.Job, c.Weak = p.Path, s.Line, s.Job, s.Weak
			list = append(list, c)
			continue
		}
		for _, c := range checksIn(s.Run, s.Job+" "+s.Name) {
			c.Path, c.Job = p.Path, s.Job
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
func ChecksIn(script string) []Check { return checksIn(script, "") }

// ownScript is a command that runs a script of the repository: by a path, or as a file of a known language.
var ownScript = lazy.New(`^\s*(?:[A-Z_]+=\S*\s+)*(?:(?:bash|sh|python3?|node|ruby|php|perl|pwsh|npx tsx|tsx|deno run|bun|uv run|poetry run(?: python)?|bundle exec ruby|go run|dotnet script)\s+)?((?:\.{1,2}/)?(?:[\w.-]+/)+[\w.-]+|\.?/?[\w-]+\.(?:sh|bash|py|rb|js|mjs|cjs|ts|pl|php|ps1))(?:\s|$|[;|&])`)

var (
	// gate are the words by which scripts and steps say that they stop a bad change, aside those of what runs beside.
	gate  = lazy.New(`(?i)check|test|lint|scan|audit|verif|validat|gate|polic|guard|e2e|contract|conform|secrets?\b|security|compat|licen[cs]e|schema|coverage|migration`)
	aside = lazy.New(`(?i)upload|report|comment|notify|publish|cache|artifact|deploy|summary|annotat|badge|setup|install|checkout|login|release|bench|nightly|optional|download|prepare|start|wait|seed|fixture|clean|generate|fetch`)
)

// ownCheck is a script of the repository that a command runs and that is a check by its name or by that of its step, empty for none.
func ownCheck(command, step string) string {
	m := ownScript.FindStringSubmatch(command)
	if m == nil || aside.MatchString(m[1]) || !gate.MatchString(m[1]) && (!gate.MatchString(step) || aside.MatchString(step)) {
		return ""
	}
	return strings.TrimPrefix(m[1], "./")
}

// checksIn knows the name of the step that runs a script.
func checksIn(script, step string) []Check {
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
				if own := ownCheck(part, step); own != "" {
					c = Check{Tool: own, Kind: "script"}
				} else if m := byTarget.FindStringSubmatch(part); m != nil {
					c = Check{Tool: strings.Join(strings.Fields(m[1]), " ") + " " + m[2], Kind: "target"}
				} else {
					continue
				}
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
