// Package typescript holds the queries for TypeScript and TSX.
package typescript

import (
	_ "embed"

	"flightpoll/detectors/source/languages"
	"flightpoll/detectors/source/languages/javascript"
)

//go:embed facts.scm
var facts string

// Language is TypeScript: what JavaScript has, and types.
var Language = languages.Language{
	Name:       "typescript",
	Extensions: []string{".ts", ".tsx", ".mts", ".cts"},
	Facts:      facts + javascript.Shared,
}
