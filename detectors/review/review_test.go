package review

import (
	"testing"

	"flightpoll/detectors/scenario"
)

func TestWeakenedTests(t *testing.T) { scenario.Test(t, WeakenedTests, "testdata/weakened-tests") }

func TestUndocumentedBehaviour(t *testing.T) {
	scenario.Test(t, UndocumentedBehaviour, "testdata/undocumented-behaviour")
}

func TestAIAuthorship(t *testing.T) { scenario.Test(t, AIAuthorship, "testdata/ai-authorship") }

func TestStaleDocument(t *testing.T) { scenario.Test(t, StaleDocument, "testdata/stale-document") }
