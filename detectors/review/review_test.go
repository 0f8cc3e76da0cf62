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

func TestGuardRails(t *testing.T) { scenario.Test(t, GuardRails, "testdata/guard-rails") }

func TestUnapprovedAutomation(t *testing.T) {
	scenario.Test(t, UnapprovedAutomation, "testdata/unapproved-automation")
}

func TestFeedbackChannel(t *testing.T) {
	scenario.Test(t, FeedbackChannel, "testdata/feedback-channel")
}

func TestChangelogFragment(t *testing.T) {
	scenario.Test(t, ChangelogFragment, "testdata/changelog-fragment")
}

func TestTooLarge(t *testing.T) { scenario.Test(t, TooLarge, "testdata/too-large") }

func TestCodeOwners(t *testing.T) { scenario.Test(t, CodeOwners, "testdata/codeowners") }

func TestUnlistedAddition(t *testing.T) {
	scenario.Test(t, UnlistedAddition, "testdata/unlisted-addition")
}

func TestDeadLink(t *testing.T) { scenario.Test(t, DeadLink, "testdata/dead-link") }

func TestUnannouncedBreak(t *testing.T) {
	scenario.Test(t, UnannouncedBreak, "testdata/unannounced-break")
}

func TestRequiredTrailer(t *testing.T) {
	scenario.Test(t, RequiredTrailer, "testdata/required-trailer")
}

func TestNewPart(t *testing.T) { scenario.Test(t, NewPart, "testdata/new-part") }

func TestReviewerOnRecord(t *testing.T) {
	scenario.Test(t, ReviewerOnRecord, "testdata/reviewer-on-record")
}
