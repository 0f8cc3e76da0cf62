// Package scripts finds what goes wrong when a migration, a backfill or a script runs a second time, stops
// half way, or has to be taken back.
//
// Every dialect and framework is read into the same few operations (see operation); the detectors judge
// operations and never text. It knows nothing of the other patterns and never executes anything.
package scripts
