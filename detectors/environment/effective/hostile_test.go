package effective

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

// Repository content is hostile: each of these ends soon, with a reason in one line or with what could be read.
func TestLoadIsBounded(t *testing.T) {
	bomb := "x-a: &a [x, x, x, x, x, x, x, x, x]\n"
	for c := 'b'; c <= 'z'; c++ {
		bomb += "x-" + string(c) + ": &" + string(c) + " [" + strings.Repeat("*"+string(c-1)+", ", 8) + "*" + string(c-1) + "]\n"
	}
	maps := "x-a: &a {K1: v}\n"
	for c := 'b'; c <= 'z'; c++ {
		maps += "x-" + string(c) + ": &" + string(c) + "\n  <<: [" + strings.Repeat("*"+string(c-1)+", ", 8) + "*" + string(c-1) + "]\n  K" + string(c) + ": v\n"
	}
	wide := "x-e: &e\n"
	for i := range 5000 {
		wide += fmt.Sprintf("  K%d: v\n", i)
	}
	wide += "services:\n"
	for i := range 300 {
		wide += fmt.Sprintf("  s%d:\n    environment: *e\n", i)
	}
	for name, c := range map[string]struct {
		files   map[string]string
		problem string
	}{
		"aliases":           {map[string]string{"compose.yaml": bomb + "services:\n  a:\n    environment: *z\n"}, ""},
		"merged maps":       {map[string]string{"compose.yaml": maps + "services:\n  a:\n    environment: *z\n"}, "too many keys"},
		"one map for many":  {map[string]string{"compose.yaml": wide}, "more variables"},
		"alias of itself":   {map[string]string{"compose.yaml": "services: &s\n  a:\n    environment: *s\n"}, ""},
		"deep":              {map[string]string{"compose.yaml": strings.Repeat("{a: ", 3000) + strings.Repeat("}", 3000)}, "nests too deeply"},
		"include itself":    {map[string]string{"compose.yaml": "include: [compose.yaml]\nservices: {a: {image: x}}\n"}, "includes itself"},
		"extends itself":    {map[string]string{"compose.yaml": "services:\n  a: {extends: b}\n  b: {extends: a}\n"}, "extends itself"},
		"extends in files":  {map[string]string{"compose.yaml": "services:\n  a: {extends: {file: c/compose.yaml, service: a}}\n", "c/compose.yaml": "services:\n  a: {extends: {file: ../compose.yaml, service: a}}\n"}, "extends itself"},
		"outside":           {map[string]string{"compose.yaml": "services:\n  a: {env_file: [../../etc/passwd, /etc/passwd]}\n"}, ""},
		"no mapping":        {map[string]string{"compose.yaml": "services: [1, 2]\n", "kustomization.yaml": "[]", "b/kustomization.yaml": "resources: {a: b}\n"}, ""},
		"nothing":           {map[string]string{"compose.yaml": "", "kustomization.yaml": "", ".env": "", ".env.production": ""}, ""},
		"broken":            {map[string]string{"compose.yaml": "services: [\n"}, "does not parse"},
		"binary":            {map[string]string{".env.production": "A=\x00\x01"}, "not a text"},
		"large":             {map[string]string{".env.production": strings.Repeat("A=1\n", 1<<19)}, "too large"},
		"many lines":        {map[string]string{".env.production": strings.Repeat("A=1\n", 10000)}, "too many lines"},
		"open quote":        {map[string]string{".env.production": "A=\"x\nB=1\n" + strings.Repeat("C='\n", 3000)}, "quote"},
		"interpolation":     {map[string]string{".env.production": "A=" + strings.Repeat("${A:-", 5000) + strings.Repeat("}", 5000) + "\n"}, ""},
		"kustomize itself":  {map[string]string{"a/kustomization.yaml": "resources: [../b]\n", "b/kustomization.yaml": "resources: [../a]\n"}, "builds upon itself"},
		"component itself":  {map[string]string{"a/kustomization.yaml": "components: [../b]\n", "b/kustomization.yaml": "kind: Component\ncomponents: [., ../b]\n"}, "builds upon itself"},
		"patch expressions": {map[string]string{"kustomization.yaml": "resources: [a.yaml]\npatches:\n- target: {name: '(((', kind: 'a{999999}'}\n  patch: |-\n    - {op: add, path: /a/b/c/-1/99999999999999999999, value: x}\n    - {op: replace}\n    - {}\n", "a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"}, ""},
		"doubling":          {doubling(24), ""},
		"includes":          {chainOfIncludes(200), "more files"},
	} {
		t.Run(name, func(t *testing.T) {
			var paths []string
			for p := range c.files {
				paths = append(paths, p)
			}
			start := time.Now()
			got := Load(t.Context(), NewTree(paths, func(p string) ([]byte, error) {
				if text, ok := c.files[p]; ok {
					return []byte(text), nil
				}
				t.Errorf("asked for %s, which is not in the tree", p)
				return nil, errors.New("no such file")
			}), Settings{})
			if took := time.Since(start); took > 5*time.Second {
				t.Errorf("took %s", took)
			}
			found := c.problem == ""
			for _, p := range got.Problems {
				if strings.Contains(p.Reason, "\n") || len(p.Reason) > 200 {
					t.Errorf("the reason is not one short line: %q", p.Reason)
				}
				if strings.Contains(p.Reason, "could not be read: ") {
					t.Errorf("a loader failed: %s", p.Reason)
				}
				found = found || strings.Contains(p.Reason, c.problem)
			}
			if !found {
				t.Errorf("no problem says %q: %v", c.problem, got.Problems)
			}
		})
	}
}

// doubling is a chain of kustomizations, each of which takes the one below twice, by two ways.
func doubling(n int) map[string]string {
	files := map[string]string{"k0/kustomization.yaml": "resources: [a.yaml]\n", "k0/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {K: v}\n"}
	for i := 1; i < n; i++ {
		files[fmt.Sprintf("k%d/kustomization.yaml", i)] = fmt.Sprintf("resources: [../k%d, ../x/../k%d]\n", i-1, i-1)
	}
	return files
}

func chainOfIncludes(n int) map[string]string {
	files := map[string]string{}
	for i := range n {
		files[fmt.Sprintf("c%d/compose.yaml", i)] = fmt.Sprintf("include: [../c%d/compose.yaml, ../c%d/compose.yaml]\nservices: {s%d: {image: x}}\n", (i+1)%n, (i+2)%n, i)
	}
	files["compose.yaml"] = "include: [c0/compose.yaml]\n"
	return files
}

// No way of printing a variable shows its value, and no reason quotes one.
func TestValuesStayInside(t *testing.T) {
	const canary = "c4n4ry"
	files := map[string]string{
		".env.production":                        "A=" + canary + "\nB=\"" + canary + "\n= " + canary + "\n",
		"compose.yaml":                           "services:\n  a:\n    image: acme/a\n    env_file: [a.env]\n    environment:\n      A: " + canary + "\n      B: ${B:-" + canary + "}\n      C: ${C:?" + canary + "}\n  b:\n    environment: [\"D=" + canary + "\", 7]\n    build: [" + canary + "]\n",
		"compose.production.yaml":                "services:\n  b:\n    environment: {E: " + canary + "}\n    build: {context: .}\n",
		"a.env":                                  "Z='" + canary + "\n",
		"broken/compose.yaml":                    "services:\n  a: {environment: [" + canary + ": " + canary + "]]\n",
		"k8s/production/app.yaml":                "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec: {template: {spec: {containers: [{name: a, env: [{name: A, value: " + canary + "}], envFrom: [{configMapRef: {name: c}}, {secretRef: {name: s}}]}]}}}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {M: " + canary + "}\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {S: " + canary + "}\n",
		"overlays/production/kustomization.yaml": "resources: [\"https://u:" + canary + "@example.com/base\", a.yaml]\nsecretGenerator:\n- name: s\n  literals: [\"K=" + canary + "\"]\n",
		"overlays/production/a.yaml":             "a: [" + canary + "\n",
	}
	var paths []string
	for p := range files {
		paths = append(paths, p)
	}
	c := Load(t.Context(), NewTree(paths, func(p string) ([]byte, error) { return []byte(files[p]), nil }), Settings{})
	if len(c.Units) < 5 {
		t.Errorf("only %d units", len(c.Units))
	}
	for _, format := range []string{"%v", "%+v", "%s", "%q"} {
		for _, u := range c.Units {
			for name, v := range u.Variables {
				if text := fmt.Sprintf(format, v); strings.Contains(text, canary) {
					t.Errorf("%s of %s shows its value: %s", name, u.Name, text)
				}
			}
			if text := fmt.Sprintf("%v %v %v %v %v", u.Why, u.Files, u.Image, u.Code, u.At); strings.Contains(text, canary) {
				t.Errorf("%s shows a value: %s", u.Name, text)
			}
		}
	}
	for _, p := range c.Problems {
		if strings.Contains(p.Reason, canary) {
			t.Errorf("a reason shows a value: %v", p)
		}
	}
}
