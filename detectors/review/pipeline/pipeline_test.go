package pipeline

import (
	"fmt"
	"strings"
	"testing"
)

// TestChecks has one file each, and its checks as "tool:line weakness".
func TestChecks(t *testing.T) {
	cases := []struct{ path, text, want string }{
		{".github/workflows/a.yml", `on: [push]
jobs:
  a:
    continue-on-error: true
    steps:
      - run: go vet ./...
  b:
    steps:
      - run: |
          npm ci
          npm run lint && npx tsc --noEmit
      - uses: github/codeql-action/analyze@v3
        if: ${{ false }}
      - run: pip install ruff
`, "go vet:6 continue-on-error: true, npm run lint:11, tsc:11, CodeQL:12 if: false"},
		{".gitlab-ci.yml", `stages: [a]
lint:
  script:
    - apk add git
    - rubocop
scan:
  allow_failure: true
  script: brakeman -q
`, "RuboCop:5, Brakeman:8 allow_failure: true"},
		{".circleci/config.yml", `jobs:
  build:
    steps:
      - run: cargo test
      - run:
          name: lint
          command: cargo clippy || true
`, "cargo test:4, Clippy:7 || true"},
		{"Jenkinsfile", `pipeline {
  stages {
    stage('Lint') {
      steps { sh 'npm run lint || true' }
    }
    stage("Test") {
      steps {
        catchError(buildResult: 'SUCCESS', stageResult: 'FAILURE') {
          sh """
            go test ./...
          """
        }
        sh script: 'pytest', returnStatus: true
      }
    }
    stage('Off') {
      when { expression { false } }
      steps { sh 'cargo test' }
    }
  }
}
`, "npm run lint:4 || true, go test:10 catchError, pytest:13 returnStatus: true, cargo test:18 when: false"},
		{".husky/pre-commit", "npx lint-staged\nnpm test\n", "npm test:2"},
		{".pre-commit-config.yaml", `repos:
  - hooks:
      - id: gitleaks
      - id: ruff
        stages: [manual]
`, "gitleaks:3, Ruff:4 stages: [manual]"},
	}
	for _, c := range cases {
		p := Read(c.path, []byte(c.text))
		if p == nil {
			t.Fatalf("%s was not read", c.path)
		}
		var got []string
		for _, k := range p.Checks() {
			got = append(got, strings.TrimSpace(fmt.Sprintf("%s:%d %s", k.Tool, k.Line, k.Weak)))
		}
		if s := strings.Join(got, ", "); s != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.path, s, c.want)
		}
	}
}

func TestApproval(t *testing.T) {
	p := Read(".github/workflows/a.yml", []byte(`on: [push]
jobs:
  plan:
    environment: production
    steps: [{run: make plan}]
  apply:
    needs: [plan]
    steps: [{run: make apply}]
  open:
    steps: [{run: make open}]
`))
	for _, s := range p.Steps {
		if got := s.Approval != ""; got != (s.Job != "open") {
			t.Errorf("%s is approved: %v", s.Job, got)
		}
	}
}

// mesh is a workflow whose jobs all wait for each other.
func mesh(n int) string {
	var names []string
	for i := range n {
		names = append(names, fmt.Sprintf("j%d", i))
	}
	text := "on: push\njobs:\n"
	for _, name := range names {
		text += "  " + name + ": {needs: [" + strings.Join(names, ", ") + "], steps: [{run: x}]}\n"
	}
	return text
}

func TestHostile(*testing.T) {
	for _, text := range map[string]string{
		"deep":    "on: push\njobs: " + strings.Repeat("{a: ", 5000) + strings.Repeat("}", 5000),
		"list":    strings.Repeat("- ", 5000) + "a",
		"aliases": "a: &a [x]\nb: &b [*a, *a]\njobs:\n  j: *b\n  k: {needs: [k], steps: *a}\n",
		"loop":    "on: push\njobs:\n  a: {needs: b, steps: [{run: x}]}\n  b: {needs: a, steps: [{run: x}]}\n",
		"mesh":    mesh(60),
		"no map":  "just text",
		"binary":  "\x00\x01",
	} {
		for _, p := range []string{".github/workflows/a.yml", ".gitlab-ci.yml", ".circleci/config.yml", ".pre-commit-config.yaml"} {
			if got := Read(p, []byte(text)); got != nil {
				_ = got.Checks()
			}
		}
	}
}
