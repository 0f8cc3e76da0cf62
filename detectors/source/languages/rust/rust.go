// Package rust holds the queries for Rust.
package rust

import (
	_ "embed"

	"flightpoll/detectors/source/languages"
)

//go:embed facts.scm
var facts string

// Language is Rust, where `pub` exports.
var Language = languages.Language{
	Name:       "rust",
	Extensions: []string{".rs"},
	Facts:      facts,
}
