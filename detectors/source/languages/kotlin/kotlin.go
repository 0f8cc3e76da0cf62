// Package kotlin holds the queries for Kotlin.
package kotlin

import (
	_ "embed"
	"slices"

	"flightpoll/detectors/source/languages"
)

//go:embed facts.scm
var facts string

// Language is Kotlin, where everything is public that is not marked otherwise.
var Language = languages.Language{
	Name:       "kotlin",
	Extensions: []string{".kt", ".kts"},
	Facts:      facts,
	Visible: func(modifiers []string) bool {
		return !slices.ContainsFunc(modifiers, func(m string) bool { return m == "private" || m == "protected" || m == "internal" })
	},
}
