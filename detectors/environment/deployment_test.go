package environment

import (
	"testing"

	"flightpoll/detectors"
	"flightpoll/detectors/scenario"
)

func TestDeploymentDetectors(t *testing.T) {
	needGrammars(t)
	for dir, d := range map[string]*detectors.Detector{
		"rollout-weakened":        RolloutWeakened,
		"mutable-tag":             MutableTag,
		"cross-environment-value": CrossEnvironmentValue,
		"type-differs":            TypeDiffers,
		"lock-drift":              LockDrift,
		"version-drift":           VersionDrift,
		"release-order":           ReleaseOrder,
		"silent-fallback":         SilentFallback,
		"example-drift":           ExampleDrift,
		"environment-branch":      EnvironmentBranch,
		"workflow-secret":         WorkflowSecret,
	} {
		t.Run(dir, func(t *testing.T) { scenario.Test(t, d, "testdata/"+dir) })
	}
}
