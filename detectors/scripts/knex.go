package scripts

// Knex's query builder and its table callbacks.

import (
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
	"strings"
)

func knexTable(receiver string) string {
	if m := knexStart.FindStringSubmatch(receiver); m != nil {
		return fold(m[1])
	}
	return ""
}

// knexRows reads knex("t").del() and its kin; a chain with where in it is not about every row.
func knexRows(c *code, call *source.Call) []operation {
	table := knexTable(call.Receiver)
	if table == "" {
		return nil
	}
	do := map[string]action{"update": updates, "truncate": truncate}[call.Name]
	if do == "" {
		do = deletes
	}
	o := operation{do: do, table: table, whole: knexAll.MatchString(call.Receiver)}
	rest := string(c.Text[call.Span.End:min(len(c.Text), call.Span.End+200)])
	if strings.HasPrefix(strings.TrimSpace(rest), ".where") {
		o.whole = false
	}
	if do == updates {
		for _, m := range objectKey.FindAllStringSubmatch(argsText(call), -1) {
			o.columns = append(o.columns, fold(m[1]))
		}
	}
	return one(o)
}

var objectKey = lazy.New(`["']?(\w+)["']?\s*:`)

// knexColumns reads the columns that an alterTable callback adds and drops.
func knexColumns(c *code, call *source.Call) []operation {
	table := literal(call, 0, "")
	var ops []operation
	if len(call.Args) < 2 {
		return nil
	}
	body := call.Args[len(call.Args)-1].Span
	calls := c.nested(call.Span)
	for _, inner := range calls {
		if inner.Span.Start < body.Start || strings.ContainsAny(inner.Receiver, "(.") || inner.Receiver == "" {
			continue
		}
		o := operation{table: table, name: literal(inner, 0, ""), line: inner.Span.Line, last: inner.Span.EndLine}
		switch inner.Name {
		case "dropColumn", "dropColumns":
			o.do, o.object, o.locks = removes, "column", dropped
		case "renameColumn":
			o.do, o.object, o.columns, o.locks, o.name = alters, "rename", []string{o.name, literal(inner, 1, "")}, renamed, ""
		case "index", "unique", "foreign", "primary", "check":
			o.do, o.object, o.name = makes, "constraint", ""
			o.locks = map[string]lock{"foreign": foreignKey, "unique": uniqueKey, "check": checked}[inner.Name]
			if inner.Name == "index" {
				o.object, o.locks = "index", plainIndex
			}
		case "dropIndex", "dropUnique", "dropForeign", "dropPrimary", "setNullable", "dropNullable", "dropTimestamps":
			o.do, o.object = alters, "constraint"
		default:
			o.do, o.object = makes, "column"
			for _, chain := range calls {
				if chain.Span.Start != inner.Span.Start {
					continue
				}
				switch chain.Name {
				case "notNullable":
					o.notNull = true
				case "defaultTo":
					o.filled = true
				case "alter":
					o.do = alters
				}
			}
			if inner.Name == "timestamps" || inner.Name == "increments" || o.name == "" {
				o.notNull = false
			}
		}
		ops = append(ops, o)
	}
	return ops
}
