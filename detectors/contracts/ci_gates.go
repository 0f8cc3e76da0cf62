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
	{"graphql-inspector", regexp.MustCompile(`graphql-inspector|\brover\s+(?:sub)?graph\s+check\b|\bhive\s+schema:check\b|\bapollo\s+(?:client|service|schema):check\b`)},
	{"apidiff", regexp.MustCompile(`\bapidiff\b|\bgorelease\b|\bgo-apidiff\b`)},
	{"api-extractor", regexp.MustCompile(`\bapi-extractor\b`)},
	{"griffe check", regexp.MustCompile(`\bgriffe\s+check\b`)},
	{"cargo-semver-checks", regexp.MustCompile(`cargo[- ]semver-checks`)},
	{"japicmp", regexp.MustCompile(`\bjapicmp\b|\brevapi\b|\bapiCheck\b|binary-compatibility`)},
	{"package validation", regexp.MustCompile(`EnablePackageValidation>true|\bapicompat\b|PublicApiAnalyzers`)},
	{"roave-backward-compatibility-check", regexp.MustCompile(`roave-backward-compatibility-check|roave/backward-compatibility-check`)},
	{"abi check", regexp.MustCompile(`\babi-compliance-checker\b|\babidiff\b|\bmetalava\b|\bcargo[- ]public-api\b|\bswift\s+package\s+diagnose-api-breaking-changes\b`)},
	{"json schema check", regexp.MustCompile(`\bjson-schema-diff\b|\bschema-validator-diff\b`)},
	{"pact", regexp.MustCompile(`\bcan-i-deploy\b|\bpact-broker\b|\bpact:verify\b|\bpact-verifier\b`)},
	{"schemathesis", regexp.MustCompile(`\bschemathesis\b|\bst\s+run\b|\bdredd\b|\bprism\s+proxy\b`)},
	{"protolock", regexp.MustCompile(`\bprotolock\b|\bprototool\s+break\b|\bbreaking-change-detector\b`)},
	{"schema registry check", regexp.MustCompile(`test-compatibility|schema-registry:.*compat|registry.*compatibility`)},
	{"contract check", regexp.MustCompile(`(?:run|task|make|just|nx|turbo|yarn|pnpm|npm|gradlew|mvn)\b[^\n]*\b[\w:-]*(?:contract|compat|breaking)[\w:-]*`)},
}

// pipeline says whether a file tells what CI runs: a workflow, or what workflows call.
func pipeline(p string) bool {
	base := strings.ToLower(path.Base(p))
	if strings.HasSuffix(base, ".mk") {
		return true
	}
	switch {
	case strings.HasPrefix(p, ".github/workflows/"), strings.HasPrefix(p, ".github/actions/"), strings.HasPrefix(p, ".circleci/"), strings.HasPrefix(p, ".buildkite/"),
		strings.HasPrefix(p, ".gitlab/"), strings.HasPrefix(p, ".woodpecker/"), strings.HasPrefix(p, ".forgejo/workflows/"), strings.HasPrefix(p, ".gitea/workflows/"), strings.HasPrefix(p, "ci/"), strings.HasPrefix(p, ".ci/"), strings.HasPrefix(p, ".azure"):
		return true
	}
	return slices.Contains([]string{
		".gitlab-ci.yml", ".travis.yml", "azure-pipelines.yml", "bitbucket-pipelines.yml", ".drone.yml", "jenkinsfile", "makefile",
		"taskfile.yml", "taskfile.yaml", "justfile", ".pre-commit-config.yaml", "tox.ini", "noxfile.py", "cloudbuild.yaml",
		".woodpecker.yml", ".woodpecker.yaml", "appveyor.yml", ".appveyor.yml", "earthfile", "rakefile", "magefile.go", "mise.toml", ".mise.toml", "lefthook.yml",
		"build.gradle", "build.gradle.kts", "pom.xml", "composer.json", "directory.build.props", "gnumakefile",
	}, base)
}

// gatesIn lists the gates of a file. Comments do not count.
func gatesIn(p, text string) []ciGate {
	var list []ciGate
	lines := strings.Split(text, "\n")
	idle := untriggered(p, text)
	for i, row := range lines {
		trimmed := strings.TrimSpace(row)
		if strings.HasPrefix(trimmed, "#") || strings.HasPrefix(trimmed, "//") || len(row) > 2000 {
			continue
		}
		for _, t := range gateTools {
			if t.pattern.MatchString(row) && !strings.Contains(row, "install") {
				list = append(list, ciGate{tool: t.name, path: p, line: i + 1, weak: cmpOr(weakness(lines, i), idle)})
				break
			}
		}
	}
	return list
}

// Ways in which a command's failure is dropped where it is called: by the shell, by make's leading minus, by Jenkins, by the
// tools' own options (oasdiff without --fail-on ends with 0; buf has --exit-code of git only by its error).
var swallowed = lazy.New(`\|\|\s*(?:true|:|exit 0|echo\b|printf\b)|[;&]\s*(?:true|exit 0)\s*["']?\s*$|^\t@?-|--fail-on[ =]["']?(?:NONE|none)\b|--exit-zero\b|--warn-only\b|\bcatchError\b|returnStatus:\s*true`)

// toothless are the keys of a step or a job under which a failure stops nothing.
var toothless = []string{"continue-on-error: true", "allow_failure: true", "allowFailure: true", "continueOnError: true", "if: false", "if: ${{ false }}", "when: manual",
	"soft_fail: true", "failure: ignore", "if: github.event_name == 'workflow_dispatch'", "if: github.event_name == 'schedule'", "when: never", "condition: false", "fail-on-diff: false", "fail-on: NONE"}

// reviewed are the events of GitHub's, Gitea's and Forgejo's workflows at which a check can still stop a change.
var reviewed = []string{"pull_request", "pull_request_target", "merge_group", "push", "workflow_call"}

// untriggered says why a whole workflow stops nothing: it runs at none of the events at which a change is looked at.
func untriggered(p, text string) string {
	if !strings.Contains(p, "/workflows/") {
		return ""
	}
	on := documentOf([]byte(text)).Get("on")
	if on == nil {
		return ""
	}
	var events []string
	for _, m := range on.Pairs {
		events = append(events, m.Key)
	}
	for _, item := range on.Items {
		events = append(events, item.Value)
	}
	if on.Value != "" && len(events) == 0 {
		events = append(events, on.Value)
	}
	if len(events) == 0 || slices.ContainsFunc(events, func(e string) bool { return slices.Contains(reviewed, e) }) {
		return ""
	}
	return "on: " + strings.Join(events, ", ")
}

// weakness says why a failure of the command on a line stops nothing: by the command itself, or by a key of the step or
// the job that it stands in.
func weakness(lines []string, at int) string {
	if swallowed.MatchString(lines[at]) {
		return "|| true"
	}
	for at >= 0 {
		keys, parent := level(lines, at)
		for _, row := range keys {
			for _, mark := range toothless {
				if strings.HasPrefix(row, mark) {
					return mark
				}
			}
		}
		at = parent
	}
	return ""
}

// level gives the keys of the mapping that a line of YAML stands in, and the line of what holds that mapping, -1 at the top.
func level(lines []string, at int) (keys []string, parent int) {
	column := keyColumn(lines[at])
	outside := column
	from := at
	for parent = at; parent >= 0; parent-- {
		row := lines[parent]
		if blankRow(row) || keyColumn(row) > column && parent != at {
			continue
		}
		if keyColumn(row) < outside {
			break
		}
		if outside == column {
			from = parent
			if isItem(row) {
				outside = indentOf(row) + 1 // the mapping starts here; what holds it stands further left
			}
		}
	}
	for i := from; i < len(lines); i++ {
		row := lines[i]
		if blankRow(row) || keyColumn(row) > column {
			continue
		}
		if keyColumn(row) < column || i > from && isItem(row) {
			break
		}
		keys = append(keys, strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(row), "- ")))
	}
	return keys, parent
}

func indentOf(row string) int { return len(row) - len(strings.TrimLeft(row, " ")) }

func isItem(row string) bool { return strings.HasPrefix(strings.TrimSpace(row), "- ") }

// keyColumn is where a row's key starts, behind the dash of a list's item.
func keyColumn(row string) int {
	n := indentOf(row)
	if isItem(row) {
		rest := row[n+1:]
		return n + 1 + len(rest) - len(strings.TrimLeft(rest, " "))
	}
	return n
}

func blankRow(row string) bool {
	row = strings.TrimSpace(row)
	return row == "" || strings.HasPrefix(row, "#")
}
