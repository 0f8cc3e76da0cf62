package source

import (
	"sync"

	"flightpoll/detectors/branch"
)

// state is what a Source keeps: each side of each file once, and the index of names.
type state struct {
	sync.Mutex
	heads, bases map[string]*entry
	index        nameIndex
}

type entry struct {
	once sync.Once
	file *File
	err  error
}

func newSource(b *branch.Branch) *Source {
	return &Source{branch: b, state: &state{heads: map[string]*entry{}, bases: map[string]*entry{}}}
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
		var b []byte
		if b, e.err = text(path); e.err == nil {
			e.file, e.err = parse(path, b)
		}
	})
	return e.file, e.err
}
