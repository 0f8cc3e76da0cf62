// Package checklist holds the questions for humans, their answers, and what follows from both: the session
// (an append-only event log in the repository's common git directory), verdicts and the score.
//
// It knows branches and findings. It knows no terminal, no report format and no signature.
package checklist
