// Package lazy holds regular expressions that cost nothing until they can match. A program with hundreds of them in package variables
// would pay for compiling all at its start, and a detector that asks a whole file for a rare phrase would pay for Go's automaton over
// every byte: an expression here is compiled at its first use, and runs only over a text that holds the words it cannot match without.
package lazy

import (
	"regexp"
	"sync"
)

// Regexp is a regular expression that is compiled at its first use; its methods are those of regexp.Regexp.
type Regexp struct {
	compiled func() *regexp.Regexp
	needed   func() words
}

// New takes an expression, which has to be valid: the first use panics otherwise.
func New(expression string) *Regexp {
	return &Regexp{
		compiled: sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) }),
		needed:   sync.OnceValue(func() words { return neededBy(expression) }),
	}
}

// MatchString is that of regexp.Regexp.
func (r *Regexp) MatchString(s string) bool {
	if !r.needed().in(s) {
		return false
	}
	return r.compiled().MatchString(s)
}

// Match is that of regexp.Regexp.
func (r *Regexp) Match(b []byte) bool {
	if !r.needed().inBytes(b) {
		return false
	}
	return r.compiled().Match(b)
}

// FindString is that of regexp.Regexp.
func (r *Regexp) FindString(s string) string {
	if !r.needed().in(s) {
		return ""
	}
	return r.compiled().FindString(s)
}

// FindIndex is that of regexp.Regexp.
func (r *Regexp) FindIndex(b []byte) []int {
	if !r.needed().inBytes(b) {
		return nil
	}
	return r.compiled().FindIndex(b)
}

// FindStringIndex is that of regexp.Regexp.
func (r *Regexp) FindStringIndex(s string) []int {
	if !r.needed().in(s) {
		return nil
	}
	return r.compiled().FindStringIndex(s)
}

// FindStringSubmatch is that of regexp.Regexp.
func (r *Regexp) FindStringSubmatch(s string) []string {
	if !r.needed().in(s) {
		return nil
	}
	return r.compiled().FindStringSubmatch(s)
}

// FindSubmatch is that of regexp.Regexp.
func (r *Regexp) FindSubmatch(b []byte) [][]byte {
	if !r.needed().inBytes(b) {
		return nil
	}
	return r.compiled().FindSubmatch(b)
}

// FindStringSubmatchIndex is that of regexp.Regexp.
func (r *Regexp) FindStringSubmatchIndex(s string) []int {
	if !r.needed().in(s) {
		return nil
	}
	return r.compiled().FindStringSubmatchIndex(s)
}

// FindSubmatchIndex is that of regexp.Regexp.
func (r *Regexp) FindSubmatchIndex(b []byte) []int {
	if !r.needed().inBytes(b) {
		return nil
	}
	return r.compiled().FindSubmatchIndex(b)
}

// FindAllString is that of regexp.Regexp.
func (r *Regexp) FindAllString(s string, n int) []string {
	if !r.needed().in(s) {
		return nil
	}
	return r.compiled().FindAllString(s, n)
}

// FindAllStringIndex is that of regexp.Regexp.
func (r *Regexp) FindAllStringIndex(s string, n int) [][]int {
	if !r.needed().in(s) {
		return nil
	}
	return r.compiled().FindAllStringIndex(s, n)
}

// FindAllStringSubmatch is that of regexp.Regexp.
func (r *Regexp) FindAllStringSubmatch(s string, n int) [][]string {
	if !r.needed().in(s) {
		return nil
	}
	return r.compiled().FindAllStringSubmatch(s, n)
}

// FindAllStringSubmatchIndex is that of regexp.Regexp.
func (r *Regexp) FindAllStringSubmatchIndex(s string, n int) [][]int {
	if !r.needed().in(s) {
		return nil
	}
	return r.compiled().FindAllStringSubmatchIndex(s, n)
}

// FindAllSubmatch is that of regexp.Regexp.
func (r *Regexp) FindAllSubmatch(b []byte, n int) [][][]byte {
	if !r.needed().inBytes(b) {
		return nil
	}
	return r.compiled().FindAllSubmatch(b, n)
}

// FindAllSubmatchIndex is that of regexp.Regexp.
func (r *Regexp) FindAllSubmatchIndex(b []byte, n int) [][]int {
	if !r.needed().inBytes(b) {
		return nil
	}
	return r.compiled().FindAllSubmatchIndex(b, n)
}

// ReplaceAllString is that of regexp.Regexp.
func (r *Regexp) ReplaceAllString(s, with string) string {
	if !r.needed().in(s) {
		return s
	}
	return r.compiled().ReplaceAllString(s, with)
}

// ReplaceAllStringFunc is that of regexp.Regexp.
func (r *Regexp) ReplaceAllStringFunc(s string, with func(string) string) string {
	if !r.needed().in(s) {
		return s
	}
	return r.compiled().ReplaceAllStringFunc(s, with)
}

// ReplaceAll is that of regexp.Regexp: always a copy.
func (r *Regexp) ReplaceAll(b, with []byte) []byte { return r.compiled().ReplaceAll(b, with) }

// Split is that of regexp.Regexp.
func (r *Regexp) Split(s string, n int) []string { return r.compiled().Split(s, n) }

// String is that of regexp.Regexp.
func (r *Regexp) String() string { return r.compiled().String() }
