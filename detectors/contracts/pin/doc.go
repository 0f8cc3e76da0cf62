// Package pin writes tests that pin the contracts which a branch changes: in the repository's own test framework for Go,
// TypeScript, JavaScript and Python, as a JSON Schema with a fixture for the rest. It knows shapes and files; it never
// runs anything, and never overwrites a file that it did not write.
package pin
