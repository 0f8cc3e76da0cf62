package contracts

// Columns of CSV files that the branch's code writes under another name, and who still reads the old one.

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// CSVColumn finds readers and sample files of a CSV header from which the branch took a column, or gave it another name.
var CSVColumn = &detectors.Detector{
	ID:    "contracts/csv-column",
	Title: "A column of a CSV file has another name, and a reader still asks for the old one",
	Run:   runCSVColumn,
}

// csvHeader is a header row in code: a text of names between separators, or a list of names that is written as a row.
type csvHeader struct {
	names []string
	line  int
}

// lostColumn is a column of a header that the branch changed, now the name in its place, empty where it went.
type lostColumn struct {
	old, now string
	header   csvHeader
	path     string
	line     int
}

func runCSVColumn(pass *detectors.Pass) error {
	before, after := side{pass.Branch, pass.Source, true}, side{pass.Branch, pass.Source, false}
	var lost []lostColumn
	var shifted []shiftedHeader
	for _, f := range pass.Branch.Files {
		if f.Status == branch.Added || f.Status == branch.Deleted || f.Generated || f.Vendored || f.TooLarge || source.LanguageOf(f.Path) == "" || standsIn(f.Path) {
			continue
		}
		old, now := before.file(cmpOr(f.OldPath, f.Path)), after.file(f.Path)
		if old != nil && now != nil {
			was, is := headersIn(old), headersIn(now)
			lost, shifted = append(lost, lostColumns(f.Path, was, is)...), append(shifted, shiftedHeaders(f.Path, was, is)...)
		}
	}
	if len(lost)+len(shifted) == 0 {
		return detectors.ErrNotApplicable
	}
	for _, h := range shifted {
		if err := h.report(pass, after); err != nil {
			return err
		}
	}
	for _, l := range lost {
		naming, err := pass.Source.Naming(pass.Context, l.old)
		if err != nil {
			return err
		}
		for i, p := range naming[l.old] {
			if i > maxCandidates || p == l.path {
				continue
			}
			if line := readsColumn(pass, after, p, l); line > 0 {
				reportCSVColumn(pass, p, line, l)
			}
		}
	}
	return nil
}

func reportCSVColumn(pass *detectors.Pass, p string, line int, l lostColumn) {
	what := "is gone"
	fix := "Write the column as before until nobody reads it, or take it out of the reader too."
	if l.now != "" {
		what = "is called " + l.now
		fix = "Read " + l.now + " here, or write both columns until every reader does."
	}
	pass.Report(detectors.Finding{
		Severity: detectors.Warning, Path: p, Line: line, Symbol: l.old,
		Message:  fmt.Sprintf("the column %s %s in the file that %s writes, and this still has the old name", l.old, what, path.Base(l.path)),
		Why:      "A reader that asks for a column by name finds nothing under it: it stops, or takes empty values for true ones.",
		Fix:      fix,
		Related:  []detectors.Related{{Path: l.path, Line: l.line, Message: "the header is written here"}},
		Evidence: []string{l.old, l.now},
	})
}

// leastColumns is how many names make a header.
const leastColumns = 3

var (
	headerText  = lazy.New(`^\s*"?\pL[\w .-]*"?(?:[,;\t]"?\pL[\w .-]*"?){2,}(?:\r?\n)?$`)
	writesRow   = lazy.New(`(?i)(write_?row|write_?header|field_?names|headers?|columns?|fputcsv|csv\s*<<|\.write)\W{0,12}(?:\[\]string)?\W{0,3}$`)
	writesWords = lazy.New(`(?i)\b(?:headers?|fields|columns?|field_?names|csv\s*<<)\s*=?\s*%[wW][\[({<]([\w\s.-]{5,1000})[\])}>]`)
	namesFields = lazy.New(`(?i)\bfields\s*(?::[^=\n]{1,40})?=\s*[\[({]\s*["']?$`)
	betweenList = lazy.New(`^["'` + "`" + `]?\s*,\s*["'` + "`" + `]?$`)
)

// headersIn are the headers that code holds.
func headersIn(f *source.File) []csvHeader {
	var list []csvHeader
	var run []*source.String
	flush := func() {
		if len(run) >= leastColumns && writesFields(f, f.Text[max(0, run[0].Span.Start-50):max(0, run[0].Span.Start)]) {
			h := csvHeader{line: run[0].Span.Line}
			for _, s := range run {
				h.names = append(h.names, s.Value)
			}
			list = append(list, h)
		}
		run = nil
	}
	for _, s := range f.Strings {
		if !s.Interpolated && len(s.Value) < 4000 && headerText.MatchString(s.Value) && strings.ContainsAny(s.Value, ",;\t") && !strings.Contains(s.Value, ", ") {
			h := csvHeader{line: s.Span.Line}
			for _, n := range strings.FieldsFunc(strings.TrimSpace(s.Value), func(c rune) bool { return c == ',' || c == ';' || c == '\t' }) {
				h.names = append(h.names, strings.Trim(n, `"`))
			}
			list = append(list, h)
		}
		if n := len(run); n > 0 && (s.Span.Start < run[n-1].Span.End || !betweenList.Match(f.Text[run[n-1].Span.End:min(s.Span.Start, len(f.Text))])) {
			flush()
		}
		run = append(run, s)
	}
	flush()
	return append(list, headerWords(f)...)
}

// writesFields says that a list behind this text is a row of names; plain fields are one in a file that has to do with tables only.
func writesFields(f *source.File, before []byte) bool {
	return writesRow.Match(before) || namesFields.Match(before) && readsTables.Match(f.Text)
}

// headerWords are the headers that Ruby writes without quotes: HEADER = %w[number name fee].
func headerWords(f *source.File) (list []csvHeader) {
	if f.Lang != source.Ruby {
		return nil
	}
	for _, m := range writesWords.FindAllSubmatchIndex(f.Text, 50) {
		if names := strings.Fields(string(f.Text[m[2]:m[3]])); len(names) >= leastColumns {
			list = append(list, csvHeader{names, 1 + countLines(f.Text[:m[0]])})
		}
	}
	return list
}

// lostColumns pairs the headers of both sides that share at least half of their columns.
func lostColumns(p string, old, now []csvHeader) []lostColumn {
	var list []lostColumn
	for _, o := range old {
		best, shared := -1, 0
		for i, n := range now {
			same := 0
			for _, name := range n.names {
				if slices.Contains(o.names, name) {
					same++
				}
			}
			if same > shared {
				best, shared = i, same
			}
		}
		if best < 0 || 2*shared < len(o.names) || shared < 2 {
			continue
		}
		n := now[best]
		for i, name := range o.names {
			if slices.Contains(n.names, name) {
				continue
			}
			l := lostColumn{old: name, header: o, path: p, line: n.line}
			if i < len(n.names) && !slices.Contains(o.names, n.names[i]) {
				l.now = n.names[i]
			}
			list = append(list, l)
		}
	}
	return list
}

// readsTables are the ways in which programs read a CSV file by its columns' names.
var readsTables = lazy.New(`(?i)\bcsv\b|read_csv|papaparse|csv-parse|fast-csv|DictReader|CSVParser|fgetcsv|opencsv|CsvHelper|encoding/csv|\bpolars\b|\bCOPY\s`)

// readsColumn is the line on which a file still has the old column beside others of the same header, 0 for none.
func readsColumn(pass *detectors.Pass, at side, p string, l lostColumn) int {
	if changed := pass.Branch.File(p); changed != nil && changed.Status == branch.Deleted {
		return 0
	}
	if ext := strings.ToLower(path.Ext(p)); ext == ".csv" || ext == ".tsv" {
		text, err := pass.Branch.ReadHead(p)
		if err != nil {
			return 0
		}
		first, _, _ := strings.Cut(string(text[:min(len(text), 4096)]), "\n")
		names := strings.FieldsFunc(strings.TrimSpace(first), func(c rune) bool { return c == ',' || c == ';' || c == '\t' })
		for i := range names {
			names[i] = strings.Trim(names[i], `"`)
		}
		if slices.Contains(names, l.old) && 10*sharedNames(names, l.header.names) >= 8*len(l.header.names) {
			return 1
		}
		return 0
	}
	if source.LanguageOf(p) == "" {
		return 0
	}
	f := at.file(p)
	if f == nil || !readsTables.Match(f.Text) {
		return 0
	}
	line := 0
	var keys []string
	members := map[string][]string{} // by the value that they are read of: row.name in JavaScript
	for _, a := range f.Accesses {
		if a.Write {
			continue
		}
		if a.Key {
			keys = append(keys, a.Name)
			if a.Name == l.old && line == 0 {
				line = a.Span.Line
			}
		} else if f.Lang == source.JavaScript || f.Lang == source.TypeScript {
			members[a.Receiver] = append(members[a.Receiver], a.Name)
		}
	}
	if n := sharedNames(keys, l.header.names); line > 0 && (n >= leastColumns || n == 2 && len(l.header.names) <= 4 && compound(l.old)) {
		return line
	}
	for _, a := range f.Accesses {
		if !a.Key && !a.Write && a.Name == l.old && sharedNames(members[a.Receiver], l.header.names) >= leastColumns {
			return a.Span.Line
		}
	}
	return 0
}

// sharedNames counts the different names of a header that a list holds.
func sharedNames(list, header []string) int {
	n := 0
	for _, name := range header {
		if slices.Contains(list, name) {
			n++
		}
	}
	return n
}
