package environment

import (
	"slices"
	"testing"
)

func TestPlaces(t *testing.T) {
	for _, c := range []struct {
		path, family string
		environment  Environment
	}{
		{"deploy/env/staging.env", "deploy/env/*.env", Staging},
		{".env.production", ".env.*", Production},
		{"charts/api/values-prod.yaml", "charts/api/values-*.yaml", Production},
		{"compose.staging.yml", "compose.*.yml", Staging},
		{"infra/env/prd.tfvars", "infra/env/*.tfvars", Production},
		{"k8s/overlays/production/env.yaml", "k8s/overlays/*/yaml", Production},
		{"src/appsettings.Staging.json", "src/appsettings.*.json", Staging},
		{"config/application-uat.yml", "config/application-*.yml", Staging},
		{"config/reproduction.yaml", "", Everywhere},
		{"deploy/stages.yaml", "", Everywhere},
	} {
		m, ok := placeOf(c.path)
		if ok != (c.family != "") || m.family != c.family || m.environment != c.environment {
			t.Errorf("%s: family %q, environment %q", c.path, m.family, m.environment)
		}
	}
}

func TestBasesAreFound(t *testing.T) {
	l := readLayout([]string{
		"chart/values.yaml", "chart/values-staging.yaml", "chart/values-production.yaml",
		"k8s/base/app.yaml", "k8s/overlays/staging/a.yaml", "k8s/overlays/production/a.yaml",
		"config/default.json", "config/staging.json", "config/production.json",
		"tests/values-staging.yaml", ".env.production.example",
	}, nil)
	for family, want := range map[string][]string{
		"chart/values-*.yaml": {"chart/values.yaml"},
		"k8s/overlays/*/yaml": {"k8s/base/app.yaml"},
		"config/*.json":       {"config/default.json"},
	} {
		if got := l.bases[family]; !slices.Equal(got, want) {
			t.Errorf("%s: bases %v, want %v", family, got, want)
		}
		if got := l.environments(family); !slices.Equal(got, []Environment{Production, Staging}) {
			t.Errorf("%s: environments %v", family, got)
		}
	}
	if len(l.families) != 3 {
		t.Errorf("families: %v", l.families)
	}
}

func TestSettingsNameTheFiles(t *testing.T) {
	l := readLayout([]string{"a", "b", "c"}, map[string][]string{"production": {"a", "b"}, "blue": {"a", "c"}})
	if got := l.bases["policy"]; !slices.Equal(got, []string{"a"}) {
		t.Errorf("bases %v", got)
	}
	if got := l.files("policy", "blue"); !slices.Equal(got, []string{"c"}) {
		t.Errorf("blue: %v", got)
	}
}
