package checklist

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"

	"flightpoll/detectors/branch"
)

// change is what items look at of the branch: the files that change behaviour, their added lines, digests of both
// sides. Everything is computed once and kept.
type change struct {
	branch *branch.Branch
	// files are the ones that change behaviour, sorted by path; all are all changed files by path.
	files []*branch.File
	all   map[string]*branch.File

	mu     sync.Mutex
	sides  map[string]string
	added  map[string][]addedLine
	before map[string][]byte
}

func newChange(b *branch.Branch) *change {
	c := &change{branch: b, all: map[string]*branch.File{}, sides: map[string]string{}, added: map[string][]addedLine{}, before: map[string][]byte{}}
	for _, f := range b.Files {
		c.all[f.Path] = f
		if changesBehaviour(f) {
			c.files = append(c.files, f)
		}
	}
	return c
}

// readable says whether a file is worth looking into.
func readable(f *branch.File) bool {
	return !f.Binary && !f.Generated && !f.Vendored && !f.TooLarge
}

// addedLine is one line that the branch added to a file or changed in it; the first one is number 1.
type addedLine struct {
	number int
	text   string
}

func (c *change) addedLines(f *branch.File) []addedLine {
	c.mu.Lock()
	defer c.mu.Unlock()
	if lines, ok := c.added[f.Path]; ok {
		return lines
	}
	var lines []addedLine
	if text, err := f.After(); err == nil && readable(f) && f.Status != branch.Deleted {
		all := strings.Split(string(text), "\n")
		for _, h := range f.Hunks() {
			from, to := h.NewStart-1, h.NewStart-1+h.NewLines
			for i := max(from, 0); i < to && i < len(all); i++ {
				lines = append(lines, addedLine{i + 1, all[i]})
			}
		}
	}
	c.added[f.Path] = lines
	return lines
}

// endOf is the number of the first line that meets one of the expressions; past the last line where none does.
func (c *change) endOf(f *branch.File, until []*regexp.Regexp) int {
	text, err := f.After()
	if err != nil || len(until) == 0 {
		return math.MaxInt
	}
	for i, line := range strings.Split(string(text), "\n") {
		if slices.ContainsFunc(until, func(re *regexp.Regexp) bool { return re.MatchString(line) }) {
			return i + 1
		}
	}
	return math.MaxInt
}

// known says whether the old side of a changed file has the word.
func (c *change) known(word string) bool {
	return slices.ContainsFunc(c.branch.Files, func(f *branch.File) bool {
		return readable(f) && containsWord(c.oldSide(f), word)
	})
}

// settled says whether an added line of one of the files gives the name a value; one that only refers to another place
// ("${X}", "<set me>") does not.
func (c *change) settled(globs []string, name string) bool {
	if len(globs) == 0 {
		return false
	}
	quoted := regexp.QuoteMeta(name)
	sameLine := regexp.MustCompile(`^\s*(?:-\s+)?(?:export\s+|ENV\s+)?["']?` + quoted + `["']?\s*[:=]\s*["']?[^\s"'$<{]`)
	nameLine := regexp.MustCompile(`^\s*(?:-\s+)?["']?name["']?\s*[:=]\s*["']?` + quoted + `["']?,?\s*$`)
	return slices.ContainsFunc(c.branch.Files, func(f *branch.File) bool {
		if !matchAny(globs, f.Path) {
			return false
		}
		named := false
		for _, line := range c.addedLines(f) {
			if sameLine.MatchString(line.text) || named && valueLine.MatchString(line.text) {
				return true
			}
			named = nameLine.MatchString(line.text)
		}
		return false
	})
}

var valueLine = regexp.MustCompile(`^\s*["']?value["']?\s*[:=]\s*["']?[^\s"'$<{]`)

func (c *change) oldSide(f *branch.File) []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	text, ok := c.before[f.Path]
	if !ok {
		text, _ = f.Before() // what cannot be read holds no word
		c.before[f.Path] = text
	}
	return text
}

// scope digests both sides of the covered paths, so that an answer knows when what it spoke for changed: sha256 in
// hexadecimal over "path NUL old mode NUL new mode NUL sha256(old) NUL sha256(new) NUL" of each path in order.
func (c *change) scope(covers []string) string {
	if len(covers) == 0 {
		return ""
	}
	h := sha256.New()
	for _, p := range covers {
		_, _ = io.WriteString(h, c.bothSides(p)) // a hash takes everything
	}
	return hex.EncodeToString(h.Sum(nil))
}

func (c *change) bothSides(p string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s, ok := c.sides[p]; ok {
		return s
	}
	s := p + "\x00unchanged\x00"
	if f := c.all[p]; f != nil {
		before, errBefore := f.Before()
		after, errAfter := f.After()
		newSum := digest(after, errAfter)
		if errAfter != nil && f.NewMode != 0 {
			newSum = digestFile(filepath.Join(c.branch.Root, filepath.FromSlash(p)))
		}
		s = fmt.Sprintf("%s\x00%o\x00%o\x00%s\x00%s\x00", p, f.OldMode, f.NewMode, digest(before, errBefore), newSum)
	}
	c.sides[p] = s
	return s
}

// digest is empty for a side that is not there.
func digest(text []byte, err error) string {
	if err != nil || text == nil {
		return ""
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// digestFile is for a file too large to be kept in memory.
func digestFile(path string) string {
	info, err := os.Lstat(path)
	if err != nil || !info.Mode().IsRegular() {
		return ""
	}
	f, err := os.Open(path) //nolint:gosec // a changed path below the work tree's root, a regular file
	if err != nil {
		return ""
	}
	defer func() { _ = f.Close() }() // only read
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return ""
	}
	return hex.EncodeToString(h.Sum(nil))
}

// containsWord says whether text has the word with no letter, digit or underscore at either side.
func containsWord(text []byte, word string) bool {
	for from := 0; ; {
		i := bytes.Index(text[from:], []byte(word))
		if i < 0 || word == "" {
			return false
		}
		start, end := from+i, from+i+len(word)
		if (start == 0 || !isWordByte(text[start-1])) && (end == len(text) || !isWordByte(text[end])) {
			return true
		}
		from = start + 1
	}
}

func isWordByte(b byte) bool {
	return b == '_' || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= 0x80
}
