package scripts

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/lazy"
)

// UnscopedWrite reports an UPDATE, DELETE or TRUNCATE of every row of a table that the branch did not create.
var UnscopedWrite = &detectors.Detector{
	ID:    "scripts/unscoped-write",
	Title: "A statement changes or removes every row of a table that holds data",
	Run:   quoting(runUnscopedWrite),
}

func runUnscopedWrite(pass *detectors.Pass) error {
	c, err := gather(pass)
	if err != nil {
		return err
	}
	for _, s := range c.scripts {
		told := map[string]bool{}
		for i, o := range s.up {
			if told[o.table] || !o.whole && !c.fillsLarge(o) || o.template || !s.introduced(o) || !c.existed(o.table) || s.makesTables()[o.table] || passing.MatchString(o.table) || reloaded(s.up, i) || !s.runner.tracked && toy.MatchString(s.path) {
				continue
			}
			f := c.unscoped(s, o)
			told[o.table] = f.Severity != detectors.Note
			if justified(s.text, o.line) {
				f.Severity = detectors.Note
			}
			pass.Report(f)
		}
	}
	return c.end()
}

var (
	// passing tables hold nothing that lasts.
	passing = lazy.New(`(?i)(^|[_.])(tmp|temp|staging|stage|backup|bak|cache|scratch|old)([_.]|$)`)
	// toy scripts fill or empty a database of a developer.
	toy = lazy.New(`(?i)(^|[/_.-])(seeds?|seeders?|fixtures?|reset|dev|local|demo|sandbox|teardown|testing)([/_.-]|$)`)
)

func (c *changes) unscoped(s *changed, o operation) detectors.Finding {
	verb := map[action]string{updates: "UPDATE", deletes: "DELETE", truncate: "TRUNCATE"}[o.do]
	if strings.Contains(o.text, "update_all") {
		verb = "update_all"
	}
	f := detectors.Finding{
		Severity: detectors.Warning, Path: s.path, Line: o.line, EndLine: o.last, Symbol: cmp.Or(o.as, o.table),
		Message:  fmt.Sprintf("%s of %s has no condition that leaves a row out (%s)", verb, o.rows(), s.runner.name),
		Why:      "One statement rewrites the whole table: it holds its locks until the end, starts from nothing when it is cancelled, and a slip cannot be taken back.",
		Fix:      "Say which rows are meant with WHERE, and go through a large table in batches that can be resumed.",
		Evidence: []string{o.text},
	}
	if o.do != updates {
		f.Why = "It empties a table that held data before this branch; on production there is no way back but a backup."
		f.Fix = "Say which rows are meant with WHERE, or keep a copy and state how it is put back."
	}
	// Filling a column that this branch adds is what a whole update is for; it may still be slow.
	if c.fillsNew(o) {
		f.Severity = detectors.Note
		if c.sizeOf(o.table) == large {
			f.Severity = detectors.Warning
		}
		f.Message = fmt.Sprintf("%s fills the new column %s of every row of %s in one statement (%s)", verb, o.columns[0], o.rows(), s.runner.name)
	}
	return f
}

// fillsNew says whether an update sets nothing but columns that the branch adds.
func (c *changes) fillsNew(o operation) bool {
	return o.do == updates && len(o.columns) > 0 && !slices.ContainsFunc(o.columns, func(name string) bool {
		return !c.added[o.table+"."+name] && !c.added[o.table+"."+strings.TrimSuffix(name, "_id")]
	})
}

// fillsLarge says whether an update of the rows without a value is one of a large table.
func (c *changes) fillsLarge(o operation) bool {
	return o.unfilled && c.sizeOf(o.table) == large
}

var reason = lazy.New(`(?i)\b(because|since|to avoid|rebuil\w+|recreat\w+|regenerat\w+|recomput\w+|re-?popul\w+|refill\w*|anyway|on purpose|intention\w*|deliberate\w*|derived|throw-?away|ephemeral|no longer (used|read|needed)|obsolete|unused|small table|few rows|is empty|safe to)\b`)

// justified says whether the comment right above a statement gives a reason for touching every row.
func justified(text string, line int) bool {
	lines := strings.Split(text, "\n")
	for i := line - 2; i >= 0 && i < len(lines) && i >= line-7; i-- {
		t := strings.TrimSpace(lines[i])
		if !strings.HasPrefix(t, "--") && !strings.HasPrefix(t, "#") && !strings.HasPrefix(t, "//") && !strings.HasPrefix(t, "*") && !strings.HasPrefix(t, "/*") {
			return false
		}
		if reason.MatchString(t) {
			return true
		}
	}
	return false
}

// reloaded says whether the emptied table is filled again further down: a full reload on purpose.
func reloaded(ops []operation, i int) bool {
	if ops[i].do == updates {
		return false
	}
	for _, o := range ops[i+1:] {
		if o.do == inserts && o.table == ops[i].table || o.do == removes && o.table == ops[i].table {
			return true
		}
	}
	return false
}
