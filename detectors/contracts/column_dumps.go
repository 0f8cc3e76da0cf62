package contracts

// The tables that schema files declare: Prisma, schema.rb and CREATE TABLE in a dump.

import (
	"slices"
	"strings"
)

func prismaTables(p, text string) []*modelTable {
	var list []*modelTable
	var cur *modelTable
	line := 0
	for row := range strings.Lines(text) {
		line++
		if m := prismaModel.FindStringSubmatch(row); m != nil {
			cur = &modelTable{name: strings.ToLower(m[1]), path: p, line: line}
			list = append(list, cur)
			continue
		}
		trimmed := strings.TrimSpace(row)
		if cur == nil || trimmed == "" || strings.HasPrefix(trimmed, "//") {
			continue
		}
		if trimmed == "}" {
			cur = nil
			continue
		}
		if m := prismaTable.FindStringSubmatch(row); m != nil {
			cur.name = strings.ToLower(m[1])
			continue
		}
		m := prismaField.FindStringSubmatch(strings.TrimRight(row, "\r\n"))
		if m == nil || strings.HasPrefix(trimmed, "@@") || strings.Contains(m[5], "@relation") || m[3] != "" {
			continue
		}
		name := m[1]
		if x := prismaMap.FindStringSubmatch(m[5]); x != nil {
			name = x[1]
		}
		cur.columns = append(cur.columns, modelColumn{strings.ToLower(name), m[1], m[2], line})
	}
	return list
}

// dumpedTables reads ActiveRecord's schema.rb and CREATE TABLE statements.
func dumpedTables(p, text string) []*modelTable {
	var list []*modelTable
	var cur *modelTable
	line := 0
	for row := range strings.Lines(text) {
		line++
		row = strings.TrimRight(row, "\r\n")
		switch {
		case railsTable.MatchString(row):
			cur = &modelTable{name: railsTable.FindStringSubmatch(row)[1], path: p, line: line}
			list = append(list, cur)
		case sqlTable.MatchString(row):
			cur = &modelTable{name: strings.ToLower(sqlTable.FindStringSubmatch(row)[1]), path: p, line: line}
			list = append(list, cur)
		case cur == nil:
		case strings.HasPrefix(strings.TrimSpace(row), ")") || strings.TrimSpace(row) == "end":
			cur = nil
		case railsColumn.MatchString(row):
			m := railsColumn.FindStringSubmatch(row)
			cur.columns = append(cur.columns, modelColumn{m[2], "", m[1], line})
		case sqlColumn.MatchString(row) && strings.HasSuffix(p, ".sql"):
			m := sqlColumn.FindStringSubmatch(row)
			if name := strings.ToLower(m[1]); !slices.Contains(notColumns, name) {
				cur.columns = append(cur.columns, modelColumn{name, "", strings.ToLower(strings.Fields(m[2])[0]), line})
			}
		}
	}
	return list
}
