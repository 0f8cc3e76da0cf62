package observability

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/source"
)

// BlindHandler reports handlers, remote procedures, consumers, jobs and model calls that the branch adds and that leave no
// trace, where the ones beside them do.
//
//	new Worker("invoices", async (job) => { await send(job.data) })   // every other queue goes through consume(), which logs and counts
var BlindHandler = &detectors.Detector{
	ID:    "observability/blind-handler",
	Title: "A new handler, consumer, job or model call leaves no log, metric or span",
	Run:   runBlindHandler,
}

func runBlindHandler(pass *detectors.Pass) error {
	l, err := newLookup(pass)
	if err != nil {
		return err
	}
	changed, err := l.changed()
	if err != nil {
		return err
	}
	if len(changed.files) == 0 {
		return detectors.ErrNotApplicable
	}
	before, gone := l.triggersBefore(changed), l.linesRemoved()
	var fresh []*trigger
	all := l.triggersOf(changed)
	for _, c := range changed.files {
		for _, t := range all[c.head.Path] {
			if t.isNew(c.change, before) && !quietName.MatchString(t.name) && !t.moved(gone) {
				fresh = append(fresh, t)
			}
		}
	}
	noted := false
	for _, t := range fresh {
		v := l.judge(t, fresh)
		switch {
		case v.severity == "":
		case v.severity == detectors.Note && noted:
		default:
			noted = noted || v.severity == detectors.Note
			pass.Report(t.finding(v))
		}
	}
	l.modelCalls(changed, fresh)
	return changed.unread
}

// changes are the changed production files, parsed.
type changes struct {
	files []changedFile
	// unread is why some could not be parsed, nil when all could.
	unread error
}

type changedFile struct {
	change     *branch.File
	head, base *source.File
}

// changed parses both sides of the changed production files.
func (l *lookup) changed() (*changes, error) {
	all := &changes{}
	for _, f := range l.pass.Branch.Files {
		if err := l.pass.Context.Err(); err != nil {
			return nil, err
		}
		if !production(f) {
			continue
		}
		head, err := l.pass.Source.Head(f.Path)
		if errors.Is(err, source.ErrNoGrammar) {
			all.unread = detectors.Inconclusive("built without cgo: only Go was read")
		}
		if err != nil {
			continue
		}
		c := changedFile{change: f, head: head}
		if f.Status != branch.Added {
			if base, err := l.pass.Source.Base(cmp.Or(f.OldPath, f.Path)); err == nil {
				c.base = base
			}
		}
		all.files = append(all.files, c)
	}
	return all, nil
}

// triggersBefore are the keys of the triggers that the changed files had at the base, deleted files included.
func (l *lookup) triggersBefore(changed *changes) map[string]bool {
	keys := map[string]bool{}
	for _, c := range changed.files {
		if c.base != nil {
			for _, t := range l.triggersIn(c.base) {
				keys[t.key()] = true
			}
		}
	}
	for _, f := range l.pass.Branch.Files {
		if f.Status == branch.Deleted && understood(f.Path) && !source.IsTest(f.Path) {
			if base, err := l.pass.Source.Base(f.Path); err == nil {
				for _, t := range l.triggersIn(base) {
					keys[t.key()] = true
				}
			}
		}
	}
	return keys
}

// isNew says whether the branch adds the trigger; one that only moved is not.
func (t *trigger) isNew(f *branch.File, before map[string]bool) bool {
	if before[t.key()] {
		return false
	}
	line := t.span.Line
	if t.reg != nil {
		line = t.reg.Span.Line
	}
	return f.Touched(line) || f.Touched(t.span.Line)
}

// verdict is what is to be said of one trigger.
type verdict struct {
	severity detectors.Severity
	missing  []string
	sibling  *trigger
	siblings int
	// passedBy is the middleware that stands on the wrong side of the handler.
	passedBy *spot
}

// judge gives credit first: to the code itself two calls deep, to what stands around it, to what stands in front of it,
// and then compares with the siblings.
func (l *lookup) judge(t *trigger, fresh []*trigger) verdict {
	own := l.own(t)
	if own.has(visible &^ plainLog) {
		return verdict{}
	}
	front := l.front(t)
	logger := l.loggerNear(t.file)
	prints := own.has(printed) || own.has(plainLog) && l.plainLogIsOdd(t.file)
	if prints && logger != "" || (own | front).has(visible) || !l.matters(t) { // what prints is UnstructuredLog's
		return verdict{}
	}
	if at, ok := l.skipped[t]; ok {
		return verdict{severity: detectors.Warning, passedBy: &at, missing: missing(own | front)}
	}
	sibling, carry, total := l.siblings(t, fresh)
	metrics := l.moduleNear(t.file, func(v *vocabulary, fam string) []string { return v.Modules[fam].Metric })
	v := verdict{severity: detectors.Warning, sibling: sibling, siblings: carry, missing: missing(own | front)}
	switch {
	case total > 0 && carry*2 < total, l.central(t) && (carry == 0 || carry == 1 && t.kind == kindRoute):
		return verdict{} // nobody here does it
	case total == 0 && logger == "" && metrics == "":
		v.severity = detectors.Note
	}
	return v
}

// central says whether the frameworks of the language log by themselves what a handler lets through, so that only
// siblings which do more make its silence remarkable.
func (l *lookup) central(t *trigger) bool {
	switch t.file.Lang {
	case source.Go, source.JavaScript, source.TypeScript, source.Python:
		return false
	default:
		return true
	}
}

// own is what the trigger leaves behind by itself, by what it calls and by what is wrapped around it.
func (l *lookup) own(t *trigger) signal {
	s := l.signalsIn(t.file, t.span, 2)
	for _, w := range t.wrappers {
		if s.has(visible) {
			break
		}
		s |= l.creditName(t.file, w, 1)
	}
	if t.decl != nil && !s.has(visible) && t.decl.Kind != source.Class {
		s |= l.wrappedBy(t)
	}
	return s &^ correlated
}

// wrappedBy credits the functions that the handler is given to, other than the framework's own registration:
// `mux.Handle("/x", withLogging(s.create))`.
func (l *lookup) wrappedBy(t *trigger) signal {
	var s signal
	files := append([]string{t.file.Path}, closest(t.file.Path, l.naming(t.decl.Name), manyNames)...)
	for _, p := range files {
		f := l.read(p)
		if f == nil || family(f.Lang) != family(t.file.Lang) {
			continue
		}
		for _, c := range f.Calls {
			for _, a := range c.Args {
				if a.IsFunc || a.Text != t.decl.Name && !strings.HasSuffix(a.Text, "."+t.decl.Name) || everyday[c.Name] {
					continue
				}
				s |= l.creditName(f, c.Full(), 1)
			}
		}
	}
	return s &^ printed
}

// matters says whether the trigger does anything that can fail: at least two calls that are not the answer itself.
func (l *lookup) matters(t *trigger) bool {
	if t.framework == timerName {
		return l.timerWorks(t)
	}
	tolerant, err := tolerances()
	if err != nil {
		return false
	}
	n := 0
	for _, c := range within(t.file, t.span) {
		ids := identifiers(c.Receiver)
		if len(ids) > 0 {
			switch ids[0] {
			case "res", "w", "reply", "c", "ctx", "req", "r", "request", "response", "Response", "NextResponse", "json", "http", "JSON", "c.req", "self.stdout":
				continue
			}
		}
		if !everyday[c.Name] && c != t.reg {
			n++
		}
		if c.Awaited || tolerant.Effect.match(c.Name) {
			n++
		}
	}
	return n >= 2 || l.failing(tolerant, t.file, t.span) != nil
}

// plainLogIsOdd says whether nobody else in the repository uses Go's plain log package.
func (l *lookup) plainLogIsOdd(f *source.File) bool {
	for _, w := range []string{"log.Printf", "log.Println", "log.Print"} {
		if slices.ContainsFunc(l.naming(w), func(p string) bool { return p != f.Path }) {
			return false
		}
	}
	return true
}

// moduleNear is the first of the modules that the service of the file imports, "" for none.
func (l *lookup) moduleNear(from *source.File, pick func(*vocabulary, string) []string) string {
	modules := pick(l.words, family(from.Lang))
	for _, m := range modules {
		word := strings.TrimSuffix(strings.TrimPrefix(m, "@"), "/")
		files := l.naming(word)
		if i := strings.LastIndexByte(word, '/'); i >= 0 && len(word)-i > 4 {
			files = append(slices.Clone(files), l.naming(word[i+1:])...)
		}
		for _, p := range closest(from.Path, files, 8) {
			if family(source.LanguageOf(p)) != family(from.Lang) || !l.near(from.Path, p) {
				continue
			}
			if f := l.read(p); f != nil && importsAny(f, []string{m}) {
				return m
			}
		}
	}
	return ""
}

// loggerNear is the logger that the service of the file has, "" for none.
func (l *lookup) loggerNear(from *source.File) string {
	if m := l.moduleNear(from, func(v *vocabulary, fam string) []string { return v.Modules[fam].Log }); m != "" {
		return m
	}
	for _, w := range l.words.Modules[family(from.Lang)].Loggers {
		if slices.ContainsFunc(l.naming(w), func(p string) bool { return source.LanguageOf(p) == from.Lang && l.near(from.Path, p) }) {
			return strings.TrimRight(w, "<")
		}
	}
	return ""
}

// siblings are the triggers of the same kind and language in the service that the branch does not add: one that leaves a
// trace, how many do, and how many there are.
func (l *lookup) siblings(t *trigger, fresh []*trigger) (example *trigger, carry, total int) {
	var files []string
	for _, fw := range l.tables.frameworks {
		if fw.Name != t.framework {
			continue
		}
		for _, i := range fw.Imports {
			word := strings.TrimSuffix(strings.TrimPrefix(i, "@"), "/")
			files = append(files, l.naming(word[strings.LastIndexByte(word, '/')+1:])...)
		}
		for _, w := range fw.Words {
			files = append(files, l.naming(w)...)
		}
		files = append(files, l.alike(fw)...)
	}
	if t.framework == timerName {
		for _, w := range timerWords {
			files = append(files, l.naming(w)...)
		}
	}
	files = append(files, t.file.Path)
	slices.Sort(files)
	files = slices.DeleteFunc(slices.Compact(files), func(p string) bool {
		return family(source.LanguageOf(p)) != family(t.file.Lang) || !l.near(t.file.Path, p)
	})
	for _, p := range closest(t.file.Path, files, maxFront) {
		f := l.read(p)
		if f == nil {
			continue
		}
		for _, s := range l.triggersIn(f) {
			isFresh := slices.ContainsFunc(fresh, func(n *trigger) bool { return n.file.Path == p && n.key() == s.key() })
			if s.kind != t.kind || isFresh || quietName.MatchString(s.name) || total >= 30 {
				continue
			}
			total++
			if l.own(s).has(visible) {
				carry++
				if example == nil {
					example = s
				}
			}
		}
	}
	return example, carry, total
}

// alike are the paths that a framework's shapes name.
func (l *lookup) alike(fw *framework) []string {
	var globs []string
	for _, s := range fw.Functions {
		globs = append(globs, s.Path)
	}
	for _, s := range fw.Classes {
		globs = append(globs, s.Path)
	}
	paths, err := l.pass.Branch.HeadPaths()
	if err != nil {
		return nil
	}
	var list []string
	for _, g := range globs {
		if g == "" {
			continue
		}
		for _, p := range paths {
			if glob(g, p) && !source.IsTest(p) {
				list = append(list, p)
			}
		}
	}
	return list
}

func missing(have signal) []string {
	var list []string
	if !have.has(logged | plainLog | reported) {
		list = append(list, "log")
	}
	if !have.has(metered) {
		list = append(list, "metric")
	}
	if !have.has(spanned) {
		list = append(list, "span")
	}
	return list
}

// finding words a verdict.
func (t *trigger) finding(v verdict) detectors.Finding {
	line := t.span.Line
	if t.reg != nil {
		line = t.reg.Span.Line
	}
	f := detectors.Finding{
		Severity: v.severity, Path: t.file.Path, Line: line, EndLine: max(line, t.span.EndLine), Symbol: t.name,
		Evidence: []string{t.kind, t.name, strings.Join(v.missing, " ")},
	}
	switch {
	case v.passedBy != nil:
		f.Message = fmt.Sprintf("%s leaves no %s: it is added to the router on the side that the middleware does not reach", t.subject(), strings.Join(v.missing, ", no "))
		f.Why = "Its requests and failures are in no log, metric or trace, though the service seems to have them all."
		f.Fix = "Add it before the layers (axum), or after the middleware is put in place (Express, Koa, Hono, gin)."
		f.Related = []detectors.Related{{Path: v.passedBy.file.Path, Line: v.passedBy.line, Message: "does not reach it"}}
	default:
		f.Message = fmt.Sprintf("%s leaves no %s", t.subject(), strings.Join(v.missing, ", no "))
		f.Why = "When it fails or slows down in production nobody is told, and there is nothing to search afterwards."
		f.Fix = "Log the outcome with a correlation id and count it, or use the wrapper that its siblings use."
	}
	if v.severity == detectors.Note {
		f.Message += "; nothing in this service does"
	}
	if v.sibling != nil {
		f.Fix = fmt.Sprintf("%s Compare %s (%s:%d), which leaves a trace.", f.Fix, v.sibling.subject(), v.sibling.file.Path, v.sibling.span.Line)
	}
	return f
}
