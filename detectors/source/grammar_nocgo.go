//go:build !cgo

package source

import "flightpoll/detectors/source/syntax"

// readTree has no grammars without cgo.
func readTree(Language, string, string) (*syntax.Tree, error) { return nil, ErrNoGrammar }
