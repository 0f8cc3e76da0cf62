package scripts

// JavaScript and TypeScript migrations: Knex, Sequelize, TypeORM, node-pg-migrate and MikroORM.

import (
	"path"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

var (
	scriptUp   = lazy.New(`\bup\b\s*[(:=]|exports\.up\b|\bup\s*=`)
	saysKnex   = lazy.New(`\bknex\b|\bKnex\b|\.schema\.(create|alter|drop|has|rename)?[tT]able\b`)
	saysSeq    = lazy.New(`\bqueryInterface\b|\bQueryInterface\b|\bSequelize\b`)
	saysType   = lazy.New(`\bMigrationInterface\b|\bQueryRunner\b`)
	saysPgm    = lazy.New(`\bpgm\b|\bMigrationBuilder\b`)
	saysMongo  = lazy.New(`\.collection\(\s*["'\x60]|\bdb\.(createCollection|dropCollection)\(`)
	saysMikro  = lazy.New(`\baddSql\b`)
	noTxScript = lazy.New(`transaction\s*[:=]\s*false|noTransaction\(\)|disableTransaction|isTransactional\(\)[^{]*\{\s*return false`)
	jsThrow    = lazy.New(`\bthrow\s+new\s+\w+`)
	jsComment  = lazy.New(`//\s*(.*)|/\*([^*]*)\*/`)
)

// readJavaScript reads a JavaScript or TypeScript migration, nil for other files.
func readJavaScript(p, text string) *script {
	if !scriptUp.MatchString(text) {
		return nil
	}
	var r runner
	switch {
	case saysType.MatchString(text):
		r = runner{name: "TypeORM", atomic: true, switchOff: "transaction = false"}
	case saysPgm.MatchString(text):
		r = runner{name: "node-pg-migrate", atomic: true, switchOff: "pgm.noTransaction()"}
	case saysMikro.MatchString(text):
		r = runner{name: "MikroORM", atomic: true, switchOff: "isTransactional()"}
	case saysSeq.MatchString(text):
		r = runner{name: "Sequelize"}
	case saysMongo.MatchString(text) && migrationDir.MatchString(path.Dir(p)):
		r = runner{name: "migrate-mongo"}
	case saysKysely.MatchString(text):
		r = runner{name: "Kysely", atomic: true}
	case saysKnex.MatchString(text):
		r = runner{name: "Knex", atomic: true, switchOff: "export const config = { transaction: false }"}
	default:
		return nil
	}
	c := parseCode(p, text, "up", "down")
	if c == nil || c.starts["up"] == 0 {
		return nil
	}
	r.tracked, r.reversible = true, true
	s := &script{path: p, text: text, runner: r, downPath: p, downLine: max(1, c.starts["down"]), hasDown: c.starts["down"] > 0}
	if noTxScript.MatchString(text) {
		s.runner.atomic = false
	}
	for _, call := range c.Calls {
		way := c.wayOf(call.Span)
		if way == "" {
			continue
		}
		ops, read := []operation(nil), false
		if r.name == "migrate-mongo" {
			ops, read = mongoOperation(c, call)
		}
		if r.name == "Kysely" {
			ops, read = kyselyOperation(c, call)
		}
		if !read {
			ops = jsOperation(c, call)
		}
		if ops == nil && c.helps(call) {
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
	s.refusal = jsRefusal(c.bodyText("down"))
	return s
}

// helps says whether a call is one of a function of the repository that may do the work: one that is imported by a relative
// path, or declared in the file.
func (c *code) helps(call *source.Call) bool {
	name := call.Name
	if call.Receiver != "" {
		name, _, _ = strings.Cut(call.Receiver, ".")
	}
	for _, imp := range c.Imports {
		if !strings.HasPrefix(imp.Path, ".") && !strings.HasPrefix(imp.Path, "@/") && !strings.HasPrefix(imp.Path, "~/") && !strings.HasPrefix(imp.Path, "src/") {
			continue
		}
		if imp.Alias == name {
			return true
		}
		for _, n := range imp.Names {
			if n.Name == name || n.Alias == name {
				return true
			}
		}
	}
	if call.Receiver != "" && call.Receiver != "this" {
		return false
	}
	for _, d := range c.Decls {
		if d.Name == call.Name && (d.Kind == source.Function || d.Kind == source.Method) && d.Name != "up" && d.Name != "down" {
			return true
		}
	}
	return false
}

func jsRefusal(body string) string {
	if m := jsThrow.FindString(body); m != "" {
		return m
	}
	for _, m := range jsComment.FindAllStringSubmatch(body, -1) {
		if words := strings.Fields(m[1] + m[2]); len(words) >= 3 {
			return strings.Join(words, " ")
		}
	}
	return ""
}

// jsOperation reads one call of any of the frameworks; their method names do not clash.
func jsOperation(c *code, call *source.Call) []operation {
	switch call.Name {
	case "raw", "query", "addSql", "sql", "execute":
		if len(call.Args) > 0 && (call.Name != "sql" || call.Receiver == "pgm") {
			return c.statements(call.Args[0])
		}
	case "createTable", "createTableIfNotExists":
		return one(operation{do: makes, object: "table", table: jsTable(call, 0), guarded: strings.HasSuffix(call.Name, "Exists") || hasTableGuard(c, call)})
	case "dropTable", "dropTableIfExists":
		return one(operation{do: removes, object: "table", table: jsTable(call, 0), guarded: strings.HasSuffix(call.Name, "Exists")})
	case "renameTable":
		return one(operation{do: alters, object: "rename", table: literal(call, 0, ""), name: literal(call, 1, "")})
	case "alterTable", "table":
		if strings.Contains(call.Receiver, "schema") {
			return knexColumns(c, call)
		}
	case "addColumn", "addColumns":
		return jsAddColumn(c, call)
	case "removeColumn", "dropColumns":
		if call.Receiver != "t" && call.Receiver != "table" {
			return one(operation{do: removes, object: "column", table: literal(call, 0, ""), name: literal(call, 1, ""), locks: dropped})
		}
	case "dropColumn":
		if len(call.Args) > 1 { // Knex's own takes the column only and stands in its table
			return one(operation{do: removes, object: "column", table: literal(call, 0, ""), name: literal(call, 1, ""), locks: dropped})
		}
	case "createIndex", "addIndex":
		concurrent := strings.Contains(argsText(call), "concurrently: true")
		return one(operation{do: makes, object: "index", table: literal(call, 0, ""), concurrent: concurrent, locks: locksUnless(concurrent, plainIndex)})
	case "dropIndex", "removeIndex":
		return one(operation{do: removes, object: "index", table: literal(call, 0, ""), concurrent: strings.Contains(argsText(call), "concurrently: true")})
	case "renameColumn":
		if len(call.Args) > 2 {
			return one(operation{do: alters, object: "rename", table: literal(call, 0, ""), columns: []string{literal(call, 1, ""), jsNewName(call)}, guarded: true, locks: renamed})
		}
	case "changeColumn":
		o := operation{do: alters, object: "column", table: literal(call, 0, ""), guarded: true, name: literal(call, 1, "")}
		if a, ok := argument(call, 2, ""); ok && strings.Contains(a.Text, "allowNull: false") {
			o.object, o.locks = "not null", setNotNull
		}
		return one(o)
	case "addConstraint", "createForeignKey", "createUniqueConstraint", "addForeignKey":
		o := operation{do: makes, object: "constraint", table: literal(call, 0, ""), guarded: true}
		switch text := argsText(call); {
		case strings.Contains(text, "NOT VALID"):
		case call.Name == "createForeignKey" || call.Name == "addForeignKey" || strings.Contains(text, "foreignKeys") || strings.Contains(strings.ToLower(text), "foreign key"):
			o.locks = foreignKey
		case strings.Contains(strings.ToLower(text), "unique"):
			o.locks = uniqueKey
		case strings.Contains(strings.ToLower(text), "check"):
			o.locks = checked
		}
		return one(o)
	case "removeConstraint", "dropForeignKey", "dropConstraint",
		"createType", "dropType", "alterColumn":
		return one(operation{do: alters, object: "constraint", table: literal(call, 0, ""), guarded: true})
	case "bulkInsert":
		return one(operation{do: inserts, table: literal(call, 0, "")})
	case "insert":
		if t := knexTable(call.Receiver); t != "" {
			return one(operation{do: inserts, table: t, guarded: strings.Contains(string(c.Text), "onConflict")})
		}
	case "del", "delete", "update", "truncate":
		return knexRows(c, call)
	case "bulkDelete":
		if a, ok := argument(call, 1, ""); !ok || a.Text == "null" || a.Text == "{}" {
			return one(operation{do: deletes, table: literal(call, 0, ""), whole: true})
		}
		return one(operation{do: deletes, table: literal(call, 0, "")})
	}
	return nil
}

// jsNewName is the new name of a column: a text, or TypeORM's new TableColumn({ name }).
func jsNewName(call *source.Call) string {
	if n := literal(call, 2, ""); n != "" && call.Args[2].IsString {
		return n
	}
	if m := newColumn.FindStringSubmatch(call.Args[2].Text); m != nil {
		return fold(m[1])
	}
	return ""
}

var (
	knexAll   = lazy.New(`^(?:\w+|\w+\.\w+)\(\s*["'` + "`" + `]([\w.]+)["'` + "`" + `]\s*\)$|^\w+\.(?:from|table)\(\s*["'` + "`" + `]([\w.]+)["'` + "`" + `]\s*\)$`)
	knexStart = lazy.New(`^\w+(?:\.\w+)?\(\s*["'` + "`" + `]([\w.]+)["'` + "`" + `]\s*\)`)
	newTable  = lazy.New(`name:\s*["'` + "`" + `]([\w.]+)`)
	newColumn = lazy.New(`name:\s*["'` + "`" + `](\w+)`)
	schemaVia = lazy.New(`hasTable|ifNotExists`)
)

// jsTable is the table that a call creates or drops: a plain name, or TypeORM's new Table({ name }).
func jsTable(call *source.Call, i int) string {
	a, ok := argument(call, i, "")
	if !ok {
		return ""
	}
	if a.IsString {
		return fold(a.Str)
	}
	if m := newTable.FindStringSubmatch(a.Text); m != nil {
		return fold(m[1])
	}
	return ""
}

func hasTableGuard(c *code, call *source.Call) bool {
	return schemaVia.Match(c.Text) || strings.Contains(argsText(call), "ifNotExists: true")
}

func argsText(call *source.Call) string {
	var b strings.Builder
	for _, a := range call.Args {
		b.WriteString(a.Text + "\n")
	}
	return b.String()
}

// jsAddColumn reads Sequelize's addColumn(table, name, {...}), TypeORM's addColumn(table, new TableColumn({...})) and
// node-pg-migrate's addColumns(table, {...}).
func jsAddColumn(c *code, call *source.Call) []operation {
	o := operation{do: makes, object: "column", table: literal(call, 0, ""), line: call.Span.Line, last: call.Span.EndLine}
	text := argsText(call)
	a, ok := argument(call, 1, "")
	if !ok {
		return nil
	}
	switch {
	case a.IsString:
		o.name = fold(a.Str)
		o.notNull = strings.Contains(text, "allowNull: false")
		o.filled = strings.Contains(text, "defaultValue:")
	case strings.Contains(a.Text, "TableColumn"):
		if m := newColumn.FindStringSubmatch(a.Text); m != nil {
			o.name = fold(m[1])
		}
		o.notNull = !strings.Contains(a.Text, "isNullable: true")
		o.filled = strings.Contains(a.Text, "default:") || strings.Contains(a.Text, "isGenerated") || strings.Contains(a.Text, "generatedType")
	default:
		if m := objectKey.FindStringSubmatch(a.Text); m != nil {
			o.name = fold(m[1])
		}
		o.notNull = strings.Contains(a.Text, "notNull: true")
		o.filled = strings.Contains(a.Text, "default:") || strings.Contains(a.Text, "sequenceGenerated")
	}
	_ = c
	return one(o)
}
