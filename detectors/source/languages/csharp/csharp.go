// Package csharp holds the queries for C#.
package csharp

import (
	_ "embed"
	"slices"

	"flightpoll/detectors/source/languages"
)

//go:embed facts.scm
var facts string

// Language is C#, where only what is marked public is seen from other assemblies.
var Language = languages.Language{
	Name:       "csharp",
	Extensions: []string{".cs"},
	Facts:      facts,
	Visible:    func(modifiers []string) bool { return slices.Contains(modifiers, "public") },
}
