// Package python holds the queries for Python.
package python

import (
	_ "embed"
	"strings"

	"flightpoll/detectors/source/languages"
)

//go:embed facts.scm
var facts string

// Language is Python, where a leading underscore makes a name private.
var Language = languages.Language{
	Name:       "python",
	Extensions: []string{".py", ".pyi"},
	Facts:      facts,
	Public:     func(name string) bool { return !strings.HasPrefix(name, "_") },
}
