package effective

import (
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"
)

// Files of charts, Terraform, platforms and settings that mean harm end in bounded time, with a reason of one line or
// nothing.
func TestHostileTools(t *testing.T) {
	bomb := "a: &a {x: &y {p: q}}\n"
	for c := 'b'; c <= 'z'; c++ {
		bomb += string(c) + ": &" + string(c) + " {"
		for i := range 9 {
			bomb += "k" + string(rune('0'+i)) + ": *" + string(c-1) + ", "
		}
		bomb += "}\n"
	}
	for name, files := range map[string]map[string]string{
		"values bomb":      {"c/Chart.yaml": "name: c\n", "c/values.yaml": bomb, "c/values-prod.yaml": bomb, "c/templates/a.yaml": "{{ toYaml .Values }}"},
		"values of 50 MB":  {"c/Chart.yaml": "name: c\n", "c/values.yaml": strings.Repeat("# filler filler filler\n", 50<<20/23), "c/templates/a.yaml": "a: {{ .Values.b }}"},
		"endless template": {"c/Chart.yaml": "name: c\n", "c/values-prod.yaml": "a: 1", "c/values-stage.yaml": "a: 1", "c/templates/a.yaml": "{{ range until 10000 }}{{ range until 10000 }}{{ end }}{{ end }}"},
		"settings bomb":    {"config/production.yml": bomb, "config/staging.yml": bomb, "config/all.yml": "production: " + strings.Repeat("{a: ", 300) + strings.Repeat("}", 300) + "\nstaging: {}\n"},
		"argo bomb":        {"c/Chart.yaml": "name: c\n", "argo/prod.yaml": bomb + "apiVersion: argoproj.io/v1\nkind: Application\nspec: {source: {path: c, helm: {valuesObject: *z}}}\n"},
		"deep terraform":   {"main.tf": "locals { a = " + strings.Repeat("[", 200000) + strings.Repeat("]", 200000) + " }\n", "b.tf": "variable \"x\" {}\n", "prod.tfvars": "x = " + strings.Repeat("(", 100000)},
		"cyclic modules":   {"a/main.tf": "module \"b\" { source = \"../b\" }\nlocals {\n a = local.b\n b = local.a\n}\nresource \"heroku_app\" \"a\" { config_vars = local.a }\n", "b/main.tf": "module \"a\" { source = \"../a\" }\n"},
		"cyclic extends":   {".gitlab-ci.yml": "deploy:\n  extends: other\n  script: x\nother:\n  extends: deploy\n  script: x\n  variables: {A: b}\n"},
		"wide extends":     {".gitlab-ci.yml": wideExtends()},
		"cyclic variables": {"serverless.yml": "service: a\nprovider:\n  name: aws\n  environment:\n    A: ${self:provider.environment.A}\n    B: ${file(serverless.yml):provider.environment.B}\n"},
		"worker bomb":      {"wrangler.json": bomb, "fly.toml": strings.Repeat("[a.", 1000), "wrangler.toml": "x = " + strings.Repeat("[", 100000)},
		"long run":         {".github/workflows/deploy-prod.yml": "jobs:\n  a:\n    environment: production\n    steps:\n      - run: " + strings.Repeat("-e A= ", 100000) + "\n"},
	} {
		t.Run(name, func(t *testing.T) {
			var list []txtar.File
			for p, text := range files {
				list = append(list, txtar.File{Name: p, Data: []byte(text)})
			}
			start := time.Now()
			c := Load(t.Context(), treeOf(list), Settings{})
			if took := time.Since(start); took > 4*time.Second {
				t.Errorf("took %s", took)
			}
			for _, p := range c.Problems {
				if strings.Contains(p.Reason, "\n") {
					t.Errorf("the reason has several lines: %q", p.Reason)
				}
				if strings.Contains(p.Reason, "could not be read: ") {
					t.Errorf("a loader fell over: %s %s", p.Path, p.Reason)
				}
			}
		})
	}
}

// wideExtends are jobs that each extend the one before twice.
func wideExtends() string {
	var b strings.Builder
	b.WriteString(".j0: {variables: {A: b}}\n")
	for c := 'a'; c <= 'z'; c++ {
		prev := ".j0"
		if c > 'a' {
			prev = ".j" + string(c-1)
		}
		b.WriteString(".j" + string(c) + ":\n  extends: [" + prev + ", " + prev + ", " + prev + ", " + prev + "]\n")
	}
	b.WriteString("deploy:\n  extends: .jz\n  script: x\n")
	return b.String()
}
