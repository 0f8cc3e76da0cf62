package scripts

// Kysely's schema builder: db.schema.alterTable("t").addColumn("c", "text", (c) => c.notNull()).execute().

import (
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
	"strings"
)

var (
	saysKysely  = lazy.New(`\bKysely\b|["']kysely["']`)
	kyselyTable = lazy.New(`\.(createTable|alterTable)\(\s*["'\x60]([\w.]+)["'\x60]`)
	kyselyOn    = lazy.New(`\.on\(\s*["'\x60]([\w.]+)["'\x60]`)
	kyselyMakes = lazy.New(`\.(ifNotExists|ifExists)\(`)
)

// kyselyOperation reads one call of a chain; a column of a table that the chain makes is part of the table.
func kyselyOperation(c *code, call *source.Call) ([]operation, bool) {
	text := call.Receiver + "." + call.Name
	chain := string(c.Text[call.Span.Start:min(call.Span.End+300, len(c.Text))])
	guarded := kyselyMakes.MatchString(chain)
	within := kyselyTable.FindStringSubmatch(call.Receiver)
	switch call.Name {
	case "createTable", "dropTable", "createView", "dropView":
		o := operation{do: makes, object: strings.ToLower(strings.TrimPrefix(strings.TrimPrefix(call.Name, "create"), "drop")), table: literal(call, 0, ""), guarded: guarded}
		if strings.HasPrefix(call.Name, "drop") {
			o.do = removes
			o.locks = dropped
		}
		return one(o), true
	case "createIndex":
		o := operation{do: makes, object: "index", name: literal(call, 0, ""), guarded: guarded, locks: plainIndex}
		if m := kyselyOn.FindStringSubmatch(chain); m != nil {
			o.table = fold(m[1])
		}
		return one(o), true
	case "dropIndex":
		return one(operation{do: removes, object: "index", name: literal(call, 0, ""), guarded: guarded}), true
	case "createType":
		return one(operation{do: makes, object: "type", name: literal(call, 0, "")}), true
	case "dropType":
		return one(operation{do: removes, object: "type", name: literal(call, 0, "")}), true
	}
	if within == nil {
		return nil, strings.Contains(text, ".schema.")
	}
	if within[1] == "createTable" {
		return nil, true
	}
	o := operation{table: fold(within[2]), name: literal(call, 0, "")}
	switch call.Name {
	case "addColumn":
		args := argsText(call)
		o.do, o.object = makes, "column"
		o.notNull, o.filled = strings.Contains(args, ".notNull()"), strings.Contains(args, ".defaultTo(") || strings.Contains(args, "generated")
	case "dropColumn":
		o.do, o.object, o.locks = removes, "column", dropped
	case "renameColumn":
		o.do, o.object, o.locks, o.columns = alters, "rename", renamed, []string{literal(call, 0, ""), literal(call, 1, "")}
	case "renameTo":
		o.do, o.object, o.locks, o.name = alters, "rename", renamed, literal(call, 0, "")
	case "addUniqueConstraint", "addForeignKeyConstraint", "addCheckConstraint":
		o.do, o.object, o.locks = makes, "constraint", map[string]lock{"addUniqueConstraint": uniqueKey, "addForeignKeyConstraint": foreignKey, "addCheckConstraint": checked}[call.Name]
	case "dropConstraint":
		o.do, o.object = removes, "constraint"
	case "alterColumn":
		o.do, o.object, o.guarded = alters, "column", true
		if strings.Contains(argsText(call), "setNotNull") {
			o.object, o.locks = "not null", setNotNull
		}
	default:
		return nil, true
	}
	return one(o), true
}
