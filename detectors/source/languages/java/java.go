// Package java holds the queries for Java.
package java

import (
	_ "embed"
	"slices"

	"flightpoll/detectors/source/languages"
)

//go:embed facts.scm
var facts string

// Language is Java, where only what is marked public is seen from other packages.
var Language = languages.Language{
	Name:       "java",
	Extensions: []string{".java"},
	Facts:      facts,
	Visible:    func(modifiers []string) bool { return slices.Contains(modifiers, "public") },
}
