package scripts

// Alembic revisions: the calls of upgrade and downgrade.

import (
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

var (
	alembicMark  = lazy.New(`(?m)^down_revision\b`)
	pythonRaise  = lazy.New(`(?m)^\s*raise\s+(\S.*)$`)
	pythonRemark = lazy.New(`(?m)#\s*(.*)$`)
	wideText     = lazy.New(`\b(Text|TEXT)\b|\bString\(\s*\)$|\bString$|CITEXT`)
	alembicWords = lazy.New(`(?i)commands auto generated|end alembic commands|please adjust|type: ignore|noqa`)
)

// readAlembic reads an Alembic revision, nil for other Python files.
func readAlembic(p, text string) *script {
	if !alembicMark.MatchString(text) {
		return nil
	}
	c := parseCode(p, text, "upgrade", "downgrade")
	if c == nil {
		return nil
	}
	s := &script{path: p, text: text, downPath: p, downLine: max(1, c.starts["down"])}
	s.runner = runner{name: "Alembic", tracked: true, atomic: true, reversible: true, switchOff: "with op.get_context().autocommit_block()"}
	if strings.Contains(text, "autocommit_block") || strings.Contains(text, "AUTOCOMMIT") || strings.Contains(text, `"COMMIT"`) {
		s.runner.atomic = false
	}
	s.hasDown = c.starts["down"] > 0
	r := alembicReader{code: c, tables: map[string]string{}}
	for _, call := range c.Calls {
		ops := r.read(call)
		for i := range ops {
			o := &ops[i]
			if o.line == 0 {
				o.line, o.last = call.Span.Line, call.Span.EndLine
			}
			if o.text == "" {
				o.text = normalise(string(c.Text[call.Span.Start:call.Span.End]))
			}
		}
		switch c.wayOf(call.Span) {
		case "up":
			s.up = append(s.up, ops...)
		case "down":
			s.down = append(s.down, ops...)
		}
	}
	s.refusal = pythonRefusal(c.bodyText("down"))
	return s
}

// pythonRefusal is what an empty way back says: a raised error or a comment in words of its own.
func pythonRefusal(body string) string {
	if m := pythonRaise.FindStringSubmatch(body); m != nil {
		return m[1]
	}
	for _, m := range pythonRemark.FindAllStringSubmatch(body, -1) {
		if len(strings.Fields(m[1])) >= 3 && !alembicWords.MatchString(m[1]) {
			return m[1]
		}
	}
	if doc := strings.TrimSpace(body); strings.HasPrefix(doc, `"""`) && len(strings.Fields(doc)) > 4 && strings.Contains(strings.ToLower(doc), "not ") {
		return doc
	}
	return ""
}

var alembicType = lazy.New(`(\w+)\(\s*(?:(?:length|precision)=)?(\d+)?(?:\s*,\s*(?:scale=)?(\d+))?`)

// alembicKind is a SQLAlchemy type in the words of widens: sa.String(length=50) is "string(50)".
func alembicKind(text string) string {
	m := alembicType.FindStringSubmatch(text)
	if m == nil {
		return ""
	}
	kind := strings.ToLower(m[1])
	if same := map[string]string{"varchar": "string", "unicode": "string", "unicodetext": "text", "numeric": "decimal"}[kind]; same != "" {
		kind = same
	}
	switch {
	case m[3] != "":
		return kind + "(" + m[2] + "," + m[3] + ")"
	case m[2] != "":
		return kind + "(" + m[2] + ")"
	}
	return kind
}

type alembicReader struct {
	*code
	// tables are the tables of `with op.batch_alter_table("t") as name`, by the function and the name around.
	tables map[string]string
	batch  string
}

func (r *alembicReader) read(call *source.Call) []operation {
	switch {
	case call.Name == "batch_alter_table":
		r.batch = literal(call, 0, "table_name")
		return nil
	case strings.HasPrefix(call.Receiver, "batch") || call.Receiver == "bop" || call.Receiver == "b":
		return r.operation(call, r.batch, 0)
	case call.Receiver == "op" || call.Receiver == "alembic.op":
		return r.operation(call, literal(call, 0, "table_name"), 1)
	case (call.Name == "execute" || call.Name == "exec_driver_sql") && len(call.Args) > 0:
		return r.statements(call.Args[0])
	case call.Receiver == "" && call.In != nil && (call.In.Name == "upgrade" || call.In.Name == "downgrade") && r.declares(call.Name):
		return one(operation{do: opaque})
	}
	return nil
}

// declares says whether the file itself, or another one, defines the plain function: its body may do anything.
func (r *alembicReader) declares(name string) bool {
	for _, d := range r.Decls {
		if d.Name == name && d.Kind == source.Function {
			return true
		}
	}
	for _, imp := range r.Imports {
		for _, n := range imp.Names {
			if (n.Name == name || n.Alias == name) && !strings.HasPrefix(imp.Path, "sqlalchemy") && !strings.HasPrefix(imp.Path, "alembic") {
				return true
			}
		}
	}
	return false
}

// operation reads one call on op or on a batch, whose arguments come after the table (skip 1) or without it (0).
func (r *alembicReader) operation(call *source.Call, table string, skip int) []operation {
	switch call.Name {
	case "create_table":
		return one(operation{do: makes, object: "table", table: table, guarded: keywordText(call, "if_not_exists") == "True"})
	case "drop_table":
		return one(operation{do: removes, object: "table", table: table, locks: dropped, guarded: keywordText(call, "if_exists") == "True"})
	case "rename_table":
		return one(operation{do: alters, object: "rename", table: table, name: literal(call, 1, "new_table_name"), locks: renamed})
	case "add_column":
		o := operation{do: makes, object: "column", table: table, guarded: keywordText(call, "if_not_exists") == "True"}
		for _, inner := range r.nested(call.Span) {
			if inner.Name == "Column" {
				o.name = literal(inner, 0, "name")
				o.notNull = keywordText(inner, "nullable") == "False" || keywordText(inner, "primary_key") == "True"
				d := keywordText(inner, "server_default")
				o.filled = d != "" && d != "None" || strings.Contains(string(r.Text[inner.Span.Start:inner.Span.End]), "Computed(") || keywordText(inner, "autoincrement") == "True"
				break
			}
		}
		return one(o)
	case "drop_column":
		return one(operation{do: removes, object: "column", table: table, name: literal(call, skip, "column_name"), guarded: keywordText(call, "if_exists") == "True", locks: dropped})
	case "alter_column":
		o := operation{do: alters, object: "column", table: table, name: literal(call, skip, "column_name"), guarded: true}
		switch {
		case keywordText(call, "type_") != "" && !wideText.MatchString(keywordText(call, "type_")) && !widens(alembicKind(keywordText(call, "existing_type")), alembicKind(keywordText(call, "type_"))):
			o.locks = retyped
		case keywordText(call, "nullable") == "False":
			o.object, o.locks = "not null", setNotNull
		}
		if n := keywordText(call, "new_column_name"); n != "" {
			o.object, o.columns, o.locks = "rename", []string{o.name, fold(n)}, renamed
		}
		return one(o)
	case "create_index":
		o := operation{do: makes, object: "index", table: table, name: literal(call, 0, "index_name"), guarded: keywordText(call, "if_not_exists") == "True",
			concurrent: keywordText(call, "postgresql_concurrently") == "True"}
		if skip == 1 {
			o.table = literal(call, 1, "table_name")
		}
		if a, ok := argument(call, skip+1, "columns"); ok {
			for _, m := range innerString.FindAllStringSubmatch(a.Text, -1) {
				o.columns = append(o.columns, fold(m[1]))
			}
		}
		return one(o)
	case "drop_index":
		return one(operation{do: removes, object: "index", name: literal(call, 0, "index_name"), guarded: keywordText(call, "if_exists") == "True",
			concurrent: keywordText(call, "postgresql_concurrently") == "True"})
	case "create_unique_constraint", "create_foreign_key", "create_check_constraint", "create_primary_key":
		o := operation{do: makes, object: "constraint", name: literal(call, 0, "constraint_name"), table: literal(call, 1, "source_table"), notValid: keywordText(call, "postgresql_not_valid") == "True"}
		if skip == 0 {
			o.table = table
		}
		o.locks = locksUnless(o.notValid, map[string]lock{"create_foreign_key": foreignKey, "create_check_constraint": checked}[call.Name])
		if call.Name == "create_unique_constraint" || call.Name == "create_primary_key" {
			o.locks = uniqueKey
		}
		return one(o)
	case "drop_constraint":
		return one(operation{do: removes, object: "constraint", name: literal(call, 0, "constraint_name"), table: literal(call, 1, "table_name")})
	case "bulk_insert":
		return one(operation{do: inserts})
	case "execute":
		if len(call.Args) > 0 {
			return r.statements(call.Args[0])
		}
	case "get_bind", "f", "get_context", "inline_literal":
		return nil
	}
	return one(operation{do: opaque})
}
