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
	programPath = lazy.New(`(?i)(^|[/_.-])(scripts?|bin|tools?|backfills?|fix(es)?|repair|cleanups?|maintenance|ad-?hoc|one-?offs?|data-?fix|purge|prune|expire|sweep|anonymi[sz]e|hotfix|migrate|reindex|recompute|populate|import|seeds?)([/_.-]|$)`)
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
	seenBefore = lazy.New(`(?i)not\s+exists|~\s*exists\(|!\s*\w+\.(Contains|has|includes|ContainsKey|contains|containsKey)\(|\bnot\s+in\s+(seen|done|existing|known|present)\w*|\w+\.(include|member|key)\?|on\s+conflict|on\s+duplicate|insert\s+(or\s+)?ignore|\bis\s+null\b|upsert|get_or_create|update_or_create|onConflict|skipDuplicates|ignore_conflicts|update_conflicts|findFirst|findUnique|findOne|\.exists\(|FirstOrCreate|firstOrCreate|updateOrCreate|find_or_create|insertOrIgnore|existsBy|AnyAsync|\.Any\(|TryAdd|is_none\(\)|isEmpty\(\)|already|checkpoint|merge\(`)
	randomKey  = lazy.New(`\buuid4\(|\bcrypto\.randomUUID\(|\brandomUUID\(|\buuidv4\(|\bnanoid\(|\buuid\.New(String|Random)?\(|\bulid\.(Make|New)\(|\bxid\.New\(|\bksuid\.New\(|\bcuid\(|\bsecrets\.token_|\brandom\.(randint|choice)`)
)

// readProgram reads the writes of a program that is started by hand or by a clock, nil for other programs.
func readProgram(p, text string) *script {
	r, ok := startedBy(source.LanguageOf(p), p, text)
	if !ok {
		return nil
	}
	s := programOf(p, text)
	if s != nil {
		s.runner = r
	}
	return s
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
	guarded := seenBefore.MatchString(withoutOwnGuards(p, text))
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
		}
	}
	s.up = append(s.up, rowOperations(c.File)...)
	s.up = append(s.up, driftsIn(c.File)...)
	slices.SortStableFunc(s.up, func(a, b operation) int { return a.line - b.line })
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

// The runners of programs: people start them, or a clock does.
var (
	byHandProgram = runner{name: "no runner: a program started by hand"}
	byClock       = runner{name: "a job that runs again and again"}
)

var (
	// serves are the marks of a program that waits for requests and is no backfill.
	serves  = lazy.New(`ListenAndServe|\bhttp\.(Handle|Server)\b|grpc\.NewServer|gin\.(Default|New)|echo\.New\(|fiber\.New|chi\.NewRouter|axum::|actix_web|rocket::|warp::|WebApplication|CreateHostBuilder|createServer\(|express\(\)|fastify\(|NestFactory|SpringApplication|Flask\(|FastAPI\(|uvicorn`)
	jobDir  = lazy.New(`(?i)(^|/)(jobs?|workers?|cron(jobs?)?|crons|scheduled?|scheduler|tasks|batch|nightly|periodic|console/commands|management/commands)/`)
	jobName = lazy.New(`(?i)(job|cron|scheduler|nightly|cleanup|cleaner|purge|expir\w*|reaper|sweeper|housekeeping)s?\.\w+$`)
)

// startedBy says what starts a program: people, a clock, or (false) something else.
func startedBy(lang source.Language, p, text string) (runner, bool) {
	switch {
	case isProgram(lang, p, text):
		return byHandProgram, true
	case lang == "" || toy.MatchString(p) || strings.Contains(p, ".github/"):
		return runner{}, false
	case jobDir.MatchString(p), jobName.MatchString(p), scheduledCode.MatchString(text):
		return byClock, true
	}
	return runner{}, false
}

// isProgram says whether a file is started by hand: by its path and what its language has such a program begin with.
func isProgram(lang source.Language, p, text string) bool {
	dir := "/" + path.Dir(p) + "/"
	if lang == source.Go {
		return strings.Contains(text, "package main") && (programPath.MatchString(p) || !serves.MatchString(text))
	}
	if strings.Contains(text, "CommandLineRunner") || strings.Contains(text, "ApplicationRunner") {
		return lang == source.Java || lang == source.Kotlin
	}
	own := adminDir.MatchString(p)
	p = spaced(p)
	if !own && !programPath.MatchString(p) && !scriptPath(p) || serves.MatchString(text) && !programPath.MatchString(p) {
		return false
	}
	switch lang {
	case source.Python:
		return strings.Contains(text, "__main__") || strings.HasPrefix(text, "#!") || strings.Contains(dir, "/scripts/") || strings.Contains(p, "management/commands/")
	case source.TypeScript, source.JavaScript:
		return strings.HasPrefix(text, "#!") || programDir.MatchString(dir) || startsItself.MatchString(text) && !strings.Contains(dir, "/src/")
	case source.Java, source.Kotlin:
		return strings.Contains(text, "CommandLineRunner") || strings.Contains(text, "ApplicationRunner") || javaMain.MatchString(text)
	case source.CSharp:
		return strings.Contains(text, "static") && csMain.MatchString(text) || path.Base(p) == "Program.cs" && !serves.MatchString(text) || path.Ext(p) == ".csx"
	case source.Ruby:
		return strings.HasSuffix(p, ".rake") || programPath.MatchString(p) && !strings.Contains(p, "db/seeds") && !strings.Contains(p, "app/")
	case source.Rust:
		return strings.Contains(text, "fn main(")
	case source.PHP:
		return !strings.Contains(text, "class ") || strings.Contains(text, "extends Command") || strings.HasPrefix(text, "#!") || phpRuns.MatchString(text) && !toy.MatchString(p)
	default:
	}
	return false
}

// spaced is a path whose names in CamelCase are cut into their words: BackfillPoints.php is Backfill_Points.php.
func spaced(p string) string { return camelEdge.ReplaceAllString(p, "${1}_$2") }

var camelEdge = lazy.New(`([a-z0-9])([A-Z])`)

// adminDir holds the commands that a framework's command line starts.
var adminDir = lazy.New(`(?i)(^|/)(management/commands|console/commands|src/command|lib/tasks)/`)

// programDir are the folders whose files are programs of their own.
var programDir = lazy.New(`/(scripts?|bin|tools|jobs|backfills?|maintenance|ops|one-?offs?|adhoc|cron)/`)

// mainFunction starts a program in languages that name it so.
var mainFunction = lazy.New(`\bstatic\s+(async\s+)?[\w<>]+\s+Main\s*\(|\bstatic\s+void\s+main\s*\(|\bfun\s+main\s*\(|\bfn\s+main\s*\(`)

var (
	javaMain = lazy.New(`\bstatic\s+void\s+main\(|\bfun\s+main\(`)
	csMain   = lazy.New(`\bMain\(`)
)
