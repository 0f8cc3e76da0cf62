package scripts

import (
	"testing"

	"flightpoll/detectors"
	"flightpoll/detectors/scenario"
)

func TestDetectors(t *testing.T) {
	if !sqlReader {
		t.Skip("SQL is read in builds with cgo only")
	}
	for dir, d := range map[string]*detectors.Detector{
		"unguarded-statement":             UnguardedStatement,
		"missing-rollback":                MissingRollback,
		"unscoped-write":                  UnscopedWrite,
		"concurrent-index-in-transaction": ConcurrentIndexInTransaction,
		"not-null-without-default":        NotNullWithoutDefault,
		"edited-migration":                EditedMigration,
		"dropped-while-in-use":            DroppedWhileInUse,
		"conflicting-version":             ConflictingVersion,
		"live-model-in-migration":         LiveModelInMigration,
		"blocking-index":                  BlockingIndex,
		"unguarded-shell":                 UnguardedShell,
		"unguarded-provisioning":          UnguardedProvisioning,
		"repeated-insert":                 RepeatedInsert,
		"blocking-lock":                   BlockingLock,
		"overlapping-job":                 OverlappingJob,
		"redelivered-message":             RedeliveredMessage,
		"lossy-replacement":               LossyReplacement,
		"reordered-history":               ReorderedHistory,
		"missing-precaution":              MissingPrecaution,
		"repeated-effect":                 RepeatedEffect,
		"unchecked-failure":               UncheckedFailure,
		"missing-copy":                    MissingCopy,
		"retried-effect":                  RetriedEffect,
		"missing-dry-run":                 MissingDryRun,
		"unbatched-backfill":              UnbatchedBackfill,
		"lost-protection":                 LostProtection,
	} {
		t.Run(dir, func(t *testing.T) { scenario.Test(t, d, "testdata/"+dir) })
	}
}
