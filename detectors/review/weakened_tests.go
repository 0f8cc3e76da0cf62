package review

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

// WeakenedTests finds tests that the branch deleted, switched off or loosened, and bars for coverage that it lowered, in the
// same change as the code that they watch.
var WeakenedTests = &detectors.Detector{
	ID:    "review/weakened-tests",
	Title: "The branch weakened the tests of what it changes",
	Run:   runWeakenedTests,
}

func runWeakenedTests(pass *detectors.Pass) error {
	product := productFiles(pass.Branch)
	if len(product) == 0 {
		return detectors.ErrNotApplicable // tests tidied on their own hide nothing
	}
	var changed []*branch.File
	for _, f := range pass.Branch.Files {
		if holdsTests(f.Path) && f.Status != branch.Added && !f.Generated && !f.Vendored && !f.Binary && !f.TooLarge {
			changed = append(changed, f)
		}
	}
	w := &weakening{pass: pass}
	if err := w.readHead(); err != nil {
		return err
	}
	for _, f := range pass.Branch.Files {
		if source.IsTest(f.Path) && source.LanguageOf(f.Path) == "" && otherCode.MatchString(f.Path) && f.Status != branch.Added && !f.Generated && !f.Vendored && !f.Binary && !f.TooLarge {
			if err := w.compareLines(f); err != nil {
				return err
			}
		}
	}
	for _, f := range changed {
		if err := w.compare(f); err != nil {
			return err
		}
	}
	if err := w.fewerDataChecks(); err != nil {
		return err
	}
	if err := w.leftOut(); err != nil {
		return err
	}
	return loweredThresholds(pass)
}

// holdsTests says whether a file may hold tests; Rust has them beside the code.
func holdsTests(p string) bool {
	lang := source.LanguageOf(p)
	return lang != "" && (source.IsTest(p) || lang == source.Rust)
}

// productFiles are the changed files that hold code which is delivered.
func productFiles(b *branch.Branch) []*branch.File {
	var list []*branch.File
	for _, f := range b.Files {
		if (source.LanguageOf(f.Path) != "" || otherCode.MatchString(f.Path)) && !source.IsTest(f.Path) && !source.IsExample(f.Path) && !source.IsDoc(f.Path) &&
			!f.Generated && !f.Vendored && !f.Binary && !isToolConfig(f.Path) {
			list = append(list, f)
		}
	}
	return list
}

func firstLine(f *branch.File) int {
	if h := f.Hunks(); len(h) > 0 {
		return max(1, h[0].NewStart)
	}
	return 0
}

// weakening compares the tests of both sides.
type weakening struct {
	pass *detectors.Pass
	// gone are the names that the branch took out of the product's changed files, nil before they are asked for.
	gone map[string]bool
	// known are the test files of the base by their names, with and without the ending, nil before they are asked for.
	known map[string]bool
	// head are the tests of every changed test file as it is now, to know what only moved.
	head []testCase
}

func (w *weakening) readHead() error {
	for _, f := range w.pass.Branch.Files {
		if !holdsTests(f.Path) || f.Status == branch.Deleted || f.Generated || f.Vendored || f.TooLarge {
			continue
		}
		if file, err := w.pass.Source.Head(f.Path); err == nil {
			w.head = append(w.head, testsOf(file)...)
		}
	}
	return w.pass.Context.Err()
}

func (w *weakening) compare(f *branch.File) error {
	before := f.OldPath
	if before == "" {
		before = f.Path
	}
	old, err := w.pass.Source.Base(before)
	if err != nil {
		return nil //nolint:nilerr // what could not be read at the base says nothing about the branch
	}
	var now []testCase
	var head *source.File
	if f.Status != branch.Deleted {
		if head, err = w.pass.Source.Head(f.Path); err != nil {
			return detectors.Inconclusive("%s could not be read: %v", f.Path, err)
		}
		now = testsOf(head)
		if w.switchedOff(f, old, head, now) {
			return nil
		}
	}
	was := testsOf(old)
	w.alone(f, was, now)
	w.fewerRows(f, old, head, was, now)
	for _, t := range was {
		if t.skipped || count(was, t.name) > 1 {
			continue
		}
		i := slices.IndexFunc(now, func(n testCase) bool { return n.name == t.name })
		switch {
		case i < 0 && w.unmarked(f, head, t, now):
		case i < 0:
			w.deleted(f, t, was, now)
		case now[i].skipped:
			w.report(f, now[i].line, t, "is skipped now"+now[i].how(), "A test that does not run says nothing about the change that made it fail.", "Mend the code or the test; where it has to wait, say in the skip's text for what.")
		default:
			w.loosened(f, t, now[i])
			w.nearer(f, t, now[i])
			w.swallowed(f, t, now[i])
			w.follows(f, t, now[i])
		}
	}
	return w.pass.Context.Err()
}

func count(list []testCase, name string) int {
	n := 0
	for _, t := range list {
		if t.name == name {
			n++
		}
	}
	return n
}

// deleted reports a test that is gone although what it calls is still there and was changed. A test that moved, was
// renamed or merged into another one is still there.
func (w *weakening) deleted(f *branch.File, t testCase, was, now []testCase) {
	if len(now) >= len(was) || t.strong+t.weak == 0 {
		return
	}
	for _, n := range w.head {
		if n.name == t.name || n.body == t.body || similar(n.calls, t.calls) {
			return
		}
	}
	called, at := w.stillThere(t)
	if called == "" && f.Status == branch.Deleted && t.name == firstName0(was) {
		w.deletedFile(f, t)
	}
	if called == "" || w.takenAway(t) || rewritten(called, was, now) || w.watchedAnew(called) || w.namedStill(t) {
		return
	}
	if f.Status == branch.Deleted && !w.subjectThere(f.Path) && !about(t, at) {
		return
	}
	line := 0
	if f.Status != branch.Deleted {
		line = firstLine(f)
	}
	w.pass.Report(detectors.Finding{
		Severity: detectors.Warning, Path: f.Path, Line: line, Symbol: t.name,
		Message:  fmt.Sprintf("test %q was deleted, while %s is still there and changed", t.name, called),
		Why:      "Nothing watches this behaviour any more, in the very change that touches it.",
		Fix:      "Bring the test back, or say in the commit why it is no longer needed.",
		Related:  []detectors.Related{{Path: at.Path, Line: firstLine(at), Message: called + " is still there, and changed on this branch"}},
		Evidence: []string{"deleted", t.name},
	})
}

func firstName0(was []testCase) string {
	for _, t := range was {
		if !t.skipped {
			return t.name
		}
	}
	return ""
}

// kindOfPart is what a file's name says of the part of a program that it holds.
var kindOfPart = lazy.New(`(?i)[-_.]?(?:controllers?|services?|handlers?|jobs?|mailers?|serializers?|resources?|views?|api|routers?|routes?|policy|commands?|listeners?|repository|components?|page|workers?|consumers?|endpoint|resolvers?|middleware|feature|http|request|integration)$`)

// deletedFile reports a file of tests that is gone while the file that it is named after stays and changed: tests that go in by the
// product's surface call no function of it.
func (w *weakening) deletedFile(f *branch.File, t testCase) {
	plain := func(p string) string {
		stem := affix.ReplaceAllString(strings.TrimSuffix(path.Base(p), path.Ext(p)), "")
		for _, end := range []string{"Tests", "Test", "Spec"} {
			stem = strings.TrimSuffix(stem, end)
		}
		return strings.ToLower(strings.NewReplacer("_", "", "-", "", ".", "").Replace(kindOfPart.ReplaceAllString(stem, "")))
	}
	subject := plain(f.Path)
	if len(subject) < 4 || w.takenAway(t) {
		return
	}
	paths, err := w.pass.Branch.HeadPaths()
	if err != nil || slices.ContainsFunc(paths, func(p string) bool { return source.IsTest(p) && plain(p) == subject }) {
		return
	}
	for _, p := range productFiles(w.pass.Branch) {
		if p.Status != branch.Modified || plain(p.Path) != subject {
			continue
		}
		w.pass.Report(detectors.Finding{
			Severity: detectors.Warning, Path: f.Path, Symbol: t.name,
			Message:  fmt.Sprintf("the tests of %s were deleted (%q and others), while it is still there and changed", p.Path, t.name),
			Why:      "Nothing watches this behaviour any more, in the very change that touches it.",
			Fix:      "Bring the tests back, or say in the commit why they are no longer needed.",
			Related:  []detectors.Related{{Path: p.Path, Line: firstLine(p), Message: "is still there, and changed on this branch"}},
			Evidence: []string{"deleted file", t.name},
		})
		return
	}
}

// rewritten says whether a new test of the file watches the same function, or runs a table of cases: several tests became one.
func rewritten(called string, was, now []testCase) bool {
	return slices.ContainsFunc(now, func(n testCase) bool {
		isNew := !slices.ContainsFunc(was, func(t testCase) bool { return t.name == n.name })
		return isNew && !n.skipped && (slices.Contains(n.calls, called) || slices.Contains(n.calls, "Run") || slices.Contains(n.calls, "each"))
	})
}

// about says whether a test names what a product file is named after.
func about(t testCase, f *branch.File) bool {
	plain := func(s string) string { return strings.ToLower(strings.NewReplacer("_", "", "-", "").Replace(s)) }
	stem := plain(strings.TrimSuffix(path.Base(f.Path), path.Ext(f.Path)))
	return len(stem) > 2 && strings.Contains(plain(string(t.file.Text)), stem) || t.file.Lang == source.Go && path.Dir(t.file.Path) == path.Dir(f.Path)
}

// watchedAnew says whether a test that the branch adds calls a function.
func (w *weakening) watchedAnew(called string) bool {
	return slices.ContainsFunc(w.head, func(n testCase) bool {
		f := w.pass.Branch.File(n.file.Path)
		return f != nil && f.Touched(n.line) && !n.skipped && n.strong > 0 && slices.Contains(n.calls, called)
	})
}

// namedStill says whether a changed test file has the words of a test's name: as a row of a table that one test goes through.
func (w *weakening) namedStill(t testCase) bool {
	own := t.name[strings.LastIndex(t.name, "›")+1:]
	if own = strings.TrimPrefix(own, "› "); len(strings.Fields(own)) < 2 {
		return false
	}
	own = strings.TrimSpace(own)
	seen := map[string]bool{}
	return slices.ContainsFunc(w.head, func(n testCase) bool {
		p := n.file.Path
		again := seen[p]
		seen[p] = true
		return !again && strings.Contains(string(n.file.Text), own)
	})
}

// affix is what a test file's name has beside that of the file it tests.
var affix = lazy.New(`(?:^test_|_test$|[._-](?:test|spec)$|_spec$)`)

// subjectThere says whether the file that a deleted test file is named after is still there.
func (w *weakening) subjectThere(test string) bool {
	paths, err := w.pass.Branch.HeadPaths()
	if err != nil {
		return false
	}
	stem := func(p string) string { return strings.TrimSuffix(path.Base(p), path.Ext(p)) }
	subject := affix.ReplaceAllString(stem(test), "")
	apart := source.IsTest(path.Dir(test) + "/" + subject + path.Ext(test)) // in a folder of tests
	return slices.ContainsFunc(paths, func(p string) bool {
		return path.Ext(p) == path.Ext(test) && stem(p) == subject && !source.IsTest(p) && (apart || path.Dir(p) == path.Dir(test))
	})
}

// similar says whether two tests call mostly the same names.
func similar(a, b []string) bool {
	shared := 0
	for _, name := range b {
		if slices.Contains(a, name) {
			shared++
		}
	}
	return len(b) > 2 && shared*10 >= len(b)*9 && len(a) <= 3*len(b)
}

// takenAway says whether a test names something that the branch took out of the product: what it watched is gone.
func (w *weakening) takenAway(t testCase) bool { return w.namesGone(t.body) }

// namesGone says whether a text names something that the branch took out of the product.
func (w *weakening) namesGone(text string) bool {
	if w.gone == nil {
		w.gone = map[string]bool{}
		still := map[string]bool{}
		for _, f := range productFiles(w.pass.Branch) {
			before, err := f.Before()
			if err != nil || len(before) > 1<<20 {
				continue
			}
			after, err := f.After()
			if err != nil {
				continue
			}
			for _, n := range names.FindAllString(string(before), -1) {
				w.gone[n] = true
			}
			for _, n := range names.FindAllString(string(after), -1) {
				still[n] = true
			}
		}
		for n := range still {
			delete(w.gone, n)
		}
	}
	return slices.ContainsFunc(names.FindAllString(text, -1), func(n string) bool { return w.gone[n] })
}

// names are those of code that are long enough to be its own.
var names = lazy.New(`[A-Za-z_$][\w$-]{4,}`)

// stillThere is a product function that the test calls by name, that the branch changed and kept.
func (w *weakening) stillThere(t testCase) (string, *branch.File) {
	for _, f := range productFiles(w.pass.Branch) {
		if f.Status != branch.Modified && f.Status != branch.Renamed {
			continue
		}
		file, err := w.pass.Source.Head(f.Path)
		if err != nil {
			continue
		}
		for _, d := range file.Decls {
			if (d.Kind == source.Function || d.Kind == source.Method) && (len(d.Name) > 3 || about(t, f)) && slices.Contains(t.calls, d.Name) && f.TouchedRange(d.Span.Line, d.Span.EndLine) {
				return d.Name, f
			}
		}
	}
	return "", nil
}

// maxCompared is how many comparisons a test may hold to be judged as one: larger ones are many tests in a row.
const maxCompared = 12

// loosened reports a test that compares with fewer expected values than before while the rest of it stayed.
func (w *weakening) loosened(f *branch.File, was, now testCase) {
	if w.vaguer(f, was, now) {
		return
	}
	if now.strong >= was.strong || now.strong+now.weak > was.strong+was.weak {
		return
	}
	// The steps have to be the same ones: a new one may hold the comparison, one that is gone took its comparison along.
	steps := slices.Clone(was.helpers)
	for _, h := range now.helpers {
		i := slices.Index(steps, h)
		if i < 0 {
			return
		}
		steps = slices.Delete(steps, i, i+1)
	}
	if was.strong > maxCompared || len(steps) > was.strong-now.strong {
		return
	}
	lost := fmt.Sprintf("lost %d of %d comparisons with an expected value", was.strong-now.strong, was.strong)
	if now.weak > was.weak {
		lost = "checks only that there is something, where it compared with an expected value"
	} else if now.strong > 0 && len(steps) > 0 {
		return // a step went with its checks
	}
	w.report(f, now.line, was, lost, "It stays green whatever the changed code answers.", "Compare with the value that is expected now.")
}

func (w *weakening) report(f *branch.File, line int, t testCase, what, why, fix string) {
	w.pass.Report(detectors.Finding{
		Severity: detectors.Warning, Path: f.Path, Line: line, Symbol: t.name,
		Message: fmt.Sprintf("test %q %s", t.name, what), Why: why, Fix: fix,
		Related: w.subjectOf(t), Evidence: []string{what, strings.TrimSpace(t.name)},
	})
}

// subjectOf is the changed function that a test calls, none where it is not known.
func (w *weakening) subjectOf(t testCase) []detectors.Related {
	if t.file == nil {
		return nil
	}
	called, at := w.stillThere(t)
	if called == "" {
		return nil
	}
	return []detectors.Related{{Path: at.Path, Line: firstLine(at), Message: called + " changed on this branch"}}
}
