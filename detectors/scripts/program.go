package scripts

// Programs that people or jobs start by hand: backfills and repairs in Go, Python, JavaScript and TypeScript, with the
// SQL that they send.

import (
	"path"
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

var (
	programPath = lazy.New(`(?i)(^|[/_.-])(scripts?|bin|tools?|backfills?|fix(es)?|repair|cleanups?|maintenance|ad-?hoc|one-?offs?|data-?fix|purge|hotfix|migrate|reindex|recompute|populate|import|seeds?)([/_.-]|$)`)
	// executors are the calls that send SQL, by language.
	executors = map[source.Language][]string{
		source.Go:         {"Exec", "ExecContext", "MustExec", "MustExecContext", "NamedExec", "NamedExecContext", "Query", "QueryContext", "QueryRow", "QueryRowContext", "Raw"},
		source.Python:     {"execute", "executemany", "exec_driver_sql", "fetch", "fetchval", "fetchrow"},
		source.Java:       {"update", "execute", "executeUpdate", "batchUpdate", "prepareStatement", "createNativeQuery", "createQuery", "sql", "createUpdate", "query"},
		source.Kotlin:     {"update", "execute", "executeUpdate", "batchUpdate", "prepareStatement", "createNativeQuery", "createQuery", "exec", "sql", "createUpdate", "query"},
		source.CSharp:     {"Execute", "ExecuteAsync", "ExecuteSqlRaw", "ExecuteSqlRawAsync", "ExecuteSql", "ExecuteSqlAsync", "ExecuteSqlInterpolatedAsync", "ExecuteNonQuery", "NpgsqlCommand", "SqlCommand", "CreateCommand", "MySqlCommand", "SqliteCommand", "QueryAsync", "ExecuteScalarAsync"},
		source.Ruby:       {"execute", "exec", "exec_params", "query", "exec_query", "exec_update"},
		source.PHP:        {"exec", "query", "prepare", "statement", "executeStatement", "executeQuery", "executeUpdate", "unprepared", "update", "insert", "delete"},
		source.Rust:       {"execute", "query", "query_as", "batch_execute", "sql_query", "query!", "execute_unprepared", "raw_sql"},
		source.JavaScript: {"query", "execute", "raw", "$executeRawUnsafe", "$executeRaw", "unsafe", "run", "exec", "none"},
	}
	// seenBefore: the program asks, somewhere, what is done already.
	seenBefore = lazy.New(`(?i)not\s+exists|on\s+conflict|on\s+duplicate|insert\s+(or\s+)?ignore|\bis\s+null\b|upsert|get_or_create|update_or_create|onConflict|skipDuplicates|ignore_conflicts|update_conflicts|findFirst|findUnique|findOne|\.exists\(|FirstOrCreate|firstOrCreate|updateOrCreate|find_or_create|insertOrIgnore|existsBy|AnyAsync|\.Any\(|TryAdd|is_none\(\)|isEmpty\(\)|already|checkpoint|merge\(`)
	randomKey  = lazy.New(`\buuid4\(|\bcrypto\.randomUUID\(|\brandomUUID\(|\buuidv4\(|\bnanoid\(|\buuid\.New(String|Random)?\(|\bulid\.(Make|New)\(|\bxid\.New\(|\bksuid\.New\(|\bcuid\(|\bsecrets\.token_|\brandom\.(randint|choice)`)
)

// readProgram reads the SQL of a program that is started by hand, nil for other programs.
func readProgram(p, text string) *script {
	if !isProgram(source.LanguageOf(p), p, text) {
		return nil
	}
	return programOf(p, text)
}

// programOf reads the writes of a program, wherever it lies; nil when there are none.
func programOf(p, text string) *script {
	lang := source.LanguageOf(p)
	c := parseCode(p, text, "", "")
	if c == nil {
		return nil
	}
	s := &script{path: p, text: text, downPath: p, runner: byHandProgram}
	sends := executors[lang]
	if lang == source.TypeScript {
		sends = executors[source.JavaScript]
	}
	guarded := seenBefore.MatchString(text)
	random := randomKey.MatchString(text)
	for _, call := range c.Calls {
		if slices.Contains(sends, call.Name) {
			for _, a := range call.Args {
				sql, line, ok := c.sqlOf(a)
				if !ok || !startsSQL.MatchString(sql) {
					continue
				}
				ops, _ := readSQL(sql, line)
				s.up = append(s.up, ops...)
				break
			}
			continue
		}
		if o, ok := ormWrite(c, call); ok {
			o.line, o.last = call.Span.Line, call.Span.EndLine
			o.text = normalise(string(c.Text[call.Span.Start:call.Span.End]))
			s.up = append(s.up, o)
		}
	}
	for i := range s.up {
		if o := &s.up[i]; o.do == inserts {
			o.guarded = o.guarded || guarded
			o.random = o.random || random
		}
	}
	if len(s.up) == 0 {
		return nil
	}
	return s
}

var startsSQL = lazy.New(`(?is)^\s*(--[^\n]*\n\s*)*(with|insert|update|delete|truncate|create|alter|drop|merge|replace|begin|copy)\b`)

// isProgram says whether a file is started by hand: by its path, and in Go as a main package.
func isProgram(lang source.Language, p, text string) bool {
	if !programPath.MatchString(p) {
		return false
	}
	switch lang {
	case source.Go:
		return strings.Contains(text, "package main")
	case source.Python:
		return strings.Contains(text, "__main__") || strings.HasPrefix(text, "#!") || strings.Contains("/"+path.Dir(p)+"/", "/scripts/") || strings.Contains(p, "management/commands/")
	case source.TypeScript, source.JavaScript:
		dir := "/" + path.Dir(p) + "/"
		return strings.HasPrefix(text, "#!") || strings.Contains(dir, "/scripts/") || strings.Contains(dir, "/script/") || strings.Contains(dir, "/bin/") || strings.Contains(dir, "/tools/") || strings.Contains(dir, "/jobs/") || strings.Contains(dir, "/backfills/") || strings.Contains(dir, "/maintenance/")
	case source.Java, source.Kotlin:
		return strings.Contains(text, "CommandLineRunner") || strings.Contains(text, "ApplicationRunner") || javaMain.MatchString(text)
	case source.CSharp:
		return strings.Contains(text, "static") && csMain.MatchString(text) || path.Base(p) == "Program.cs" || path.Ext(p) == ".csx"
	case source.Ruby: // read line by line
		return false
	case source.Rust:
		return strings.Contains(text, "fn main(")
	case source.PHP:
		return !strings.Contains(text, "class ") || strings.Contains(text, "extends Command") || strings.HasPrefix(text, "#!")
	}
	return false
}

// mainFunction starts a program in languages that name it so.
var mainFunction = lazy.New(`\bstatic\s+(async\s+)?[\w<>]+\s+Main\s*\(|\bstatic\s+void\s+main\s*\(|\bfun\s+main\s*\(|\bfn\s+main\s*\(`)

var (
	ormAll    = lazy.New(`^\s*(\{\s*\})?\s*$`)
	ormCreate = lazy.New(`^(prisma|db|tx)\.(\w+)$`)
)

var (
	javaMain = lazy.New(`\bstatic\s+void\s+main\(|\bfun\s+main\(`)
	csMain   = lazy.New(`\bMain\(`)
)

// readPHPProgram reads a PHP script or console command that people start, nil for other files.
func readPHPProgram(p, text string) *script {
	s := readProgram(p, text)
	if s == nil && programPath.MatchString(p) && phpRuns.MatchString(text) && !toy.MatchString(p) {
		s = &script{path: p, text: text, runner: byHandProgram, downPath: p}
		guarded := asksProgram.MatchString(withoutComments(p, text))
		for _, o := range phpAdds(text) {
			o.guarded = o.guarded || guarded
			s.up = append(s.up, o)
		}
	}
	if s == nil || len(s.up) == 0 {
		return nil
	}
	return s
}

var byHandProgram = runner{name: "no runner: a program started by hand"}

// ormWrite recognises writes through the common object mappers.
func ormWrite(c *code, call *source.Call) (operation, bool) {
	switch call.Name {
	case "create", "createMany":
		if m := ormCreate.FindStringSubmatch(call.Receiver); m != nil && strings.Contains(argsText(call), "data") {
			return operation{do: inserts, table: fold(m[2])}, true
		}
		if model, ok := strings.CutSuffix(call.Receiver, ".objects"); ok {
			return operation{do: inserts, table: fold(model)}, true
		}
	case "bulk_create":
		if model, ok := strings.CutSuffix(call.Receiver, ".objects"); ok {
			return operation{do: inserts, table: fold(model)}, true
		}
	case "deleteMany", "updateMany":
		if m := ormCreate.FindStringSubmatch(call.Receiver); m != nil {
			do := deletes
			if call.Name == "updateMany" {
				do = updates
			}
			return operation{do: do, table: fold(m[2]), whole: !strings.Contains(argsText(call), "where")}, true
		}
	case "insert":
		if t := knexTable(call.Receiver); t != "" {
			return operation{do: inserts, table: t}, true
		}
	case "del", "delete", "update", "truncate":
		if ops := knexRows(c, call); len(ops) == 1 {
			return ops[0], true
		}
		if ops := djangoRows(c, call); len(ops) == 1 {
			return ops[0], true
		}
	case "insert_one", "insert_many", "insertOne", "insertMany":
		return operation{do: inserts, table: lastPart(call.Receiver)}, true
	case "delete_many":
		if len(call.Args) == 1 && ormAll.MatchString(call.Args[0].Text) {
			return operation{do: deletes, table: lastPart(call.Receiver), whole: true}, true
		}
	}
	return operation{}, false
}

func lastPart(receiver string) string {
	return fold(receiver[strings.LastIndexByte(receiver, '.')+1:])
}
