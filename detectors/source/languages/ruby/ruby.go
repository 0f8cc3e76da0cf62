// Package ruby holds the queries for Ruby.
package ruby

import (
	_ "embed"

	"flightpoll/detectors/source/languages"
)

//go:embed facts.scm
var facts string

// Language is Ruby, where every constant and method is public unless it is made private.
var Language = languages.Language{
	Name:       "ruby",
	Extensions: []string{".rb", ".rake", ".ru", ".jbuilder"},
	Facts:      facts,
	Public:     func(string) bool { return true },
}
