// Package javascript holds the queries for JavaScript and JSX, and those that TypeScript shares with them.
package javascript

import (
	_ "embed"

	"flightpoll/detectors/source/languages"
)

//go:embed facts.scm
var facts string

// Shared are the queries that hold for TypeScript too.
//
//go:embed shared.scm
var Shared string

// Language is JavaScript.
var Language = languages.Language{
	Name:       "javascript",
	Extensions: []string{".js", ".jsx", ".mjs", ".cjs"},
	Facts:      facts + Shared,
}
