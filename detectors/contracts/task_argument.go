package contracts

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/contracts/pyapi"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// TaskArgument finds senders of background tasks (Celery, RQ, Dramatiq, Huey, arq, Taskiq, Sidekiq, ActiveJob) that pass what the
// task took before the branch and does not take any more.
var TaskArgument = &detectors.Detector{
	ID:    "contracts/task-argument",
	Title: "A background task is still sent with arguments that it no longer takes",
	Run:   runTasks,
}

// A task is a function that a queue calls, with what it took before the branch and takes now.
type task struct {
	// word is what senders in code call it by: the function, or the class in Ruby. names are those that are sent.
	word     string
	names    []string
	old, now []source.Param
	file     *branch.File
	line     int
	lang     source.Language
	// declared: the code says itself that it is a task.
	declared bool
}

func runTasks(pass *detectors.Pass) error {
	before, after := side{pass.Branch, pass.Source, true}, side{pass.Branch, pass.Source, false}
	var list []task
	for _, f := range pass.Branch.Files {
		if f.Status != branch.Modified && f.Status != branch.Renamed || f.Binary || f.TooLarge || f.Vendored || f.Generated || !declares(f.Path) {
			continue
		}
		if lang := source.LanguageOf(f.Path); lang != source.Python && lang != source.Ruby {
			continue
		}
		old, now := before.file(cmpOr(f.OldPath, f.Path)), after.file(f.Path)
		if old == nil || now == nil || old.Errors > 0 || now.Errors > 0 {
			continue
		}
		list = append(list, changedTasks(f, old, now)...)
	}
	if len(list) == 0 {
		return detectors.ErrNotApplicable
	}
	for _, t := range list {
		if err := pass.Context.Err(); err != nil {
			return err
		}
		if err := t.report(pass, after); err != nil {
			return err
		}
	}
	return nil
}

// changedTasks are the functions of a file whose parameters the branch changed, and that a queue may call.
func changedTasks(f *branch.File, old, now *source.File) []task {
	var list []task
	before := map[string]*source.Decl{}
	for _, d := range old.Decls {
		if callable(d) {
			before[d.Receiver+"."+d.Name] = d
		}
	}
	for _, d := range now.Decls {
		was := before[d.Receiver+"."+d.Name]
		if was == nil || !callable(d) {
			continue
		}
		t := task{word: d.Name, file: f, line: d.Span.Line, lang: now.Lang}
		if now.Lang == source.Ruby {
			t.word, t.declared = d.Receiver[strings.LastIndexByte(d.Receiver, ':')+1:], true
			t.names = []string{d.Receiver}
		} else {
			t.declared = queued(now, d)
			t.names = namesOfTask(f.Path, d)
		}
		t.old, t.now = taskParams(was), taskParams(d)
		if !slices.Equal(t.old, t.now) {
			list = append(list, t)
		}
	}
	return list
}

// callable says that a declaration may be a task: a Python function of a module, or a Ruby job's perform.
func callable(d *source.Decl) bool {
	return d.Kind == source.Function && d.Parent == nil || d.Kind == source.Method && d.Name == "perform" && d.Receiver != ""
}

var (
	taskLib       = lazy.New(`(?i)celery|dramatiq|huey|\brq\b|_rq\b|\barq\b|taskiq|procrastinate`)
	taskDecorator = lazy.New(`(?:^|\.)(?:task|shared_task|actor|job|db_task|periodic_task|db_periodic_task)$`)
	// otherTasks are libraries whose tasks are no queue's.
	otherTasks = lazy.New(`(?i)^(airflow|prefect|invoke|fabric|locust|luigi|metaflow|dagster|pytest)\b`)
)

// queued says that a Python function is registered as a task of a queue.
func queued(f *source.File, d *source.Decl) bool {
	imports := slices.ContainsFunc(f.Imports, func(i *source.Import) bool { return taskLib.MatchString(i.Path) })
	if slices.ContainsFunc(f.Imports, func(i *source.Import) bool { return otherTasks.MatchString(i.Path) }) {
		return false
	}
	return slices.ContainsFunc(d.Decorators, func(c *source.Call) bool {
		return taskDecorator.MatchString(c.Full()) && (imports || c.Receiver != "" || c.Name == "shared_task" || c.Name == "actor")
	})
}

// namesOfTask are the names by which a Python function is sent: the one that it is registered with, or else the module's path
// with the function behind it.
func namesOfTask(p string, d *source.Decl) []string {
	for _, c := range d.Decorators {
		if !taskDecorator.MatchString(c.Full()) {
			continue
		}
		for _, a := range c.Args {
			if a.IsString && (a.Keyword == "name" || a.Keyword == "actor_name" || a.Keyword == "task_name") {
				return []string{a.Str}
			}
		}
	}
	module := strings.Split(strings.TrimSuffix(strings.TrimSuffix(p, ".py"), "/__init__"), "/")
	names := []string{d.Name} // arq, and Dramatiq's actors
	for i := range module {
		names = append(names, strings.Join(module[i:], ".")+"."+d.Name)
	}
	return names
}

// taskParams are what a sender gives: not the task itself (bind=True) nor the worker's context.
func taskParams(d *source.Decl) []source.Param {
	params := slices.Clone(d.Params)
	bound := slices.ContainsFunc(d.Decorators, func(c *source.Call) bool {
		return slices.ContainsFunc(c.Args, func(a source.Arg) bool { return a.Keyword == "bind" && a.Text == "True" })
	})
	if len(params) > 0 && (bound || params[0].Name == "self" || params[0].Name == "ctx") {
		params = params[1:]
	}
	for i := range params {
		params[i].Type = ""
	}
	return params
}

// report tells of each file that sends the task in a way which fitted before the branch and does not fit now.
func (t task) report(pass *detectors.Pass, after side) error {
	words := append([]string{t.word}, t.names...)
	naming, err := pass.Source.Naming(pass.Context, words...)
	if err != nil {
		return err
	}
	var files []string
	for _, w := range words {
		files = append(files, naming[w]...)
	}
	slices.Sort(files)
	for i, p := range slices.Compact(files) {
		if i >= maxCandidates || skipped(p) || source.LanguageOf(p) == "" && !schedules(p) {
			continue
		}
		var sent []sentTask
		if schedules(p) {
			if text, err := after.text(p); err == nil {
				sent = t.scheduledIn(text)
			}
		} else if f := after.file(p); f != nil && f.Errors == 0 {
			sent = t.sentIn(f)
		}
		for _, s := range sent {
			if pyapi.Complaint(t.old, s.passed) != "" {
				continue
			}
			why := pyapi.Complaint(t.now, s.passed)
			if why == "" {
				continue
			}
			pass.Report(detectors.Finding{
				Severity: detectors.Warning, Path: p, Line: s.line, Symbol: t.symbol(s.passed),
				Message:  fmt.Sprintf("sends the task %s in a way that it no longer takes: it %s%s", t.title(), why, t.passes(s.passed)),
				Why:      "The sender succeeds; the worker fails on every such message, and a test that replaces the queue sees nothing.",
				Fix:      "Send what the task takes now, and let it take the old arguments until the queue holds none of them.",
				Related:  []detectors.Related{{Path: t.file.Path, Line: t.line, Message: "the branch changed what " + t.title() + " takes here"}},
				Evidence: []string{t.title(), why},
			})
			break
		}
	}
	return nil
}

func (t task) title() string {
	if t.lang == source.Ruby || len(t.names) != 1 {
		return t.word
	}
	return t.names[0]
}

// symbol is the keyword that the task has no longer, or the parameter that it asks for now.
func (t task) symbol(p pyapi.Passed) string {
	has := func(name string) func(source.Param) bool {
		return func(q source.Param) bool { return q.Name == name }
	}
	for _, k := range p.Keywords {
		if !slices.ContainsFunc(t.now, has(k)) {
			return k
		}
	}
	for _, q := range t.now {
		if !slices.ContainsFunc(t.old, has(q.Name)) {
			return q.Name
		}
	}
	return t.word
}

// passes names the keyword that is sent in vain where the complaint is about another one.
func (t task) passes(p pyapi.Passed) string {
	if s := t.symbol(p); slices.Contains(p.Keywords, s) {
		return fmt.Sprintf(" (%q is sent)", s)
	}
	return ""
}

// imported says that a file takes the task from the file that defines it, or is that file.
func (t task) imported(f *source.File) bool {
	if f.Path == t.file.Path || t.lang == source.Ruby {
		return f.Lang == t.lang
	}
	stem := strings.TrimSuffix(path.Base(t.file.Path), ".py")
	if stem == "__init__" {
		stem = path.Base(path.Dir(t.file.Path))
	}
	return slices.ContainsFunc(f.Imports, func(i *source.Import) bool {
		if i.Path[strings.LastIndexByte(i.Path, '.')+1:] == stem || stem == path.Base(path.Dir(t.file.Path)) {
			return true
		}
		return slices.ContainsFunc(i.Names, func(n source.ImportedName) bool {
			return n.Name == stem || n.Name == t.word && strings.Contains(t.file.Path, strings.Trim(i.Path, ".")+"/")
		})
	})
}
