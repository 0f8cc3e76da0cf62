package branch

// One changed file: both sides, read on demand, and its hunks.

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"sync"

	"github.com/go-git/go-git/v5/plumbing"
)

// sides are what is known of a changed file's two contents.
type sides struct {
	oldID, newID string // blob ids; newID of uncommitted work is what git would commit, and in no object store
	hunks        []Hunk

	before, after content
}

// content is read at most once.
type content struct {
	once sync.Once
	data []byte
	err  error
}

func (c *content) get(read func() ([]byte, error)) ([]byte, error) {
	c.once.Do(func() { c.data, c.err = read() })
	return c.data, c.err
}

const gitlink = 0o160000

func (f *File) before() ([]byte, error) {
	if f.OldMode == 0 || f.OldMode == gitlink {
		return nil, nil
	}
	return f.sides.before.get(func() ([]byte, error) {
		data, err := f.branch.repo.objects.blob(f.sides.oldID)
		if err != nil {
			return nil, f.branch.repo.unreadable(strconv.Quote(f.oldPath()), err)
		}
		return data, nil
	})
}

func (f *File) after() ([]byte, error) {
	if f.NewMode == 0 || f.NewMode == gitlink {
		return nil, nil
	}
	return f.sides.after.get(func() ([]byte, error) {
		if f.Uncommitted {
			return f.branch.repo.stagedFile(f.Path, f.sides.newID)
		}
		data, err := f.branch.repo.objects.blob(f.sides.newID)
		if err != nil {
			return nil, f.branch.repo.unreadable(strconv.Quote(f.Path), err)
		}
		return data, nil
	})
}

// oldPath is the path at the base.
func (f *File) oldPath() string {
	if f.OldPath != "" {
		return f.OldPath
	}
	return f.Path
}

func (f *File) hunks() []Hunk {
	if f.Binary || f.TooLarge {
		return nil
	}
	return f.sides.hunks
}

func (f *File) touched(first, last int) bool {
	for _, h := range f.hunks() {
		if h.NewLines > 0 && h.NewStart <= last && h.NewStart+h.NewLines > first {
			return true
		}
		// lines were removed between NewStart and the line after it
		if h.NewLines == 0 && first < last && h.NewStart >= first && h.NewStart < last {
			return true
		}
	}
	return false
}

func (f *File) removed(line int) bool {
	for _, h := range f.hunks() {
		if h.OldLines > 0 && h.OldStart <= line && line < h.OldStart+h.OldLines {
			return true
		}
	}
	return false
}

func (f *File) addedText() []byte {
	text, err := f.After()
	if err != nil {
		return nil
	}
	return lines(text, f.hunks(), func(h Hunk) (int, int) { return h.NewStart, h.NewLines })
}

func (f *File) removedText() []byte {
	text, err := f.Before()
	if err != nil {
		return nil
	}
	return lines(text, f.hunks(), func(h Hunk) (int, int) { return h.OldStart, h.OldLines })
}

// lines are those of a text that the hunks name, each with its end; first is the first line of a hunk, counted from 1.
func lines(text []byte, hunks []Hunk, of func(Hunk) (first, count int)) []byte {
	var some []byte
	line := 1
	for _, h := range hunks {
		first, count := of(h)
		for ; line < first && len(text) > 0; line++ {
			text = afterLine(text)
		}
		for ; line < first+count && len(text) > 0; line++ {
			rest := afterLine(text)
			some = append(some, text[:len(text)-len(rest)]...)
			text = rest
		}
	}
	return some
}

func afterLine(text []byte) []byte {
	if end := bytes.IndexByte(text, '\n'); end >= 0 {
		return text[end+1:]
	}
	return nil
}

func (b *Branch) file(path string) *File { return b.byPath[path] }

// unreadable says what to do about an object that could not be read.
func (r *repository) unreadable(what string, err error) error {
	switch {
	case errors.Is(err, errTooLarge):
		return fmt.Errorf("%s is too large to be looked at: %w", what, err)
	case errors.Is(err, errMissing), errors.Is(err, plumbing.ErrObjectNotFound):
		return fmt.Errorf("%s is not in this clone of %s: git fetch (a partial clone: run git diff on the branch once, it fetches what is missing)", what, r.root)
	}
	return fmt.Errorf("cannot read %s in %s: %w", what, r.root, err)
}
