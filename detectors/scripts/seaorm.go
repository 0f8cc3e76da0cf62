package scripts

// Migrations of SeaORM in Rust: the calls of up and down on the SchemaManager.

import (
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

var (
	seaMark  = lazy.New(`\bMigrationTrait\b`)
	seaName  = lazy.New(`\.table\(\s*(?:(\w+)::Table|Alias::new\("(\w+)"\)|"(\w+)")`)
	seaWord  = lazy.New(`(?:\w+::(\w+)|Alias::new\("(\w+)"\)|"(\w+)")`)
	seaDef   = lazy.New(`(?s)(?:ColumnDef::new\(\s*(?:\w+::(\w+)|Alias::new\("(\w+)"\))\s*\)|(?:string|integer|big_integer|text|boolean|timestamp\w*|uuid|date|decimal|double|float|json\w*)(_null|_len|_uniq)?\(\s*(?:\w+::(\w+)|"(\w+)"))(.*)`)
	rustFail = lazy.New(`\bErr\(|unimplemented!|panic!|todo!`)
)

// readSeaORM reads a migration, nil for other Rust files.
func readSeaORM(p, text string) *script {
	if !seaMark.MatchString(text) {
		return nil
	}
	c := parseCode(p, text, "up", "down")
	if c == nil || c.starts["up"] == 0 {
		return nil
	}
	s := &script{path: p, text: text, downPath: p, downLine: max(1, c.starts["down"]), hasDown: c.starts["down"] > 0}
	s.runner = runner{name: "SeaORM", tracked: true, atomic: true, reversible: true}
	for _, call := range c.Calls {
		way := c.wayOf(call.Span)
		if way == "" {
			continue
		}
		ops := seaOperation(c, call)
		for i := range ops {
			if ops[i].line == 0 {
				ops[i].line, ops[i].last = call.Span.Line, call.Span.EndLine
			}
			if ops[i].text == "" {
				ops[i].text = normalise(string(c.Text[call.Span.Start:call.Span.End]))
			}
		}
		if way == "up" {
			s.up = append(s.up, ops...)
		} else {
			s.down = append(s.down, ops...)
		}
	}
	if body := c.bodyText("down"); rustFail.MatchString(body) {
		s.refusal = "the way back fails on purpose"
	}
	return s
}

func seaOperation(c *code, call *source.Call) []operation {
	text := ""
	if len(call.Args) > 0 {
		text = call.Args[0].Text
	}
	table := ""
	if m := seaName.FindStringSubmatch(text); m != nil {
		table = snake(m[1] + m[2] + m[3])
	}
	switch call.Name {
	case "create_table":
		return one(operation{do: makes, object: "table", table: table, guarded: strings.Contains(text, "if_not_exists")})
	case "drop_table":
		return one(operation{do: removes, object: "table", table: table, locks: dropped})
	case "create_index":
		return one(operation{do: makes, object: "index", table: table, locks: plainIndex, guarded: strings.Contains(text, "if_not_exists")})
	case "drop_index":
		return one(operation{do: removes, object: "index", table: table})
	case "alter_table":
		var ops []operation
		for _, inner := range c.nested(call.Span) {
			if len(inner.Args) == 0 {
				continue
			}
			o := operation{table: table, line: inner.Args[0].Span.Line, last: inner.Span.EndLine}
			switch inner.Name {
			case "add_column", "add_column_if_not_exists":
				m := seaDef.FindStringSubmatch(inner.Args[0].Text)
				if m == nil {
					continue
				}
				o.do, o.object, o.name = makes, "column", snake(m[1]+m[2]+m[4]+m[5])
				short := m[3] == "" && m[1]+m[2] == ""
				o.notNull = strings.Contains(m[6], "not_null") || short && !strings.Contains(m[6], ".null()")
				o.filled = strings.Contains(m[6], "default")
				o.guarded = strings.HasSuffix(inner.Name, "exists")
			case "drop_column":
				o.do, o.object, o.name, o.locks = removes, "column", seaIdent(inner.Args[0].Text), dropped
			case "rename_column":
				if len(inner.Args) < 2 {
					continue
				}
				o.do, o.object, o.locks = alters, "rename", renamed
				o.columns = []string{seaIdent(inner.Args[0].Text), seaIdent(inner.Args[1].Text)}
			case "modify_column":
				o.do, o.object, o.guarded, o.locks = alters, "column", true, retyped
			default:
				continue
			}
			ops = append(ops, o)
		}
		return ops
	case "execute_unprepared":
		if len(call.Args) > 0 {
			return c.statements(call.Args[0])
		}
	case "from_string":
		if len(call.Args) > 1 {
			return c.statements(call.Args[len(call.Args)-1])
		}
	}
	return nil
}

func seaIdent(text string) string {
	if m := seaWord.FindStringSubmatch(text); m != nil {
		return snake(m[1] + m[2] + m[3])
	}
	return ""
}

// snake is the column or table of an identifier: OrderLine becomes order_line.
func snake(name string) string {
	var b strings.Builder
	for i, c := range name {
		if i > 0 && c >= 'A' && c <= 'Z' {
			b.WriteByte('_')
		}
		b.WriteRune(c)
	}
	return strings.ToLower(b.String())
}
