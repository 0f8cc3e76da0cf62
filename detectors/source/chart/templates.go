package chart

// Templates as parse trees, with the lines that their nodes stand on.

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"text/template/parse"
)

// templates are parsed texts and the templates defined in them, by name. A later definition replaces an earlier one.
type templates struct {
	trees map[string]*parse.Tree
	// starts are the offsets at which the lines of each text begin.
	starts map[string][]int
}

// The bounds of one template: bytes, and parentheses within each other.
const (
	maxTemplate = 256 << 10
	maxParens   = 400
)

func (t templates) add(name, text string) (err error) {
	if len(text) > maxTemplate {
		return errors.New("a template larger than is read")
	}
	starts, open := []int{0}, 0
	for i := range len(text) {
		switch text[i] {
		case '\n':
			starts = append(starts, i+1)
		case '(':
			open++
		case ')', '}':
			open = max(0, open-1)
		}
		if open > maxParens {
			return errors.New("a template nested deeper than is read")
		}
	}
	defer func() {
		if recover() != nil {
			err = errors.New("the template does not parse")
		}
	}()
	set := map[string]*parse.Tree{}
	tree := parse.New(name)
	tree.Mode = parse.SkipFuncCheck
	if _, err = tree.Parse(text, "", "", set); err != nil {
		line, _, _ := strings.Cut(err.Error(), "\n")
		return errors.New(line)
	}
	maps.Copy(t.trees, set)
	t.starts[name] = starts
	return nil
}

// line is the line, from 1, of a node in a parsed text.
func (t templates) line(name string, at parse.Pos) int {
	i, found := slices.BinarySearch(t.starts[name], int(at))
	if found {
		return i + 1
	}
	return i
}
