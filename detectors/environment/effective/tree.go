package effective

// One side of a branch, read with bounds.

import (
	"bytes"
	"errors"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors/source/document"
)

// The bounds of one load. A file past maxFile is a Problem; past maxTotal bytes nothing more is read.
const (
	maxFile  = 1 << 20
	maxTotal = 24 << 20
)

// The reasons why a file is not read.
var (
	errTooLarge = errors.New("too large to be read as configuration")
	errTooMuch  = errors.New("more configuration than is read in one run")
	errBinary   = errors.New("not a text")
	errAbsent   = errors.New("not in the repository")
)

// Tree is the files of one side of a branch. It is not safe for several goroutines.
type Tree struct {
	paths     []string
	has       map[string]bool
	read      func(string) ([]byte, error)
	cache     map[string][]byte
	documents map[string][]*document.Node
	total     int
	problems  map[string]string
}

// NewTree makes a tree of slash-separated paths, relative to the repository's root, and the function that reads one.
func NewTree(paths []string, read func(string) ([]byte, error)) *Tree {
	t := &Tree{paths: slices.Clone(paths), has: make(map[string]bool, len(paths)), read: read, cache: map[string][]byte{}, documents: map[string][]*document.Node{}, problems: map[string]string{}}
	slices.Sort(t.paths)
	for _, p := range paths {
		t.has[p] = true
	}
	return t
}

// Has says whether a path is a file of the tree.
func (t *Tree) Has(p string) bool { return t.has[path.Clean(p)] }

// Paths are all files, sorted. Callers do not change them.
func (t *Tree) Paths() []string { return t.paths }

// Below are the files in a folder and its folders, sorted; "." is everything.
func (t *Tree) Below(dir string) []string {
	dir = path.Clean(dir)
	if dir == "." {
		return t.paths
	}
	i, _ := slices.BinarySearch(t.paths, dir+"/")
	var list []string
	for ; i < len(t.paths) && strings.HasPrefix(t.paths[i], dir+"/"); i++ {
		list = append(list, t.paths[i])
	}
	return list
}

// IsDir says whether there are files below a path.
func (t *Tree) IsDir(p string) bool {
	p = path.Clean(p)
	if p == "." {
		return true
	}
	i, _ := slices.BinarySearch(t.paths, p+"/")
	return i < len(t.paths) && strings.HasPrefix(t.paths[i], p+"/")
}

// Read is a file's text. A file that is there and cannot be read becomes a Problem.
func (t *Tree) Read(p string) ([]byte, error) {
	p = path.Clean(p)
	if !t.has[p] {
		return nil, errAbsent
	}
	if text, ok := t.cache[p]; ok {
		if text == nil {
			return nil, errors.New(t.problems[p])
		}
		return text, nil
	}
	text, err := t.read(p)
	switch {
	case err != nil:
	case len(text) > maxFile:
		err = errTooLarge
	case t.total+len(text) > maxTotal:
		err = errTooMuch
	case bytes.IndexByte(text[:min(len(text), 8000)], 0) >= 0:
		err = errBinary
	}
	if err != nil {
		t.cache[p] = nil
		t.problem(p, err.Error())
		return nil, err
	}
	if text == nil {
		text = []byte{}
	}
	t.total += len(text)
	t.cache[p] = text
	return text, nil
}

// peek is a file's text for a search: what is too large or binary is left out without a Problem.
func (t *Tree) peek(p string) (string, bool) {
	if text, ok := t.cache[p]; ok {
		return string(text), text != nil
	}
	text, err := t.read(p)
	if err != nil || len(text) > maxFile || t.total+len(text) > maxTotal {
		return "", false
	}
	t.total += len(text)
	t.cache[p] = text
	return string(text), true
}

// problem keeps the first reason of a file, cut to one line.
func (t *Tree) problem(p, reason string) {
	if _, ok := t.problems[p]; !ok {
		reason, _, _ = strings.Cut(strings.TrimSpace(reason), "\n")
		t.problems[p] = reason
	}
}

// Problems are the files that could not be read, sorted by path.
func (t *Tree) Problems() []Problem {
	var list []Problem
	for p, reason := range t.problems {
		list = append(list, Problem{p, reason})
	}
	slices.SortFunc(list, func(a, b Problem) int { return strings.Compare(a.Path, b.Path) })
	return list
}

// nodes are the documents of a YAML or JSON file; one that cannot be read becomes a Problem.
func (t *Tree) nodes(p string) []*document.Node { return t.parsed(p, document.YAML) }

// toml is a TOML file, nil and a Problem where it cannot be read.
func (t *Tree) toml(p string) *document.Node {
	list := t.parsed(p, func(file string, text []byte) ([]*document.Node, error) {
		return document.Alone(document.TOML(file, text))
	})
	if len(list) == 0 {
		return nil
	}
	return list[0]
}

func (t *Tree) parsed(p string, parse func(string, []byte) ([]*document.Node, error)) []*document.Node {
	if list, ok := t.documents[p]; ok {
		return list
	}
	t.documents[p] = nil
	text, err := t.Read(p)
	if err != nil {
		return nil
	}
	list, err := parse(p, text)
	if err != nil {
		t.problem(p, err.Error())
		return nil
	}
	t.documents[p] = list
	return list
}

// place is where a key of a mapping stands.
func place(n *document.Node, key string) Place {
	file, line := n.At(key)
	return Place{file, line}
}
