package contracts

// Columns of CSV files that stand in another place now, and pipelines that read them by their number.

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// A shiftedHeader is a header of which the branch kept all columns and moved some to another place.
type shiftedHeader struct {
	old, now csvHeader
	path     string
}

// shiftedHeaders pairs the headers of both sides of which the new one has all columns of the old one, not at the same places.
func shiftedHeaders(p string, old, now []csvHeader) []shiftedHeader {
	var list []shiftedHeader
	for _, o := range old {
		for _, n := range now {
			if len(n.names) >= len(o.names) && sharedNames(n.names, o.names) == len(o.names) && !slices.Equal(n.names[:len(o.names)], o.names) {
				list = append(list, shiftedHeader{o, n, p})
				break
			}
		}
	}
	return list
}

// pipesFrom are the rows of a text that one pipe joins and that have a word, what stands behind the word unless all of it is wanted, with the
// first row's number.
func pipesFrom(text, word string, all bool) (list []string, lines []int) {
	rows := strings.Split(text, "\n")
	for i := 0; i < len(rows); i++ {
		if !strings.Contains(rows[i], word) || strings.HasPrefix(strings.TrimSpace(rows[i]), "#") {
			continue
		}
		last := i
		for last+1 < len(rows) && last < i+20 && pipeGoesOn.MatchString(rows[last]) {
			last++
		}
		joined := strings.Join(rows[i:last+1], "\n")
		if _, rest, ok := strings.Cut(joined, word); ok && !all {
			joined = rest
		}
		list, lines = append(list, joined), append(lines, i+1)
		i = last
	}
	return list, lines
}

var (
	pipeGoesOn = lazy.New(`[|\\]\s*$`)
	awkCommas  = lazy.New(`\bg?m?awk\s+(?:-v\s*\S+\s+)*-F\s*["']?[,;]["']?\s[^|]*?'([^']*)'`)
	awkField   = lazy.New(`\$(\d{1,2})\b`)
	cutCommas  = lazy.New(`\bcut\s+(?:-d\s*["']?[,;]["']?\s+-f\s*(\d{1,2})|-f\s*(\d{1,2})\s+-d\s*["']?[,;]["']?)(?:\s|$)`)
)

// stands says that the column of a number, from 1, was another one before.
func (h shiftedHeader) stands(n int) bool {
	return n >= 1 && n <= len(h.old.names) && h.old.names[n-1] != h.now.names[n-1]
}

// moved is the first column that a pipeline reads by its number and that stands elsewhere now: the number from 1, and the place
// in the text; 0 for none.
func (h shiftedHeader) moved(pipe string) (column, at int) {
	differs := func(digits string) int {
		if n, err := strconv.Atoi(digits); err == nil && h.stands(n) {
			return n
		}
		return 0
	}
	for _, m := range awkCommas.FindAllStringSubmatchIndex(pipe, 5) {
		for _, f := range awkField.FindAllStringSubmatchIndex(pipe[m[2]:m[3]], 50) {
			if n := differs(pipe[m[2]+f[2] : m[2]+f[3]]); n > 0 {
				return n, m[2] + f[0]
			}
		}
	}
	if m := cutCommas.FindStringSubmatch(pipe); m != nil {
		return differs(m[1] + m[2]), cutCommas.FindStringIndex(pipe)[0]
	}
	return 0, 0
}

// report tells of the scripts that run a program which writes the header, and of what reads the file that it writes, where
// they pick its columns by number.
func (h shiftedHeader) report(pass *detectors.Pass, at side) error {
	programs := []string{h.path}
	stem := moduleStemOf(h.path)
	naming, err := pass.Source.Naming(pass.Context, stem)
	if err != nil {
		return err
	}
	for i, p := range naming[stem] {
		if f := at.file(p); i < maxCandidates && p != h.path && !source.IsTest(p) && f != nil && at.takesFrom(f, h.path) {
			programs = append(programs, p)
		}
	}
	for _, program := range programs {
		base := path.Base(program)
		if err := h.reportReaders(pass, at, base, strings.TrimSuffix(base, path.Ext(base))); err != nil {
			return err
		}
	}
	for _, name := range h.writes(at) {
		if err := h.reportReaders(pass, at, name, strings.TrimSuffix(name, path.Ext(name))); err != nil {
			return err
		}
	}
	return nil
}

var tableFile = lazy.New(`([\w-]{3,}\.(?:csv|tsv))$`)

// writes are the CSV files that the header's file names in its strings.
func (h shiftedHeader) writes(at side) (names []string) {
	f := at.file(h.path)
	if f == nil {
		return nil
	}
	for _, s := range f.Strings {
		if m := tableFile.FindStringSubmatch(s.Value); m != nil && !slices.Contains(names, m[1]) {
			names = append(names, m[1])
		}
	}
	return names
}

// reportReaders tells of the files that name what writes the header, or what it is written into.
func (h shiftedHeader) reportReaders(pass *detectors.Pass, at side, base, word string) error {
	naming, err := pass.Source.Naming(pass.Context, word, base)
	if err != nil {
		return err
	}
	for i, p := range union(naming[word], naming[base]) {
		if i >= maxCandidates || p == h.path || skipped(p) || prose(p) {
			continue
		}
		text, err := pass.Branch.ReadHead(p)
		if err != nil || len(text) > branch.MaxFile || !strings.Contains(string(text), base) {
			continue
		}
		n, line := 0, 0
		switch {
		case source.LanguageOf(p) != "" && tableFile.MatchString(base):
			n, line = h.indexed(at.file(p))
		case source.LanguageOf(p) == "" && scriptFile.MatchString(p):
			n, line = h.piped(pass.Branch, p, string(text), base)
		}
		if n == 0 || touched(pass.Branch, p, line) {
			continue
		}
		was, is := h.old.names[n-1], h.now.names[n-1]
		pass.Report(detectors.Finding{
			Severity: detectors.Warning, Path: p, Line: line, Symbol: is,
			Message:  fmt.Sprintf("reads column %d of what %s writes, which was %s; the branch writes %s there", n, path.Base(h.path), was, is),
			Why:      "What counts columns does not see what they are called: it goes on with the wrong values and ends well.",
			Fix:      "Write new columns behind the old ones, or change the number here on the same branch.",
			Related:  []detectors.Related{{Path: h.path, Line: h.now.line, Message: is + " is column " + strconv.Itoa(n) + " here"}},
			Evidence: []string{was, is, path.Base(h.path)},
		})
	}
	return nil
}

// piped is the first column that a pipeline of a script picks by a number and that stands elsewhere now, with its line.
func (h shiftedHeader) piped(b *branch.Branch, p, text, base string) (column, line int) {
	pipes, lines := pipesFrom(text, base, tableFile.MatchString(base))
	for k, pipe := range pipes {
		if n, place := h.moved(pipe); n > 0 {
			if line = lines[k] + strings.Count(pipe[:place], "\n"); !touched(b, p, line) {
				return n, line
			}
		}
	}
	return 0, 0
}

var indexedCell = lazy.New(`(?i)\b(?:rows?|rec|records?|cols?|columns?|fields?|parts|cells?|values?|line|entry|tokens)(?:\[|\.get\()(\d{1,2})[\])]`)

// indexed is the first column that code takes by its index from a row of a CSV file and that stands elsewhere now, with its line.
func (h shiftedHeader) indexed(f *source.File) (column, line int) {
	if f == nil || !readsTables.Match(f.Text) && !splitsRows.Match(f.Text) {
		return 0, 0
	}
	for _, m := range indexedCell.FindAllSubmatchIndex(f.Text, 200) {
		if n, err := strconv.Atoi(string(f.Text[m[2]:m[3]])); err == nil && h.stands(n+1) {
			return n + 1, 1 + strings.Count(string(f.Text[:m[0]]), "\n")
		}
	}
	return 0, 0
}

var splitsRows = lazy.New(`(?i)split\(\s*["'][,;\t]`)
