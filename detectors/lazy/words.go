package lazy

// The words that an expression cannot match without, read off its syntax tree: `(?:GET|POST) /v\d+` needs "GET" or "POST", and " /v".
// Looking for words costs a fraction of running the automaton (BenchmarkAbsentPhrase).

import (
	"regexp/syntax"
	"slices"
	"strings"
	"unsafe"
)

// words are conditions that all have to hold before an expression can match.
type words []choice

// choice holds when the text holds one of its words.
type choice struct {
	any []string
	// fold says that case does not matter; the words are in lower case then.
	fold bool
}

const (
	mostConditions = 3  // of an expression, the most telling first
	mostWords      = 48 // of one choice; a longer list tells little and costs as much as the expression
)

// neededBy reads an expression; nil says that nothing is known, so that every text may match.
func neededBy(expression string) words {
	tree, err := syntax.Parse(expression, syntax.Perl)
	if err != nil || tree.Op == syntax.OpConcat && tree.Sub[0].Op == syntax.OpBeginText {
		return nil // one that is bound to the text's start fails at its first characters: nothing to save
	}
	all := conditions(tree)
	slices.SortStableFunc(all, func(a, b choice) int { return b.shortest() - a.shortest() })
	if len(all) > mostConditions {
		all = all[:mostConditions]
	}
	return all
}

// conditions lists what every match of the tree has to hold.
func conditions(tree *syntax.Regexp) words {
	switch tree.Op {
	case syntax.OpLiteral:
		word, fold := string(tree.Rune), tree.Flags&syntax.FoldCase != 0
		if fold {
			if !ascii(word) {
				return nil
			}
			word = strings.ToLower(word)
		}
		return words{{[]string{word}, fold}}
	case syntax.OpConcat:
		var all words
		for _, part := range tree.Sub {
			all = append(all, conditions(part)...)
		}
		return all
	case syntax.OpCapture, syntax.OpPlus:
		return conditions(tree.Sub[0])
	case syntax.OpRepeat:
		if tree.Min > 0 {
			return conditions(tree.Sub[0])
		}
	case syntax.OpAlternate:
		return alternatives(tree.Sub)
	default: // classes of characters, and what may be absent
	}
	return nil
}

// alternatives makes one choice of the most telling condition of each branch.
func alternatives(branches []*syntax.Regexp) words {
	var one choice
	for i, branch := range branches {
		all := conditions(branch)
		if len(all) == 0 {
			return nil
		}
		best := slices.MaxFunc(all, func(a, b choice) int { return a.shortest() - b.shortest() })
		if i > 0 && best.fold != one.fold {
			return nil
		}
		one.fold = best.fold
		one.any = append(one.any, best.any...)
	}
	if len(one.any) > mostWords {
		return nil
	}
	return words{one}
}

// shortest is the length in bytes of the choice's shortest word: the longer, the more it tells.
func (c choice) shortest() int {
	least := len(c.any[0])
	for _, word := range c.any {
		least = min(least, len(word))
	}
	return least
}

// in says whether the text can match at all.
func (w words) in(text string) bool {
	lower := ""
	for _, choice := range w {
		if choice.fold && lower == "" {
			if strings.Contains(text, "\u017f") || strings.Contains(text, "\u212a") {
				return true // the two letters outside ASCII that fold to one of it
			}
			lower = lowerASCII(text)
		}
		within := text
		if choice.fold {
			within = lower
		}
		if !slices.ContainsFunc(choice.any, func(word string) bool { return strings.Contains(within, word) }) {
			return false
		}
	}
	return true
}

// inBytes is in for bytes, which stay as they are while it looks.
func (w words) inBytes(text []byte) bool { // #nosec G103 -- read only, and not kept
	return w.in(unsafe.String(unsafe.SliceData(text), len(text)))
}

func ascii(word string) bool {
	return !strings.ContainsFunc(word, func(r rune) bool { return r > 127 })
}

// lowerASCII lowers the letters of ASCII and leaves every other byte.
func lowerASCII(text string) string {
	lower := make([]byte, len(text))
	for i := range len(text) {
		c := text[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		lower[i] = c
	}
	return unsafe.String(unsafe.SliceData(lower), len(lower)) // #nosec G103 -- made here, and nobody writes it any more
}
