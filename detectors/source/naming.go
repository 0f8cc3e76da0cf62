package source

import (
	"context"
	"os"
	"slices"
	"strings"
	"sync"
)

// nameIndex is the index behind Naming, built at the first call that is not cancelled.
type nameIndex struct {
	sync.Mutex
	built *index
}

func (s *Source) naming(ctx context.Context, list []string) (map[string][]string, error) {
	x, err := s.index(ctx)
	if err != nil {
		return nil, err
	}
	result := map[string][]string{}
	var composed []string
	for _, word := range list {
		if isToken(word) {
			for _, n := range x.files(word) {
				result[word] = append(result[word], x.paths[n])
			}
		} else if word != "" && !slices.Contains(composed, word) {
			composed = append(composed, word)
		}
	}
	if len(composed) > 0 {
		err = s.search(ctx, x, composed, result)
	}
	return result, err
}

func (s *Source) index(ctx context.Context) (*index, error) {
	s.state.index.Lock()
	defer s.state.index.Unlock()
	if s.state.index.built == nil {
		x, err := s.buildIndex(ctx)
		if err != nil {
			return nil, err
		}
		s.state.index.built = x
	}
	return s.state.index.built, nil
}

// search looks for words that are more than one token in the files that hold all tokens of each.
func (s *Source) search(ctx context.Context, x *index, list []string, result map[string][]string) error {
	wanted := map[int][]string{}
	for _, word := range list {
		for _, n := range x.candidates(word) {
			wanted[n] = append(wanted[n], word)
		}
	}
	root, err := os.OpenRoot(s.branch.Root)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }() // it was only read
	buffer := make([]byte, 0, maxIndexed)
	for n, p := range x.paths {
		if err := ctx.Err(); err != nil {
			return err
		}
		if wanted[n] == nil {
			continue
		}
		text, err := s.readText(root, p, buffer)
		if err != nil || !isText(text) {
			continue // as when the index was built
		}
		for _, word := range wanted[n] {
			if holds(text, []byte(word)) {
				result[word] = append(result[word], p)
			}
		}
	}
	return nil
}

// candidates are the files that hold all tokens of a word, all files when it has none.
func (x *index) candidates(word string) []int {
	var list []int
	first := true
	for token := range strings.FieldsFuncSeq(word, func(r rune) bool { return r < 0x80 && !wordByte[r] }) {
		if !isToken(token) {
			continue
		}
		files := x.files(token)
		if first {
			list, first = files, false
			continue
		}
		list = slices.DeleteFunc(list, func(n int) bool {
			_, found := slices.BinarySearch(files, n)
			return !found
		})
	}
	if first {
		for n := range x.paths {
			list = append(list, n)
		}
	}
	return list
}
