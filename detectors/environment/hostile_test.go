package environment

import (
	"encoding/json"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"flightpoll/detectors"
	"flightpoll/detectors/scenario"
)

func TestTreesAreBounded(t *testing.T) {
	bomb := "a: &a [x, x, x, x, x, x, x, x, x]\n"
	for c := 'b'; c <= 'z'; c++ {
		bomb += string(c) + ": &" + string(c) + " [" + strings.Repeat("*"+string(c-1)+", ", 9) + "*" + string(c-1) + "]\n"
	}
	for name, text := range map[string]string{
		"aliases.yaml":   bomb,
		"merge.yaml":     "base: &b\n  <<: *b\n  k: v\nuse:\n  <<: *b\n",
		"deep.json":      strings.Repeat(`{"a":`, 5000) + "1" + strings.Repeat("}", 5000),
		"deep.yaml":      strings.Repeat("[", 3000) + strings.Repeat("]", 3000),
		"wide.yaml":      strings.Repeat("k: v\n", 30000),
		"large.yaml":     strings.Repeat("# filler\n", 200000),
		"broken.toml":    "[a\nb = ",
		"broken.json":    `{"a": `,
		".env":           "=x\n A B = c\n'\"\n\x00\nGOOD=1\n" + strings.Repeat("Z", 100000),
		"binary.yaml":    "\x00\x01\x02",
		"tabs.yml":       "a:\n\t- b\n",
		"values.tfvars":  "x = {\n",
		"app.properties": "a.b=c\n!d\n",
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			list, err := readTree(name, []byte(text))
			if took := time.Since(start); took > 2*time.Second {
				t.Errorf("took %s", took)
			}
			if len(list) > maxKeys+1 {
				t.Errorf("%d keys", len(list))
			}
			if err != nil && strings.Contains(err.Error(), "\n") {
				t.Errorf("the reason has several lines: %q", err)
			}
		})
	}
}

// A file of the branch that cannot be read is said, in one line, and does not keep the others from being judged.
func TestWhatIsNotReadIsSaid(t *testing.T) {
	for name, c := range map[string]struct{ file, text, reason string }{
		"large":  {".env.production", strings.Repeat("FILLER=xxxxxxxxxxxxxxxx\n", 60000), "too large"},
		"cyclic": {"compose.yaml", "include: [compose.yaml]\nservices: {a: {image: x}}\n", "includes itself"},
		"broken": {"k8s/production/kustomization.yaml", "resources: [\n", "does not parse"},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "case.txtar")
			write(t, file, "title: t\nwhy: w\n-- both/.env.staging --\nA_KEY=1\n-- both/go.mod --\nmodule m\n-- head/"+c.file+" --\n"+c.text)
			s, err := scenario.Read(file)
			if err != nil {
				t.Fatal(err)
			}
			res := detectors.Run(t.Context(), scenario.Open(t, s.Build(t)), []*detectors.Detector{MissingInEnvironment}, nil)
			if got := res.Outcomes[0]; got.Outcome != detectors.Undecided || !strings.Contains(got.Reason, c.file) || !strings.Contains(got.Reason, c.reason) {
				t.Errorf("%s: %s", got.Outcome, got.Reason)
			}
		})
	}
}

// A values file of 50 MB is refused by the size that git tells, before it is read.
func TestHugeValuesAreNotRead(t *testing.T) {
	file := filepath.Join(t.TempDir(), "case.txtar")
	write(t, file, "title: t\nwhy: w\n-- both/.env.staging --\nA_KEY=1\n-- both/go.mod --\nmodule m\n-- both/chart/Chart.yaml --\nname: shop\nversion: 1.0.0\n-- base/chart/values.yaml --\na: 1\n-- head/chart/values.yaml --\n"+strings.Repeat("key: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n", 50<<20/96))
	s, err := scenario.Read(file)
	if err != nil {
		t.Fatal(err)
	}
	in := scenario.Open(t, s.Build(t))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	res := detectors.Run(t.Context(), in, []*detectors.Detector{MissingInEnvironment, CrossEnvironmentValue, RepeatedKey, SettingsFile}, nil)
	runtime.ReadMemStats(&after)
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("took %s", took)
	}
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 40<<20 {
		t.Errorf("%d MB were allocated", grown>>20)
	}
	if got := res.Outcomes[0]; got.Outcome != detectors.Undecided || !strings.Contains(got.Reason, "too large") || strings.Contains(got.Reason, "\n") {
		t.Errorf("%s: %q", got.Outcome, got.Reason)
	}
}

// Every scenario's values are replaced by canaries; no finding may hold one.
func TestNoValueLeaves(t *testing.T) {
	needGrammars(t)
	const canary = "c4n4ry"
	all := []*detectors.Detector{UndeclaredVariable, MissingInEnvironment, DanglingReference, SecretExposedToClient, CrossEnvironmentValue, UnknownFlag, RolloutWeakened, MutableTag, TypeDiffers, RepeatedKey, UncheckedRead, SettingsFile, SilentFallback, ExampleDrift, EnvironmentBranch, VersionDrift, LockDrift, ReleaseOrder}
	dir := t.TempDir()
	path := filepath.Join(dir, "canary.txtar")
	text := "title: values\nwhy: values never leave\n" +
		"-- base/deploy/staging.env --\nDB_HOST=db.staging." + canary + ".example\n" +
		"-- head/deploy/staging.env --\nDB_HOST=db.staging." + canary + ".example\nAPI_KEY=" + canary + "1\nPEER_URL=https://u:" + canary + "2@api.prod." + canary + ".example\n" +
		"-- both/deploy/production.env --\nDB_HOST=db.prod." + canary + ".example\n" +
		"-- base/config/staging.json --\n{\"a\": \"" + canary + "\"}\n-- head/config/staging.json --\n{\"a\": \"" + canary + "\", \"pin_code\": \"" + canary + "\"}\n-- both/config/production.json --\n{\"a\": \"x\"}\n" +
		"-- both/compose.yaml --\nservices:\n  api: {image: acme/api, environment: {DB_HOST: " + canary + "3}}\n" +
		"-- both/compose.production.yaml --\nservices:\n  api: {environment: {DB_HOST: " + canary + "4}}\n" +
		"-- base/compose.staging.yaml --\nservices:\n  api: {environment: {DB_HOST: x}}\n-- head/compose.staging.yaml --\nservices:\n  api: {environment: {DB_HOST: x, QUEUE_KEY: " + canary + "5}}\n" +
		"-- both/k8s/production/s.yaml --\napiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {old: " + canary + "6}\n" +
		"-- base/k8s/production/d.yaml --\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec: {template: {spec: {containers: [{name: d, env: [{name: Q, value: " + canary + "7}]}]}}}\n" +
		"-- head/k8s/production/d.yaml --\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec: {template: {spec: {containers: [{name: d, env: [{name: Q, value: " + canary + "7}, {name: R, valueFrom: {secretKeyRef: {name: s, key: new}}}]}]}}}\n" +
		"-- both/a.ts --\nexport const h = process.env.DB_HOST!;\n" +
		"-- head/b.ts --\nexport const k = process.env.API_KEY!; export const q = process.env.QUEUE_KEY!; export const p = (c: any) => c.pin_code; export const s = process.env.VITE_ADMIN_SECRET!;\n"
	text += "-- base/deploy/limits.env --\nA=1\n-- base/k8s/production/app.yaml --\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: app}\nspec: {template: {spec: {containers: [{name: app, image: \"x:1.0.0\", readinessProbe: {exec: {command: [" + canary + "]}}, env: [{name: P, value: " + canary + "}]}]}}}\n" +
		"-- head/k8s/production/app.yaml --\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: app}\nspec: {template: {spec: {containers: [{name: app, image: \"x:latest\", env: [{name: P, value: sk_test_" + canary + "}]}]}}}\n"
	write(t, path, text)
	s, err := scenario.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	res := detectors.Run(t.Context(), scenario.Open(t, s.Build(t)), all, nil)
	if len(res.Findings) < 6 {
		t.Errorf("only %d findings: %+v", len(res.Findings), res.Findings)
	}
	out, err := json.Marshal(res)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(out), canary) {
		t.Errorf("a value left the detectors: %s", out)
	}
	for _, f := range res.Findings {
		if strings.Contains(strings.Join(f.Evidence, " "), canary) {
			t.Errorf("a value is in the evidence of %s", f.Message)
		}
	}
}
