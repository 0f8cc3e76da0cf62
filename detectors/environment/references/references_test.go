package references

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"flightpoll/detectors/source"
)

// describe is a reference in the words of the tables below.
func describe(r Reference) string {
	words := []string{r.Name}
	add := func(on bool, word string) {
		if on {
			words = append(words, word)
		}
	}
	add(r.Key, "key")
	add(r.Variable != "", "or "+r.Variable)
	add(r.Binding, "binding")
	add(r.FailFast, "required")
	add(r.Optional && !r.Default, "optional")
	add(r.Default && !r.LocalDefault, "default")
	add(r.LocalDefault, "local default")
	add(r.Type != Raw && r.Type != Text, string(r.Type))
	add(r.Client, "client")
	return strings.Join(words, " ")
}

// reads parses files, learns their helpers and gives what the first one reads, a line a reference.
func reads(t *testing.T, files map[string]string, path string) string {
	t.Helper()
	if !Parsed(path) {
		return list(ReadText(path, []byte(files[path])))
	}
	var parsed []*source.File
	var head *source.File
	for p, text := range files {
		f, err := source.Parse(p, []byte(text))
		if errors.Is(err, source.ErrNoGrammar) {
			t.Skip("this language is read in builds with cgo only")
		}
		if err != nil {
			t.Fatal(err)
		}
		if f.Errors > 0 {
			t.Errorf("%s has %d syntax errors", p, f.Errors)
		}
		parsed = append(parsed, f)
		if p == path {
			head = f
		}
	}
	repo := &Repository{Constant: func(name string) string {
		for _, f := range parsed {
			if v := ConstantIn(f, name); v != "" {
				return v
			}
		}
		return ""
	}}
	repo.Helpers = Learn(parsed, repo.Constant)
	return list(Read(head, repo))
}

func list(refs []Reference) string {
	var lines []string
	for _, r := range refs {
		lines = append(lines, fmt.Sprintf("%d: %s", r.Line, describe(r)))
	}
	return strings.Join(lines, "\n")
}

// table checks pairs of code and the references of each of its lines: what stands behind the mark on a line is what the
// line reads, in any order, separated by commas. A line without a mark reads nothing.
func table(t *testing.T, path, mark, code string, others map[string]string) {
	t.Helper()
	files := map[string]string{path: code}
	for p, text := range others {
		files[p] = text
	}
	want := map[int][]string{}
	for i, line := range strings.Split(code, "\n") {
		if _, behind, ok := strings.Cut(line, mark+"> "); ok {
			want[i+1] = strings.Split(strings.TrimSpace(behind), ", ")
		}
	}
	got := map[int][]string{}
	for line := range strings.SplitSeq(reads(t, files, path), "\n") {
		var n int
		at, text, ok := strings.Cut(line, ": ")
		if _, err := fmt.Sscan(at, &n); ok && err == nil {
			got[n] = append(got[n], text)
		}
	}
	sorted := cmp.Transformer("sorted", func(list []string) map[string]int {
		m := map[string]int{}
		for _, s := range list {
			m[s]++
		}
		return m
	})
	if d := cmp.Diff(want, got, sorted); d != "" {
		t.Errorf("references by line (-want +got):\n%s", d)
	}
}
