package branch

import (
	"context"
	"errors"
)

type repository struct{}
type sides struct{}

var errNotBuilt = errors.New("not built yet")

func open(context.Context, Options) (*Branch, error)   { return nil, errNotBuilt }
func (f *File) before() ([]byte, error)                { return nil, errNotBuilt }
func (f *File) after() ([]byte, error)                 { return nil, errNotBuilt }
func (f *File) hunks() []Hunk                          { return nil }
func (f *File) touched(first, last int) bool           { return false }
func (f *File) removed(line int) bool                  { return false }
func (b *Branch) file(path string) *File               { return nil }
func (b *Branch) readBase(path string) ([]byte, error) { return nil, errNotBuilt }
func (b *Branch) readHead(path string) ([]byte, error) { return nil, errNotBuilt }
func (b *Branch) basePaths() ([]string, error)         { return nil, errNotBuilt }
func (b *Branch) headPaths() ([]string, error)         { return nil, errNotBuilt }
