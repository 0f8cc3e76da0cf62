package source

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"flightpoll/detectors/branch"
)

// state is what a Source keeps: each side of each file once, the index of names, and what detectors share.
type state struct {
	sync.Mutex
	heads, bases map[string]*entry
	index        nameIndex
	shared       map[any]*sharedEntry
	// nodes are those of the files that were read.
	nodes atomic.Int64
}

// maxTrees bounds the syntax nodes that all files of a run have together; one with what is read off it takes some 300 bytes. A change of 600
// files has four million.
const maxTrees = 12_000_000

var errTrees = fmt.Errorf("the files of this branch are more than %d syntax nodes; exclude those that are generated", maxTrees)

type entry struct {
	once sync.Once
	file *File
	err  error
}

func newSource(b *branch.Branch) *Source {
	return &Source{branch: b, state: &state{heads: map[string]*entry{}, bases: map[string]*entry{}, shared: map[any]*sharedEntry{}}}
}

func (s *Source) head(path string) (*File, error) {
	return s.state.read(s.state.heads, path, s.branch.ReadHead)
}

func (s *Source) base(path string) (*File, error) {
	return s.state.read(s.state.bases, path, s.branch.ReadBase)
}

// read parses a path of one side at the first call; callers that come meanwhile wait for it.
func (s *state) read(side map[string]*entry, path string, text func(string) ([]byte, error)) (*File, error) {
	s.Lock()
	e := side[path]
	if e == nil {
		e = &entry{}
		side[path] = e
	}
	s.Unlock()
	e.once.Do(func() {
		if languageOf(path) == "" {
			_, e.err = parse(path, nil)
			return
		}
		if s.nodes.Load() > maxTrees {
			e.err = fmt.Errorf("%s: %w", path, errTrees)
			return
		}
		var b []byte
		if b, e.err = text(path); e.err != nil {
			return
		}
		if e.file, e.err = parse(path, b); e.err == nil {
			s.nodes.Add(int64(e.file.nodes()))
		}
	})
	return e.file, e.err
}

type sharedEntry struct {
	sync.Mutex
	made  bool
	value any
	err   error
}

// Shared gives what several detectors read of the same branch, made by the first that asks with the key while the others wait. The key is
// a value of a type of its own. A result whose error is that of an ended context is given, but not kept: the next may have more time.
func Shared[T any](s *Source, key any, read func() (T, error)) (T, error) {
	s.state.Lock()
	e := s.state.shared[key]
	if e == nil {
		e = &sharedEntry{}
		s.state.shared[key] = e
	}
	s.state.Unlock()
	e.Lock()
	defer e.Unlock()
	if e.made {
		return e.value.(T), e.err
	}
	value, err := read()
	if !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) {
		e.made, e.value, e.err = true, value, err
	}
	return value, err
}
