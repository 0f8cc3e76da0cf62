package scripts

import (
	"fmt"

	"flightpoll/detectors"
)

// NotNullWithoutDefault reports a new column that refuses NULL and has no default, on a table that was there before.
var NotNullWithoutDefault = &detectors.Detector{
	ID:    "scripts/not-null-without-default",
	Title: "A new column refuses NULL and gives the existing rows no value",
	Run:   quoting(runNotNull),
}

func runNotNull(pass *detectors.Pass) error {
	c, err := gather(pass)
	if err != nil {
		return err
	}
	if c.dialect == MySQL {
		return detectors.ErrNotApplicable // MySQL fills existing rows with the type's own zero value
	}
	for _, s := range c.scripts {
		for i, o := range s.up {
			if o.do != makes || o.object != "column" || !o.notNull || o.filled || s.runner.name == "Laravel" && c.dialect != PostgreSQL || !s.introduced(o) || !c.existed(o.table) || s.makesTables()[o.table] || emptied(s.up[:i], o.table) {
				continue
			}
			pass.Report(detectors.Finding{
				Severity: detectors.Warning, Path: s.path, Line: o.line, EndLine: o.last, Symbol: o.subject(),
				Message:  fmt.Sprintf("Column %s is NOT NULL without a default on a table that exists (%s)", o.subject(), s.runner.name),
				Why:      "The rows that are already there would hold NULL, so the statement fails on every database but an empty one; code of the running release cannot insert either.",
				Fix:      "Give it a default, or add it nullable, fill it, and set NOT NULL afterwards.",
				Evidence: []string{o.text},
			})
		}
	}
	return nil
}

// emptied says whether the script removed the table's rows before.
func emptied(before []operation, table string) bool {
	for _, o := range before {
		if o.table == table && o.whole && (o.do == deletes || o.do == truncate) {
			return true
		}
	}
	return false
}
