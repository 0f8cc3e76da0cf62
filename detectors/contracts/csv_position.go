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

// pipesFrom are the rows of a text that one pipe joins, beginning where a word stands, with the first row's number.
func pipesFrom(text, word string) (list []string, lines []int) {
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
		list, lines = append(list, joined[strings.Index(joined, word):]), append(lines, i+1)
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

// moved is the first column that a pipeline reads by its number and that stands elsewhere now: the number from 1, and the place
// in the text; 0 for none.
func (h shiftedHeader) moved(pipe string) (column, at int) {
	differs := func(digits string) int {
		n, err := strconv.Atoi(digits)
		if err != nil || n < 1 || n > len(h.old.names) || h.old.names[n-1] == h.now.names[n-1] {
			return 0
		}
		return n
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

// report tells of the scripts that run a program which writes the header, and pick its columns by number.
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
		word := strings.TrimSuffix(base, path.Ext(base))
		if naming, err = pass.Source.Naming(pass.Context, word, base); err != nil {
			return err
		}
		for i, p := range union(naming[word], naming[base]) {
			if i >= maxCandidates || !scriptFile.MatchString(p) || skipped(p) || source.LanguageOf(p) != "" || prose(p) {
				continue
			}
			text, err := pass.Branch.ReadHead(p)
			if err != nil || len(text) > branch.MaxFile {
				continue
			}
			pipes, lines := pipesFrom(string(text), base)
			for k, pipe := range pipes {
				n, place := h.moved(pipe)
				line := lines[k] + strings.Count(pipe[:place], "\n")
				if n == 0 || touched(pass.Branch, p, line) {
					continue
				}
				was, is := h.old.names[n-1], h.now.names[n-1]
				pass.Report(detectors.Finding{
					Severity: detectors.Warning, Path: p, Line: line, Symbol: is,
					Message:  fmt.Sprintf("reads column %d of what %s writes, which was %s; the branch writes %s there", n, base, was, is),
					Why:      "A filter that counts columns does not see what they are called: it goes on with the wrong values and ends well.",
					Fix:      "Write new columns behind the old ones, or change the number here on the same branch.",
					Related:  []detectors.Related{{Path: h.path, Line: h.now.line, Message: is + " is column " + strconv.Itoa(n) + " here"}},
					Evidence: []string{was, is, base},
				})
				break
			}
		}
	}
	return nil
}
