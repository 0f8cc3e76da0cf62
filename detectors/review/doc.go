// Package review holds the detectors of invisible human review: behaviour that changed while the documents did not,
// tests that were weakened, and what assistants wrote without a person on record.
package review
