package source

import (
	"context"
	"errors"

	"flightpoll/detectors/branch"
)

type state struct{}

var errNotBuilt = errors.New("not built yet")

func newSource(b *branch.Branch) *Source     { return &Source{branch: b} }
func (s *Source) head(string) (*File, error) { return nil, errNotBuilt }
func (s *Source) base(string) (*File, error) { return nil, errNotBuilt }
func parse(string, []byte) (*File, error)    { return nil, errNotBuilt }
func languageOf(string) Language             { return "" }
func isTest(string) bool                     { return false }
func isExample(string) bool                  { return false }
func isDoc(string) bool                      { return false }
func (s *Source) naming(context.Context, []string) (map[string][]string, error) {
	return nil, errNotBuilt
}
