package contracts

// The changes of columns and tables that Liquibase's changelogs describe, in XML, YAML and JSON (docs.liquibase.com/change-types).

import (
	"strings"

	"flightpoll/detectors/lazy"
)

var (
	liquibaseChange   = lazy.New(`\b(dropColumn|renameColumn|dropTable|renameTable)\b`)
	liquibaseArgument = lazy.New(`\b(tableName|columnName|oldColumnName|newColumnName|oldTableName|newTableName|name)["']?\s*[:=]\s*["']?(\w+)`)
	liquibaseNext     = lazy.New(`<(?:add|create|drop|rename|set|modify|insert|update|delete|sql|changeSet|/changeSet)\w*|(?m)^\s*-\s+(?:add|create|set|modify|insert|update|delete|sql|changeSet)\w*:`)
	liquibaseUndo     = lazy.New(`(?s)<rollback>.*?</rollback>|(?m)^[ \t]*-?[ \t]*rollback:.*(?:\n[ \t]+.*)*`)
)

// changeWindow is how far behind its name the arguments of a change stand, in bytes.
const changeWindow = 400

func (m *migration) liquibase() {
	if !strings.Contains(m.text, "hangeSet") {
		return
	}
	text := liquibaseUndo.ReplaceAllStringFunc(m.text, func(undo string) string { return strings.Repeat("\n", strings.Count(undo, "\n")) })
	m.text = text
	all := liquibaseChange.FindAllStringSubmatchIndex(text, 100)
	for i, at := range all {
		end := min(len(text), at[1]+changeWindow)
		if i+1 < len(all) {
			end = min(end, all[i+1][0])
		}
		table, column, to := "", []string{}, ""
		if next := liquibaseNext.FindStringIndex(text[at[1]:end]); next != nil {
			end = at[1] + next[0]
		}
		for _, a := range liquibaseArgument.FindAllStringSubmatch(text[at[1]:end], 20) {
			switch a[1] {
			case "tableName", "oldTableName":
				table = a[2]
			case "columnName", "oldColumnName", "name":
				column = append(column, a[2])
			default:
				to = a[2]
			}
		}
		switch text[at[2]:at[3]] {
		case "dropTable":
			m.put(at[0], table, "", "")
		case "renameTable":
			m.put(at[0], table, "", to)
		case "renameColumn":
			if len(column) > 0 && to != "" {
				m.put(at[0], table, column[0], to)
			}
		case "dropColumn":
			for _, c := range column {
				m.put(at[0], table, c, "")
			}
		}
	}
}
