package scripts

import (
	"testing"

	"flightpoll/detectors"
	"flightpoll/detectors/scenario"
)

func TestDetectors(t *testing.T) {
	for dir, d := range map[string]*detectors.Detector{
		"unguarded-statement":             UnguardedStatement,
		"missing-rollback":                MissingRollback,
		"unscoped-write":                  UnscopedWrite,
		"concurrent-index-in-transaction": ConcurrentIndexInTransaction,
		"not-null-without-default":        NotNullWithoutDefault,
		"edited-migration":                EditedMigration,
	} {
		t.Run(dir, func(t *testing.T) { scenario.Test(t, d, "testdata/"+dir) })
	}
}
