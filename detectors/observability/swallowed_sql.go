package observability

import (
	"fmt"
	"path"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

var (
	// othersDropped is PL/pgSQL's and PL/SQL's handler of every error that does nothing.
	othersDropped = lazy.New(`(?i)\bWHEN\s+OTHERS\s+THEN\s*(?:--[^\n]*)?\s*(?:NULL|RETURN(?:\s+(?:NULL|FALSE|0|NEW|OLD))?)\s*;`)
	// sqlWrites is a statement that changes something or calls a procedure that does.
	sqlWrites = lazy.New(`(?i)\b(?:INSERT\s+INTO|UPDATE\s+\w+|DELETE\s+FROM|MERGE\s+INTO|PERFORM|CALL|EXECUTE)\b`)
	sqlNamed  = lazy.New(`(?i)\b(?:FUNCTION|PROCEDURE|TRIGGER)\s+([\w."]+)`)
)

// sqlSwallows reports the functions of a database that drop every error.
func sqlSwallows(pass *detectors.Pass) {
	for _, f := range pass.Branch.Files {
		switch strings.ToLower(path.Ext(f.Path)) {
		case ".sql", ".psql", ".pgsql", ".plsql", ".pkb":
		default:
			continue
		}
		if f.Status == branch.Deleted || f.Generated || f.Vendored || f.TooLarge || source.IsTest(f.Path) || source.IsExample(f.Path) {
			continue
		}
		text, err := f.After()
		if err != nil {
			continue
		}
		for _, at := range othersDropped.FindAllStringIndex(string(text), 20) {
			before := string(text[:at[0]])
			line := 1 + strings.Count(before, "\n")
			body := before[max(0, strings.LastIndex(strings.ToUpper(before), "BEGIN")):]
			if !f.TouchedRange(line, line+strings.Count(string(text[at[0]:at[1]]), "\n")) || !sqlWrites.MatchString(body) {
				continue
			}
			name := f.Path
			if m := sqlNamed.FindAllStringSubmatch(before, -1); m != nil {
				name = m[len(m)-1][1]
			}
			pass.Report(detectors.Finding{
				Severity: detectors.Warning, Path: f.Path, Line: line, Symbol: name,
				Message:  fmt.Sprintf("%s drops every error of its statements (WHEN OTHERS)", name),
				Why:      "What it was to write is not written, and neither the caller nor a log of the database says so.",
				Fix:      "Handle the conditions that are expected by their names, and RAISE the others.",
				Evidence: []string{name, "WHEN OTHERS"},
			})
		}
	}
}
