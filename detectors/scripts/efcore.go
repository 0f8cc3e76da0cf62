package scripts

// Migrations of Entity Framework Core: the calls of Up and Down on the MigrationBuilder.

import (
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

var (
	efMark   = lazy.New(`\bMigrationBuilder\b`)
	efThrow  = lazy.New(`\bthrow\s+new\s+\w+`)
	efRemark = lazy.New(`//\s*(.*)`)
)

// readEntityFramework reads a migration, nil for other C# files.
func readEntityFramework(p, text string) *script {
	if !efMark.MatchString(text) {
		return nil
	}
	c := parseCode(p, text, "Up", "Down")
	if c == nil || c.starts["up"] == 0 {
		return nil
	}
	s := &script{path: p, text: text, downPath: p, downLine: max(1, c.starts["down"]), hasDown: c.starts["down"] > 0}
	s.runner = runner{name: "Entity Framework Core", tracked: true, atomic: true, reversible: true, switchOff: "suppressTransaction: true"}
	for _, call := range c.Calls {
		way := c.wayOf(call.Span)
		if way == "" {
			continue
		}
		var ops []operation
		switch {
		case strings.HasPrefix(call.Receiver, "migrationBuilder") || call.Receiver == "mb" || call.Receiver == "builder":
			ops = efOperation(c, call)
		case strings.Contains(argsText(call), "migrationBuilder\n"): // a function of the repository may do the work
			ops = one(operation{do: opaque})
		}
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
	body := c.bodyText("down")
	if m := efThrow.FindString(body); m != "" {
		s.refusal = m
	}
	for _, m := range efRemark.FindAllStringSubmatch(body, -1) {
		if len(strings.Fields(m[1])) >= 3 {
			s.refusal = m[1]
		}
	}
	return s
}

func efOperation(c *code, call *source.Call) []operation {
	name, table := literal(call, 0, "name"), literal(call, 1, "table")
	has := func(key string) bool { k := keywordText(call, key); return k != "" && k != "null" }
	switch call.Name {
	case "CreateTable":
		return one(operation{do: makes, object: "table", table: name})
	case "DropTable":
		return one(operation{do: removes, object: "table", table: name, locks: dropped})
	case "RenameTable":
		return one(operation{do: alters, object: "rename", table: name, name: fold(strings.Trim(keywordText(call, "newName"), `"`)), locks: renamed})
	case "AddColumn":
		return one(operation{do: makes, object: "column", table: table, name: name, kind: strings.ToLower(literal(call, 9, "type")), notNull: keywordText(call, "nullable") == "false",
			filled: has("defaultValue") || has("defaultValueSql") || has("computedColumnSql") || strings.Contains(efChain(c, call), "Identity")})
	case "DropColumn":
		return one(operation{do: removes, object: "column", table: table, name: name, locks: dropped})
	case "RenameColumn":
		return one(operation{do: alters, object: "rename", table: table, columns: []string{name, literal(call, 2, "newName")}, locks: renamed})
	case "AlterColumn":
		o := operation{do: alters, object: "column", table: table, name: name, guarded: true}
		was, is := strings.ToLower(literal(call, 9, "oldType")), strings.ToLower(literal(call, 9, "type"))
		switch {
		case was != "" && is != "" && was != is && !widens(efKind(was), efKind(is)) && !strings.HasSuffix(is, "text"):
			o.locks = retyped
		case keywordText(call, "nullable") == "false" && keywordText(call, "oldNullable") == "true":
			o.object, o.locks = "not null", setNotNull
		}
		return one(o)
	case "CreateIndex":
		concurrent := strings.Contains(efChain(c, call), "Concurrently")
		o := operation{do: makes, object: "index", table: table, name: name, concurrent: concurrent, locks: locksUnless(concurrent, plainIndex)}
		for _, key := range []string{"column", "columns"} {
			for _, m := range innerString.FindAllStringSubmatch(keywordText(call, key), -1) {
				o.columns = append(o.columns, fold(m[1]))
			}
		}
		return one(o)
	case "DropIndex":
		return one(operation{do: removes, object: "index", table: table, name: name})
	case "AddForeignKey", "AddUniqueConstraint", "AddCheckConstraint", "AddPrimaryKey":
		return one(operation{do: makes, object: "constraint", table: table, name: name,
			locks: map[string]lock{"AddForeignKey": foreignKey, "AddCheckConstraint": checked, "AddUniqueConstraint": uniqueKey, "AddPrimaryKey": uniqueKey}[call.Name]})
	case "DropForeignKey", "DropUniqueConstraint", "DropCheckConstraint", "DropPrimaryKey":
		return one(operation{do: removes, object: "constraint", table: table, name: name})
	case "CreateSequence":
		return one(operation{do: makes, object: "sequence", name: name})
	case "DropSequence":
		return one(operation{do: removes, object: "sequence", name: name})
	case "EnsureSchema":
		return one(operation{do: makes, object: "schema", name: name, guarded: true})
	case "InsertData":
		return one(operation{do: inserts, table: literal(call, 0, "table")})
	case "UpdateData":
		return one(operation{do: updates, table: literal(call, 0, "table")})
	case "DeleteData":
		return one(operation{do: deletes, table: literal(call, 0, "table")})
	case "Sql":
		if a, ok := argument(call, 0, "sql"); ok {
			ops := c.statements(a)
			if strings.ReplaceAll(keywordText(call, "suppressTransaction"), " ", "") == "true" || len(call.Args) > 1 && strings.HasSuffix(strings.TrimSpace(call.Args[1].Text), "true") {
				// outside of the transaction: what stands before is committed
				return slices.Concat(one(operation{do: commits, line: call.Span.Line}), ops, one(operation{do: begins, line: call.Span.Line}))
			}
			return ops
		}
	}
	return nil
}

// efChain is the text behind a call, up to the end of its statement: its annotations.
func efChain(c *code, call *source.Call) string {
	rest := string(c.Text[call.Span.Start:min(len(c.Text), call.Span.End+400)])
	end := strings.IndexByte(rest[min(len(rest), call.Span.End-call.Span.Start):], ';')
	if end < 0 {
		return rest
	}
	return rest[:call.Span.End-call.Span.Start+end]
}

// efKind is a column's type in the words of widens.
func efKind(kind string) string {
	for long, short := range map[string]string{"character varying": "string", "nvarchar": "string", "varchar": "string", "numeric": "decimal"} {
		if rest, ok := strings.CutPrefix(kind, long); ok {
			return short + rest
		}
	}
	return kind
}
