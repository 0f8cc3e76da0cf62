package observability

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// UnwrappedJob reports jobs that the branch adds and that go around what each job beside them has for being noticed: the
// function that logs and counts its run, the unit's OnFailure, the ping behind a line of a crontab, a DAG's failure callback.
//
//	. lib/job.sh            # the other scripts end with: run_job NAME COMMAND, which writes the last success
//	rsync -a "$pack" archive:/radar/
var UnwrappedJob = &detectors.Detector{
	ID:    "observability/unwrapped-job",
	Title: "A new job goes around what tells that its siblings ran or failed",
	Run:   runUnwrappedJob,
}

// jobFolder are folders whose files each are a job.
var jobFolder = lazy.New(`(?i)(?:^|/)(?:\w+[-_])?(?:jobs?|cron(?:jobs?|s)?|batch(?:es)?|nightly|daily|scheduled?|schedules|tasks|workers?|timers|etl|imports?|importers?|exports?|exporters?|sync|backups?|maintenance|bin|sbin|scripts|commands)$`)

// jobWrapper are names of functions that stand around a job.
var jobWrapper = lazy.New(`(?i)job|run|task|monitor|track|observ|instrument|wrap|cron|report|record|metric|heartbeat|check_?in|ping|success`)

func runUnwrappedJob(pass *detectors.Pass) error {
	l, err := newLookup(pass)
	if err != nil {
		return err
	}
	looked := false
	for _, f := range pass.Branch.Files {
		if err := pass.Context.Err(); err != nil {
			return err
		}
		if f.Status == branch.Deleted || f.Binary || f.Generated || f.Vendored || f.TooLarge || source.IsTest(f.Path) || source.IsExample(f.Path) || source.IsDoc(f.Path) {
			continue
		}
		switch {
		case f.Status == branch.Added && source.LanguageOf(f.Path) != "" && jobFolder.MatchString(path.Dir(f.Path)):
			looked = true
			l.programBeside(f)
		case f.Status == branch.Added && shellLike(f.Path) && unitReader(f.Path) == nil:
			looked = true
			l.scriptBeside(f)
		default:
			looked = l.unitsBeside(f) || looked
		}
	}
	if !looked {
		return detectors.ErrNotApplicable
	}
	return pass.Context.Err()
}

// jobKin are the paths of the folder of a new file that were there before the branch.
func (l *lookup) jobKin(f *branch.File, same func(p string) bool) []string {
	paths, err := l.pass.Branch.HeadPaths()
	if err != nil {
		return nil
	}
	var list []string
	for _, p := range paths {
		if p != f.Path && path.Dir(p) == path.Dir(f.Path) && same(p) && !l.added(p) && !source.IsTest(p) && len(list) < maxSiblings {
			list = append(list, p)
		}
	}
	return list
}

// programBeside judges a new file in a folder of jobs: a program, or a function that something else starts.
func (l *lookup) programBeside(f *branch.File) {
	head, err := l.pass.Source.Head(f.Path)
	if err != nil || len(l.triggersIn(head)) > 0 || !l.worksAlone(head) {
		return // handlers have a detector of their own
	}
	whole := source.Span{End: len(head.Text)}
	calls := callNames(head)
	var wrappers map[string]place
	var kin []*source.File
	for _, p := range l.jobKin(f, func(p string) bool { return family(source.LanguageOf(p)) == family(head.Lang) }) {
		sibling := l.read(p)
		if sibling == nil || !l.worksAlone(sibling) {
			continue
		}
		kin = append(kin, sibling)
		theirs := l.wrappersIn(sibling)
		if wrappers == nil {
			wrappers = theirs
			continue
		}
		for name := range wrappers {
			if _, ok := theirs[name]; !ok {
				delete(wrappers, name)
			}
		}
	}
	own := l.signalsIn(head, whole, 2)
	names := make([]string, 0, len(wrappers))
	for name := range wrappers {
		if !calls[name] {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		gives := l.signalsOf(wrappers[name], 1)
		if own.has(metered|reported) || !gives.has(metered|reported|spanned) && own.has(visible) || len(kin) < 2 && (!gives.has(metered|reported|spanned) || !jobWrapper.MatchString(name)) {
			continue
		}
		w := wrappers[name]
		l.pass.Report(unwrapped(f.Path, max(1, mainLine(head)), stem(f.Path), name, spot{w.file, w.decl.Span.Line}.place(), len(kin), kin[0].Path))
		return
	}
}

// place is "path:line".
func (s spot) place() string { return fmt.Sprintf("%s:%d", s.file.Path, s.line) }

func unwrapped(p string, line int, name, wrapper, where string, kin int, example string) detectors.Finding {
	who := fmt.Sprintf("each of the %d jobs beside it", kin)
	if kin == 1 {
		who = example
	}
	return detectors.Finding{
		Severity: detectors.Warning, Path: p, Line: line, Symbol: name,
		Message:  fmt.Sprintf("the job %s does not run through %s, as %s does", name, wrapper, who),
		Why:      "Nobody sees when it fails or is no longer started: it leaves no last success for an alert to miss.",
		Fix:      fmt.Sprintf("Run it through %s (%s), as %s does.", wrapper, where, example),
		Evidence: []string{name, wrapper},
	}
}

func stem(p string) string { return strings.TrimSuffix(path.Base(p), path.Ext(p)) }

// mainLine is where a program's own function begins.
func mainLine(f *source.File) int {
	for _, d := range f.Decls {
		if d.Kind == source.Function && d.Parent == nil && (d.Name == "main" || d.Name == "run" || d.Name == "Main") {
			return d.Span.Line
		}
	}
	return 1
}

// worksAlone says whether a file does something when it is started: it has code of its own beside declarations that others use.
func (l *lookup) worksAlone(f *source.File) bool {
	for _, d := range f.Decls {
		if d.Parent == nil && (d.Kind == source.Function || d.Kind == source.Method) && startsJob.MatchString(d.Name) {
			return true
		}
	}
	return slices.ContainsFunc(f.Calls, func(c *source.Call) bool { return c.In == nil && c.Name == "main" || c.Awaited && c.In == nil })
}

var startsJob = lazy.New(`^(?i:main|run|execute|perform|handle|handler|job|start|process)$`)

// callNames are the names of everything that a file calls or decorates with.
func callNames(f *source.File) map[string]bool {
	names := map[string]bool{}
	for _, c := range f.Calls {
		names[c.Name] = true
		for _, a := range c.Args {
			for _, id := range identifiers(a.Text) {
				names[id] = true
			}
		}
	}
	for _, d := range f.Decls {
		for _, b := range d.Bases {
			names[lastIdentifier(b)] = true
		}
	}
	return names
}

// wrappersIn are the functions and classes of other files that a file uses and that leave a trace by themselves.
func (l *lookup) wrappersIn(f *source.File) map[string]place {
	found := map[string]place{}
	try := func(name, receiver string) {
		if len(name) < 3 || everyday[name] || found[name].decl != nil {
			return
		}
		for _, p := range l.resolve(f, name, receiver) {
			if p.file.Path != f.Path && l.signalsOf(p, 1).has(visible) {
				found[name] = p
				return
			}
		}
	}
	for _, c := range f.Calls {
		if l.words.classify(f, c) == 0 {
			try(c.Name, c.Receiver)
		}
	}
	for _, d := range f.Decls {
		for _, b := range d.Bases {
			try(lastIdentifier(b), "")
		}
	}
	return found
}
