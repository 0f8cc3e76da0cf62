// Package php holds the queries for PHP.
package php

import (
	_ "embed"

	"flightpoll/detectors/source/languages"
)

//go:embed facts.scm
var facts string

// Language is PHP, where everything at the top level can be named from elsewhere.
var Language = languages.Language{
	Name:       "php",
	Extensions: []string{".php"},
	Facts:      facts,
	Public:     func(string) bool { return true },
}
