package scripts

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// DroppedWhileInUse reports a column or table that a migration drops or renames while code of the same branch still names
// it.
var DroppedWhileInUse = &detectors.Detector{
	ID:    "scripts/dropped-while-in-use",
	Title: "A migration drops what code still names",
	Run:   quoting(runDropped),
}

func runDropped(pass *detectors.Pass) error {
	c, err := gather(pass)
	if err != nil {
		return err
	}
	for _, s := range c.scripts {
		if !s.runner.tracked {
			continue
		}
		told := false
		for i, o := range s.up {
			name := droppedName(o)
			if name == "" || told || !s.introduced(o) || !c.existed(o.table) || madeAgain(s.up[i+1:], o, name) {
				continue
			}
			name = spelledIn(s.text, o, name)
			users, err := c.users(o, name)
			if err != nil {
				return err
			}
			if len(users) > 0 {
				told = true
				f := c.dropFinding(s, o, name, users)
				if at, line := c.madeAt(s, o, name); at != "" {
					f.Related = append(f.Related, detectors.Related{Path: at, Line: line, Message: "made " + name})
				}
				pass.Report(f)
				continue
			}
			if before := c.usedBefore(o.table, name); o.object != "table" && len(before) > 0 && o.name != o.table {
				if by := c.overlaps(); by != "" && !c.saidUnused(by, name) {
					told = true
					pass.Report(c.overlapFinding(s, o, name, before, by))
				}
			}
		}
	}
	return nil
}

// spelledIn is a folded name as the step spells it.
func spelledIn(text string, o operation, name string) string {
	lines := strings.Split(text, "\n")
	near := strings.Join(lines[min(max(0, o.line-1), len(lines)):min(max(o.line, o.last), len(lines))], "\n")
	word := regexp.MustCompile(`(?i)\b` + regexp.QuoteMeta(name) + `\b`)
	if is := word.FindString(near); is != "" && strings.ToUpper(is) != is {
		return is
	}
	return name
}

// droppedName is the name that an operation takes away.
func droppedName(o operation) string {
	switch {
	case o.do == removes && o.object == "column":
		return o.name
	case o.do == removes && o.object == "table":
		return o.table
	case o.do == alters && o.object == "rename" && len(o.columns) == 2:
		return o.columns[0]
	}
	return ""
}

// plainWord is a name that other things may have as well.
func plainWord(name string) bool {
	return len(name) < 10 && (len(name) < 6 || !strings.Contains(name, "_"))
}

// madeAgain says whether a later step brings the name back: a column that changes its type by way of drop and add.
func madeAgain(later []operation, o operation, name string) bool {
	return slices.ContainsFunc(later, func(l operation) bool {
		return l.do == makes && l.table == o.table && (l.name == name || l.object == "table" && l.table == name) || l.do == alters && l.object == "rename" && (l.name == name || len(l.columns) == 2 && l.columns[1] == name)
	})
}

// users are the code files in which a statement names the column together with its table, outside of migrations, tests and
// documents. The column alone is no use: other tables may have one of that name.
func (c *changes) users(o operation, name string) ([]string, error) {
	if o.object != "table" {
		list, err := c.columnUsers(o.table, name)
		if len(list) > 0 || err != nil {
			return list, err
		}
	}
	if o.object == "table" {
		list, err := c.tableCalls(name)
		if len(list) > 0 || err != nil {
			return list, err
		}
	}
	if plainWord(name) {
		return nil, nil
	}
	naming, err := c.pass.Source.Naming(c.pass.Context, name)
	if err != nil {
		return nil, err
	}
	var list []string
	for _, p := range naming[name] {
		if text := string(c.readHead(p)); readsTables(p) && (inStatement(text, name, o.table) || o.object == "table" && mapsTable(text, name)) {
			list = append(list, p)
		}
	}
	return list, nil
}

// mapsTable says whether a model of the file belongs to the table by name.
func mapsTable(text, table string) bool {
	for _, form := range []string{`__tablename__ = "`, `__tablename__ = '`, `@Table(name = "`, `table_name = "`, `$table = '`, `[Table("`, `db_table = "`, `db_table = '`, `pgTable("`, `@Entity("`, `@Entity('`, `@@map("`, `sa.Table("`, `Table("`} {
		for _, end := range []string{`"`, "'"} {
			if strings.Contains(text, form+table+end) {
				return true
			}
		}
	}
	return false
}

var anyTable = lazy.New(`(?i)\b(?:from|join|into|update|table)\s+["` + "`" + `]?([\w.]+)`)

var statementLike = lazy.New(`(?is)\bselect\b.+\bfrom\b|\binsert\s+into\b|\bupdate\s+\S+\s+(\w+\s+)?set\b|\bdelete\s+from\b`)

// inStatement says whether the name stands in a SQL statement about the table and about no other.
func inStatement(text, name, table string) bool {
	word := regexp.MustCompile(`\b` + regexp.QuoteMeta(name) + `\b`)
	for _, at := range word.FindAllStringIndex(text, 50) {
		around := text[max(0, at[0]-300):min(len(text), at[1]+300)]
		about, others := false, false
		for _, m := range anyTable.FindAllStringSubmatch(around, -1) {
			if fold(m[1]) == table {
				about = true
			} else {
				others = true
			}
		}
		if about && statementLike.MatchString(around) && (!others || name == table) {
			return true
		}
	}
	return false
}

// readsTables says whether a file is code of the product that may query a database.
func readsTables(p string) bool {
	switch path.Ext(p) {
	case ".go", ".py", ".rb", ".ts", ".js", ".java", ".kt", ".php", ".rs", ".cs", ".ex", ".erb", ".sql", ".scala":
	default:
		return false
	}
	dir := "/" + strings.ToLower(p)
	return !source.IsTest(p) && !source.IsDoc(p) && !aside(p) && !toy.MatchString(p) && !strings.Contains(dir, "migrat") && !strings.Contains(dir, "/db/schema") &&
		!strings.Contains(dir, "structure.sql") && !strings.Contains(dir, "/versions/") && !strings.HasSuffix(dir, "schema.sql")
}

func (c *changes) dropFinding(s *changed, o operation, name string, users []string) detectors.Finding {
	f := detectors.Finding{
		Severity: detectors.Warning, Path: s.path, Line: o.line, EndLine: o.last, Symbol: name,
		Message:  fmt.Sprintf("%s is dropped or renamed here, and %s still names it (%s)", name, joined(users), s.runner.name),
		Why:      "The queries that name it fail from the moment the migration has run; while old and new release overlap, the old one's do in any case.",
		Fix:      "Take the last use out first and release that; drop it in a later release.",
		Evidence: []string{o.text},
	}
	for _, p := range users[:min(len(users), 5)] {
		line := 0
		for _, form := range forms(name) {
			if line == 0 {
				line = c.lineOf(p, form)
			}
		}
		f.Related = append(f.Related, detectors.Related{Path: p, Line: line, Message: "names " + name})
	}
	return f
}

func (c *changes) overlapFinding(s *changed, o operation, name string, users []string, by string) detectors.Finding {
	f := c.dropFinding(s, o, name, users)
	f.Message = fmt.Sprintf("%s is dropped or renamed in the release that stops using it, and the release before it, which runs on meanwhile, reads it in %s (%s)", name, joined(users), s.runner.name)
	f.Why = "Until the last old instance is gone, its queries fail."
	f.Fix = "Release the code without it first (and let the object mapper ignore it), and drop it in a later release."
	f.Related = append(f.Related[:0], detectors.Related{Path: by, Line: 1, Message: "says that releases overlap"})
	return f
}

// madeAt is the older migration that made the column or the table, as far as the newest ones tell.
func (c *changes) madeAt(s *changed, o operation, name string) (string, int) {
	for _, old := range c.siblings(s) {
		for _, b := range old.up {
			if b.do == makes && b.table == o.table && (b.name == name || b.object == "table") {
				return old.path, b.line
			}
		}
	}
	return "", 0
}

// lineOf is the first line of a file at the head that holds a word.
func (c *changes) lineOf(p, word string) int {
	text := string(c.readHead(p))
	if i := strings.Index(text, word); i >= 0 {
		return 1 + strings.Count(text[:i], "\n")
	}
	return 0
}

func joined(paths []string) string {
	if len(paths) > 2 {
		return fmt.Sprintf("%s and %d more files", paths[0], len(paths)-1)
	}
	return strings.Join(paths, " and ")
}
