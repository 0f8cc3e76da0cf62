package document

// What a YAML text may hold before a parser sees it: the library's memory grows with the square of the nesting (measured: 100,000 open
// brackets took 10 GB), and its stack with the signs that stand before a value.

import (
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

const (
	// maxFlow is how deep brackets may stand in each other, maxSigns how many signs that open something a text may have in all.
	maxFlow  = 200
	maxSigns = 10_000
	// maxRun is how many entries may begin in one line: "- - - a".
	maxRun = 40
)

// Bounded is ErrTooLarge for a YAML text that a parser must not be given.
func Bounded(text []byte) error {
	depth, signs, run, leading := 0, 0, 0, true
	for i, c := range text {
		switch c {
		case '\n':
			run, leading = 0, true
			continue
		case ' ', '\t':
			continue
		case '-', '?':
			if leading && i+1 < len(text) && (text[i+1] == ' ' || text[i+1] == '\t') {
				run++
				if run > maxRun {
					return ErrTooLarge
				}
				continue
			}
		case '[', '{':
			depth++
			signs++
		case ']', '}':
			depth = max(0, depth-1)
		case '!', '&':
			signs++
		}
		leading = false
		if depth > maxFlow || signs > maxSigns {
			return ErrTooLarge
		}
	}
	return nil
}

// Tree parses a YAML text within the bounds. A key that stands twice is kept twice.
func Tree(text []byte) (*ast.File, error) {
	if err := Bounded(text); err != nil {
		return nil, err
	}
	return parser.ParseBytes(text, 0, parser.AllowDuplicateMapKey())
}
