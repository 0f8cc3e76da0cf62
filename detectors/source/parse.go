package source

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"flightpoll/detectors/branch"
)

// maxNesting bounds how deep the brackets of a file may stand in each other. The parsers are recursive in places, some of them in C,
// where nothing catches the end of the stack.
const maxNesting = 5000

// nesting is how deep brackets stand in each other, those of strings and comments included.
func nesting(text []byte) int {
	depth, deepest := 0, 0
	for _, c := range text {
		switch c {
		case '(', '[', '{':
			depth++
			deepest = max(deepest, depth)
		case ')', ']', '}':
			depth = max(0, depth-1)
		}
	}
	return deepest
}

// parse reads text in the language of its path. It never fails for what the text says, only for a language that is
// not read, a binary file, and one that is too large.
func parse(name string, text []byte) (*File, error) {
	lang := languageOf(name)
	switch {
	case lang == "":
		return nil, fmt.Errorf("%s: %w", name, ErrUnknownLanguage)
	case len(text) > branch.MaxFile:
		return nil, fmt.Errorf("%s: %d bytes are more than %d; exclude the file", name, len(text), branch.MaxFile)
	case bytes.IndexByte(text, 0) >= 0:
		return nil, fmt.Errorf("%s: is binary (it holds a NUL byte)", name)
	case nesting(text) > maxNesting:
		return nil, fmt.Errorf("%s: nests deeper than %d; exclude the file", name, maxNesting)
	case lang == Go:
		return parseGo(name, text)
	}
	readable := string(text)
	if !utf8.ValidString(readable) { // one byte for one byte, so that offsets stay
		readable = asciiOnly(text)
	}
	tree, err := readTree(lang, name, readable)
	if err != nil {
		return nil, err
	}
	f := &File{Path: name, Lang: lang, Text: text, Errors: tree.Errors, root: treeNode{tree, 0}}
	for _, r := range readers {
		if r.Name == string(lang) {
			return f, extract(r, f, tree)
		}
	}
	return f, nil
}

func asciiOnly(text []byte) string {
	var b strings.Builder
	b.Grow(len(text))
	for _, c := range text {
		if c >= utf8.RuneSelf {
			c = '?'
		}
		b.WriteByte(c)
	}
	return b.String()
}
