package source

import (
	"context"
	"errors"
	"sync"
	"testing"
)

// Detectors that ask at the same time read once; what failed for want of time is read again by the next.
func TestSharedIsReadOnce(t *testing.T) {
	type key struct{ name string }
	s := newSource(nil)
	read := 0
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			got, err := Shared(s, key{"flags"}, func() (int, error) { read++; return 7, nil })
			if got != 7 || err != nil {
				t.Errorf("got %d, %v", got, err)
			}
		})
	}
	all.Wait()
	if read != 1 {
		t.Errorf("read %d times", read)
	}
	other, _ := Shared(s, key{"units"}, func() (int, error) { return 8, nil })
	if other != 8 {
		t.Errorf("another key got %d", other)
	}
}

func TestSharedIsReadAgainAfterTimeWasUp(t *testing.T) {
	type key struct{}
	s := newSource(nil)
	for _, want := range []error{context.DeadlineExceeded, nil, nil} {
		part, err := Shared(s, key{}, func() (string, error) { return "part", want })
		if part != "part" || !errors.Is(err, want) {
			t.Errorf("got %q, %v, want the part and %v", part, err, want)
		}
	}
	broken := errors.New("no tree")
	for range 2 {
		if _, err := Shared(newSource(nil), key{}, func() (string, error) { return "", broken }); !errors.Is(err, broken) {
			t.Errorf("got %v, want %v", err, broken)
		}
	}
}
