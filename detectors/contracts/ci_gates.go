package contracts

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
)

// A ciGate is one check for breaking changes that a pipeline runs.
type ciGate struct {
	// tool is what runs ("buf breaking"), path and line where.
	tool, path string
	line       int
	// weak says why a failure of it stops nothing ("continue-on-error"), empty when it does.
	weak string
}

// gateTools are the breaking-change and contract checks of the field.
var gateTools = []struct {
	name    string
	pattern *regexp.Regexp
}{
	{"buf breaking", regexp.MustCompile(`\bbuf\s+breaking\b|buf-breaking-action`)},
	{"oasdiff", regexp.MustCompile(`\boasdiff(?:-action)?\b|openapi-diff|swagger-diff|\boptic\s+diff\b|\bopenapi-changes\b`)},
	{"graphql-inspector", regexp.MustCompile(`graphql-inspector|\brover\s+(?:sub)?graph\s+check\b`)},
	{"apidiff", regexp.MustCompile(`\bapidiff\b|\bgorelease\b|\bgo-apidiff\b`)},
	{"api-extractor", regexp.MustCompile(`\bapi-extractor\b`)},
	{"griffe check", regexp.MustCompile(`\bgriffe\s+check\b`)},
	{"cargo-semver-checks", regexp.MustCompile(`cargo[- ]semver-checks`)},
	{"japicmp", regexp.MustCompile(`\bjapicmp\b|\brevapi\b|\bapiCheck\b|binary-compatibility`)},
	{"pact", regexp.MustCompile(`\bcan-i-deploy\b|\bpact-broker\b|\bpact:verify\b|\bpact-verifier\b`)},
	{"schemathesis", regexp.MustCompile(`\bschemathesis\b|\bst\s+run\b|\bdredd\b|\bprism\s+proxy\b`)},
	{"protolock", regexp.MustCompile(`\bprotolock\b|\bprototool\s+break\b`)},
	{"schema registry check", regexp.MustCompile(`test-compatibility|schema-registry:.*compat|registry.*compatibility`)},
	{"contract check", regexp.MustCompile(`(?:run|task|make|just|nx|turbo|yarn|pnpm|npm|gradlew|mvn)\b[^\n]*\b[\w:-]*(?:contract|compat|breaking)[\w:-]*`)},
}

// pipeline says whether a file tells what CI runs: a workflow, or what workflows call.
func pipeline(p string) bool {
	base := strings.ToLower(path.Base(p))
	switch {
	case strings.HasPrefix(p, ".github/workflows/"), strings.HasPrefix(p, ".github/actions/"), strings.HasPrefix(p, ".circleci/"), strings.HasPrefix(p, ".buildkite/"),
		strings.HasPrefix(p, ".gitlab/"), strings.HasPrefix(p, "ci/"), strings.HasPrefix(p, ".ci/"), strings.HasPrefix(p, ".azure"):
		return true
	}
	return slices.Contains([]string{
		".gitlab-ci.yml", ".travis.yml", "azure-pipelines.yml", "bitbucket-pipelines.yml", ".drone.yml", "jenkinsfile", "makefile",
		"taskfile.yml", "taskfile.yaml", "justfile", ".pre-commit-config.yaml", "tox.ini", "noxfile.py", "cloudbuild.yaml",
	}, base)
}

// gatesIn lists the gates of a file. Comments do not count.
func gatesIn(p, text string) []ciGate {
	var list []ciGate
	lines := strings.Split(text, "\n")
	for i, row := range lines {
		trimmed := strings.TrimSpace(row)
		if strings.HasPrefix(trimmed, "#") || strings.HasPrefix(trimmed, "//") || len(row) > 2000 {
			continue
		}
		for _, t := range gateTools {
			if t.pattern.MatchString(row) && !strings.Contains(row, "install") {
				list = append(list, ciGate{tool: t.name, path: p, line: i + 1, weak: weakness(lines, i)})
				break
			}
		}
	}
	return list
}

var swallowed = lazy.New(`\|\|\s*(?:true|:|exit 0|echo\b)|;\s*true\s*$`)

// weakness says why a failure of the step around a line stops nothing.
func weakness(lines []string, at int) string {
	if swallowed.MatchString(lines[at]) {
		return "|| true"
	}
	from, to := step(lines, at)
	for _, row := range lines[from:to] {
		row = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(row), "- "))
		for _, mark := range []string{"continue-on-error: true", "allow_failure: true", "allowFailure: true", "continueOnError: true", "if: false", "if: ${{ false }}", "when: manual"} {
			if strings.HasPrefix(row, mark) {
				return mark
			}
		}
	}
	return ""
}

// step gives the lines of the list item (a step) or the mapping (a job) that a line stands in.
func step(lines []string, at int) (from, to int) {
	indent := func(row string) int { return len(row) - len(strings.TrimLeft(row, " ")) }
	from = at
	depth := indent(lines[at])
	for from > 0 && (strings.TrimSpace(lines[from]) == "" || !strings.HasPrefix(strings.TrimSpace(lines[from]), "- ") || indent(lines[from]) >= depth && from != at) {
		if strings.TrimSpace(lines[from]) != "" && indent(lines[from]) == 0 {
			break
		}
		from--
	}
	depth = indent(lines[from])
	to = at + 1
	for to < len(lines) && (strings.TrimSpace(lines[to]) == "" || indent(lines[to]) > depth) {
		to++
	}
	return from, to
}
