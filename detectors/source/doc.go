// Package source says what the files of a branch say: declarations with their members and serialised names,
// calls, property accesses, object literals, string literals, imports, decorators and error handlers, the same
// shapes for every language, and an index of which files name an identifier.
//
// Go is read by go/parser, the other languages by tree-sitter with queries kept as .scm files, one folder a
// language below languages/. Nothing outside this package knows tree-sitter. Built without cgo, files of those
// languages give ErrNoGrammar.
package source
