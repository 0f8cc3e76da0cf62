package environment

import (
	"errors"
	"os"
	"testing"

	"flightpoll/detectors"
	"flightpoll/detectors/scenario"
	"flightpoll/detectors/source"
)

func TestDetectors(t *testing.T) {
	needGrammars(t)
	for dir, d := range map[string]*detectors.Detector{
		"undeclared-variable":      UndeclaredVariable,
		"renamed-variable":         RenamedVariable,
		"missing-in-environment":   MissingInEnvironment,
		"dangling-reference":       DanglingReference,
		"secret-exposed-to-client": SecretExposedToClient,
		"committed-secret":         CommittedSecret,
		"cross-environment-value":  CrossEnvironmentValue,
		"repeated-key":             RepeatedKey,
		"unchecked-read":           UncheckedRead,
		"settings-file":            SettingsFile,
		"unknown-flag":             UnknownFlag,
		"invalid-flag":             InvalidFlag,
		"flag-on-by-default":       FlagOnByDefault,
		"flag-drift":               FlagDrift,
		"stale-flag":               StaleFlag,
		"unreachable-variable":     UnreachableVariable,
	} {
		t.Run(dir, func(t *testing.T) { scenario.Test(t, d, "testdata/"+dir) })
	}
}

// needGrammars skips what reads TypeScript and Python in a build that cannot.
func needGrammars(t *testing.T) {
	t.Helper()
	if _, err := source.Parse("a.ts", []byte("export {}")); errors.Is(err, source.ErrNoGrammar) {
		t.Skip("TypeScript and Python are read in builds with cgo only")
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
