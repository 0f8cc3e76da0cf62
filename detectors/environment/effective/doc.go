// Package effective says what each environment's services, workloads and applications are really given: base and overlay
// merged, references followed, the way the tool that deploys them does it.
//
// It knows files on one side of a branch and nothing of code or of differences. Values stay inside: a Variable answers
// questions about its value and never shows it.
package effective
