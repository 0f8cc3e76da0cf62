package contracts

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// StaleColumn finds SQL, query builders, seeds, fixtures, reports and views that still name a column or table which the branch
// renamed or dropped.
var StaleColumn = &detectors.Detector{
	ID:    "contracts/stale-column",
	Title: "A query, report or seed still names a column that the branch renamed or dropped",
	Run:   runColumns,
}

func runColumns(pass *detectors.Pass) error {
	changes := changedColumns(pass)
	if len(changes) == 0 {
		return detectors.ErrNotApplicable
	}
	told := map[string]bool{}
	for i, c := range changes {
		if key := c.table + "." + c.column; i < 100 && !told[key] {
			told[key] = true
			if err := reportColumn(pass, c); err != nil {
				return err
			}
		}
	}
	return nil
}

// changedColumns are those of new migrations first, then those that models and dumps of the schema show.
func changedColumns(pass *detectors.Pass) []columnChange {
	before, after := side{pass.Branch, pass.Source, true}, side{pass.Branch, pass.Source, false}
	var list, shown []columnChange
	for _, f := range pass.Branch.Files {
		if f.Binary || f.TooLarge || f.Vendored || f.Status == branch.Deleted || source.IsTest(f.Path) || source.IsExample(f.Path) || source.IsDoc(f.Path) {
			continue
		}
		if f.Status == branch.Added {
			if migrationPath.MatchString(f.Path) || strings.Contains(strings.ToLower(f.Path), "migrat") {
				list = append(list, migratedColumns(after, f.Path)...)
			}
			continue
		}
		shown = append(shown, remodelled(modelTables(before, cmpOr(f.OldPath, f.Path)), modelTables(after, f.Path))...)
	}
	for _, c := range shown {
		i := slices.IndexFunc(list, func(m columnChange) bool { return m.table == c.table && m.column == c.column })
		switch {
		case i < 0:
			list = append(list, c)
		case list[i].to == "":
			list[i].to = c.to
		}
	}
	return list
}

// A namer is a place that names a column or a table: what it is and on which line.
type namer struct {
	what string
	line int
}

func reportColumn(pass *detectors.Pass, c columnChange) error {
	name := c.column
	if name == "" {
		name = c.table
	}
	if len(name) < 3 {
		return nil
	}
	spellings := slices.Compact(slices.Sorted(slices.Values([]string{name, c.spelled, strings.ToUpper(name)})))
	naming, err := pass.Source.Naming(pass.Context, slices.DeleteFunc(spellings, func(s string) bool { return s == "" })...)
	if err != nil {
		return err
	}
	var files []string
	for _, s := range spellings {
		files = append(files, naming[s]...)
	}
	slices.Sort(files)
	after := side{pass.Branch, pass.Source, false}
	told := 0
	folders := map[string]bool{} // where statements name it, or did at the base
	for _, f := range pass.Branch.Files {
		if text, err := f.Before(); err == nil && c.column != "" && f.Status == branch.Modified && len(text) < branch.MaxFile && strings.Contains(string(text), c.column) && !migrationPath.MatchString(f.Path) &&
			c.namedIn(side{pass.Branch, pass.Source, true}, f.Path, string(text)).line > 0 {
			folders[path.Dir(f.Path)] = true
		}
	}
	var stubs []string
	for i, p := range slices.Compact(files) {
		if i >= 4*maxCandidates || told >= 30 {
			break
		}
		if migrationPath.MatchString(p) || skipped(p) || p == c.path || source.IsDoc(p) || prose(p) || path.Ext(p) == ".prisma" {
			continue
		}
		text, err := pass.Branch.ReadHead(p)
		if err != nil || len(text) > branch.MaxFile {
			continue
		}
		found := c.namedIn(after, p, string(text))
		if found.line == 0 {
			if source.IsTest(p) {
				stubs = append(stubs, p)
			}
			continue
		}
		folders[path.Dir(p)] = true
		if changed := pass.Branch.File(p); changed != nil && changed.Status == branch.Added && c.to != "" && !c.migrated {
			continue
		}
		if madeBy(after, p, c) {
			continue
		}
		told++
		pass.Report(c.finding(p, found))
	}
	for _, p := range stubs {
		if f := after.file(p); f != nil && folders[path.Dir(p)] && c.column != "" && c.to != "" {
			if line := c.stubbedIn(f); line > 0 && !touched(pass.Branch, p, line) {
				pass.Report(c.finding(p, namer{"the mock of the database", line}))
			}
		}
	}
	return nil
}

func touched(b *branch.Branch, p string, line int) bool {
	changed := b.File(p)
	return changed != nil && changed.Touched(line)
}

// stubbedIn is the line on which a test beside the statements gives the column as one of a mocked result, or expects a part of a
// statement with it; 0 for none, and where it knows the new name as well.
func (c columnChange) stubbedIn(f *source.File) int {
	line := 0
	for _, s := range f.Strings {
		switch value := strings.ToLower(s.Value); {
		case value == c.to:
			return 0
		case line == 0 && (value == c.column || sqlStart.MatchString(s.Value) && slices.Contains(identifiers(value), c.column)):
			line = s.Span.Line
		}
	}
	return line
}

// madeBy says that a file declares the column itself, for a table that it makes for itself: a test's own database, a dump.
func madeBy(at side, p string, c columnChange) bool {
	text, err := at.text(p)
	if err != nil {
		return false
	}
	for _, t := range dumpedTables(p, string(text)) {
		if t.name == c.table {
			return true
		}
	}
	m := regexp.MustCompile(`(?i)create\s+(?:temp\w*\s+)?table\s+(?:if\s+not\s+exists\s+)?["\x60]?` + regexp.QuoteMeta(c.table) + `\b`)
	return m.Match(text)
}

func (c columnChange) story() string {
	switch {
	case c.column == "" && c.to != "":
		return fmt.Sprintf("renamed the table %s to %s", c.table, c.to)
	case c.column == "":
		return "dropped the table " + c.table
	case c.to != "":
		return fmt.Sprintf("renamed %s.%s to %s", c.table, c.column, c.to)
	}
	return fmt.Sprintf("dropped %s.%s", c.table, c.column)
}

func (c columnChange) finding(p string, n namer) detectors.Finding {
	name := cmpOr(c.spelled, cmpOr(c.column, c.table))
	return detectors.Finding{
		Severity: detectors.Warning, Path: p, Line: n.line, Symbol: name,
		Message:  fmt.Sprintf("%s still names %s; the branch %s", n.what, name, c.story()),
		Why:      "No compiler reads this: it fails, or fills nothing, the first time it runs against the new schema.",
		Fix:      "Use the new name here, or keep the old one (a generated column, a view) until everything that names it has moved.",
		Related:  []detectors.Related{{Path: c.path, Line: c.line, Message: "the branch " + c.story() + " here"}},
		Evidence: []string{c.table, c.column, c.to},
	}
}

// namedIn is the first place of a file that names the column together with its table.
func (c columnChange) namedIn(at side, p, text string) namer {
	switch strings.ToLower(path.Ext(p)) {
	case ".csv", ".tsv":
		if c.column != "" && tableOfFile(p) == c.table {
			for _, r := range readTable(p, text) {
				if e := r.keys[c.column]; e != nil {
					return namer{"the seed's head", e.line}
				}
			}
		}
		return namer{}
	case ".yml", ".yaml", ".json":
		if n := c.inDocument(p, text); n.line > 0 {
			return n
		}
	case ".sql":
		return c.inSQL(text, 0, "the query")
	}
	if source.LanguageOf(p) != "" {
		f := at.file(p)
		if f == nil {
			return namer{}
		}
		for _, s := range f.Strings {
			if len(s.Value) > 10 && sqlStart.MatchString(s.Value) {
				if n := c.inSQL(s.Value, s.Span.Line-1, "the query"); n.line > 0 {
					return n
				}
			}
		}
		if n := c.inBuilder(f); n.line > 0 {
			return n
		}
		return c.inActiveRecord(f)
	}
	for _, m := range sqlInText.FindAllStringIndex(text, 100) {
		part := text[m[0]:min(len(text), m[0]+4000)]
		if end := statementEnd(text, m[0]); end > 0 {
			part = text[m[0]:end]
		}
		if n := c.inSQL(part, strings.Count(text[:m[0]], "\n"), "the query"); n.line > 0 {
			return n
		}
	}
	return namer{}
}

var (
	sqlStart  = lazy.New(`(?is)^\s*(?:--[^\n]*\n\s*|/\*.*?\*/\s*)*(select|insert\s+into|update|delete\s+from|with|merge|create\s+(or\s+replace\s+)?(materialized\s+)?view|replace\s+into|copy)\b`)
	sqlInText = lazy.New(`(?i)\b(select\s+[\w*"'\x60(]|insert\s+into\s|update\s+[\w"\x60.]+\s+set\s|delete\s+from\s|create\s+(or\s+replace\s+)?(materialized\s+)?view\s)`)
)

// statementEnd is where a statement inside another text ends: at its semicolon, or where the quote closes that it stands behind.
func statementEnd(text string, from int) int {
	stop := ";"
	if from > 0 && strings.ContainsRune("\"`", rune(text[from-1])) {
		stop += string(text[from-1])
	}
	if i := strings.IndexAny(text[from:], stop); i >= 0 && i < 8000 {
		return from + i
	}
	return 0
}

// inSQL looks through the statements of a text whose first line follows the given one.
func (c columnChange) inSQL(text string, line int, what string) namer {
	if len(text) > 200_000 {
		return namer{}
	}
	for _, s := range sqlStatements(text) {
		at := s.column(c.table, c.column)
		if c.column == "" {
			at = s.names(c.table)
		}
		if at >= 0 {
			if s.tokens[0].text == "create" {
				what = "the view"
			}
			return namer{what, line + 1 + strings.Count(text[:at], "\n")}
		}
	}
	return namer{}
}

// inBuilder looks for calls of a query builder on the table: knex('t').where('c', 1), db.Table("t").Where("c = ?"), from('t').select('c').
func (c columnChange) inBuilder(f *source.File) namer {
	onTable := regexp.MustCompile(`\b(?:\w*[tT]able|from|knex|db|into|trx|collection|join|leftJoin|innerJoin|sql)\(\s*["'\x60](?:\w+\.)?` + regexp.QuoteMeta(c.table) + `(?:\s+as\s+\w+)?["'\x60]`)
	word := regexp.MustCompile(`(^|[^\w])` + regexp.QuoteMeta(c.column) + `($|[^\w(])`)
	for _, call := range f.Calls {
		chain := call.Receiver
		if c.column == "" {
			chain = call.Full() + "("
			if len(call.Args) > 0 {
				chain += call.Args[0].Text + ")"
			}
		}
		if !strings.Contains(chain, c.table) || !onTable.MatchString(chain) {
			continue
		}
		if c.column == "" {
			return namer{"the query", call.Span.Line}
		}
		for _, a := range call.Args {
			if a.IsString && word.MatchString(a.Str) && len(a.Str) < 2000 {
				return namer{"the query", a.Span.Line}
			}
		}
		for _, o := range f.Objects {
			if o.Span.Start < call.Span.Start || o.Span.End > call.Span.End || o.Span.Start < call.Span.Start+len(call.Receiver)/2 {
				continue
			}
			for _, k := range o.Keys {
				if strings.Trim(k.Name, `"'`) == c.column {
					return namer{"the query", k.Span.Line}
				}
			}
		}
	}
	return namer{}
}
