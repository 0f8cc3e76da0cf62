package environment

import (
	"os"
	"testing"

	"flightpoll/detectors"
	"flightpoll/detectors/scenario"
)

func TestDetectors(t *testing.T) {
	for dir, d := range map[string]*detectors.Detector{
		"undeclared-variable":      UndeclaredVariable,
		"missing-in-environment":   MissingInEnvironment,
		"secret-exposed-to-client": SecretExposedToClient,
		"cross-environment-value":  CrossEnvironmentValue,
		"unknown-flag":             UnknownFlag,
	} {
		t.Run(dir, func(t *testing.T) { scenario.Test(t, d, "testdata/"+dir) })
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
