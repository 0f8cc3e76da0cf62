package scripts

// Functions that a framework calls at each start of the program, and what they write.

import (
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// startups are the marks of such functions: a base type or decorator with the method that it calls, by framework.
var startups = []struct {
	name string
	// mark is looked for in the text of the type that holds the function, or of the function with its decorators.
	mark *lazy.Regexp
	// method is the function's name, nil for any that bears the mark itself.
	method *lazy.Regexp
}{
	{"ApplicationRunner", lazy.New(`\b(ApplicationRunner|CommandLineRunner)\b`), lazy.New(`^(run|main|\w*[Rr]unner|init\w*|seed\w*|load\w*|data\w*)$`)},
	{"InitializingBean", lazy.New(`\b(InitializingBean|SmartInitializingSingleton)\b`), lazy.New(`^after(PropertiesSet|SingletonsInstantiated)$`)},
	{"a start-up listener", lazy.New(`@PostConstruct\b|@EventListener\(\s*(value\s*=\s*|classes\s*=\s*)?\[?\{?\s*(Application(Ready|Started)Event|ContextRefreshedEvent|StartupEvent|ServerStartupEvent)|@Startup\b|@Observes\s+StartupEvent`), nil},
	{"a listener of the servlet container", lazy.New(`\bServletContextListener\b`), lazy.New(`^contextInitialized$`)},
	{"IHostedService", lazy.New(`\bIHostedService\b|\bIHostedLifecycleService\b|\bIStartupFilter\b|\bIStartupTask\b`), lazy.New(`^(StartAsync|StartingAsync|StartedAsync|Configure|ExecuteAsync)$`)},
	{"NestJS", lazy.New(`\b(OnModuleInit|OnApplicationBootstrap)\b`), lazy.New(`^(onModuleInit|onApplicationBootstrap)$`)},
	{"AppConfig.ready", lazy.New(`\bAppConfig\b`), lazy.New(`^ready$`)},
	{"the start-up event", lazy.New(`(?i)\.on_event\(\s*["']startup|\.on_startup\b|\.before_first_request|@\w+\.before_serving|\blifespan\b`), nil},
	{"ServiceProvider::boot", lazy.New(`\bServiceProvider\b`), lazy.New(`^boot$`)},
	{"onReady", lazy.New(`addHook\(\s*["']on(Ready|Listen)`), nil},
}

// passingStore says that what a start writes is gone with the program.
var passingStore = lazy.New(`(?i)h2:mem|create-drop|hsqldb:mem|:memory:|UseInMemoryDatabase|ddl-auto\s*[:=]\s*create\b|EnsureDeleted|sync\(\s*\{\s*force:\s*true|dropSchema:\s*true`)

// startedFunctions are the functions of a file that run at each start, with what runs them.
func startedFunctions(f *source.File) map[*source.Decl]string {
	found := map[*source.Decl]string{}
	for _, d := range f.Decls {
		if d.Kind != source.Function && d.Kind != source.Method {
			continue
		}
		for _, s := range startups {
			switch {
			case s.method == nil:
				if text := headOf(f, d); s.mark.MatchString(text) {
					found[d] = s.name
				}
			case !s.method.MatchString(d.Name):
			case d.Parent != nil && s.mark.MatchString(typeHead(f, d.Parent)), s.mark.MatchString(headOf(f, d)):
				found[d] = s.name
			}
		}
	}
	if strings.Contains("/"+f.Path, "/config/initializers/") && f.Lang == source.Ruby {
		found[&source.Decl{Kind: source.Function, Name: path.Base(f.Path), Span: whole(f), Body: whole(f)}] = "a Rails initializer"
	}
	if f.Lang == source.CSharp && path.Base(f.Path) == "Program.cs" && strings.Contains(string(f.Text), "WebApplication") {
		found[&source.Decl{Kind: source.Function, Name: path.Base(f.Path), Span: whole(f), Body: whole(f)}] = "the program's start"
	}
	// What they call of their own file runs then too.
	for range 2 {
		for _, call := range f.Calls {
			if call.In == nil || found[call.In] == "" {
				continue
			}
			for _, d := range f.Decls {
				if d.Name == call.Name && found[d] == "" && (d.Kind == source.Function || d.Kind == source.Method) {
					found[d] = found[call.In]
				}
			}
		}
	}
	return found
}

func whole(f *source.File) source.Span {
	return source.Span{Line: 1, EndLine: 1 + strings.Count(string(f.Text), "\n"), Start: 0, End: len(f.Text)}
}

// headOf is a function's text up to its body, decorators included.
func headOf(f *source.File, d *source.Decl) string {
	text := declText(f, d)
	if n := d.Body.End - d.Body.Start; n > 0 && n < len(text) {
		return text[:len(text)-n]
	}
	return text[:min(len(text), 300)]
}

func typeHead(f *source.File, d *source.Decl) string {
	return string(f.Text[d.Span.Start:min(max(d.Body.Start, d.Span.Start), len(f.Text))]) + " " + strings.Join(d.Bases, " ")
}

// eachStartRepeats judges what the branch's start-up functions write.
func (c *changes) eachStartRepeats() (seen bool) {
	for _, file := range c.pass.Branch.Files {
		if file.Status == branch.Deleted || !judged(file) || source.LanguageOf(file.Path) == "" || tried.MatchString(path.Dir(file.Path)) {
			continue
		}
		f, err := c.pass.Source.Head(file.Path)
		if err != nil || f == nil {
			continue
		}
		started := startedFunctions(f)
		if len(started) == 0 {
			continue
		}
		seen = true
		text := ""
		for d := range started {
			text += declText(f, d) + "\n"
		}
		if asksProgram.MatchString(text) || asksFirst(text) || c.passing() {
			continue
		}
		for _, o := range startOperations(f, started) {
			if file.TouchedRange(o.line, max(o.line, o.last)) {
				c.pass.Report(c.startFinding(file.Path, o, started))
				break
			}
		}
	}
	return seen
}

// startOperations are what the functions write that a second start repeats or stops at, in source order.
func startOperations(f *source.File, started map[*source.Decl]string) []operation {
	inside := func(s source.Span) bool {
		for d := range started {
			if d.Span.Start <= s.Start && s.End <= d.Span.End {
				return true
			}
		}
		return false
	}
	var ops []operation
	for _, found := range sqlStrings(f) {
		if inside(found.span) {
			ops = append(ops, writes(found.ops)...)
		}
	}
	for d := range started {
		for _, e := range effectsIn(f, d) {
			if e.table != "" || e.sure {
				do := operation{do: inserts, table: e.name, line: e.line, last: e.line, text: e.text}
				if e.table == "" {
					do.do, do.selfReferring = updates, true
				}
				if !slices.ContainsFunc(ops, func(o operation) bool { return o.line <= e.line && e.line <= o.last }) {
					ops = append(ops, do)
				}
			}
		}
	}
	slices.SortStableFunc(ops, func(a, b operation) int { return a.line - b.line })
	return repeating(ops)
}

// passing says whether the product's database is made anew at each start.
func (c *changes) passing() bool {
	for _, p := range []string{"src/main/resources/application.properties", "src/main/resources/application.yml", "src/main/resources/application.yaml", "application.properties", "appsettings.json", "Program.cs", "src/app.module.ts"} {
		if passingStore.Match(c.readHead(p)) {
			return true
		}
	}
	return false
}

func (c *changes) startFinding(p string, o operation, started map[*source.Decl]string) detectors.Finding {
	by, size := "", 0
	for d, name := range started {
		if n := d.Span.End - d.Span.Start; d.Span.Line <= o.line && o.line <= d.Span.EndLine && (by == "" || n < size) {
			by, size = name, n
		}
	}
	f := repeated(start{program: p, when: eachStart, via: []place{{p, o.line}}}, o)
	f.Message = strings.Replace(f.Message, path.Base(p)+" starts", by+" runs", 1)
	if o.do == updates && len(o.columns) > 0 {
		f.Symbol = o.table + "." + strings.Join(o.columns[:1], "")
	}
	return f
}
