// Package delivery says how deploy files bring a change to production: which workloads, jobs and applications there are, what
// guards their roll-out (gradual strategies, probes, rollbacks, approvals, checks) and which images they run.
//
// It reads the text of one file at a time and knows nothing of branches; who asks compares the two sides.
package delivery
