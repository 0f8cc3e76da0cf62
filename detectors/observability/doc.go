// Package observability holds the detectors of the pattern "missing observability": who will notice when this fails?
//
// It knows which calls leave a trace (signals.yaml), how frameworks name their handlers, jobs and middleware
// (frameworks.yaml), and what the repository itself has built on top of them, which it learns from definitions. It gives
// credit first: middleware, base classes, decorators, wrappers, auto-instrumentation and the functions handed over to. It
// does not know what a branch is for; absence is reported only where something like it on the same repository is observed.
package observability
