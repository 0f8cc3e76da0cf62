package review

// Rows of tables of cases: what a test is run with.

import (
	"fmt"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// rowMark is an attribute that is one row: xUnit's, NUnit's, rstest's, PHPUnit's.
var rowMark = lazy.New(`(?i)^\s*(?:\[|#\[|@)(?:InlineData|TestCase|DataRow|case|TestWith|CsvSource|test_case)\s*\(`)

const maxRows = 2000

// rowsOf are the rows of a test file: the members of a bracketed list that are bracketed themselves, and attributes that
// are one row each, white space folded, with the line of each.
func rowsOf(text string) (rows []string, lines []int) {
	type group struct {
		from, line int
	}
	var open []group
	line := 1
	add := func(s string, at int) {
		if len(s) < 400 && len(rows) < maxRows {
			rows, lines = append(rows, strings.Join(strings.Fields(s), " ")), append(lines, at)
		}
	}
	for l := range strings.Lines(text) {
		if rowMark.MatchString(l) {
			add(strings.TrimSpace(l), line)
		}
		line++
	}
	line = 1
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case '\n':
			line++
		case '"', '\'', '`':
			end := closing(text, i)
			line += strings.Count(text[i:end], "\n")
			i = end
		case '(', '[', '{':
			open = append(open, group{from: i, line: line})
		case ')', ']', '}':
			if len(open) == 0 {
				return rows, lines
			}
			g := open[len(open)-1]
			open = open[:len(open)-1]
			if len(open) == 0 {
				continue
			}
			inside := text[g.from+1 : i]
			around := strings.TrimRight(text[open[len(open)-1].from+1:g.from], " \t\n\r")
			// A member stands behind the opening of its list, a comma, or the name of its row.
			member := around == "" || strings.HasSuffix(around, ",") || strings.HasSuffix(around, ":") || strings.HasSuffix(around, "=>")
			if member && strings.Contains(inside, ",") && !strings.ContainsAny(inside, ";") && len(inside) < 400 && text[open[len(open)-1].from] != '(' || member && tupleList(text, open[len(open)-1].from) && strings.Contains(inside, ",") {
				key := around[strings.LastIndexAny(around, ",\n")+1:]
				add(key+text[g.from:i+1], g.line)
			}
		}
	}
	return rows, lines
}

// tupleList says whether a list's opening bracket is that of a list of tuples: of a call that takes rows.
func tupleList(text string, at int) bool {
	before := text[max(0, at-12):at]
	return strings.HasSuffix(before, "of") || strings.HasSuffix(before, "listOf") || strings.HasSuffix(before, "vec!")
}

// closing is the end of a text that begins at a quote; a quote that nothing closes on its line is a letter.
func closing(text string, at int) int {
	quote := text[at]
	for i := at + 1; i < len(text); i++ {
		switch {
		case text[i] == '\\':
			i++
		case text[i] == quote:
			return i
		case text[i] == '\n' && quote != '`':
			return at
		}
	}
	return at
}

// casesOf are the rows of a file that belong to its tests: where the code stands beside them, as in Rust, only those around a test.
func casesOf(f *source.File, tests []testCase) (rows []string, lines []int) {
	all, at := rowsOf(string(f.Text))
	if source.IsTest(f.Path) {
		return all, at
	}
	for i, row := range all {
		if rowMark.MatchString(row) || slices.ContainsFunc(f.Decls, func(d *source.Decl) bool {
			return d.Parent == nil && d.Span.Line <= at[i] && at[i] <= d.Span.EndLine &&
				slices.ContainsFunc(tests, func(t testCase) bool { return d.Span.Start <= t.at.Start && t.at.End <= d.Span.End })
		}) {
			rows, lines = append(rows, row), append(lines, at[i])
		}
	}
	return rows, lines
}

// fewerRows reports tables of cases that lost rows in a file whose tests watch what the branch changes.
func (w *weakening) fewerRows(f *branch.File, old, head *source.File, was, now []testCase) {
	if head == nil || len(was) == 0 || len(now) < len(was) || len(old.Text) > 1<<18 || len(head.Text) > 1<<18 {
		return
	}
	before, lines := casesOf(old, was)
	after, _ := casesOf(head, now)
	if len(after) >= len(before) || len(before) > maxRows/2 {
		return
	}
	var gone []string
	line := 0
	for i, row := range before {
		if slices.Contains(after, row) || !f.Removed(lines[i]) {
			continue
		}
		subject := firstCell(row)
		if slices.ContainsFunc(after, func(r string) bool { return firstCell(r) == subject }) {
			continue // it expects something else now
		}
		if slices.ContainsFunc(w.head, func(t testCase) bool { return t.file.Path != f.Path && strings.Contains(t.body, row) }) || w.namesGone(row) {
			continue
		}
		gone = append(gone, row)
		if line == 0 {
			line = max(1, f.NewLine(lines[i]))
		}
	}
	// More rows may be gone than the table is shorter by: some became other ones.
	lost := min(len(gone), len(before)-len(after))
	if lost == 0 || lost*2 < len(gone) {
		return
	}
	i := slices.IndexFunc(was, func(t testCase) bool { called, _ := w.stillThere(t); return called != "" && !t.skipped })
	if i < 0 {
		return
	}
	called, at := w.stillThere(was[i])
	w.pass.Report(detectors.Finding{
		Severity: detectors.Warning, Path: f.Path, Line: line, Symbol: was[i].name,
		Message:  fmt.Sprintf("%d cases of the tests were taken away, while %s is still there and changed: %s", lost, called, clipped(gone[0])),
		Why:      "Nothing watches these cases any more, in the very change that touches them.",
		Fix:      "Bring the cases back with what is expected now, or say in the commit why they are no longer needed.",
		Related:  []detectors.Related{{Path: at.Path, Line: firstLine(at), Message: called + " is still there, and changed on this branch"}},
		Evidence: append([]string{"rows"}, gone[:min(3, len(gone))]...),
	})
}

// firstCell is what a row is about: its first member, with its name.
func firstCell(row string) string {
	cell, _, _ := strings.Cut(row, ",")
	return cell
}

func clipped(s string) string {
	if len(s) > 60 {
		return s[:57] + "..."
	}
	return s
}
