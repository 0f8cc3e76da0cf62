// Package gotypes type-checks packages of Go from their text, on both sides of a branch, without running anything: no go
// command, no module cache. Packages of the repository's own modules are read from the same side; what lies outside (the
// standard library, other people's modules) is stood in for by opaque types, made for the names that the code uses, the
// same ones on both sides. It knows nothing of git and nothing of detectors.
package gotypes
